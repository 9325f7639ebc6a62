"""How a column of an index is stored for queries: one Arrow type for each ES|QL type, several values as a list."""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from local.esql.encoding import encode_ip, encode_version
from local.esql.types import DATES, STRINGS, Type

Column: TypeAlias = "pa.ChunkedArray[Any]"
ORDINAL = "#"  # the row's place in its index: what decides between equals
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
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return _converted(column, type_, mapping)
    return _listed(column, type_, mapping)


def _listed(column: Column, type_: Type, mapping: str) -> Column:
    """Each distinct list put in order once: logs repeat themselves."""
    flat = _converted(pa.chunked_array([pc.list_flatten(column)]), type_, mapping).to_pylist()
    ordered: dict[tuple[object, ...], list[object] | None] = {}
    rows: list[list[object] | None] = []
    start = 0
    for length in pc.list_value_length(column).to_pylist():
        if not length:
            rows.append(None)
            continue
        values = tuple(flat[start : start + length])
        start += length
        if values not in ordered:
            ordered[values] = _ordered([value for value in values if value is not None], type_) or None
        rows.append(ordered[values])
    if all(row is None or len(row) == 1 for row in ordered.values()):
        return pa.chunked_array([pa.array([row[0] if row else None for row in rows], ARROW[type_])])
    return pa.chunked_array([pa.array(rows, pa.list_(ARROW[type_]))])


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


def empty_columns(rows: int) -> pa.Table:
    """A table of rows without a single column."""
    return pa.table({ORDINAL: pa.array(range(rows), pa.int64())})


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one below the other, by column name, lists where one has lists; with the ordinal of each row."""
    lists = {f.name for table in tables for f in table.schema if pa.types.is_list(f.type)}
    whole = pa.concat_tables([_with_lists(table, lists) for table in tables], promote_options="default")
    if ORDINAL in whole.column_names:
        whole = whole.drop_columns([ORDINAL])
    return whole.append_column(ORDINAL, pa.array(range(sum(t.num_rows for t in tables)), pa.int64()))


def _with_lists(table: pa.Table, names: set[str]) -> pa.Table:
    for index, field in enumerate(table.schema):
        if field.name in names and not pa.types.is_list(field.type):
            values = [None if value is None else [value] for value in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(values, pa.list_(field.type)))
    return table
