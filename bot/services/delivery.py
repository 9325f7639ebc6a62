"""Delivery: what ought to stand in Slack is made to stand there, once."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.ports import Clock, EscalationTarget, Findings, Outbox, Runs, Workspace
from bot.services.digest import DigestService
from bot.services.hunt import HuntService


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
        raise NotImplementedError

    async def deliver_due(self) -> int:
        """Deliver everything that may go now; how many went out. Never sleeps and never raises but on cancellation.

        A channel takes one new message a second: the rest of it goes in a later pass, see `wait`.
        """
        raise NotImplementedError

    def nudge(self) -> None:
        """Something new may be due: `wait` returns at once."""
        raise NotImplementedError

    async def wait(self, at_most_s: float = 5.0) -> None:
        """Until a nudge, the moment a held-back message may go, or `at_most_s`."""
        raise NotImplementedError

    async def run(self) -> None:
        """Deliver and wait until cancelled: the task that app/ keeps."""
        raise NotImplementedError

    async def settle(self, within_s: float) -> int:
        """Deliver until nothing is waiting or `within_s` is over; how many are waiting still."""
        raise NotImplementedError
