"""A bar on long work: on stderr, for a person who looks, and only once they have waited."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 1.0
LEAST_LEFT = 0.2
"""Of the work: what is nearly done when patience ends needs no bar."""


class Bar:
    """Told how far a piece of work is, from any thread; a new kind of work is a new bar in the same place."""

    def __init__(self) -> None:
        self._is_watched = sys.stderr.isatty()
        self._what = ""
        self._since = 0.0
        self._drawn: tuple[Progress, TaskID] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if not self._is_watched:
            return
        if what != self._what or done == 0:
            self.close()
            self._what, self._since = what, time.monotonic()
        if self._drawn is None and self._is_worth_it(done, total):
            self._drawn = _begun(what, total)
        if self._drawn is not None:
            progress, task = self._drawn
            progress.update(task, completed=done, total=total)

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn is not None:
            self._drawn[0].stop()
        self._what, self._drawn = "", None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_worth_it(self, done: int, total: int) -> bool:
        return time.monotonic() - self._since > PATIENCE_S and done < total * (1 - LEAST_LEFT)


def _begun(what: str, total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console  # noqa: PLC0415 - rarely needed
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.start()
    return progress, progress.add_task(what, total=total)
