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
        waiting = [
            place.start(place.press(who, card, move))
            for card in place.cards()
            for who, move in ((MAYA, Move.ACKNOWLEDGE), (TOMAS, Move.ESCALATE))
        ]
        waiting += [place.start(place.command(MAYA, "h0")) for _ in range(10)]
        await asyncio.sleep(2)
        assert not all(task.done() for task in waiting), "there was room for everything"
        await line.ask("room", pages=0)
        await asyncio.gather(*waiting)
        assert await place.at_rest()

        verdict = await place.verdict()
        assert verdict.is_clean, verdict
        with sqlite3.connect(place.url.removeprefix("sqlite:///")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
