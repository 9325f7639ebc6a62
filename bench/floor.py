"""The floor: every file of an archive read and unpacked by libdeflate, and nothing else, on all cores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from time import perf_counter, process_time

import deflate

_CHUNKS_EACH = 24
"""Portions a process gets, about: as many as the scan hands out."""


@dataclass(frozen=True, slots=True)
class Unpacking:
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Floor:
    """Processes that are there already: their start is not part of the floor."""

    files: Sequence[Path]
    pool: Pool
    processes: int

    def take(self) -> Unpacking:
        portion = 1 + len(self.files) // (self.processes * _CHUNKS_EACH)
        started = perf_counter()
        cpu_s = sum(self.pool.imap_unordered(unpack, self.files, portion))
        return Unpacking(perf_counter() - started, cpu_s)


@contextmanager
def floor_of(files: Sequence[Path], processes: int) -> Iterator[Floor]:
    with get_context("spawn").Pool(processes) as pool:
        pool.map(unpack, files[: 4 * processes], 1)
        yield Floor(files, pool, processes)


def unpack(path: Path) -> float:
    """Seconds of a processor that it took."""
    started = process_time()
    deflate.gzip_decompress(path.read_bytes())
    return process_time() - started
