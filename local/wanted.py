"""What a query wants of an index's rows: which columns, what every row it needs fulfils, and until when.

Whoever brings the rows may bring more than is wanted, never less: the query looks at each of them again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

_AGAIN_S = 0.01


class Match(StrEnum):
    """How a text stands to a value."""

    EQUALS = "equals"
    STARTS = "starts"
    ENDS = "ends"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Has:
    """Some value of the field is, begins with, ends with or contains the text.

    The values are those of the mapping: an ip as its record has it. `ignores_case`: ASCII letters of either case are
    the same, and no others are.
    """

    field: str
    match: Match
    text: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """Some value of a date field lies between two moments, in milliseconds since the epoch.

    Both ends count; None is open.
    """

    field: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold; without parts, nothing is required."""

    parts: "tuple[Requirement, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds; without parts, no row is needed."""

    parts: "tuple[Requirement, ...]"


Requirement: TypeAlias = Has | Within | Both | Either
ANYTHING = Both(())


@dataclass(frozen=True, slots=True)
class Wanted:
    """`columns`: names of fields. A row that does not fulfil `requirement` can not change the answer."""

    columns: frozenset[str]
    requirement: Requirement = ANYTHING


class OverdueError(Exception):
    """Work was asked for that has to end before it is done."""


class Deadline:
    """When work has to end: after so many seconds (None: whenever it is done), or as soon as it is cancelled.

    It may be asked and cancelled from any thread.
    """

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds
        self._is_cancelled = False
        self._changed = threading.Condition()

    def left_s(self) -> float | None:
        """Seconds that are left, 0 when it is over; None without an end, as timeouts of the standard library are."""
        if self._is_cancelled:
            return 0.0
        return None if self._end is None else max(0.0, self._end - self._clock())

    def is_over(self) -> bool:
        return self.left_s() == 0

    def check(self) -> None:
        """
        Raises:
            OverdueError: it is over.
        """
        if self.is_over():
            raise OverdueError

    def cancel(self) -> None:
        """Nobody waits any more: it is over now."""
        with self._changed:
            self._is_cancelled = True
            self._changed.notify_all()

    @contextmanager
    def enforced(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Should it be over within the block, a thread calls `interrupt`, again and again until the block ends.

        Once is not enough: what is interrupted may be about to begin, and would not hear it.
        """
        is_done = threading.Event()

        def watch() -> None:
            with self._changed:
                self._changed.wait_for(lambda: is_done.is_set() or self.is_over(), self.left_s())
            while not is_done.wait(_AGAIN_S):
                interrupt()

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            with self._changed:
                is_done.set()
                self._changed.notify_all()
            watching.join()
