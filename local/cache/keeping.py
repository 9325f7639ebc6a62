"""Brings the copy of an archive up to date, file by file; what is done when it is stopped stays done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.cache.copy import Writer
from local.cache.ingest import Job, Parcel
from local.cache.layout import MANY
from local.cache.listing import Listing, Source
from local.cache.manifest import Kept
from local.cache.mending import mend
from local.cache.standing import compared

JOB_BYTES = 16 * 2**20
"""Of packed logs, about 60,000 records: as much as is lost of a worker's work when it is stopped."""

LEAST_JOB_BYTES = 2**20

Work = Callable[[Sequence[Job]], Iterator[Parcel]]
"""Does jobs, several at once, and gives what became of them as they end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of packed logs: those kept so far, of all that are to be kept."""

    done: int
    total: int


def update(writer: Writer, listing: Listing, work: Work, at_once: int) -> Iterator[Progress]:
    """Keep the files that are missing, but for those that changed a moment ago; `at_once` jobs are done at a time.

    Raises:
        CopyError: the copy can not be written. What was kept before stays.
    """
    copy = writer.copy
    writer.drop((), copy.damaged(writer.manifest))
    mend(writer)  # what is out of step has its rows still
    standing = compared(copy, writer.manifest, listing)
    writer.drop(standing.gone, ())
    numbered = writer.numbered(source for source in standing.missing if listing.is_settled(source))
    done, total = 0, sum(source.size for source in numbered)
    yield Progress(done, total)
    for parcel in work(tuple(_jobs(writer, numbered, total // at_once + LEAST_JOB_BYTES))):
        kept = {
            source.name: Kept(source.size, source.stamp, numbered[source], *parcel.told[source.name])
            for source in numbered
            if source.name in parcel.told
        }
        writer.add(kept, parcel.parts)
        done += sum(each.size for each in kept.values())
        yield Progress(done, total)
    mend(writer)


def _jobs(writer: Writer, numbered: Mapping[Source, int], share: int) -> Iterator[Job]:
    """Neighbours together, each job large enough to be worth a part and small enough that all cores have one."""
    most = min(JOB_BYTES, max(share, LEAST_JOB_BYTES))
    folder, lists = str(writer.copy.path_of("")), tuple(writer.manifest.lists | MANY)
    batch: list[tuple[Source, int]] = []
    size = 0
    for source, number in numbered.items():
        if batch and size + source.size > most:
            yield Job(folder, lists, tuple(batch))
            batch, size = [], 0
        batch.append((source, number))
        size += source.size
    if batch:
        yield Job(folder, lists, tuple(batch))
