"""A command as a process of its own: how long it and its workers took, and how much memory they held."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
OURS = (sys.executable, "-m", "app")
_LOOK_S = 0.01
_PROC = Path("/proc")


class FailedError(Exception):
    """A command that is measured did not do its work."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`cpu_s`: also of its workers. `peak_mb`: what they all held at a time; 0 where nobody looked."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def environment(home: Path, **given: str) -> Mapping[str, str]:
    """Nothing of the measurer's own but the path; `home` is where caches would go."""
    return {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": str(ROOT)} | given


def run(command: Sequence[str], given: Mapping[str, str], *, watches_memory: bool = False) -> Taken:
    """Run a command to its end; looking at its memory costs it some time.

    Raises:
        FailedError: it exits with anything but 0.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = perf_counter()
        process = subprocess.Popen(command, env=given, stdout=output, stderr=errors)  # noqa: S603 - of our own tables
        with _watched(process.pid) if watches_memory else nullcontext(_Peak()) as peak:
            _, status, usage = os.wait4(process.pid, 0)
        wall_s = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            said = errors.read().decode(errors="replace").strip()
            raise FailedError(f"{' '.join(command)[:200]}: exit {process.returncode}: {said[-2_000:]}")
        return Taken(wall_s, usage.ru_utime + usage.ru_stime, peak.mb, output.read().decode(errors="replace"))


@dataclass(slots=True)
class _Peak:
    """The most that a tree of processes held at a time, in kB; what several of them share counts once.

    Linux only: `Pss` of /proc/PID/smaps_rollup (see proc(5)).
    """

    kb: int = 0

    @property
    def mb(self) -> float:
        return self.kb / 1_000

    def look(self, root: int) -> None:
        self.kb = max(self.kb, sum(map(_held_kb, _tree(root))))


@contextmanager
def _watched(root: int) -> Iterator[_Peak]:
    peak, is_over = _Peak(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_S):
            peak.look(root)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


def _tree(root: int) -> Iterator[int]:
    yield root
    for task in _PROC.glob(f"{root}/task/*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _tree(int(child))


def _held_kb(process: int) -> int:
    """0 for a process that has just ended."""
    with suppress(OSError):
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
