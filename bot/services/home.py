"""Home tabs: who looked at theirs lately, what they chose to see there, and what there is to see."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.domain.home import FAILED_FOR, HEARD_FOR, Board, Home, end_of_day
from bot.domain.queue import Asked, Page, Wanted, wanted
from bot.domain.responder import UserId
from bot.domain.source import Source
from bot.domain.triage import Queue
from bot.ports.desk import Homes
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock


class HomeService:
    """Every method raises StoreError."""

    def __init__(self, homes: Homes, findings: Findings, runs: Runs, clock: Clock) -> None:
        self._homes = homes
        self._findings = findings
        self._runs = runs
        self._clock = clock

    async def opened(self, user: UserId) -> Home:
        """They look at it again, as they left it."""
        return await self._homes.open(user, self._clock())

    async def choose(self, user: UserId, chosen: str) -> None:
        """They look at something else in it: what a menu or a button of it carried, empty for the overview."""
        await self._homes.choose(Home(user, chosen, self._clock()))

    async def chosen(self, user: UserId) -> str:
        """What they look at; the overview where nobody knows."""
        known = await self._homes.get(user)
        return known.chosen if known else ""

    async def lately(self) -> Sequence[Home]:
        """Those that are to be kept up to date."""
        return await self._homes.lately(self._clock())

    async def board(self, user: UserId, page: Page | None, zone: tzinfo, limit: int) -> Board:
        """What somebody sees now: a page of one queue, or the overview; days are those of `zone`."""
        now = self._clock()
        failed = tuple(await self._runs.failed_lately(now - FAILED_FOR, now))
        silent = await self._silent(now)
        if page is not None:
            listed = await self._findings.queue(wanted(page.asked, now, user, page.after), limit)
            return Board(now, page, listed, failed=failed, silent=silent)
        mine, untaken, ending = await asyncio.gather(
            self._findings.queue(wanted(Asked(Queue.MINE), now, user), limit),
            self._findings.queue(wanted(Asked(Queue.UNTAKEN), now, user), limit),
            self._findings.queue(Wanted(Queue.SNOOZED, now, wakes_until=end_of_day(now, zone)), limit),
        )
        return Board(now, mine=mine, untaken=untaken, ending=ending, failed=failed, silent=silent)

    async def _silent(self, now: datetime) -> tuple[Source, ...]:
        """Of a source that several hunts read nobody needs to be told twice."""
        heard = await self._runs.heard_lately(now - HEARD_FOR, now)
        silent = [source for run in heard if run.receipt for source in run.receipt.silent]
        return tuple({(source.index, source.dataset): source for source in silent}.values())
