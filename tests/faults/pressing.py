"""One of many processes that press at the same time: its share of the presses, and what it was told of each."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.responder import UserId
from bot.domain.triage import Move
from bot.errors import StoreBusy
from bot.services import TriageService

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Told:
    """What a presser was told: whether the press won, else who was first."""

    finding: int
    by: str
    won: bool
    first: str | None


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a process of its own


def press_all(spec: Mapping[str, Any]) -> None:
    """Press `presses` (finding, who) on the store at `url`; the answers go to the file `told`."""
    told = asyncio.run(_press_all(spec["url"], [(finding, who) for finding, who in spec["presses"]]))
    lines = [json.dumps([each.finding, each.by, each.won, each.first]) for each in told]
    Path(spec["told"]).write_text("\n".join(lines))


def read_told(path: Path) -> list[Told]:
    return [Told(*json.loads(line)) for line in path.read_text().splitlines()]


async def _press_all(url: str, presses: list[tuple[int, str]]) -> list[Told]:
    gate = asyncio.Semaphore(AT_ONCE)
    async with await SqlStore.open(url) as store:
        triage = TriageService(store.findings, _now, NOBODY)

        async def press(finding: int, who: str) -> Told:
            async with gate:
                while True:
                    try:
                        became = await triage.press(FindingId(finding), Move.ACKNOWLEDGE, UserId(who))
                    except StoreBusy:  # not acknowledged: Slack says so, and the person presses again
                        continue
                    first = became.first.by if became.first else None
                    return Told(finding, who, became.won, first)

        return list(await asyncio.gather(*(press(finding, who) for finding, who in presses)))
