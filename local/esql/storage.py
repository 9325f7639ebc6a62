"""How a column of an index is stored for queries: one Arrow type for each ES|QL type, several values as a list."""

import struct
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

import pyarrow as pa

from local.esql.catalog import ORDINAL
from local.esql.encoding import encode_ip, encode_version
from local.esql.errors import ArgumentError
from local.esql.types import DATES, OF_MAPPING, STRINGS, Type

Column: TypeAlias = "pa.ChunkedArray[Any]"
Values: TypeAlias = "pa.Array[Any]"
ARROW: Mapping[Type, Any] = {
    Type.BOOLEAN: pa.bool_(),
    Type.KEYWORD: pa.string(),
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int32(),
    Type.LONG: pa.int64(),
    Type.UNSIGNED_LONG: pa.uint64(),
    Type.DOUBLE: pa.float64(),
    Type.DATE: pa.int64(),
    Type.DATE_NANOS: pa.int64(),
    Type.IP: pa.string(),
    Type.VERSION: pa.string(),
    Type.NULL: pa.string(),
}
_DISTINCT = frozenset({Type.KEYWORD, Type.IP, Type.VERSION})


def stored(column: Column, type_: Type, mapping: str) -> Column:
    """A column as queries read it; `mapping` is the type in the mapping, maybe narrower than the ES|QL type.

    Lists are as Elasticsearch's doc values give them: sorted, and for keyword, ip and version without duplicates;
    empty ones are null. A list column in which no row has two values becomes a plain column.
    """
    if not _is_list(column.type):
        return _converted(column, type_, mapping)
    return _listed(column, type_, mapping)


def _listed(column: Column, type_: Type, mapping: str) -> Column:
    import pyarrow.compute as pc  # noqa: PLC0415 - slow to load, and a query over a copy of its logs converts nothing

    flat: Any = pc.list_flatten(column)
    values = _converted(flat, type_, mapping)
    counted: Any = pc.list_value_length(column)
    lengths = counted.fill_null(0).cast(pa.int32()).combine_chunks()
    if not _are_in_order(values, pc.list_parent_indices(column), type_):
        values, lengths = _put_in_order(values.to_pylist(), lengths.to_pylist(), type_)
    ends = pc.cumulative_sum(lengths)
    starts, is_empty = pc.subtract(ends, lengths), pc.equal(lengths, pa.scalar(0, pa.int32()))
    if pc.max(lengths).as_py() in (None, 0, 1):
        return values.take(pc.if_else(is_empty, pa.scalar(None, pa.int32()), starts))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    lists = pa.ListArray.from_arrays(offsets, values.combine_chunks(), mask=is_empty)
    return pa.chunked_array([lists])


def _are_in_order(values: Column, rows: Values, type_: Type) -> bool:
    """Whether the lists already are as doc values give them: those of logs mostly are."""
    import pyarrow.compute as pc  # noqa: PLC0415 - see above

    if values.null_count or type_ is Type.BOOLEAN or pa.types.is_dictionary(values.type):
        return False
    if type_ is Type.TEXT or len(values) < len("ab"):
        return True
    follows = pc.less if type_ in _DISTINCT else pc.less_equal
    is_other_row = pc.not_equal(rows.slice(0, len(rows) - 1), rows.slice(1))
    return bool(pc.all(pc.or_(is_other_row, follows(values.slice(0, len(values) - 1), values.slice(1)))).as_py())


def _put_in_order(values: list[object], lengths: list[int], type_: Type) -> "tuple[Column, Values]":
    """Each distinct list once: logs repeat themselves."""
    ordered: dict[tuple[object, ...], list[object]] = {}
    rows: list[list[object]] = []
    start = 0
    for length in lengths:
        row = tuple(values[start : start + length])
        start += length
        if row not in ordered:
            ordered[row] = _ordered([value for value in row if value is not None], type_)
        rows.append(ordered[row])
    flat = pa.array([value for row in rows for value in row], ARROW[type_])
    return pa.chunked_array([flat]), pa.array(map(len, rows), pa.int32())


def _ordered(values: list[object], type_: Type) -> list[object]:
    if type_ is Type.TEXT:
        return values
    return sorted(set(values) if type_ in _DISTINCT else values)  # type: ignore[type-var]


def _converted(column: Column, type_: Type, mapping: str) -> Column:
    if type_ in DATES and pa.types.is_timestamp(column.type):
        zone = column.type.tz
        target = pa.timestamp("ms", zone) if type_ is Type.DATE else pa.timestamp("ns", zone)
        return column.cast(target, safe=False).cast(pa.int64())
    if type_ is Type.IP:
        return _mapped(column, encode_ip)
    if type_ is Type.VERSION:
        return _mapped(column, encode_version)
    if mapping in _NARROW:
        return pa.chunked_array([pa.array(map(_NARROW[mapping], column.to_pylist()), pa.float64())])
    if type_ in STRINGS and pa.types.is_dictionary(column.type):
        return column
    return column.cast(ARROW[type_])


def _mapped(column: Column, encode: Callable[[str], str | None]) -> Column:
    """Each distinct text encoded once: logs repeat themselves."""
    codes = column.cast(pa.string()).combine_chunks().dictionary_encode()
    encoded = pa.array([encode(str(text)) for text in codes.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([encoded.take(codes.indices)])


def _half(value: float | None) -> float | None:
    return None if value is None else float(struct.unpack("e", struct.pack("e", value))[0])


def _single(value: float | None) -> float | None:
    return None if value is None else float(struct.unpack("f", struct.pack("f", value))[0])


def _hundredths(value: float | None) -> float | None:
    """A scaled_float, by the usual factor of 100."""
    return None if value is None else round(value * 100) * 0.01


# What is left of a number in a type that keeps less than a double.
_NARROW: dict[str, Callable[[float | None], float | None]] = {
    "half_float": _half,
    "float": _single,
    "scaled_float": _hundredths,
}


class Converted:
    """The columns of an index's table as queries read them, each converted when it is first asked for."""

    def __init__(self, index: str, fields: Mapping[str, str], table: pa.Table) -> None:
        self._index = index
        self._fields = fields
        self._table = table
        self._columns: dict[str, Column] = {}
        self._lists: dict[str, bool] | None = None
        self._lock = threading.Lock()

    def columns(self) -> Mapping[str, bool]:
        """Each field's column, and whether it is a list: a list column may have one value at most in each row."""
        with self._lock:
            if self._lists is None:
                self._lists = {name: self._is_list(name) for name in self._table.column_names if name in self._fields}
            return self._lists

    def _is_list(self, name: str) -> bool:
        is_readable = self._fields[name] in OF_MAPPING
        return is_readable and _is_list(self._table.schema.field(name).type) and _is_list(self._column(name).type)

    def table(self, wanted: Collection[str]) -> pa.Table:
        """The wanted columns that there are, and the ordinal.

        Raises:
            ArgumentError: a column holds what its field's type cannot.
        """
        with self._lock:
            columns = {name: self._column(name) for name in self._table.column_names if name in wanted}
            return pa.table(columns | {ORDINAL: self._column(ORDINAL)})

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._converted(name)
        return self._columns[name]

    def _converted(self, name: str) -> Column:
        if name == ORDINAL and name not in self._table.column_names:
            return pa.chunked_array([pa.array(range(self._table.num_rows), pa.int64())])
        column, mapping = self._table.column(name), self._fields.get(name)
        if mapping is None:
            return column.cast(pa.int64() if name == ORDINAL else pa.string())
        try:
            return stored(column, OF_MAPPING[mapping], mapping)
        except pa.ArrowException as error:
            message = f"field [{name}] of [{self._index}] cannot be read as [{mapping}]: {error}"
            raise ArgumentError(message) from error


def lists_of(table: pa.Table) -> Mapping[str, bool]:
    """The columns of a table, and whether they are lists."""
    return {field.name: _is_list(field.type) for field in table.schema if field.name != ORDINAL}


def _is_list(type_: pa.DataType) -> bool:
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)
