"""Files as indices: CSV with a `name:type` header, NDJSON, Parquet."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

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


def _csv(name: str, path: Path) -> Index:
    """Header `name:type,...`; `[a,b]` is a multi-value, an empty cell is null; `\\,` is a comma, `"..."` quotes."""
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.lstrip().startswith("//")
    ]
    if not lines:
        return Index(name, {}, pa.table({}))
    header = [cell if isinstance(cell, str) else "" for cell in _cells(lines[0])]
    names = [cell.rpartition(":")[0] or cell for cell in header]
    rows = [_cells(line) for line in lines[1:]]
    ragged = next((number for number, row in enumerate(rows, 2) if len(row) != len(names)), None)
    if ragged is not None:
        raise ValueError(f"line {ragged} has {len(rows[ragged - 2])} cells for {len(names)} columns")
    columns = {column: [row[i] for row in rows] for i, column in enumerate(names)}
    types = {
        column: cell.rpartition(":")[2].strip() if ":" in cell else _inferred(columns[column])
        for column, cell in zip(names, header, strict=True)
    }
    for column, type_ in types.items():
        if type_.lower() not in OF_MAPPING:
            raise ValueError(f"column [{column}] has the unknown type [{type_}]")
    return Index(name, types, pa.table({c: _array(columns[c], OF_MAPPING[t.lower()]) for c, t in types.items()}))


def _cells(line: str) -> list[Cell]:
    """The cells of a line; commas inside brackets or quotes do not separate."""
    cells: list[Cell] = []
    values, text, is_quoted, is_list, was_quoted = [], "", False, False, False
    index = 0
    while index <= len(line):
        char = line[index] if index < len(line) else ","
        if char == "\\" and index + 1 < len(line):
            text += line[index + 1]
            index += 1
        elif char == '"':
            if is_quoted and line[index + 1 : index + 2] == '"':
                text += char
                index += 1
            else:
                is_quoted, was_quoted = not is_quoted, True
        elif char == "[" and not is_quoted and not text.strip() and not is_list:
            values, text, is_list = [], "", True
        elif char == "]" and not is_quoted and is_list:
            values.append(text.strip())
            cells.append([value for value in values if value])
            text, is_list, was_quoted = "", False, False
            index = len(line) if (following := line.find(",", index)) < 0 else following
        elif char == "," and not is_quoted:
            if is_list and index < len(line):
                values.append(text.strip())
            else:
                cells.append(text.strip() if text.strip() or was_quoted else None)
            text, was_quoted = "", False
        else:
            text += char
        index += 1
    return cells


def _inferred(cells: Sequence[Cell]) -> str:
    """The narrowest type that all values of a column without one have."""
    values = [value for cell in cells if cell is not None for value in ([cell] if isinstance(cell, str) else cell)]
    if values and all(value.lower() in ("true", "false") for value in values):
        return "boolean"
    for type_, convert in (("long", int), ("double", float)):
        if values and all(_converts(convert, value) for value in values):
            return type_
    if values and all(len(value) >= 10 and javatime.parse_iso(value) is not None for value in values):
        return "date"
    return "keyword"


def _converts(convert: Callable[[str], object], text: str) -> bool:
    try:
        convert(text)
    except ValueError:
        return False
    return True


def _array(cells: Sequence[Cell], type_: Type) -> pa.Array:
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
    return Index(name, types, pa.table(arrays))


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
    if values and all(
        isinstance(value, str) and len(value) >= 10 and javatime.parse_iso(value) is not None for value in values
    ):
        return "date"
    return "keyword"


def _json_array(rows: Iterable[list[object] | None], type_: Type) -> pa.Array:
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
    return Index(name, {field.name: _parquet_type(field.type) for field in table.schema}, table)


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
