"""The floor: every file of an archive read and unpacked by libdeflate, and nothing else, on all cores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from time import perf_counter

import deflate

_CHUNKS_EACH = 24
"""Portions a process gets, about: as many as the scan hands out."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Processes that are there already: their start is not part of the floor."""

    files: Sequence[Path]
    pool: Pool
    processes: int

    def seconds(self) -> float:
        chunk = 1 + len(self.files) // (self.processes * _CHUNKS_EACH)
        started = perf_counter()
        for _ in self.pool.imap_unordered(unpack, self.files, chunk):
            pass
        return perf_counter() - started


@contextmanager
def floor_of(files: Sequence[Path], processes: int) -> Iterator[Floor]:
    with get_context("spawn").Pool(processes) as pool:
        pool.map(unpack, files[: 4 * processes], 1)
        yield Floor(files, pool, processes)


def unpack(path: Path) -> int:
    """Size of the text in a file."""
    return len(deflate.gzip_decompress(path.read_bytes()))
