"""Parts: Parquet files with columns in the engine's types, all of one copy with one and the same schema.

Beside the fields of the mapping that ES|QL can read a part has `#file`, the number of the file a row is from, and
`#record`, the number of the record in that file.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from local.cache.copy import PART, UNFINISHED
from local.cache.layout import FILE, HARDLY_TWICE, MANY, PLACES, READABLE, TWINS, alike
from local.cache.manifest import Part
from local.cloudtrail.ecs.schema import FIELDS
from local.esql import storage

PART_ROWS = 250_000
GROUP_ROWS = 28_000
"""Rows of a row group: what a process holds of a part before it is written."""

_PAGE_BYTES = 2**14
"""A page is unpacked whole for one row of it."""

_CLUSTER = ("event.provider", "event.action")

Column: TypeAlias = "pa.ChunkedArray[Any]"


@cache
def schema(lists: frozenset[str]) -> pa.Schema:
    """Of every part of a copy in which these columns are lists."""
    fields: list[pa.Field[Any]] = [pa.field(name, pa.int32(), nullable=False) for name in PLACES]
    for name, type_ in READABLE.items():
        flat: Any = storage.ARROW[type_]
        fields.append(pa.field(name, pa.list_(flat) if name in lists else flat))
    return pa.schema(fields)


def in_engine_types(table: pa.Table) -> dict[str, Column]:
    """The readable columns of a table in the mapping's types; of a text, what its keyword does not tell as well."""
    columns = {}
    for name, type_ in READABLE.items():
        if name in table.column_names and (column := _news(table, name)) is not None:
            columns[name] = storage.stored(column, type_, FIELDS[name].type.value)
    return columns


def _news(table: pa.Table, name: str) -> Column | None:
    """The column; of a twin the rows in which it differs, None where it never does."""
    column = table.column(name)
    if (keyword := TWINS.get(name)) is None or keyword not in table.column_names:
        return column
    other = table.column(keyword)
    if column.equals(other):
        return None
    if pa.types.is_list(column.type) or pa.types.is_list(other.type):
        return column
    is_same = pc.coalesce(pc.equal(column, other), pa.scalar(False))  # noqa: FBT003 - a value, not an option
    news: Column = pc.if_else(is_same, pa.scalar(None, column.type), column)
    return news


class PartWriter:
    """Writes rows to parts in the folder, a row group at a time; `close` gives what was written.

    A column that turns out to have several values where the parts so far have one begins another part.
    """

    def __init__(self, folder: Path, lists: Collection[str] = MANY, most_rows: int = PART_ROWS) -> None:
        self.lists = frozenset(lists)
        self._folder = folder
        self._most_rows = most_rows
        self._open: _OpenPart | None = None
        self._done: dict[str, Part] = {}

    @property
    def name(self) -> str:
        """Of the part that the next rows go to, unless they begin another one."""
        if self._open is None:
            self._open = _OpenPart(self._folder, self.lists)
        return self._open.name

    def add(self, columns: dict[str, Column]) -> str:
        """Write rows in the engine's types as one row group; gives the name of their part.

        The columns are taken out of `columns`, so that those that are written are not held twice.

        Raises:
            OSError: the disk is full, or the folder went.
        """
        found = frozenset(name for name, column in columns.items() if pa.types.is_list(column.type))
        if not found <= self.lists:
            self._finish()
            self.lists = alike(self.lists | found)
        name = self.name
        assert self._open is not None  # noqa: S101 - `name` opens one
        self._open.write(_clustered(columns, schema(self.lists)))
        if self._open.rows >= self._most_rows:
            self._finish()
        return name

    def close(self) -> dict[str, Part]:
        """Every part written, by name.

        Raises:
            OSError: as `add`.
        """
        self._finish()
        return self._done

    def discard(self) -> None:
        """Take back what was written."""
        if self._open is not None:
            self._open.discard()
        for name in self._done:
            (self._folder / name).unlink(missing_ok=True)

    def _finish(self) -> None:
        if self._open is not None and self._open.rows:
            self._done[self._open.name] = self._open.finish()
            self._open = None


class _OpenPart:
    """A part under its unfinished name."""

    def __init__(self, folder: Path, lists: frozenset[str]) -> None:
        self.name = f"{uuid4().hex}{PART}"
        self.rows = 0
        self._lists = lists
        self._target = folder / self.name
        self._path = self._target.with_suffix(UNFINISHED)
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        layout = schema(lists)
        repeated: Any = [_leaf(column) for column in layout if column.name not in HARDLY_TWICE]
        self._writer = pq.ParquetWriter(
            self._path,
            layout,
            compression="zstd",
            compression_level=1,
            data_page_size=_PAGE_BYTES,
            use_dictionary=repeated,
            write_statistics=repeated,
        )
        self._present: set[str] = set()

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self.rows += table.num_rows
        self._present.update(
            name for name in READABLE if name not in self._present and table.column(name).null_count < table.num_rows
        )

    def finish(self) -> Part:
        """On the disk under its name, whatever happens to the machine."""
        self._writer.close()
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._path.rename(self._target)
        found = self._target.stat()
        columns, lists = tuple(sorted(self._present)), tuple(sorted(self._lists))
        return Part(self.rows, found.st_size, found.st_ctime_ns, columns, lists)

    def discard(self) -> None:
        """Take back what was written, though it can not be written to its end: the disk may be full."""
        try:
            with suppress(OSError, pa.ArrowException):
                self._writer.close()
        finally:
            self._path.unlink(missing_ok=True)


def _leaf(column: Any) -> str:
    """What Parquet calls the values of a column."""
    return f"{column.name}.list.element" if pa.types.is_list(column.type) else str(column.name)


def _clustered(columns: dict[str, Column], layout: pa.Schema) -> pa.Table:
    """The columns, taken out of a dict one by one, as rows of which those of one call stand side by side.

    Hunts ask for a few calls: of the other columns only the pages with these are unpacked then, which took half the
    time, and the texts pack better. Where a row stands its ordinal says.
    """
    rows = len(columns[FILE])
    keys = {name: columns[name] for name in _CLUSTER if name in columns and not pa.types.is_list(columns[name].type)}
    order = pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys]) if keys else None
    keys.clear()

    def laid_out(spec: pa.Field[Any]) -> Any:
        column = _as(columns.pop(spec.name, None), spec.type, rows)
        return column if order is None else column.take(order)

    return pa.table([laid_out(spec) for spec in layout], schema=layout)


def _as(column: Any, type_: Any, rows: int) -> Any:
    """A column in a part's type; None is one of nulls."""  # Any: the stubs have each type, and no "some type"
    if column is None:
        return pa.nulls(rows, type_)
    if pa.types.is_list(type_) and not pa.types.is_list(column.type):
        return listed(column.cast(type_.value_type).combine_chunks())
    return column if column.type == type_ else column.cast(type_)


def listed(chunk: pa.Array[Any]) -> pa.Array[Any]:
    """Each value as a list of one, null as null."""
    is_null = pc.is_null(chunk)
    ends = pc.cumulative_sum(pc.cast(pc.is_valid(chunk), pa.int32()))
    starts = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    offsets: Any = pc.if_else(pa.concat_arrays([is_null, pa.array([False])]), None, starts)
    rows: pa.Array[Any] = pa.ListArray.from_arrays(offsets, chunk.drop_null())
    return rows
