"""The loop of delivery: every lane goes at its own pace, and none waits for another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.escalation import TargetName
from bot.domain.intent import Backlog, Claim, Lane
from bot.domain.responder import ChannelId
from bot.errors import StoreError
from bot.ports.escalation import EscalationTarget
from bot.ports.outbox import Outbox
from bot.ports.runs import Runs
from bot.ports.search import Clock
from bot.ports.workspace import Workspace
from bot.services.delivery.carrying import Carrier
from bot.services.delivery.clearing import Clearing
from bot.services.delivery.mishaps import Mishaps
from bot.services.drafting import Drafting

LEASE = timedelta(seconds=60)  # a call to Slack takes ten at most
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 5.0

_log = logging.getLogger(__name__)


class DeliveryService:
    """The only service that holds both the outbox and Slack. `sleep` takes seconds.

    `fallback` is told when another takes nothing. `lease` has to hold five calls of the workspace.
    """

    def __init__(
        self,
        outbox: Outbox,
        runs: Runs,
        drafting: Drafting,
        workspace: Workspace,
        targets: Mapping[TargetName, EscalationTarget],
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        fallback: ChannelId | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._sleep = sleep
        self._lease = lease
        self._carrier = Carrier(outbox, drafting, workspace, targets, clock, lease)
        self._mishaps = Mishaps(outbox, runs, drafting, workspace, clock, fallback)
        self._clearing = Clearing(outbox, workspace, clock, lease)
        self._lanes: dict[Lane, asyncio.Task[bool]] = {}  # at most one message of each is under way
        self._search: asyncio.Task[int] | None = None  # for second copies
        self._stirred = asyncio.Event()
        self._turn = asyncio.Lock()

    async def deliver_due(self) -> int:
        """Deliver everything that may go now and wait for it; how many went out. Never raises but on cancellation.

        A channel takes one new message a second: the rest of it goes in a later pass, see `wait`.
        """
        delivered = 0
        try:
            await self._searched()  # one that began earlier may have looked too early
            while True:
                started = await self._start_due()
                cleared, *fates = await asyncio.gather(self._searched(), *started)
                delivered += sum(fates)
                if not (started or cleared):
                    return delivered
        except asyncio.CancelledError:
            await self._drop()
            raise

    async def backlog(self) -> Backlog:
        """How far Slack is behind the store. Raises StoreError."""
        return replace(await self._outbox.backlog(self._clock()), fault=self._mishaps.token_fault)

    def nudge(self) -> None:
        """Something new may be due: `wait` returns at once."""
        self._stirred.set()

    async def wait(self, at_most_s: float = LONGEST_PAUSE_S) -> None:
        """Until a nudge, a message has gone out, the next one may go, or `at_most_s`."""
        # A clock that tests turn must not run ahead of the leases of what is under way.
        sleep = asyncio.sleep if self._lanes else self._sleep
        pause = asyncio.ensure_future(sleep(await self._pause_s(at_most_s)))
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait((pause, stirred), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            stirred.cancel()
        self._stirred.clear()

    async def run(self) -> None:
        """Deliver and wait until cancelled: the task that app/ keeps."""
        try:
            while True:
                await self._start_due()
                await self.wait()
        finally:
            await self._drop()

    async def settle(self, within_s: float) -> int:
        """Deliver until nothing is waiting or `within_s` is over; how many are waiting still. Raises StoreError."""
        deadline = self._clock() + timedelta(seconds=within_s)
        while True:
            await self._start_due()
            waiting = await self._outbox.waiting()
            left_s = (deadline - self._clock()).total_seconds()
            if left_s <= 0:
                return waiting
            if not (waiting or self._lanes):
                await self._searched()
                return 0
            await self.wait(min(left_s, LONGEST_PAUSE_S))

    async def _start_due(self) -> list[asyncio.Task[bool]]:
        """Set going what may go now, each lane by itself; where the store fails nothing is lost, it goes later."""
        try:
            async with self._turn:
                claims = await self._outbox.claim(self._clock(), self._lease, list(self._lanes))
                started = [self._start(claim) for claim in claims]
        except StoreError as fault:
            _log.warning("delivery waits for the store: %s", fault)
            return []
        if self._search is None:
            self._search = asyncio.create_task(self._clear_copies(), name="search for second copies")
            self._search.add_done_callback(self._search_ended)
        return started

    def _start(self, claim: Claim) -> asyncio.Task[bool]:
        lane = claim.intent.lane
        task = asyncio.create_task(self._carry(claim), name=f"delivery of {claim.intent.key}")
        self._lanes[lane] = task
        task.add_done_callback(lambda _: self._landed(lane))
        return task

    def _landed(self, lane: Lane) -> None:
        del self._lanes[lane]
        self._stirred.set()

    def _search_ended(self, search: asyncio.Task[int]) -> None:
        self._search = None
        if not search.cancelled() and search.result():
            self._stirred.set()

    async def _carry(self, claim: Claim) -> bool:
        """Whether it went out; what becomes of one message is nothing to the others."""
        try:
            [fault] = await asyncio.gather(self._carrier.carry(claim), return_exceptions=True)
        except asyncio.CancelledError:
            await self._mishaps.cut_off(claim)
            raise
        if fault is None:
            self._mishaps.token_fault = None
            return True
        [also] = await asyncio.gather(self._mishaps.note(claim, fault), return_exceptions=True)
        if also is not None:  # its lease runs out
            _log.error("what became of %s could not be noted", claim.intent.key, exc_info=also)
        return False

    async def _clear_copies(self) -> int:
        [cleared] = await asyncio.gather(self._clearing.clear_due(), return_exceptions=True)
        if isinstance(cleared, BaseException):
            _log.error("the search for second copies failed", exc_info=cleared)
            return 0
        return cleared

    async def _searched(self) -> int:
        return 0 if self._search is None else await self._search

    async def _pause_s(self, at_most_s: float) -> float:
        try:
            due = await self._outbox.next_due(self._clock(), list(self._lanes))
        except StoreError:
            return at_most_s
        pause_s = at_most_s if due is None else (due - self._clock()).total_seconds()
        return min(max(pause_s, SHORTEST_PAUSE_S), at_most_s)

    async def _drop(self) -> None:
        """End what is under way: whoever takes it up next looks whether it arrived."""
        tasks: list[asyncio.Task[Any]] = [*self._lanes.values(), *([self._search] if self._search else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
