"""The watchdog: a thread of its own that ends the process when it hangs, because a loop that hangs can not notice.

It counts how long it *saw* no life. A process that was frozen as a whole (SIGSTOP, a paused machine) was not watched
meanwhile, and gets its time anew when it goes on.
"""

import asyncio
import faulthandler
import io
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum

EVERY_S = 1.0
TELL_WITHIN_S = 5.0  # whoever reads our log may hang as well

log = logging.getLogger("huntbot.watchdog")


class Life(Enum):
    """What shows that the process lives; each has to be fed."""

    LOOP = "the event loop"
    TICK = "the clock's tick"


class Watchdog:
    """Fed from the loop, it looks from its own thread. `end` is how the process ends.

    Args:
        limits: how many seconds each may stay unfed.
        code: the exit code of a process that hangs.
        loop: whose tasks are told of.
        end: `os._exit`, for nothing gentler ends a thread that hangs.
        every_s: how often it looks.
    """

    def __init__(
        self,
        limits: Mapping[Life, float],
        code: int,
        loop: asyncio.AbstractEventLoop,
        end: Callable[[int], object] = os._exit,
        every_s: float = EVERY_S,
    ) -> None:
        self._limits = dict(limits)
        self._code = code
        self._loop = loop
        self._end = end
        self._every_s = every_s
        self._fed = dict.fromkeys(limits, 0)
        self._called_off = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def feed(self, what: Life) -> None:
        self._fed[what] = self._fed.get(what, 0) + 1

    def call_off(self) -> None:
        self._called_off.set()

    def _watch(self) -> None:
        seen, hungry_s = dict(self._fed), dict.fromkeys(self._limits, 0.0)
        while not self._called_off.wait(self._every_s):
            fed = dict(self._fed)
            for what, limit_s in self._limits.items():
                hungry_s[what] = 0.0 if fed[what] != seen[what] else hungry_s[what] + self._every_s
                if hungry_s[what] > limit_s:
                    self._bark(f"{what.value} has stood still for {hungry_s[what]:.0f} s")
                    return
            seen = fed

    def _bark(self, fault: str) -> None:
        """Tell what everything hangs on, from yet another thread, and end."""
        telling = threading.Thread(target=self._tell, args=(fault,), daemon=True)
        telling.start()
        telling.join(TELL_WITHIN_S)
        self._end(self._code)

    def _tell(self, fault: str) -> None:
        log.critical("%s: ending, so that a supervisor starts another", fault, extra={"stacks": stacks(self._loop)})


def end_within(seconds: float, code: int, end: Callable[[int], object] = os._exit) -> Callable[[], None]:
    """End the process after `seconds` whatever hangs in it; the answer calls that off."""
    timer = threading.Timer(seconds, _end_now, (seconds, code, end))
    timer.daemon = True
    timer.start()
    return timer.cancel


def _end_now(seconds: float, code: int, end: Callable[[int], object]) -> None:
    said = threading.Thread(
        target=log.warning, args=("not done after %g s: what is left is the next start's", seconds), daemon=True
    )
    said.start()
    said.join(0.5)
    end(code)


def stacks(loop: asyncio.AbstractEventLoop) -> str:
    """Where every thread and every task of the loop stands."""
    with tempfile.TemporaryFile() as file:  # faulthandler writes to nothing that is no file
        faulthandler.dump_traceback(file=file, all_threads=True)
        file.seek(0)
        found = file.read().decode(errors="replace")
    tasks = io.StringIO()
    with suppress(RuntimeError):  # the loop goes on while it is looked at
        for task in asyncio.all_tasks(loop):
            task.print_stack(file=tasks)
    return found + tasks.getvalue()
