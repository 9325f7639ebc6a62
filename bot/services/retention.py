"""Forgetting on purpose, once a day: what the settings say is kept no longer."""

import logging
from datetime import timedelta

from bot.domain.retention import Keep, Purged
from bot.ports import Clock, Retention

EVERY = timedelta(days=1)

_log = logging.getLogger(__name__)


class RetentionService:
    """`keep` says how long; with nothing in it nothing is ever removed."""

    def __init__(self, retention: Retention, keep: Keep, clock: Clock) -> None:
        self._retention = retention
        self._keep = keep
        self._clock = clock

    async def purge_if_due(self) -> Purged | None:
        """Purge, if nobody did within a day; None where it is not due. May take minutes: nothing waits for it.

        Raises:
            StoreError: what is left of it is done a day later.
        """
        now = self._clock()
        if self._keep.is_for_good or not await self._retention.take_turn(now, EVERY):
            return None
        purged = await self._retention.purge(self._keep.hits_before(now), self._keep.resolved_before(now), now)
        _log.info(
            "purged %d findings, %d hits and %d events; %d rows of old runs and messages",
            *(purged.findings, purged.hits, purged.events, purged.leftovers),
        )
        return purged
