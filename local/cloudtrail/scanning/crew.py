"""Worker processes that do jobs side by side, for as long as one piece of work lasts.

Each is a plain Python with the parent's search path that imports `worker` and what the work needs, never `__main__`;
a fork would copy the locks of other threads. Jobs and results go through its pipes as pickles. One thread a process
waits for its answers, so that a result, a death and the end of the time are seen at once.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Generic, TypeVar

from local.cloudtrail.scanning.worker import Done, Raised, Ready
from local.wanted import Deadline

_T = TypeVar("_T")
_R = TypeVar("_R")
_LOOK_S = 0.05
_START = "import sys; sys.path[:] = sys.argv[1:]; from local.cloudtrail.scanning.worker import main; main()"


class CrewError(Exception):
    """Worker processes do not start."""


@dataclass(frozen=True, slots=True)
class Lost(Generic[_T]):
    """A job whose process died of it, or beside it: out of memory, or ended by somebody."""

    job: _T


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes work side by side; one means this one."""

    processes: int

    def run(self, work: Callable[[_T], _R], jobs: Sequence[_T], deadline: Deadline) -> Generator[_R | Lost[_T]]:
        """What comes of each job, in the order in which they are done. No process is left when this ends.

        `work` is sent to each process once, jobs and results for each job: all must be picklable.

        Raises:
            OverdueError: the deadline is over, or was cancelled.
            CrewError: processes do not start.
            Exception: what the work raised.
        """
        if self.processes > 1 and sys.executable:
            yield from _Shift(work, jobs).results(min(self.processes, len(jobs)), deadline)
            return
        for job in jobs:
            deadline.check()
            yield work(job)


class _Shift(Generic[_T, _R]):
    """One crew at one piece of work."""

    def __init__(self, work: Callable[[_T], _R], jobs: Sequence[_T]) -> None:
        self._work = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._jobs = deque(jobs)
        self._answers: SimpleQueue[Done[_R] | Raised | Lost[_T]] = SimpleQueue()
        self._lock = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._is_over = False

    def results(self, count: int, deadline: Deadline) -> Iterator[_R | Lost[_T]]:
        expected = len(self._jobs)
        threads = [threading.Thread(target=self._lead, daemon=True) for _ in range(count)]
        try:
            for thread in threads:
                thread.start()
            while expected:
                deadline.check()
                try:
                    answer = self._answers.get(timeout=_LOOK_S)
                except Empty:
                    continue
                expected -= 1
                match answer:
                    case Done(result):
                        yield result
                    case Raised(error):
                        raise error
                    case Lost():
                        yield answer
        finally:
            self._end(threads)

    def _lead(self) -> None:
        """One process's share: hands out jobs until there are no more, and starts anew after a death."""
        process = None
        try:
            while self._jobs and (process := process or self._started()) is not None:
                job = self._jobs.popleft()
                match _answer(process, pickle.dumps(job, pickle.HIGHEST_PROTOCOL)):
                    case Done() | Raised() as answer:
                        self._answers.put(answer)
                    case _:
                        process = None
                        self._answers.put(Lost(job))
        except IndexError:  # another thread has taken the last job
            return
        except (CrewError, OSError) as error:
            self._answers.put(Raised(error))

    def _started(self) -> subprocess.Popen[bytes] | None:
        """A process that knows its work; None if the shift is over."""
        with self._lock:
            if self._is_over:
                return None
            process = subprocess.Popen(  # noqa: S603  # this very Python
                [sys.executable, "-I", "-S", "-c", _START, *_search_path()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._processes.append(process)
        if not isinstance(_answer(process, self._work), Ready) and not self._is_over:
            raise CrewError(f"a worker process ended with {process.wait()} before it began")
        return process

    def _end(self, threads: Sequence[threading.Thread]) -> None:
        with self._lock:
            self._is_over = True
            for process in self._processes:
                process.kill()
        self._jobs.clear()
        for thread in threads:
            thread.join()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what is left to be written nobody reads any more
                    _there(pipe).close()


def _answer(process: subprocess.Popen[bytes], question: bytes) -> object:
    """What the process says; None if it is dead."""
    try:
        sink, source = _there(process.stdin), _there(process.stdout)
        sink.write(question)
        sink.flush()
        answer: object = pickle.load(source)  # noqa: S301  # our own process wrote it
    except (EOFError, OSError, pickle.UnpicklingError):  # it died before, or while it answered
        return None
    return answer


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError
    return pipe


def _search_path() -> list[str]:
    """Where the process finds what this one finds, and this very package first."""
    return [str(Path(__file__).resolve().parents[3]), *(path or str(Path.cwd()) for path in sys.path)]
