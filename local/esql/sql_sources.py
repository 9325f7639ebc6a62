"""The rows that were brought for a query, as SQL: tables in memory and Parquet files, one index below the other."""

# ruff: noqa: S608  # SQL is what this room writes: identifiers are ours or quoted, values are bound

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from local.esql.catalog import KEPT_METADATA, ORDINAL, Brought, Parts
from local.esql.plan import Ref
from local.esql.sql_expressions import ExpressionWriter, as_list, identifier, sql_type
from local.esql.types import OF_MAPPING, Type

_RANK_BITS, _PLACE_BITS = 32, 56  # where in an ordinal the rank of a file begins, and the place of an index in FROM
_NANOS_IN_MILLI = 1_000_000
_FILE, _RECORD, _KNOWN, _RANK = '"#file"', '"#record"', '"#known"', '"#rank"'
Columns = Sequence[tuple[str, Ref]]


def scanned(writer: ExpressionWriter, sources: Sequence[Brought], ordinal: str, columns: Columns) -> str:
    """SQL of all rows: the ordinal and then each column, by the names of the plan."""
    places = Counter(source.place for source in sources)
    is_shown = any(stored == "_id" for stored, _ in columns)  # then a row's place is a value, and more than an order
    found = [
        _Rows(writer, source, is_alone=places[source.place] == 1 and not is_shown).selected(ordinal, columns)
        for source in sources
        if _has_rows(source)
    ]
    return " UNION ALL ".join(found) or _no_row(ordinal, columns)


def _has_rows(source: Brought) -> bool:
    return bool(source.rows.paths) if isinstance(source.rows, Parts) else True


def _no_row(ordinal: str, columns: Columns) -> str:
    nulls = "".join(f", {_null(ref)} AS {ref.column}" for _, ref in columns)
    return f"SELECT 0::BIGINT AS {ordinal}{nulls} WHERE FALSE"


def _null(ref: Ref) -> str:
    return f"CAST(NULL AS {sql_type(ref.type, is_many=ref.is_many)})"


def _are_in_order(ranks: Mapping[int, int]) -> bool:
    """Whether the numbers of files order them as their ranks do."""
    return all(left < right for left, right in pairwise(ranks[number] for number in sorted(ranks)))


class _Rows:
    """The rows of one source. `_names` are its columns' names in SQL."""

    def __init__(self, writer: ExpressionWriter, source: Brought, *, is_alone: bool) -> None:
        self._writer = writer
        self._source = source
        if isinstance(source.rows, Parts):
            is_ranked = is_alone and source.rows.is_whole and _are_in_order(source.rows.ranks)
            self._names = {name: identifier(name) for name in source.columns}
            self._ordinal = f"({f'{_FILE}::BIGINT' if is_ranked else _RANK} << {_RANK_BITS} | {_RECORD})"
            self._from = self._parquet(source.rows, is_ranked=is_ranked)
        else:
            self._names = {name: f"f{i}" for i, name in enumerate(source.rows.column_names)}
            self._ordinal = self._names[ORDINAL]
            self._from = writer.table(source.rows.rename_columns(list(self._names.values())))

    def selected(self, ordinal: str, columns: Columns) -> str:
        place = self._source.place << _PLACE_BITS
        number = f"{self._ordinal} + {place}" if place else self._ordinal
        chosen = "".join(f", {self._column(stored, ref)} AS {ref.column}" for stored, ref in columns)
        return f"SELECT {number} AS {ordinal}{chosen} FROM {self._from}"

    def _parquet(self, parts: Parts, *, is_ranked: bool) -> str:
        """The rows of the files that have a rank."""
        files = f"read_parquet({self._writer.bind(list(parts.paths))})"
        if is_ranked:
            return files
        import pyarrow as pa  # noqa: PLC0415 - slow to load, and seldom needed

        ranks = pa.table(
            [pa.array(list(parts.ranks), pa.int32()), pa.array(list(parts.ranks.values()), pa.int64())],
            names=["#known", "#rank"],
        )
        return f"{files} JOIN {self._writer.table(ranks)} ON {_FILE} = {_KNOWN}"

    def _column(self, stored: str, ref: Ref) -> str:
        if stored in KEPT_METADATA and stored not in self._names:
            return self._metadata(stored)
        mapped = OF_MAPPING.get(self._source.index.fields.get(stored, ""), ref.type)
        is_date = (mapped, ref.type) == (Type.DATE, Type.DATE_NANOS)
        if stored not in self._names or ref.type is Type.UNSUPPORTED or (mapped is not ref.type and not is_date):
            return _null(ref)
        sql, is_list = self._value(stored), self._source.columns[stored]
        if is_date:
            scale = f"* {_NANOS_IN_MILLI}"
            sql = f"list_transform({sql}, lambda v: v {scale})" if is_list else f"{sql} {scale}"
        return as_list(sql) if ref.is_many and not is_list else sql

    def _value(self, stored: str) -> str:
        sql = self._names[stored]
        twin = self._source.rows.twins.get(stored) if isinstance(self._source.rows, Parts) else None
        if twin is not None:
            sql = f"coalesce({sql}, {self._names[twin]})"
        return sql

    def _metadata(self, name: str) -> str:
        match name:
            case "_index":
                return f"{self._writer.bind(self._source.index.name)}::VARCHAR"
            case "_id":
                return f"{self._ordinal}::VARCHAR"
            case _:
                return "1::BIGINT"
