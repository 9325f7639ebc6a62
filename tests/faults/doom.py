"""Where a process ends: wrappers around each port that kill it, or freeze it, at the nth call."""

import inspect
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database


class Moment(Enum):
    """When, around one call."""

    BEFORE = "before"
    INSIDE = "inside"  # of a store: all is written, nothing committed; of a peer: it took it, no answer was read
    COMMITTED = "committed"  # the store has it, and nobody was told
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Point:
    """The nth such moment of a port; `nth` counts from 1. What is reached INSIDE a peer, the proxy sees."""

    port: str
    moment: Moment
    nth: int
    is_freeze: bool = False

    def __str__(self) -> str:
        return f"{self.port} {self.moment.value} {self.nth}{' frozen' if self.is_freeze else ''}"

    def plain(self) -> dict[str, object]:
        return {
            "port": self.port,
            "moment": self.moment.value,
            "nth": self.nth,
            "is_freeze": self.is_freeze,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Point":
        return cls(plain["port"], Moment(plain["moment"]), plain["nth"], plain["is_freeze"])


class Doom:
    """Counts moments from when it is armed, and ends the process at its point."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, Moment]] = Counter()
        self._point: Point | None = None
        self._is_counting = False

    def arm(self, point: Point | None) -> None:
        """Count from now on; without a point nothing happens but that."""
        self._point = point
        self._is_counting = True
        self.seen.clear()

    def reach(self, port: str, moment: Moment) -> None:
        if not self._is_counting:
            return
        self.seen[port, moment] += 1
        point = self._point
        if point is None or (point.port, point.moment, point.nth) != (port, moment, self.seen[port, moment]):
            return
        os.kill(os.getpid(), signal.SIGSTOP if point.is_freeze else signal.SIGKILL)


class Watched:
    """Any port: its awaited methods reach BEFORE and AFTER, everything else is the port's own."""

    def __init__(self, inner: object, port: str, doom: Doom) -> None:
        self._inner = inner
        self._port = port
        self._doom = doom

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._watched(found) if inspect.iscoroutinefunction(found) else found

    def _watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        async def call(*given: Any, **named: Any) -> Any:
            self._doom.reach(self._port, Moment.BEFORE)
            answer = await method(*given, **named)
            self._doom.reach(self._port, Moment.AFTER)
            return answer

        return call


class WatchedDatabase:
    """The transactions of one port: INSIDE is the last moment before the commit, COMMITTED the first after it."""

    def __init__(self, inner: Database, port: str, doom: Doom) -> None:
        self._inner = inner
        self._port = port
        self._doom = doom

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @asynccontextmanager
    async def write(self, *given: Any, **named: Any) -> AsyncIterator[AsyncConnection]:
        async with self._inner.write(*given, **named) as connection:
            yield connection
            self._doom.reach(self._port, Moment.INSIDE)
        self._doom.reach(self._port, Moment.COMMITTED)
