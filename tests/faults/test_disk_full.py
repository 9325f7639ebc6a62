"""A disk that is full for a while: nothing half-written, nobody is told of what was not stored, and it goes on."""

import asyncio
import sqlite3

from bot.domain.triage import Move
from local.slack.sample import MAYA, TOMAS
from tests.faults.scenarios import SCENARIOS
from tests.faults.stores import Stores
from tests.faults.world import world
from tests.faults.zygote import Zygote


async def test_what_a_full_disk_holds_up_is_done_when_there_is_room(parent: Zygote, sqlite: Stores) -> None:
    button = SCENARIOS["button"]
    async with world(button.setting, parent, sqlite) as place:
        life = await place.bear()
        await button.before(place)
        line = await place.line(life)
        await line.ask("room", pages=1)
        waiting = [place.start(place.command(MAYA, "h0"))]
        while (await asyncio.wait(waiting[-1:], timeout=1.5))[0]:  # what is half full takes some more
            waiting.append(place.start(place.command(MAYA, "h0")))
            assert len(waiting) < 500, "the disk does not get full"
        waiting += [place.start(place.press(TOMAS, card, Move.ACKNOWLEDGE)) for card in place.cards()]
        await line.ask("room", pages=0)
        await asyncio.gather(*waiting)
        assert await place.at_rest()

        verdict = await place.verdict()
        assert verdict.is_clean, verdict
        with sqlite3.connect(place.url.removeprefix("sqlite:///")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
