"""Delivery: what ought to stand in Slack is made to stand there, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta

from bot.domain.intent import Backlog, Claim, Intent, Kind, Lane, Progress
from bot.domain.message import EscalationFailed
from bot.domain.responder import MessageTs, UserId
from bot.errors import (
    MessageRejected,
    RateLimited,
    RouteBroken,
    StoreError,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.ports import Clock, EscalationTarget, Findings, Outbox, Runs, Workspace
from bot.services.digest import DigestService
from bot.services.drafting import Drafting
from bot.services.hunt import HuntService

LEASE = timedelta(seconds=90)  # longer than one delivery may take, so that no two are under way
LIMIT_S = 45.0
LOOK_BACK = timedelta(seconds=60)  # Slack's clock and ours differ
LONGEST_PAUSE_S = 300.0

# A channel takes about a message a second. Source: https://docs.slack.dev/apis/web-api/rate-limits
_EVERY = {False: timedelta(seconds=1), True: timedelta(seconds=0.5)}  # by whether the lane redraws

_log = logging.getLogger(__name__)


class DeliveryService:
    """The only service that holds both the store and Slack. `sleep` takes seconds."""

    def __init__(
        self,
        outbox: Outbox,
        findings: Findings,
        runs: Runs,
        digests: DigestService,
        hunts: HuntService,
        workspace: Workspace,
        escalation: EscalationTarget | None,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._runs = runs
        self._workspace = workspace
        self._escalation = escalation
        self._clock = clock
        self._sleep = sleep
        self._drafting = Drafting(outbox, findings, runs, digests, hunts, workspace)
        self._closed: dict[Lane, tuple[datetime, datetime]] = {}  # since when and until when a lane takes nothing
        self._retries: list[datetime] = []
        self._nudged = asyncio.Event()
        self._pass = asyncio.Lock()

    async def deliver_due(self) -> int:
        """Deliver everything that may go now; how many went out. Never sleeps and never raises but on cancellation.

        A channel takes one new message a second: the rest of it goes in a later pass, see `wait`.
        """
        delivered = 0
        try:
            async with self._pass:
                while claims := await self._outbox.claim(self._clock(), LEASE, self._closed_lanes()):
                    delivered += await self._carry_all(claims)
        except StoreError as fault:
            _log.warning("delivery waits for the store: %s", fault)
        return delivered

    async def backlog(self) -> Backlog:
        """How far Slack is behind the store. Raises StoreError."""
        return Backlog(await self._outbox.waiting(), await self._outbox.broken())

    def nudge(self) -> None:
        """Something new may be due: `wait` returns at once."""
        self._nudged.set()

    async def wait(self, at_most_s: float = 5.0) -> None:
        """Until a nudge, the moment a held-back message may go, or `at_most_s`."""
        pause = asyncio.ensure_future(self._sleep(self._pause_s(at_most_s)))
        nudge = asyncio.ensure_future(self._nudged.wait())
        try:
            await asyncio.wait((pause, nudge), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            nudge.cancel()
        self._nudged.clear()

    async def run(self) -> None:
        """Deliver and wait until cancelled: the task that app/ keeps."""
        while True:
            await self.deliver_due()
            await self.wait()

    async def settle(self, within_s: float) -> int:
        """Deliver until nothing is waiting or `within_s` is over; how many are waiting still. Raises StoreError."""
        deadline = self._clock() + timedelta(seconds=within_s)
        while True:
            await self.deliver_due()
            waiting = await self._outbox.waiting()
            if not waiting or self._clock() >= deadline:
                return waiting
            await self.wait(1.0)

    def _close(self, lane: Lane, length: timedelta) -> None:
        now = self._clock()
        self._closed[lane] = (now, now + length)

    def _closed_lanes(self) -> Collection[Lane]:
        """A lane is closed from its last message on, so that a clock that is set back opens it."""
        now = self._clock()
        self._closed = {lane: (since, until) for lane, (since, until) in self._closed.items() if since <= now < until}
        return self._closed.keys()

    def _pause_s(self, at_most_s: float) -> float:
        now = self._clock()
        self._retries = [at for at in self._retries if at > now]
        opening = [until for _, until in self._closed.values()]
        pauses = [(at - now).total_seconds() for at in (*opening, *self._retries)]
        return max(0.01, min([at_most_s, *pauses]))

    async def _carry_all(self, claims: Collection[Claim]) -> int:
        """One message a lane, side by side; what becomes of one is nothing to the others."""
        fates = await asyncio.gather(*(self._carry(claim) for claim in claims), return_exceptions=True)
        for claim, fate in zip(claims, fates, strict=True):
            if fate is not None:
                await self._excuse(claim, fate)
        return sum(fate is None for fate in fates)

    async def _carry(self, claim: Claim) -> None:
        lane = claim.intent.lane
        self._close(lane, _EVERY[lane.is_redraw])
        async with asyncio.timeout(LIMIT_S):
            ts = await self._send(claim)
        await self._outbox.settle(claim, ts)

    async def _send(self, claim: Claim) -> MessageTs | None:
        """Make it stand; its timestamp, None for what is shown to one person or handed over elsewhere."""
        intent = claim.intent
        if intent.kind is Kind.ESCALATION:
            return await self._escalate(claim)
        if intent.only_for is not None:
            await self._workspace.whisper(intent.channel, intent.only_for, await self._drafting.draft(intent))
            return None
        stands = intent.ts or await self._found(claim)
        if stands is not None:
            await self._workspace.redraw(intent.channel, stands, await self._drafting.draft(intent), intent.key)
            return stands
        if intent.progress is Progress.RETIRED:
            return None
        message = await self._drafting.draft(intent)
        return await self._workspace.post(intent.channel, message, intent.key, claim.thread_ts)

    async def _found(self, claim: Claim) -> MessageTs | None:
        """Where an earlier try stands, if it arrived after all."""
        if not claim.may_stand:
            return None
        intent = claim.intent
        since = intent.created_at - LOOK_BACK
        return await self._workspace.find(intent.channel, intent.key, since, claim.thread_ts)

    async def _escalate(self, claim: Claim) -> MessageTs | None:
        intent = claim.intent
        if self._escalation is None:
            raise RouteBroken("no_escalation_channel")
        call = await self._drafting.escalation(intent)
        since = intent.created_at - LOOK_BACK
        return await self._escalation.escalate(call, intent.key, may_stand=claim.may_stand, since=since)

    async def _excuse(self, claim: Claim, fault: BaseException) -> None:
        """What becomes of an intent that did not go out; where even that is not stored its lease runs out."""
        try:
            await self._try_later(claim, fault)
        except StoreError as also:
            _log.warning("the outbox could not note a failed delivery: %s", also)

    async def _try_later(self, claim: Claim, fault: BaseException) -> None:
        match fault:
            case RateLimited(retry_after_s=seconds):
                self._close(claim.intent.lane, timedelta(seconds=seconds))
                await self._put_back(claim, seconds, may_stand=claim.may_stand)
            case RouteBroken():
                await self._reroute(claim, fault)
            case MessageRejected():
                await self._give_up(claim, fault)
            case WorkspaceUnavailable():
                await self._put_back(claim, _pause_after(claim), may_stand=claim.may_stand)
            case _:
                _log.warning("delivery of %s failed", claim.intent.key, exc_info=fault)
                await self._put_back(claim, _pause_after(claim), may_stand=True)

    async def _reroute(self, claim: Claim, fault: RouteBroken) -> None:
        """The answer to a person goes to that person; anything else is given up."""
        asked_by = await self._waits_for(claim.intent)
        if asked_by is None:
            await self._give_up(claim, fault)
        else:
            await self._outbox.go_private(claim, asked_by)

    async def _give_up(self, claim: Claim, fault: RouteBroken | MessageRejected) -> None:
        """Keep it, marked; an escalation that reached nobody is told to whoever escalated."""
        intent = claim.intent
        _log.warning("%s can not be delivered to %s: %s", intent.key, intent.channel, fault.code)
        await self._outbox.break_off(claim, fault.code)
        if intent.kind is not Kind.ESCALATION:
            return
        call = await self._drafting.escalation(intent)
        if (channel := call.event.place.channel) is not None:
            with suppress(WorkspaceError):  # nothing is left to tell it by; the log has it
                await self._workspace.whisper(channel, call.event.by, EscalationFailed(call, fault.code))

    async def _waits_for(self, intent: Intent) -> UserId | None:
        """The person to whom this is the answer, if it is one that does not stand yet."""
        if intent.run is None or intent.kind is Kind.FINDING or intent.ts is not None or intent.only_for is not None:
            return None
        asked = (await self._runs.get(intent.run)).request
        return asked.by if asked.channel == intent.channel else None

    async def _put_back(self, claim: Claim, seconds: float, *, may_stand: bool) -> None:
        not_before = self._clock() + timedelta(seconds=seconds)
        self._retries.append(not_before)
        await self._outbox.put_back(claim, not_before, may_stand=may_stand)


def _pause_after(claim: Claim) -> float:
    """Seconds until the next try: 1, 2, 4, ... up to five minutes."""
    return min(2.0 ** min(claim.intent.attempts, 16), LONGEST_PAUSE_S)
