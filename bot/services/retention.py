"""Forgetting on purpose, once a day: what the settings say is kept no longer."""

import logging
from datetime import timedelta

from bot.domain.retention import Keep, Purged, Turn
from bot.ports.record import Retention
from bot.ports.search import Clock

WITHIN = timedelta(seconds=40)  # of a tick's minute; what is left is gone through after the lease
LEASE = timedelta(seconds=90)

_log = logging.getLogger(__name__)


class RetentionService:
    """`keep` says how long; with nothing in it nothing is ever removed."""

    def __init__(self, retention: Retention, keep: Keep, clock: Clock) -> None:
        self._retention = retention
        self._keep = keep
        self._clock = clock

    async def purge_if_due(self) -> Purged | None:
        """Purge, if none was finished within a day and no other process is at it; None where it is not due.

        A clock that leapt is not believed before it has run steadily for a day, for what is purged is gone.

        Raises:
            StoreError: what is left is gone through once the lease has run out.
        """
        if self._keep.is_for_good:
            return None
        now = self._clock()
        turn = await self._retention.take_turn(now, LEASE)
        if turn is Turn.CLOCK_LEAPT:
            _log.warning(
                "the clock leapt, or huntbot was away for days: it is %s now. Nothing is purged for a day", now
            )
        if turn is not Turn.MINE:
            return None
        before = self._keep.hits_before(now), self._keep.resolved_before(now)
        purged = await self._retention.purge(*before, now, WITHIN)
        if purged.is_all:
            await self._retention.finish_turn(now)
        counts = (purged.findings, purged.hits, purged.events, purged.leftovers)
        if any(counts):
            _log.info("purged: %d findings, %d hits, %d events; %d rows of old runs and messages", *counts)
        return purged
