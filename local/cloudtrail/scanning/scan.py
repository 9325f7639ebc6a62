"""A search through files that were never read before: what a query wants of them, as rows and a receipt."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from local.cloudtrail.limits import USUAL
from local.cloudtrail.opening import Opening, open_files
from local.cloudtrail.receipt import Receipt, Tally
from local.cloudtrail.refusal import Kind, Refusal
from local.cloudtrail.scanning import literals, shipping
from local.cloudtrail.scanning.crew import Crew, Lost
from local.cloudtrail.scanning.rows import ORDINAL, Rows
from local.cloudtrail.scanning.search import Gleaned, Ranked, Search
from local.wanted import Deadline, Wanted

__all__ = ["ORDINAL", "Found", "Ranked", "scan"]

_JOBS_EACH = 24
"""Jobs a process gets, about: enough that all end together, few enough that handing them out costs nothing."""
_LARGEST_JOB = 8 * 2**20
_WORTH_PROCESSES = 4 * 2**20
"""Bytes of files that are read faster than processes start. A server may hang, and a process can be ended."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of some files, each of which is told of once.

    `table`: rows that may be wanted, in the mapping's types, with their ordinals as `#`; without rows it may have no
    other column. `files`, `read`: how many they were and their bytes as they lie. `searched`: bytes of text that were
    looked through for what the requirement demands; what was not found there was not decoded.
    """

    table: pa.Table
    receipt: Receipt
    files: int
    read: int
    searched: int


def scan(
    files: Sequence[Ranked], wanted: Wanted, crew: Crew, deadline: Deadline, opening: Opening | None = None
) -> Generator[Found]:
    """At least the rows that fulfil the requirement, job by job as they are done, in no order.

    Text columns may be dictionaries. Closed early, it ends its processes.

    Raises:
        OverdueError: the deadline is over.
        CrewError: processes do not start.
    """
    search = Search(literals.sought(wanted.requirement), wanted, opening or open_files)
    if opening is None and sum(file.size for file in files) < _WORTH_PROCESSES:
        crew = Crew(1)
    lost: list[Ranked] = []
    for gleaned in crew.run(search, _jobs(files, crew.processes), deadline):
        if isinstance(gleaned, Lost):
            lost += gleaned.job
        else:
            yield _found(gleaned, wanted)
    # One of them ended its process: each by itself now.
    alone: list[tuple[Ranked, ...]] = [(file,) for file in lost]
    for gleaned in crew.run(search, alone, deadline):
        yield _given_up(gleaned.job[0]) if isinstance(gleaned, Lost) else _found(gleaned, wanted)


def _jobs(files: Sequence[Ranked], processes: int) -> list[tuple[Ranked, ...]]:
    """Large files first, so that none is begun when everything else is done; a few files each."""
    most = min(sum(file.size for file in files) // (processes * _JOBS_EACH), _LARGEST_JOB)
    jobs: list[tuple[Ranked, ...]] = []
    job: list[Ranked] = []
    size = 0
    for file in sorted(files, key=lambda file: file.size, reverse=True):
        job.append(file)
        size += file.size
        if size >= most:
            jobs.append(tuple(job))
            job, size = [], 0
    return [*jobs, tuple(job)] if job else jobs


def _found(gleaned: Gleaned, wanted: Wanted) -> Found:
    tally = Tally()
    if gleaned.rows is not None:
        table = shipping.unpacked(gleaned.rows)
    elif gleaned.picked:
        table = shipping.together(Rows(wanted, USUAL, tally).of_picked(gleaned.picked))
    else:
        table = _nothing()
    return Found(table, gleaned.receipt + tally.receipt(), gleaned.files, gleaned.read, gleaned.searched)


def _nothing() -> pa.Table:
    return pa.table({ORDINAL: pa.array([], pa.int64())})


def _given_up(file: Ranked) -> Found:
    tally = Tally()
    tally.refuse(
        file.where, Refusal(Kind.UNREADABLE, "two processes ended while they read it: is there memory enough?")
    )
    return Found(_nothing(), tally.receipt(), 1, file.size, 0)
