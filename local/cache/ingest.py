"""What a worker process does to keep files: it decodes them whole and writes their records as parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from local.cache.copy import told_as_copy_error
from local.cache.layout import FILE, RECORD
from local.cache.listing import Source
from local.cache.manifest import Part, Told
from local.cache.parts import GROUP_ROWS, PartWriter, in_engine_types
from local.cloudtrail.ecs.schema import FIELDS
from local.cloudtrail.limits import USUAL
from local.cloudtrail.opening import Opened, Opening, open_files
from local.cloudtrail.receipt import Tally
from local.cloudtrail.refusal import Kind
from local.cloudtrail.scanning.rows import ORDINAL, Rows
from local.cloudtrail.scanning.shipping import together
from local.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Job:
    """Files to keep, each with its number; `folder` is where the parts go, `lists` which columns are lists so far."""

    folder: str
    lists: tuple[str, ...]
    files: tuple[tuple[Source, int], ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What became of a job: for each file's name what it said, and how many of its rows which part holds."""

    told: Mapping[str, tuple[Told, Mapping[str, int]]]
    parts: Mapping[str, Part]


def keep(opening: Opening | None, job: Job) -> Parcel:
    """Keep the files of a job.

    Raises:
        CopyError: the parts can not be written. What was written of them is gone.
    """
    with told_as_copy_error():
        ingest = _Ingest(PartWriter(Path(job.folder), job.lists), opening is not None)
        sources = [source for source, _ in job.files]
        try:
            for (source, number), file in zip(job.files, (opening or open_files)(sources), strict=True):
                ingest.file(source, number, file)
            return ingest.parcel()
        except BaseException:
            ingest.writer.discard()
            raise


_EVERYTHING = Wanted(frozenset(FIELDS))
_AS_ASKED = ""
"""In place of a file's name: each hunt puts in what it calls the file."""


@dataclass(slots=True)
class _Ingest:
    """Gathers the rows of many small files until they are worth a row group.

    `is_remote`: whether a file that can not be read now may be tomorrow, and have the same stamp.
    """

    writer: PartWriter
    is_remote: bool
    told: dict[str, Told] = field(default_factory=dict)
    _parts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _waiting: list[_Waiting] = field(default_factory=list)

    def file(self, source: Source, number: int, file: Opened) -> None:
        tally = Tally()
        for table in Rows(_EVERYTHING, USUAL, tally).of_file(file, _AS_ASKED):
            self._waiting.append(_Waiting(source.name, number, table))
            if sum(each.table.num_rows for each in self._waiting) >= GROUP_ROWS:
                self._flush()
        receipt = tally.receipt()
        if not (self.is_remote and Kind.UNREADABLE in receipt.by_kind()):
            self.told[source.name] = Told.of(receipt)

    def parcel(self) -> Parcel:
        if self._waiting:
            self._flush()
        told = {name: (said, dict(self._parts[name])) for name, said in self.told.items()}
        return Parcel(told, self.writer.close())

    def _flush(self) -> None:
        counts = [(each.name, each.number, each.table.num_rows) for each in self._waiting]
        table = together(each.table for each in self._waiting)
        self._waiting.clear()
        columns = in_engine_types(table)
        numbers = [pa.repeat(pa.scalar(number, pa.int32()), rows) for _, number, rows in counts]
        columns[FILE] = pa.chunked_array(numbers)
        columns[RECORD] = table[ORDINAL].cast(pa.int32())
        del table  # the columns alone hold their memory, and are let go one by one
        part = self.writer.add(columns)
        for name, _, rows in counts:
            self._parts[name][part] += rows


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Some rows of the file of this name and number."""

    name: str
    number: int
    table: pa.Table
