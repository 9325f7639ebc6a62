"""Answers of a peer that are kept for a while: asked for once, however many wait, and used a little longer while it
is down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.errors import RouteBroken, TokenRefused, WorkspaceError
from bot.ports import Clock

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=15)  # the longest that anything is believed
PAUSE = timedelta(seconds=10)  # before a peer that is down is asked again for what is still known
PATIENCE_S = 0.8  # of the three seconds that Slack waits for an acknowledgement
FULL = 2_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    value: V
    at: datetime
    until: datetime  # not asked again before

    def is_believed(self, now: datetime) -> bool:
        return self.at <= now < self.at + STALE


class Remembered(Generic[K, V]):
    """What `ask` answered.

    Five minutes without asking; then as long as the peer is silent or down, fifteen minutes in all. A clear refusal
    (RouteBroken, TokenRefused) is believed at once, and forgets what was known.
    """

    def __init__(self, ask: Callable[[K], Awaitable[V]], clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._ask = ask
        self._clock = clock
        self._patience_s = patience_s
        self._kept: dict[K, _Kept[V]] = {}
        self._asking: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The answer, within the patience; what comes later is kept for whoever asks next.

        Raises:
            WorkspaceError: there is none, and none that is young enough.
            TimeoutError: no answer in time; the same.
        """
        kept = self._kept.get(key)
        if kept is not None and kept.at <= self._clock() < kept.until:
            return kept.value
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(self._task(key))
        except (RouteBroken, TokenRefused):
            raise
        except (WorkspaceError, TimeoutError):
            now = self._clock()
            if kept is None or not kept.is_believed(now):
                raise
            kept.until = min(now + PAUSE, kept.at + STALE)
            return kept.value

    def _task(self, key: K) -> asyncio.Task[V]:
        """One call at a time for a key; it goes on when those who waited gave up."""
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._learn(key), name=f"asking Slack about {key}")
            task.add_done_callback(_looked_at)
        return task

    async def _learn(self, key: K) -> V:
        try:
            value = await self._ask(key)
        except (RouteBroken, TokenRefused):
            self._kept.pop(key, None)
            raise
        finally:
            self._asking.pop(key, None)
        now = self._clock()
        if len(self._kept) >= FULL:
            self._kept = {k: v for k, v in self._kept.items() if v.is_believed(now)}
        self._kept[key] = _Kept(value, now, now + FRESH)
        return value


def _looked_at(task: "asyncio.Task[V]") -> None:
    """Whoever waited may be gone: asyncio would complain of an error that nobody saw."""
    if not task.cancelled():
        task.exception()
