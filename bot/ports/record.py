"""The audit log, and what of the past is forgotten."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.audit import Entry, Gap, Tip
from bot.domain.finding import FindingId
from bot.domain.retention import Purged, Turn


class AuditLog(Protocol):
    """The audit chain, read. Every method raises StoreError."""

    def chain(self, after: int = 0) -> AsyncIterator[Entry | Gap]:
        """All that comes after a place, in order, a batch at a time: memory stays flat, and nobody waits for long.

        Each batch is a view of its own: what is appended or purged meanwhile is followed.
        """
        ...

    def entries(self, since: datetime | None = None, finding: FindingId | None = None) -> AsyncIterator[Entry]:
        """Events in order, since a moment or of one finding or both."""
        ...

    async def tip(self) -> Tip: ...


class Retention(Protocol):
    """Forgetting on purpose. Every method raises StoreError."""

    async def take_turn(self, at: datetime, lease: timedelta) -> Turn:
        """Whether it is the caller's turn, which is then the caller's for a `lease`: see `domain/retention.Diary`."""
        ...

    async def finish_turn(self, at: datetime) -> None:
        """The purge is done."""
        ...

    async def purge(
        self,
        hits_before: datetime | None,
        resolved_before: datetime | None,
        at: datetime,
        within: timedelta | None = None,
    ) -> Purged:
        """Remove hits older than `hits_before` and findings resolved before `resolved_before`, with their history.

        Never an open finding, its history or the hit that is its face; the audit chain keeps the last hash of what
        was taken out. What is still to be delivered keeps its finding for the next purge. In portions, so that nobody
        waits for long; what is left after `within` is left to the next call.
        """
        ...
