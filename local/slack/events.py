"""Events on their way to the app, repeated as Slack repeats them until acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from local.slack.delivery import Envelope
from local.slack.errors import UndeliveredError

RETRY_DELAYS_S: Sequence[float] = (0.0, 60.0, 300.0)
"""Source: https://docs.slack.dev/apis/events-api (retries: almost at once, a minute, five minutes)."""

_REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}


class EventSender:
    """Delivers an event once in the caller's time, and again in tasks of its own."""

    def __init__(self, deliver: Callable[[Envelope], Awaitable[object]], retry_delays_s: Sequence[float]) -> None:
        self._deliver = deliver
        self._retry_delays_s = retry_delays_s
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, envelope: Envelope) -> str:
        """The error of the first attempt, or nothing; a failed one is retried in the background."""
        try:
            await self._deliver(envelope)
        except UndeliveredError as error:
            task = asyncio.create_task(self._retry(envelope, error.code))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return error.code
        return ""

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _retry(self, envelope: Envelope, code: str) -> None:
        for attempt, delay_s in enumerate(self._retry_delays_s, start=1):
            await asyncio.sleep(delay_s)
            try:
                await self._deliver(envelope.again(attempt, _REASONS.get(code, "http_error")))
            except UndeliveredError as error:
                code = error.code
            else:
                return
