"""Answers of a peer that are kept for a while: asked for once, however many wait, and used a little longer while it
is down.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.errors import RouteBroken, TokenRefused, WorkspaceError
from bot.ports.search import Clock

FRESH = timedelta(minutes=5)
STALE = timedelta(minutes=15)  # the longest that anything is believed
PAUSE = timedelta(seconds=10)  # before a peer that is down is asked again for what is still known
PATIENCE_S = 1.2  # of the three seconds that Slack waits for an acknowledgement
FULL = 2_000

_log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    value: V
    at: datetime
    until: datetime  # not asked again before


class Remembered(Generic[K, V]):
    """What `ask` answered.

    While it is `fresh` nothing is asked; then it is used only as long as the peer is silent or down, until it is
    `stale`. A clear refusal (RouteBroken, TokenRefused) is believed at once, and forgets what was known.
    """

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        clock: Clock,
        patience_s: float = PATIENCE_S,
        fresh: timedelta = FRESH,
        stale: timedelta = STALE,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._patience_s = patience_s
        self._fresh = fresh
        self._stale = stale
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
            return await self._answer(key)
        except (RouteBroken, TokenRefused):
            raise
        except (WorkspaceError, TimeoutError):
            now = self._clock()
            if kept is None or not self._is_believed(kept, now):
                raise
            kept.until = min(now + PAUSE, kept.at + self._stale)
            return kept.value

    async def _answer(self, key: K) -> V:
        """An answer that is there counts, even where a busy process comes to look at it too late."""
        task = self._task(key)
        await asyncio.wait({task}, timeout=self._patience_s)
        if not task.done():
            raise TimeoutError
        return task.result()

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
        except WorkspaceError as error:
            _log.warning("Slack does not say anything about %s: %r", key, error)
            if isinstance(error, RouteBroken | TokenRefused):
                self._kept.pop(key, None)
            raise
        finally:
            self._asking.pop(key, None)
        now = self._clock()
        if len(self._kept) >= FULL:
            self._kept = {k: v for k, v in self._kept.items() if self._is_believed(v, now)}
        self._kept[key] = _Kept(value, now, now + self._fresh)
        return value

    def _is_believed(self, kept: _Kept[V], now: datetime) -> bool:
        return kept.at <= now < kept.at + self._stale


def _looked_at(task: "asyncio.Task[V]") -> None:
    """Whoever waited may be gone: asyncio would complain of an error that nobody saw."""
    if not task.cancelled():
        task.exception()
