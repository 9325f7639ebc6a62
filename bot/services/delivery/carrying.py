"""One claim carried to Slack or to a target: found if it stands already, else posted, while the lease lasts."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from bot.domain.escalation import TargetName, phase_of, target_of
from bot.domain.intent import Claim, Progress
from bot.domain.responder import MessageTs
from bot.errors import RouteBroken, WorkspaceError
from bot.ports.escalation import EscalationTarget
from bot.ports.outbox import Outbox
from bot.ports.search import Clock
from bot.ports.workspace import Workspace
from bot.services.drafting import Drafting

LOOK_BACK = timedelta(seconds=60)  # Slack's clock and ours differ

_log = logging.getLogger(__name__)


class LeaseSpent(Exception):
    """So little of the lease is left that one more call might end after it: nothing was sent."""


class Carrier:
    """Carries claims. Of a lease a fifth is kept for the call that sends, a third for what comes after it."""

    def __init__(
        self,
        outbox: Outbox,
        drafting: Drafting,
        workspace: Workspace,
        targets: Mapping[TargetName, EscalationTarget],
        clock: Clock,
        lease: timedelta,
    ) -> None:
        self._outbox = outbox
        self._drafting = drafting
        self._workspace = workspace
        self._targets = targets
        self._clock = clock
        self._lease = lease
        self._one_call = lease / 5
        self._limit_s = (lease * 2 / 3).total_seconds()

    async def carry(self, claim: Claim) -> None:
        """Make it stand and note where.

        Raises:
            LeaseSpent: there was no time left to send it.
            WorkspaceError, StoreError, TimeoutError: it does not stand, or nobody knows.
        """
        async with asyncio.timeout(self._limit_s):
            ts = await self._send(claim)
        if not await self._outbox.settle(claim, ts, self._clock(), self._lease):
            await self._take_back(claim, ts)

    async def _send(self, claim: Claim) -> MessageTs | None:
        """Where it stands; None for what is shown to one person or handed over elsewhere."""
        intent = claim.intent
        target = target_of(intent.channel)
        if target is not None:
            await self._call(claim, target)
            return None
        if intent.only_for is not None:
            message = await self._drafting.draft(intent)
            self._check_lease(claim)
            await self._workspace.whisper(intent.channel, intent.only_for, message)
            return None
        return await self._stand(claim)

    async def _stand(self, claim: Claim) -> MessageTs | None:
        intent = claim.intent
        stands = intent.ts or await self._found(claim)
        if stands is None and intent.progress is Progress.RETIRED:
            return None
        message = await self._drafting.draft(intent)
        self._check_lease(claim)  # last of all: whatever came before may have taken long
        if stands is None:
            return await self._workspace.post(intent.channel, message, intent.mark, claim.thread_ts)
        await self._workspace.redraw(intent.channel, stands, message, intent.mark)
        return stands

    async def _found(self, claim: Claim) -> MessageTs | None:
        """Where an earlier try stands, if it arrived after all."""
        if not claim.may_stand:
            return None
        intent = claim.intent
        since = (intent.tried_at or intent.created_at) - LOOK_BACK
        copies = await self._workspace.copies(intent.channel, intent.mark, since, claim.thread_ts)
        return copies[0] if copies else None

    async def _call(self, claim: Claim, name: TargetName) -> None:
        target = self._targets.get(name)
        if target is None:
            raise RouteBroken("not_configured", peer=name)
        call = await self._drafting.escalation(claim.intent)
        phase = phase_of(call.event.move)
        if phase is not None:
            self._check_lease(claim)
            await target.call(call, phase, claim.intent.mark)

    def _check_lease(self, claim: Claim) -> None:
        if self._clock() + self._one_call > claim.lease_until:
            raise LeaseSpent

    async def _take_back(self, claim: Claim, ts: MessageTs | None) -> None:
        """The lease was lost: if another copy stands, this one goes; else the read-back finds it."""
        intent = claim.intent
        if ts is None or intent.ts is not None:
            return
        stands = await self._outbox.stands_at(intent.key)
        if stands in {None, ts}:
            return
        _log.warning("a second copy of %s was posted after its lease was lost: it is removed", intent.key)
        try:
            await self._workspace.remove(intent.channel, ts)
        except WorkspaceError as fault:
            _log.warning("the second copy of %s stands until it is read back: %s", intent.key, fault)
