"""Records as rows of Arrow, each with its ordinal: column by column where that can be, else record by record."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import pyarrow as pa

from local.cloudtrail.ecs.columns import BATCH_ROWS, Columns
from local.cloudtrail.ecs.mapping import SOURCES, Mapper
from local.cloudtrail.ecs.schema import FIELDS
from local.cloudtrail.ecs.typed import EVERY_FIELD, columns_of
from local.cloudtrail.limits import Limits
from local.cloudtrail.opening import Opened
from local.cloudtrail.reading.contents import Found, contents
from local.cloudtrail.receipt import Tally
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.scanning.narrowing import narrowed
from local.cloudtrail.scanning.probe import Bytes
from local.cloudtrail.scanning.search import Picked
from local.cloudtrail.scanning.unpack import Taken, taken
from local.wanted import Wanted

ORDINAL = "#"
"""The column with where a row stands: rank of its file << 32 | number of its record."""
Ordinals: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
_LOG = b'{"Records":[%b]}'
_TYPED_MOST = 32 * 2**20
"""Bytes of records that are decoded at once."""


class Rows:
    """Makes rows of the wanted columns, and counts what it decodes."""

    def __init__(self, wanted: Wanted, limits: Limits, tally: Tally) -> None:
        # Rows without any column could not be counted: one that costs nothing stands in.
        self._columns = wanted.columns if wanted.columns & EVERY_FIELD else wanted.columns | {"event.kind"}
        self._requirement = wanted.requirement
        self._limits = limits
        self._tally = tally
        self._fields = {name: FIELDS[name] for name in FIELDS if name in self._columns}

    def of_file(self, opened: Opened, where: str) -> Iterator[pa.Table]:
        """All rows of a file of any kind, in tables that can be held; it is closed, and what is no record counted."""
        if isinstance(opened, Refusal):
            self._tally.refuse(where, opened)
            return
        stream, size = opened
        with stream:
            match taken(stream, size, self._limits):
                case Refusal() as refusal:
                    self._tally.refuse(where, refusal)
                case Taken(text, rest, length):
                    table = None if text is None else self.of_log(text, 0)
                    yield from self.of_any(rest, length, where, 0) if table is None else (table,)

    def of_log(self, text: Bytes, first: int) -> pa.Table | None:
        """All rows of a log `{"Records":[..]}`, from the ordinal `first` on; None where it goes another way."""
        batch = columns_of(text, self._columns) if len(text) <= _TYPED_MOST else None
        if batch is None:
            return None
        self._tally.files += 1
        self._tally.records += batch.rows.num_rows
        self._tally.undated += batch.undated
        return self._finished(batch.rows, first + np.arange(batch.rows.num_rows))

    def of_picked(self, picked: Sequence[Picked]) -> Iterator[pa.Table]:
        """The rows of records that were picked out of files."""
        counted = self._tally.files
        files: set[str] = set()
        for part in _parts(picked):
            batch = columns_of(_LOG % b",".join(each.record for each in part), self._columns)
            if batch is None:
                yield from self._of_each(part, files)
                continue
            files |= {each.where for each in part}
            self._tally.records += batch.rows.num_rows
            self._tally.undated += batch.undated
            yield self._finished(batch.rows, np.array([each.ordinal for each in part]))
        self._tally.files = counted + len(files)

    def of_any(self, stream: BinaryIO, size: int, where: str, first: int) -> Iterator[pa.Table]:
        """All rows of a file of any kind, in tables of a bounded number of rows."""
        found = self._placed(where, contents(stream, size, self._limits))
        while part := list(islice(found, BATCH_ROWS)):
            places, records = zip(*part, strict=True)
            yield self._of_found(records, first + np.array(places))

    def _placed(self, where: str, found: Iterable[Found]) -> Iterator[tuple[int, Record | Mapped]]:
        """Each record with its place among all that the file holds, which is also that in its list of records."""
        place = -1

        def counted() -> Iterator[Found]:
            nonlocal place
            for item in found:
                place += 1
                yield item

        for record in self._tally.sift(where, counted()):
            yield place, record

    def _of_each(self, picked: Iterable[Picked], files: set[str]) -> Iterator[pa.Table]:
        """`files`: is told which gave a record."""
        for each in picked:
            records, text = self._tally.records, _LOG % each.record
            yield from self.of_any(io.BytesIO(text), len(text), each.where, each.ordinal)
            if self._tally.records > records:
                files.add(each.where)

    def _of_found(self, found: Sequence[Record | Mapped], ordinals: Ordinals) -> pa.Table:
        columns = Columns(self._fields)
        columns.add(item.document if isinstance(item, Mapped) else self._mapper.document(item) for item in found)
        return self._finished(columns.table(), ordinals)

    @cached_property
    def _mapper(self) -> Mapper:
        origins = {field.text_of or name for name, field in self._fields.items()}
        return Mapper({name: source for name, source in SOURCES.items() if name in origins})

    def _finished(self, rows: pa.RecordBatch | pa.Table, ordinals: Ordinals) -> pa.Table:
        table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        places = pa.array(ordinals, pa.int64())
        # A table in which no column has a value has no column, and then no rows either.
        placed = table.append_column(ORDINAL, places) if table.num_columns else pa.table({ORDINAL: places})
        return narrowed(placed, self._requirement)


def _parts(picked: Sequence[Picked]) -> Iterator[list[Picked]]:
    """In order, in parts of a bounded number of bytes."""
    part: list[Picked] = []
    size = 0
    for each in picked:
        if size + len(each.record) > _TYPED_MOST and part:
            yield part
            part, size = [], 0
        part.append(each)
        size += len(each.record)
    if part:
        yield part
