"""Forgetting on purpose, once a day: what the settings say is kept no longer."""

import logging
from datetime import timedelta

from bot.domain.retention import Keep, Purged
from bot.ports import Clock, Retention

EVERY = timedelta(days=1)
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

        Raises:
            StoreError: what is left is gone through once the lease has run out.
        """
        now = self._clock()
        if self._keep.is_for_good or not await self._retention.take_turn(now, EVERY, LEASE):
            return None
        before = self._keep.hits_before(now), self._keep.resolved_before(now)
        purged = await self._retention.purge(*before, now, WITHIN)
        if purged.is_all:
            await self._retention.finish_turn(now)
        counts = (purged.findings, purged.hits, purged.events, purged.leftovers)
        if any(counts):
            _log.info("purged: %d findings, %d hits, %d events; %d rows of old runs and messages", *counts)
        return purged
