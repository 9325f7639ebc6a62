"""Suspects cleared: where a message may stand twice the channel is read back and every copy but one is deleted."""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.domain.intent import Intent
from bot.domain.responder import ChannelId, MessageTs
from bot.errors import MessageGone, RateLimited, StoreError, WorkspaceError
from bot.ports.outbox import Outbox
from bot.ports.search import Clock
from bot.ports.workspace import Workspace
from bot.services.delivery.carrying import LOOK_BACK

PAUSE_S = 60.0  # after a channel could not be read

_log = logging.getLogger(__name__)


class Clearing:
    """Reads back one suspect after the other; any process may do it, and two that do it at once do no harm."""

    def __init__(self, outbox: Outbox, workspace: Workspace, clock: Clock, lease: timedelta) -> None:
        self._outbox = outbox
        self._workspace = workspace
        self._clock = clock
        self._limit_s = lease.total_seconds()
        self._unread: dict[ChannelId, tuple[datetime, datetime]] = {}  # since when and until when one is left alone

    async def clear_due(self) -> int:
        """Clear what is due; how many are. Never raises but on cancellation."""
        cleared = 0
        try:
            for intent in await self._outbox.suspects(self._clock()):
                if not self._is_left_alone(intent.channel):
                    cleared += await self._try(intent)
        except StoreError as fault:
            _log.warning("the search for second copies waits for the store: %s", fault)
        return cleared

    async def _try(self, intent: Intent) -> bool:
        try:
            async with asyncio.timeout(self._limit_s):
                await self._clear(intent)
        except (WorkspaceError, TimeoutError) as fault:
            pause_s = fault.retry_after_s if isinstance(fault, RateLimited) else PAUSE_S
            now = self._clock()
            self._unread[intent.channel] = (now, now + timedelta(seconds=pause_s))
            _log.warning("%s can not be read back for copies of %s yet: %s", intent.channel, intent.key, fault)
            return False
        return True

    async def _clear(self, intent: Intent) -> None:
        for copy in await self._copies(intent):
            if copy != intent.ts:
                await self._workspace.remove(intent.channel, copy)
                _log.warning("a second copy of %s was found and removed", intent.key)
        await self._outbox.cleared(intent)

    async def _copies(self, intent: Intent) -> tuple[MessageTs, ...]:
        thread = None if intent.thread_of is None else await self._outbox.stands_at(intent.thread_of)
        since = (intent.tried_at or intent.created_at) - LOOK_BACK
        try:
            return tuple(await self._workspace.copies(intent.channel, intent.mark, since, thread))
        except MessageGone:  # with the thread its copies went
            return ()

    def _is_left_alone(self, channel: ChannelId) -> bool:
        now = self._clock()
        since, until = self._unread.get(channel, (now, now))
        return since <= now < until
