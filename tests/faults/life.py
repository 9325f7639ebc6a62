"""One life of a bot, from its birth to whatever ends it: what serve does, at the pace of the tests."""

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest

from handlers import jobs
from tests.faults.doom import Point
from tests.faults.house import House, Spec, opened
from tests.faults.line import answer_calls

FAR = timedelta(days=1)

Json = Mapping[str, Any]


def live(spec: Mapping[str, Any]) -> None:
    """Until the other end of the line hangs up, or somebody kills it."""
    logging.basicConfig(level=logging.WARNING, format="%(process)d %(name)s %(message)s")
    asyncio.run(_live(Spec.from_plain(spec)))


async def _live(spec: Spec) -> None:
    async with opened(spec) as house:
        services, answers = house.services, Answers(house, spec)
        going = [
            asyncio.create_task(services.delivery.run()),
            asyncio.create_task(_tick(house, spec, answers)),
        ]
        await answer_calls(
            spec.exchange_port,
            os.getpid(),
            {
                "envelope": answers.envelope,
                "arm": answers.arm,
                "seen": answers.seen,
                "left": answers.left,
                "room": answers.room,
            },
        )
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)


async def _tick(house: House, spec: Spec, answers: "Answers") -> None:
    while True:
        began = spec.clock()
        await jobs.tick(house.services, house.background)
        answers.ticked_at = began
        await spec.clock.sleep(spec.tick_s)


class Answers:
    """What a life says when it is asked."""

    def __init__(self, house: House, spec: Spec) -> None:
        self._house = house
        self._spec = spec
        self.ticked_at = datetime.min.replace(tzinfo=UTC)

    async def envelope(self, asked: Json) -> Json | None:
        """A payload as Slack delivers it; the acknowledgement's body, None where there was none."""
        request = AsyncBoltRequest(mode="socket_mode", body=asked["payload"])
        answer = await self._house.app.async_dispatch(request)
        if answer.status != 200:
            return None
        is_text = "text/plain" in str(answer.headers.get("content-type"))
        return {"text": answer.body} if is_text else dict(json.loads(answer.body or "{}"))

    async def arm(self, asked: Json) -> bool:
        """Count from now on, and die at the point."""
        self._house.doom.arm(Point.from_plain(asked["point"]) if asked["point"] else None)
        return True

    async def seen(self, _asked: Json) -> list[tuple[str, str, int]]:
        """How often each moment of each port was reached since it was armed."""
        return [(port, moment.value, times) for (port, moment), times in self._house.doom.seen.items()]

    async def left(self, asked: Json) -> Json:
        """What is not done yet, the tick after `since` included."""
        house = self._house
        now = self._spec.clock()
        return {
            "ticks": int(self.ticked_at < datetime.fromisoformat(asked["since"])),
            "runs": len(await house.store.runs.unfinished()),
            "suspects": len(await house.store.outbox.suspects(now + FAR)),
            "messages": await house.store.outbox.waiting(),  # last: the others leave some behind
        }

    async def room(self, asked: Json) -> int:
        """Leave SQLite so many more pages; 0 takes the limit away. How many it may have now."""
        async with self._house.store.database.write() as connection:
            has = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
            most = has + asked["pages"] if asked["pages"] else 1_073_741_823
            allowed = (await connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")).scalar_one()
        return int(allowed)
