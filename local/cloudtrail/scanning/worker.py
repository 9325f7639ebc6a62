"""A process of the crew: does the jobs that come in by its standard input, one after another, until that ends.

It imports nothing but what the work itself needs, and outlives nobody: when its parent is gone, however that went,
its input ends and its output breaks.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started and knows its work."""


@dataclass(frozen=True, slots=True)
class Done(Generic[_R]):
    """What came of a job."""

    result: _R


@dataclass(frozen=True, slots=True)
class Raised:
    """What was raised in place of a result."""

    error: Exception


def main() -> None:
    """Does what the parent sends: first the work itself, a callable, then its jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent ends this process
    gc.disable()  # nothing here makes cycles, and to look for them cost a fifth of the time
    _keep_freed_memory()
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the answers
    with suppress(BrokenPipeError, EOFError):
        _serve(source, sink)
    os._exit(0)


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    work: Callable[[Any], object] = pickle.load(source)  # noqa: S301  # the parent's
    _send(sink, Ready())
    while True:
        job = pickle.load(source)  # noqa: S301  # the parent's
        _send(sink, _done(work, job))


def _done(work: Callable[[Any], object], job: object) -> Done[object] | Raised:
    try:
        return Done(work(job))
    except MemoryError:  # as when the system ends the process: the job may be tried elsewhere
        raise
    except Exception as error:  # noqa: BLE001  # raised again where the work was asked for
        return Raised(error)


def _send(sink: BinaryIO, answer: Ready | Done[object] | Raised) -> None:
    pickle.dump(answer, sink, pickle.HIGHEST_PROTOCOL)
    sink.flush()


def _follow(parent: int) -> None:
    """A job that takes long does not keep the process alive for a parent that was killed."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


_LOOK_S = 0.5
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 64 * 2**20


def _keep_freed_memory() -> None:
    """Let glibc keep what is freed: to get each file's pages from the system anew costs a fifth of unpacking it.

    Arrow, which is not loaded yet, takes its memory from glibc, too: with its own pool a process kept a quarter more.
    """
    os.putenv("ARROW_DEFAULT_MEMORY_POOL", "system")
    with suppress(AttributeError, OSError):  # another C library has no such knobs
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _KEPT)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
