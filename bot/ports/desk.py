"""What people at work leave behind: bulk orders, Home tabs, exported files."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.bulk import Bulk, BulkId, Order, Tally
from bot.domain.export import Export, Exported, ExportId, ExportRequest, ExportState
from bot.domain.finding import FindingId
from bot.domain.home import Home
from bot.domain.responder import UserId


class Bulks(Protocol):
    """Requests about many findings. Every method raises StoreError, those that name one BadArgument: it is gone."""

    async def offer(self, bulk: Bulk) -> Bulk:
        """Keep what somebody was shown until they submit; its id is given here. What is a day old is forgotten."""
        ...

    async def get(self, bulk: BulkId) -> Bulk: ...

    async def tick(self, bulk: BulkId, page: Collection[FindingId], ticked: Collection[FindingId]) -> Bulk:
        """Remember what is ticked on one page."""
        ...

    async def request(self, bulk: BulkId, order: Order, chosen: Sequence[FindingId], at: datetime) -> Bulk:
        """Store that it is to be done, with the intent of its answer; what was requested before stays as it is."""
        ...

    async def take(self, bulk: BulkId, at: datetime, lease: timedelta) -> Bulk | None:
        """Take up what was requested; None where it is done or another process works on it."""
        ...

    async def keep(self, bulk: BulkId, at: datetime, lease: timedelta) -> None:
        """Still at it."""
        ...

    async def finish(self, bulk: BulkId, tally: Tally, at: datetime) -> None:
        """Done: its answer is to be posted. A second time changes nothing."""
        ...

    async def left(self, at: datetime) -> Sequence[BulkId]:
        """What was requested and nobody works on, oldest first."""
        ...


class Homes(Protocol):
    """Home tabs that were opened lately. Every method raises StoreError."""

    async def open(self, user: UserId, at: datetime) -> Home:
        """They look at it, as they left it; the overview where they never did. Unused ones are forgotten."""
        ...

    async def choose(self, home: Home) -> None:
        """They look at something else in it."""
        ...

    async def get(self, user: UserId) -> Home | None: ...

    async def lately(self, at: datetime) -> Sequence[Home]:
        """Those that somebody looked at within SEEN_FOR, the latest first, MOST of them."""
        ...


class Exports(Protocol):
    """Findings that people want as a file. Every method raises StoreError."""

    async def request(self, asked: ExportRequest) -> Export | None:
        """Store it; None where this delivery was taken before. What is over for a month is forgotten."""
        ...

    async def take(self, export: ExportId, at: datetime) -> Export | None:
        """Take it up for a LEASE, its tries counted; None where it is over or another process works on it."""
        ...

    async def put_back(self, export: Export, not_before: datetime) -> None:
        """It did not go out: again from then on. Not where another process took it up since; so below."""
        ...

    async def end(self, export: Export, state: ExportState) -> None: ...

    async def left(self, at: datetime) -> Sequence[ExportId]:
        """What was requested and nobody works on, oldest first."""
        ...

    def pages(self, asked: ExportRequest, at: datetime) -> AsyncIterator[Sequence[Exported]]:
        """The findings asked for, the most severe first, some hundreds at a time: memory stays flat.

        Each page is a view of its own: a finding that changes its place meanwhile may come twice, or not.
        """
        ...
