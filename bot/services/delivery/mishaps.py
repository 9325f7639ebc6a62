"""What becomes of a claim that did not go out: nothing is dropped, and nothing holds up anything else.

| what happened                        | what becomes of it                                                          |
|--------------------------------------|-----------------------------------------------------------------------------|
| asked to wait                        | its lane is shut for so long                                                |
| not reached                          | again after 1, 2, 4, ... seconds, at most five minutes                      |
| no answer, or a fault of ours        | the same; whether it stands is looked up first                              |
| the token is refused                 | its lane is shut for a minute; said loudly, and in the backlog              |
| the channel or target takes nothing  | it waits for the route; an answer to a person turns private                 |
| its thread is gone                   | a card is posted in the channel itself, a line of history is given up       |
| the message itself is gone           | given up; the next run that returns its finding posts another               |
| refused in every wording             | again after 5, 10, 20, ... minutes, at most an hour: a later version may do |
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from bot.domain.escalation import target_of
from bot.domain.intent import Claim, Intent, Kind
from bot.domain.message import EscalationFailed
from bot.domain.responder import HUNTBOT, ChannelId, UserId
from bot.domain.triage import Move
from bot.errors import (
    MessageGone,
    MessageRejected,
    RateLimited,
    RouteBroken,
    StoreError,
    TokenRefused,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.ports.outbox import Outbox
from bot.ports.runs import Runs
from bot.ports.search import Clock
from bot.ports.workspace import Workspace
from bot.services.delivery.carrying import LeaseSpent
from bot.services.drafting import Drafting

LONGEST_PAUSE_S = 300.0
LONGEST_SHUT_S = 3600.0
REFUSED_PAUSE_S = 60.0
REJECTED_PAUSE_S = 300.0
TELL_WITHIN_S = 15.0
CUT_OFF_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


class Mishaps:
    """Notes in the outbox what did not go out. `token_fault` is why nothing goes out at all, while that is so."""

    def __init__(
        self,
        outbox: Outbox,
        runs: Runs,
        drafting: Drafting,
        workspace: Workspace,
        clock: Clock,
        fallback: ChannelId | None,
    ) -> None:
        self._outbox = outbox
        self._runs = runs
        self._drafting = drafting
        self._workspace = workspace
        self._clock = clock
        self._fallback = fallback
        self.token_fault: str | None = None

    async def note(self, claim: Claim, fault: BaseException) -> None:
        """What becomes of it; where even that can not be stored, its lease runs out."""
        try:
            await self._note(claim, fault)
        except StoreError as also:
            _log.warning("the outbox could not note a failed delivery: %s", also)

    async def cut_off(self, claim: Claim) -> None:
        """Give it back at the end of the process, so that the next one need not wait for the lease to run out."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(CUT_OFF_WITHIN_S):
                await self._outbox.put_back(claim, self._clock(), may_stand=True)

    async def _note(self, claim: Claim, fault: BaseException) -> None:
        intent = claim.intent
        match fault:
            case RateLimited(retry_after_s=seconds):
                await self._shut(claim, seconds)
            case TokenRefused(code=code):
                self.token_fault = code
                _log.error("Slack refuses huntbot's token (%s): nothing is delivered until it has a good one", code)
                await self._shut(claim, REFUSED_PAUSE_S)
            case RouteBroken():
                await self._reroute(claim, fault)
            case MessageGone(code=code) if intent.ts is not None or claim.thread_ts is not None:
                await self._without(claim, code)
            case MessageRejected(code=code) | MessageGone(code=code):
                _log.error("%s is refused in every wording (%s): it is tried again, slowly", intent.key, code)
                await self._put_back(claim, _pause_s(claim, REJECTED_PAUSE_S, LONGEST_SHUT_S), claim.may_stand)
            case WorkspaceUnavailable():
                await self._put_back(claim, _pause_s(claim), claim.may_stand)
            case LeaseSpent():
                _log.warning("%s was not sent: its lease was nearly over", intent.key)
                await self._put_back(claim, 0, claim.may_stand)
            case _:
                _log.warning("delivery of %s failed", intent.key, exc_info=fault)
                await self._put_back(claim, _pause_s(claim), may_stand=True)

    async def _shut(self, claim: Claim, seconds: float) -> None:
        until = self._clock() + timedelta(seconds=min(seconds, LONGEST_SHUT_S))
        await self._outbox.shut(claim.intent.lane, until)
        await self._outbox.put_back(claim, self._clock(), may_stand=claim.may_stand)

    async def _put_back(self, claim: Claim, seconds: float, may_stand: bool) -> None:
        not_before = self._clock() + timedelta(seconds=seconds)
        await self._outbox.put_back(claim, not_before, may_stand=may_stand)

    async def _reroute(self, claim: Claim, fault: RouteBroken) -> None:
        """The answer to a person goes to that person; anything else waits until the route works."""
        intent = claim.intent
        if intent.only_for is not None:
            _log.warning("%s can not be shown to %s: %s", intent.key, intent.only_for, fault.code)
            await self._outbox.break_off(claim, fault.code)
        elif (asked_by := await self._waits_for(intent)) is not None:
            await self._outbox.go_private(claim, asked_by)
        else:
            _log.error("%s takes nothing (%s): %s and what follows waits for it", intent.channel, fault, intent.key)
            await self._tell_whoever_escalated(intent, fault)
            await self._outbox.break_route(claim, fault.code, self._clock(), self._fallback)

    async def _without(self, claim: Claim, code: str) -> None:
        """Without its thread a card still stands; without itself a message does not."""
        intent = claim.intent
        if intent.ts is None and intent.kind is Kind.FINDING:
            await self._outbox.detach(claim)
        else:
            _log.warning("%s is given up, somebody removed it or its thread: %s", intent.key, code)
            await self._outbox.break_off(claim, code)

    async def _waits_for(self, intent: Intent) -> UserId | None:
        """The person to whom this is the answer, if it is one that does not stand yet."""
        if intent.run is None or intent.kind not in {Kind.RUN, Kind.DIGEST} or intent.ts is not None:
            return None
        asked = (await self._runs.get(intent.run)).request
        return asked.by if asked.channel == intent.channel else None

    async def _tell_whoever_escalated(self, intent: Intent, fault: RouteBroken) -> None:
        """At once, and once: the route may stay broken for days, and somebody believes the people on call know."""
        if intent.kind not in {Kind.ESCALATION, Kind.CALL} or intent.ts is not None:
            return
        if intent.attempts and await self._outbox.route(intent.channel) is not None:
            return
        call = await self._drafting.escalation(intent)
        channel = call.event.place.channel
        if call.event.move is not Move.ESCALATE or channel is None or call.event.by == HUNTBOT:
            return
        failed = EscalationFailed(call, fault.code, target_of(intent.channel))
        with suppress(WorkspaceError, TimeoutError):  # nothing is left to tell it by; the log has it
            async with asyncio.timeout(TELL_WITHIN_S):
                await self._workspace.whisper(channel, call.event.by, failed)


def _pause_s(claim: Claim, first: float = 1.0, longest: float = LONGEST_PAUSE_S) -> float:
    """Seconds until the next try, doubled with each."""
    return min(first * (1 << min(claim.intent.attempts, 16)), longest)
