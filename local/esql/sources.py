"""Files as indices: CSV with a `name:type` header, NDJSON, Parquet."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from local.esql import javatime
from local.esql.catalog import Index
from local.esql.errors import ArgumentError
from local.esql.types import OF_MAPPING, Type

Cell = None | str | list[str]


def load(name: str, path: Path) -> Index:
    """The index in a file, read by its suffix.

    Raises:
        ArgumentError: the suffix is unknown, or the file cannot be read as what it says.
    """
    readers: dict[str, Callable[[str, Path], Index]] = {
        ".csv": _csv,
        ".ndjson": _ndjson,
        ".jsonl": _ndjson,
        ".parquet": _parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ArgumentError(f"cannot read [{path.name}]: expected .csv, .ndjson or .parquet")
    try:
        return reader(name, path)
    except (ValueError, OSError, pa.ArrowException) as error:
        raise ArgumentError(f"cannot read [{path.name}]: {error}") from error


# ---- CSV

_CELL = re.compile(
    r'[ \t]*(?:\[(?P<list>(?:\\.|"(?:[^"]|"")*"|[^\]\\"\r\n])*)\]'
    r'|"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>(?:\\.|[^,\\\r\n])*?))'
    r"[ \t]*(?P<end>,|\r?\n|\Z)",
    re.DOTALL,
)
_SKIPPED = re.compile(r"[ \t]*(?://[^\n]*)?(?:\r?\n|\Z)")
_ITEM = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>(?:\\.|[^,\\])*?))\s*(?:,|\Z)', re.DOTALL)


def _csv(name: str, path: Path) -> Index:
    r"""Header `name:type,...`; `[a,b]` is a multi-value, an empty cell is null; `\,` is a comma, `"..."` quotes.

    A multi-value may be in quotes as a whole, as programs write it that quote every cell with a comma in it.
    """
    header, *rows = _rows(path.read_text(encoding="utf-8")) or [[]]
    titles = [str(cell) for cell in header]
    names = [title.rpartition(":")[0].strip() or title for title in titles]
    ragged = next((number for number, row in enumerate(rows, 2) if len(row) != len(names)), None)
    if ragged is not None:
        raise ValueError(f"row {ragged} has {len(rows[ragged - 2])} cells for {len(names)} columns")
    columns = {column: [row[i] for row in rows] for i, column in enumerate(names)}
    types = {
        column: title.rpartition(":")[2].strip().lower() if ":" in title else _inferred(columns[column])
        for column, title in zip(names, titles, strict=True)
    }
    for column, type_ in types.items():
        if type_ not in OF_MAPPING:
            raise ValueError(f"column [{column}] has the unknown type [{type_}]")
    return Index.of_table(name, types, pa.table({c: _array(columns[c], OF_MAPPING[t]) for c, t in types.items()}))


def _rows(text: str) -> list[list[Cell]]:
    """The cells of every line but blank ones and `//` comments; commas in brackets or quotes do not separate."""
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    offset = 0
    while offset < len(text):
        if not row and (skipped := _SKIPPED.match(text, offset)):
            offset = skipped.end()
            continue
        match = _CELL.match(text, offset)
        if match is None:
            raise ValueError(f"row {len(rows) + 1} cannot be split into cells")
        offset = match.end()
        row.append(_cell(match))
        if match["end"] != ",":
            rows.append(row)
            row = []
    return [*rows, [*row, None]] if row else rows


def _cell(match: re.Match[str]) -> Cell:
    if match["list"] is not None:
        return _items(match["list"])
    if match["quoted"] is None:
        return _unquoted(match) if match["plain"] else None
    text = _unquoted(match)
    is_list = text.startswith("[") and text.endswith("]") and "{" not in text  # what has objects is JSON
    return _items(text[1:-1]) if is_list else text


def _items(text: str) -> list[str]:
    return [value for item in _ITEM.finditer(text) if (value := _unquoted(item))]


def _unquoted(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return match["quoted"].replace('""', '"')
    return re.sub(r"\\(.)", r"\1", match["plain"])


def _inferred(cells: Sequence[Cell]) -> str:
    """The narrowest type that all values of a column without one have."""
    values = [value for cell in cells if cell is not None for value in ([cell] if isinstance(cell, str) else cell)]
    if values and all(value.lower() in ("true", "false") for value in values):
        return "boolean"
    for type_, convert in (("long", int), ("double", float)):
        if values and all(_converts(convert, value) for value in values):
            return type_
    if values and all(_looks_like_date(value) for value in values):
        return "date"
    return "keyword"


def _looks_like_date(value: object) -> bool:
    """A year alone is rather a number."""
    return isinstance(value, str) and "-" in value[1:] and javatime.parse_iso(value) is not None


def _converts(convert: Callable[[str], object], text: str) -> bool:
    try:
        convert(text)
    except ValueError:
        return False
    return True


def _array(cells: Sequence[Cell], type_: Type) -> "pa.Array[Any]":
    kind, convert = _CSV[type_]
    if any(isinstance(cell, list) for cell in cells):
        listed = [
            None if cell is None else [convert(v) for v in ([cell] if isinstance(cell, str) else cell)]
            for cell in cells
        ]
        return pa.array(listed, pa.list_(kind))
    return pa.array([None if cell is None else convert(str(cell)) for cell in cells], kind)


def _date(text: str) -> int:
    found = javatime.parse_iso(text)
    return int(text) if found is None else found


def _date_nanos(text: str) -> int:
    found = javatime.parse_iso_nanos(text)
    return int(text) if found is None else found


_CSV: Mapping[Type, tuple[pa.DataType, Callable[[str], object]]] = {
    Type.BOOLEAN: (pa.bool_(), lambda text: text.lower() == "true"),
    Type.INTEGER: (pa.int32(), int),
    Type.LONG: (pa.int64(), int),
    Type.UNSIGNED_LONG: (pa.uint64(), int),
    Type.DOUBLE: (pa.float64(), float),
    Type.DATE: (pa.int64(), _date),
    Type.DATE_NANOS: (pa.int64(), _date_nanos),
    **dict.fromkeys(
        set(Type)
        - {Type.BOOLEAN, Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG, Type.DOUBLE, Type.DATE, Type.DATE_NANOS},
        (pa.string(), str),
    ),
}


# ---- NDJSON


def _ndjson(name: str, path: Path) -> Index:
    """One document a line; objects are flattened to dotted names, lists are multi-values, types are inferred."""
    documents = [_flat(orjson.loads(line)) for line in path.read_bytes().splitlines() if line.strip()]
    columns = {
        column: [document.get(column) for document in documents]
        for column in dict.fromkeys(c for d in documents for c in d)
    }
    types = {column: _json_type(values) for column, values in columns.items()}
    arrays = {column: _json_array(values, OF_MAPPING[types[column]]) for column, values in columns.items()}
    return Index.of_table(name, types, pa.table(arrays))


def _flat(document: Mapping[str, object], prefix: str = "") -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for key, value in document.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                for inner, values in _flat(item, f"{prefix}{key}.").items():
                    found.setdefault(inner, []).extend(values)
            else:
                found.setdefault(prefix + key, []).extend([] if item is None else [item])
    return found


def _json_type(rows: Iterable[list[object] | None]) -> str:
    """As Elasticsearch's dynamic mapping: numbers are long or double, text that looks like a date is a date."""
    values = [value for row in rows if row for value in row]
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "long"
    if values and all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) for value in values
    ):
        return "double"
    if values and all(_looks_like_date(value) for value in values):
        return "date"
    return "keyword"


def _json_array(rows: Iterable[list[object] | None], type_: Type) -> "pa.Array[Any]":
    kind, convert = _CSV[type_]
    listed = [[_json_value(value, type_, convert) for value in row] if row else None for row in rows]
    return pa.array(listed, pa.list_(kind))


def _json_value(value: object, type_: Type, convert: Callable[[str], object]) -> object:
    if type_ is Type.DOUBLE and isinstance(value, int | float):
        return float(value)
    if isinstance(value, bool | int) and type_ is not Type.KEYWORD:
        return value
    return convert(value if isinstance(value, str) else orjson.dumps(value).decode())


# ---- Parquet


def _parquet(name: str, path: Path) -> Index:
    """Types come from the file's schema."""
    table = pq.read_table(path)
    return Index.of_table(name, {field.name: _parquet_type(field.type) for field in table.schema}, table)


def _parquet_type(type_: pa.DataType) -> str:
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return _parquet_type(type_.value_type)
    checks: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_uint64, "unsigned_long"),
        (pa.types.is_int64, "long"),
        (pa.types.is_uint32, "long"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "double"),
        (pa.types.is_timestamp, "date"),
        (pa.types.is_date, "date"),
    )
    return next((name for check, name in checks if check(type_)), "keyword")
