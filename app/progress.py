"""A bar on long work: on stderr, for a person who looks, and only once they have waited."""

from __future__ import annotations

import sys
from threading import RLock, Timer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 1.0


class Bar:
    """Told how far a piece of work is, from any thread; another kind of work is another bar in the same place."""

    def __init__(self) -> None:
        self._is_watched = sys.stderr.isatty()
        self._lock = RLock()
        self._what = ""
        self._reached = (0, 0)
        self._patience: Timer | None = None
        self._drawn: tuple[Progress, TaskID] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        """So many bytes are done, of all there are."""
        if not self._is_watched:
            return
        with self._lock:
            if what != self._what:
                self._begin(what)
            self._reached = (done, total)
            if self._drawn is not None:
                progress, task = self._drawn
                progress.update(task, completed=done, total=total)

    def close(self) -> None:
        """Take the bar away."""
        with self._lock:
            if self._patience is not None:
                self._patience.cancel()
            if self._drawn is not None:
                self._drawn[0].stop()
            self._what, self._patience, self._drawn = "", None, None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, what: str) -> None:
        self.close()
        self._what = what
        self._patience = Timer(PATIENCE_S, self._draw, (what,))
        self._patience.daemon = True
        self._patience.start()

    def _draw(self, what: str) -> None:
        with self._lock:
            if what == self._what and self._drawn is None:  # a bar before this one may be late
                self._drawn = _drawn(what, *self._reached)


def _drawn(what: str, done: int, total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console  # noqa: PLC0415 - rarely needed
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.start()
    return progress, progress.add_task(what, completed=done, total=total)
