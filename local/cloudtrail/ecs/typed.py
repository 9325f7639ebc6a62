"""CloudTrail files as Arrow columns, without a dictionary a record: the fast way to what mapping and columns give.

The table of `mapping.SOURCES` is read column by column. Each cell equals the general way's (`mapping.document` of
each record, then `columns.Columns`); a file that is not `{"Records":[...]}` with the types expected is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Any, Protocol, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from local.cloudtrail.ecs import fields as made
from local.cloudtrail.ecs.columns import Cell, batch_of, celled, chunk_of, chunk_of_cells, is_too_long
from local.cloudtrail.ecs.mapping import CONSTANTS, SOURCES, Source
from local.cloudtrail.ecs.raw_columns import ANY_JSON, FLAGS, Memo, RawColumns, RawReader, Values
from local.cloudtrail.ecs.schema import FIELDS
from local.cloudtrail.record import Json
from local.cloudtrail.times import epoch_ms

Array: TypeAlias = "pa.Array[Any]"

_TIME = "@timestamp"
_MEMO_ENTRIES = 20_000
"""What a field's memo may hold between two files: a few MB of keys and values."""


def _mapped_names() -> frozenset[str]:
    return frozenset(name for name, spec in FIELDS.items() if (spec.text_of or name) in SOURCES or name in CONSTANTS)


EVERY_FIELD = _mapped_names()
"""The fields that a CloudTrail record can have, twins of type text included: what an ingest takes."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one file.

    `rows`: row i is record i, with a column for each wanted field that the mapping makes, null where absent. A
    column is a list column if any record has several values; a text field whose keyword lost nothing shares the
    keyword's memory. `undated`: records without a readable eventTime.
    """

    rows: pa.RecordBatch
    undated: int


def columns_of(data: bytes | bytearray, wanted: frozenset[str]) -> Batch | None:
    """One unpacked file as columns; None: it goes the general way."""
    return _reader(wanted & EVERY_FIELD).read(data)


@lru_cache(maxsize=16)
def _reader(wanted: frozenset[str]) -> _Reader:
    return _Reader(wanted)


class _Reader:
    """Reads files for one set of wanted fields, and remembers what values it has made before."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = [name for name in FIELDS if name in wanted]
        self._constants = [name for name in self._wanted if name in CONSTANTS]
        counted = (_TIME, *self._wanted)
        origins = dict.fromkeys(FIELDS[name].text_of or name for name in counted if name not in CONSTANTS)
        paths = (path for name in origins for path in SOURCES[name].every_path())
        self._raw = RawReader(dict.fromkeys(paths))
        self._fields = [_field(name, SOURCES[name], self._raw.decoded) for name in origins]

    def read(self, data: bytes | bytearray) -> Batch | None:
        raw = self._raw.read(data)
        if raw is None:
            return None
        arrays: dict[str, Array] = {name: pa.repeat(CONSTANTS[name], raw.rows) for name in self._constants}
        try:
            for field in self._fields:
                arrays |= field.arrays(raw)
        except orjson.JSONDecodeError:
            return None
        return Batch(batch_of({name: arrays[name] for name in self._wanted}, raw.rows), arrays[_TIME].null_count)


def _field(name: str, source: Source, decoded: Memo[bytes, Json]) -> _Field:
    if source.make is epoch_ms:
        return _Dates(name, source)
    if source.make is made.java_text:
        return _Texts(name, source, _java_texts)
    if source.make in (made.first_given, made.agent) and not any(map(_is_no_text, source.paths)):
        return _Texts(name, source, _first_texts)
    return _Cells(name, source, decoded)


def _is_no_text(path: str) -> bool:
    return path in FLAGS or path in ANY_JSON or _is_within_json(path)


def _is_within_json(path: str) -> bool:
    root, dot, _ = path.partition(".")
    return root in ANY_JSON and dot != ""


def _with_twin(name: str) -> list[str]:
    return [field for field in (name, f"{name}.text") if field in FIELDS]


class _Field(Protocol):
    def arrays(self, raw: RawColumns) -> dict[str, Array]:
        """The field's array, and that of its text twin if it has one."""


class _Dates:
    """Dates, read by Arrow where all are written as CloudTrail writes them."""

    def __init__(self, name: str, source: Source) -> None:
        self._name = name
        (self._path,) = source.paths

    def arrays(self, raw: RawColumns) -> dict[str, Array]:
        texts = pa.array(raw[self._path], pa.string())
        dates = _utc_seconds(texts)
        if dates is None:
            dates = chunk_of(list(map(epoch_ms, raw[self._path])), FIELDS[self._name])
        return {self._name: dates}


_WRITTEN = b"2026-02-03T04:05:06Z"
_WORDS = np.dtype(np.uint32)
"""Four letters are compared at once."""
_MARKED = np.frombuffer(bytes(0 if bytes([byte]).isdigit() else 0xFF for byte in _WRITTEN), _WORDS)
_FORM = np.frombuffer(_WRITTEN, _WORDS) & _MARKED


def _utc_seconds(texts: Array) -> Array | None:
    """The dates if all are `2026-02-03T04:05:06Z` or null: Arrow takes other forms than the general way does."""
    sizes, letters = _sizes(texts), _letters(texts)
    if not len(letters) or ((sizes != len(_WRITTEN)) & (sizes != 0)).any():
        return None
    if ((letters.view(_WORDS).reshape(-1, len(_FORM)) & _MARKED) != _FORM).any():
        return None
    if (letters[:: len(_WRITTEN)] == ord("0")).any():  # the year 0000 would be one to Arrow only
        return None
    try:
        return pc.cast(texts, pa.timestamp("ms", tz="UTC"))
    except pa.ArrowInvalid:
        return None


def _ends(texts: Array) -> Any:
    """Where the values of a string array end in its bytes, after a zero."""
    return np.frombuffer(memoryview(texts.buffers()[1] or b""), np.int32)[: len(texts) + 1]


def _sizes(texts: Array) -> Any:
    """The sizes of a string array's values in bytes."""
    ends = _ends(texts)
    return ends[1:] - ends[:-1]


def _letters(texts: Array) -> Any:
    """All bytes of a string array."""
    return np.frombuffer(memoryview(texts.buffers()[2] or b""), np.uint8)[: _ends(texts)[-1]]


class _Texts:
    """A field whose values are texts: no look at each of them from Python."""

    def __init__(self, name: str, source: Source, texts: Callable[[Sequence[str], RawColumns], Values]) -> None:
        self._names = _with_twin(name)
        self._source = source
        self._texts = texts

    def arrays(self, raw: RawColumns) -> dict[str, Array]:
        values = self._texts(self._source.paths, raw)
        odd = list(_of_other_calls(self._source, raw))
        if odd:
            values = list(values)
            for row, value in odd:
                values[row] = value
            return {name: chunk_of(values, FIELDS[name]) for name in self._names}
        texts = pa.array(values, pa.string())
        return {name: _indexed(texts, FIELDS[name].ignore_above) for name in self._names}


def _first_texts(paths: Sequence[str], raw: RawColumns) -> Values:
    first, *others = [column for path in paths if any(column := raw[path])] or [[None] * raw.rows]
    for other in others:
        first = [value or instead for value, instead in zip(first, other, strict=True)]
    return [value or None for value in first] if "" in first else first


def _java_texts(paths: Sequence[str], raw: RawColumns) -> Values:
    (path,) = paths
    return [None if value is None else made.java_text(value) for value in raw[path]]


def _indexed(texts: Array, ignore_above: int | None) -> Array:
    """The same array unless a value is longer than the index takes."""
    if ignore_above is None:
        return texts
    sizes = _sizes(texts)
    if sizes.max(initial=0) <= ignore_above:  # no text has more UTF-16 units than bytes of UTF-8
        return texts
    long = map(int, np.flatnonzero(sizes > ignore_above))
    too_long = [row for row in long if is_too_long(texts[row].as_py(), ignore_above)]
    if not too_long:
        return texts
    mask = np.zeros(len(texts), dtype=np.bool_)
    mask[too_long] = True
    kept: Array = pc.if_else(pa.array(mask), None, texts)
    return kept


def _of_other_calls(source: Source, raw: RawColumns) -> Iterator[tuple[int, Json]]:
    """The rows of calls that have the field from elsewhere, with their values."""
    if not source.calls or source.calls.keys().isdisjoint(raw.calls):
        return
    for row, call in enumerate(raw["eventName"]):
        if call in source.calls:
            other = source.calls[call]
            yield row, other.make(*[raw[path][row] for path in other.paths])


class _Cells:
    """Any other field: its function is called once for each distinct set of raw values."""

    def __init__(self, name: str, source: Source, decoded: Memo[bytes, Json]) -> None:
        self._source = source
        self._cells = {field: celled(FIELDS[field]) for field in _with_twin(name)}
        self._seen = {field: Memo(_of_key(source, decoded, cell)) for field, cell in self._cells.items()}

    def arrays(self, raw: RawColumns) -> dict[str, Array]:
        keys = self._keys(raw)
        # As keys, true and 1 are equal and a list is none.
        within = filter(_is_within_json, self._source.paths)
        are_texts = all(set(map(type, raw[path])) <= {str, NoneType} for path in within)
        odd = list(_of_other_calls(self._source, raw))
        return {name: self._array(name, keys, are_texts, odd) for name in self._seen}

    def _keys(self, raw: RawColumns) -> Values:
        match self._source.paths:
            case []:
                return [()] * raw.rows
            case [path]:
                return raw.json_texts(path) if path in ANY_JSON else raw[path]
            case paths:
                return list(zip(*map(raw.__getitem__, paths), strict=True))

    def _array(self, name: str, keys: Values, are_texts: bool, odd: list[tuple[int, Json]]) -> Array:
        seen = self._seen[name]
        if len(seen) > _MEMO_ENTRIES:
            seen.clear()
        cells = seen.of_each(keys) if are_texts else list(map(seen.function, keys))
        for row, value in odd:
            cells[row] = self._cells[name](value)
        return chunk_of_cells(cells, FIELDS[name])


def _of_key(source: Source, decoded: Memo[bytes, Json], cell: Callable[[Json], Cell]) -> Callable[[Any], Cell]:
    """The cell as a function of what stands for the source's raw values in a memo."""
    make = source.make
    match source.paths:
        case [path] if path in ANY_JSON:
            return lambda text: cell(make(decoded[text]))
        case [_]:
            return lambda value: cell(make(value))
        case _:
            return lambda values: cell(make(*values))
