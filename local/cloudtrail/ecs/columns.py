"""Documents as Arrow columns, typed as Elasticsearch indexes them.

A value that does not fit its field's type is null, as under the integration's `ignore_malformed`. Multi-valued
keywords come back sorted and without repeats, which is how Elasticsearch keeps and returns them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import NoneType
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from local.cloudtrail.ecs.java_text import scalar_text
from local.cloudtrail.ecs.mapping import Document
from local.cloudtrail.ecs.schema import FIELDS, Field, FieldType
from local.cloudtrail.record import Json

Cell: TypeAlias = "str | int | bool | list[str | int | bool] | None"
_Scalar: TypeAlias = "str | int | bool"

BATCH_ROWS = 16_384
"""Documents kept as Python objects before they become Arrow: what bounds the memory of a large archive."""

# Any: the stubs of pyarrow have an overload for each single type and none for "some type".
_ARROW: Mapping[FieldType, Any] = {
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.timestamp("ms", tz="UTC"),
    FieldType.GEO_POINT: pa.string(),
    FieldType.IP: pa.string(),
    FieldType.KEYWORD: pa.string(),
    FieldType.LONG: pa.int64(),
    FieldType.TEXT: pa.string(),
    FieldType.FLATTENED: pa.string(),
}
_PYTHON: Mapping[FieldType, type] = dict.fromkeys(FieldType, str) | {
    FieldType.BOOLEAN: bool,
    FieldType.DATE: int,
    FieldType.LONG: int,
}
_NUMBER = (int, float)
_ONLY_TEXTS = {str}
_NOTHING = {NoneType}
_SETS = (FieldType.KEYWORD, FieldType.IP)
_UTF16_UNITS = 2
"""The most UTF-16 units one character takes."""


@dataclass(slots=True)
class Columns:
    """Collects documents; `table()` may be called at any time and again after more were added."""

    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS)
    batch_rows: int = BATCH_ROWS
    _pending: list[Document] = field(default_factory=list)
    _batches: list[pa.RecordBatch] = field(default_factory=list)

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            self._pending.append(document)
            if len(self._pending) >= self.batch_rows:
                self._flush()

    def table(self) -> pa.Table:
        """A column for each field of the schema that occurs in any document; a multi-valued one is a list column."""
        self._flush()
        table = joined(self._batches)
        return table.select([name for name in self.fields if name in table.column_names])

    def _flush(self) -> None:
        if self._pending:
            documents, self._pending = self._pending, []
            self._batches.append(batch_of(_chunks(documents, self.fields), len(documents)))


def batch_of(chunks: Mapping[str, pa.Array[Any]], rows: int) -> pa.RecordBatch:
    """Columns side by side; a batch has its number of rows even where it has no column."""
    if chunks:
        return pa.record_batch(dict(chunks))
    # Any: the stubs know an array of structs only where it was made as one.
    structs: Any = pa.array([{}] * rows, pa.struct([]))
    return pa.RecordBatch.from_struct_array(structs)


def _chunks(documents: list[Document], fields: Mapping[str, Field]) -> dict[str, pa.Array[Any]]:
    present = set(chain.from_iterable(documents))
    chunks: dict[str, pa.Array[Any]] = {}
    for name, spec in fields.items():
        source = spec.text_of or name
        if source in present:
            keyword = chunks.get(source)  # of a text alone there may be none
            is_same = keyword is not None and _lost_nothing(documents, source, keyword)
            chunks[name] = chunks[source] if is_same else _chunk(documents, source, spec)
    return chunks


def _lost_nothing(documents: list[Document], source: str, keywords: pa.Array[Any]) -> bool:
    """Whether the keyword column holds every value whole, so that its text field can share the memory."""
    absent = sum(document.get(source) is None for document in documents)
    return not pa.types.is_list(keywords.type) and keywords.null_count == absent


def _chunk(documents: list[Document], name: str, spec: Field) -> pa.Array[Any]:
    """One batch of one field: a flat array, or a list array if any document has several values."""
    return chunk_of([document.get(name) for document in documents], spec)


def chunk_of(values: Sequence[Json], spec: Field) -> pa.Array[Any]:
    """Raw values of one field as Arrow holds them."""
    if _are_plain(values, spec):
        return _encoded(values, arrow_type(spec))
    return chunk_of_cells(list(map(celled(spec), values)), spec)


def chunk_of_cells(cells: Sequence[Cell], spec: Field) -> pa.Array[Any]:
    """Cells of one field: a flat array, or a list array if any of them has several values."""
    types = set(map(type, cells))
    if types == _NOTHING:
        nothing: pa.Array[Any] = pa.nulls(len(cells), arrow_type(spec))
        return nothing
    if list in types:
        lists = [cell if cell is None or type(cell) is list else [cell] for cell in cells]
        return _encoded(lists, pa.list_(arrow_type(spec)))
    return _encoded(cells, arrow_type(spec))


def arrow_type(spec: Field) -> Any:
    """The Arrow type of one value of a field."""
    return _ARROW[spec.type]


def celled(spec: Field) -> Callable[[Json], Cell]:
    """What makes a field's cells of raw values: None, one value, or a list of two and more."""
    convert, most, is_set = _CONVERTERS[spec.type], spec.ignore_above, spec.type in _SETS
    fits = -1 if convert is not _keyword else (most or sys.maxsize) // _UTF16_UNITS

    def cell(value: Json) -> Cell:
        return several(value) if isinstance(value, list) else single(value)

    def single(value: Json) -> _Scalar | None:
        if isinstance(value, str) and len(value) <= fits:
            return value
        scalar = convert(value)
        return None if is_too_long(scalar, most) else scalar

    def several(values: list[Json]) -> Cell:
        if set(map(type, values)) == _ONLY_TEXTS and max(map(len, values)) <= fits:  # type: ignore[arg-type]
            return _cell_of(values, is_set)
        flat: list[Any] = []
        rest = values[::-1]
        while rest:  # lists may lie in lists deeper than calls may
            value = rest.pop()
            if isinstance(value, list):
                rest += reversed(value)
            elif (scalar := single(value)) is not None:
                flat.append(scalar)
        return _cell_of(flat, is_set)

    return cell


def _cell_of(flat: list[Any], is_set: bool) -> Cell:
    if is_set and len(flat) > 1:
        flat = sorted(set(flat))
    return flat if len(flat) > 1 else next(iter(flat), None)


def _are_plain(values: Sequence[Json], spec: Field) -> bool:
    """Whether Arrow can have the values as they are, which spares nearly every column a look at each."""
    if not set(map(type, values)) <= {_PYTHON[spec.type], NoneType}:
        return False
    if spec.ignore_above is None:
        return True
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return _UTF16_UNITS * longest <= spec.ignore_above


def _encoded(cells: Sequence[Any], arrow: Any) -> pa.Array[Any]:
    chunk: pa.Array[Any]
    try:
        chunk = pa.array(cells, arrow)
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold
        chunk = pa.array([_without_lone_surrogates(cell) for cell in cells], arrow)
    return chunk


def _without_lone_surrogates(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_without_lone_surrogates(item) for item in cell]
    if isinstance(cell, str):
        return cell.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return cell


def joined(parts: Sequence[pa.RecordBatch]) -> pa.Table:
    """Parts of one table below each other: columns are lists where they are in any part, and null where absent.

    A column has a dictionary where it has one in every part.
    """
    types: dict[str, Any] = {}
    for part in parts:
        for column in part.schema:
            known = types.get(column.name)
            loses_dictionary = known and pa.types.is_dictionary(known) and not pa.types.is_dictionary(column.type)
            if known is None or pa.types.is_list(column.type) or loses_dictionary:
                types[column.name] = column.type
    return pa.table(
        {name: pa.chunked_array([_as(type_, part, name) for part in parts], type_) for name, type_ in types.items()}
    )


def _as(type_: Any, part: pa.RecordBatch, name: str) -> pa.Array[Any]:
    place = part.schema.get_field_index(name)
    column: pa.Array[Any] = part.column(place) if place >= 0 else pa.nulls(part.num_rows, type_)
    if column.type == type_:
        return column
    plain: Any = column
    if pa.types.is_dictionary(plain.type):
        plain = plain.dictionary_decode()
    return _as_list(plain) if pa.types.is_list(type_) else plain


def _as_list(flat: pa.Array[Any]) -> pa.Array[Any]:
    """Each value as a list of one; null stays null."""
    held = flat.is_valid().to_numpy(zero_copy_only=False)
    ends: Any = np.concatenate(([0], np.cumsum(held))).astype(np.int32)
    listed: pa.Array[Any] = pa.ListArray.from_arrays(ends, flat.drop_null(), mask=pa.array(~held))
    return listed


def is_too_long(value: _Scalar | None, ignore_above: int | None) -> bool:
    """Whether Elasticsearch would leave the value out, by Java's measure: UTF-16 units."""
    if ignore_above is None or not isinstance(value, str) or _UTF16_UNITS * len(value) <= ignore_above:
        return False
    return len(value) + sum(character > "\uffff" for character in value) > ignore_above


def _keyword(value: Json) -> str | None:
    if isinstance(value, str):
        return value
    return scalar_text(value) if isinstance(value, _NUMBER) else None


def _boolean(value: Json) -> bool | None:
    match value:
        case bool():
            return value
        case "true":
            return True
        case "false":
            return False
        case _:
            return None


def _date(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _long(value: Json) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case str() if value.removeprefix("-").isdecimal():
            return int(value[:20])
        case _:
            return None


_CONVERTERS: Mapping[FieldType, Callable[[Json], _Scalar | None]] = {
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.GEO_POINT: _keyword,
    FieldType.IP: _keyword,
    FieldType.KEYWORD: _keyword,
    FieldType.LONG: _long,
    FieldType.TEXT: _keyword,
    FieldType.FLATTENED: _keyword,
}
