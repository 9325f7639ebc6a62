"""The indices a query can read, and what FROM finds among them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from local.esql import tree
from local.esql.errors import UnknownIndexError
from local.esql.lexer import Source
from local.esql.plan import Ref
from local.esql.scope import Column
from local.esql.types import DATES, OF_MAPPING, Type
from local.wanted import Deadline, Wanted

if TYPE_CHECKING:  # Arrow is slow to load, and a query over a copy of its logs needs none
    import pyarrow as pa

    from local.esql.storage import Converted

ORDINAL = "#"
"""The column of a row's place in its index: what decides between equals."""

# Metadata fields of FROM ... METADATA, with their types; those without a value here are null.
METADATA = {
    "_index": Type.KEYWORD,
    "_id": Type.KEYWORD,
    "_version": Type.LONG,
    "_score": Type.DOUBLE,
    "_ignored": Type.KEYWORD,
    "_index_mode": Type.KEYWORD,
    "_tier": Type.KEYWORD,
    "_size": Type.INTEGER,
}
KEPT_METADATA = frozenset({"_index", "_id", "_version"})


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows in Parquet files of one schema: columns in the engine's own types, and `#file` and `#record`.

    `ranks`: the rank of each file number; rows of a file number that is not named are left out.
    `columns`: those that queries may read, and whether their values are lists.
    `twins`: columns that hold a value only where it differs from that of another column.
    `is_whole`: every row is of a file that has a rank, so that nobody need look for others.
    """

    paths: tuple[str, ...]
    ranks: Mapping[int, int]
    columns: Mapping[str, bool]
    twins: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows as they were brought: `tables` in the mapping's types, with the ordinal of each row as `#`, int64.

    An ordinal is `rank of the file << 32 | number of the record in it`: it says which of two equals comes first.
    A column that no row has a value in may be left out; a column that is not wanted may be there. `is_partial`:
    something that may hold more of them was not read.
    """

    tables: tuple[pa.Table, ...] = ()
    parts: Parts | None = None
    is_partial: bool = False


class Rows(Protocol):
    """Keeps the rows of an index, and brings those that a query wants. Used by several threads at once."""

    def columns(self) -> Mapping[str, bool]:
        """Fields that may have values; for each, whether a row may have several, as far as is known now."""

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        """At least the rows that fulfil the requirement, in at least the columns that are wanted.

        Raises:
            OverdueError: it was not done before the deadline.
        """

    def doubt(self, parts: Parts) -> None:
        """A statement over these parts failed: what is read next must do without what is damaged in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The rows of a table in memory.

    A `list<T>` column is one where a row may have several values. Dates are timestamps of any unit in UTC or whole
    epoch milliseconds, an ip and a version are text. A column `_id` gives the ids of METADATA.
    """

    table: pa.Table

    def columns(self) -> Mapping[str, bool]:
        from pyarrow.types import is_list  # noqa: PLC0415 - loaded by whoever made the table

        return {field.name: is_list(field.type) for field in self.table.schema}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:  # noqa: ARG002  # all of it is here already
        import pyarrow as pa  # noqa: PLC0415 - see above

        ordinals = pa.array(range(self.table.num_rows), pa.int64())
        return Stored((self.table.append_column(ORDINAL, ordinals),))

    def doubt(self, parts: Parts) -> None:
        """There are none."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index: `fields` is its mapping, ES field name to ES type name. A field that no row has is null."""

    name: str
    fields: Mapping[str, str]
    rows: Rows

    @classmethod
    def of_table(cls, name: str, fields: Mapping[str, str], table: pa.Table) -> Index:
        """An index whose rows are in memory."""
        return cls(name, fields, Held(table))


@dataclass(frozen=True, slots=True)
class RelationField:
    """A field as a query sees it; `stored` names its column, None where it is null in every row.

    `kinds`: the types that it has in one index or another, where there are several.
    """

    type: Type
    stored: str | None
    is_many: bool = False
    conflict: str | None = None
    kinds: tuple[Type, ...] = ()

    def column(self, name: str, number: int) -> Column:
        """The column `c1`, `c2`, ... of a plan, and one for each of its kinds."""
        variants = tuple(Ref(f"c{number}_{place}", kind, self.is_many) for place, kind in enumerate(self.kinds, 1))
        return Column(name, Ref(f"c{number}", self.type, self.is_many), conflict=self.conflict, variants=variants)


@dataclass(frozen=True)
class Relation:
    """The rows of all indices of a FROM: their fields in the order of their names, metadata last."""

    indices: tuple[Index, ...] = ()
    fields: Mapping[str, RelationField] = field(default_factory=dict)

    @cached_property
    def columns(self) -> Sequence[Column]:
        """The fields as columns of a plan."""
        return tuple(found.column(name, number) for number, (name, found) in enumerate(self.fields.items(), 1))

    def with_lists(self, lists: Mapping[str, bool]) -> Relation:
        """The same, now that it is known which of some columns have several values."""
        fields = {
            name: replace(found, is_many=lists.get(found.stored or "", found.is_many))
            for name, found in self.fields.items()
        }
        return replace(self, fields=fields)


@dataclass(frozen=True, slots=True)
class Brought:
    """Rows that were brought for a query, from one index: a table in the engine's types, or Parquet files.

    `place` is that of the index in FROM, whose rows come before those of the next one. `columns`: whether they are
    lists. `is_in_order`: the rows lie in the order of their ordinals. `is_partial`: the index may hold more of them.
    """

    index: Index
    place: int
    columns: Mapping[str, bool]
    rows: pa.Table | Parts = field(repr=False)
    is_in_order: bool = False
    is_partial: bool = False


def lists_in(brought: Iterable[Brought]) -> Mapping[str, bool]:
    """Columns that were brought, and whether one of them is a list."""
    return _any_list(one.columns for one in brought)


def _any_list(columns: Iterable[Mapping[str, bool]]) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    for some in columns:
        for name, is_list in some.items():
            found[name] = is_list or found.get(name, False)
    return found


class Catalog:
    """All indices by name. Tables in memory are made ready for queries once. Safe to use from several threads."""

    def __init__(self, indices: Iterable[Index] = ()) -> None:
        self._indices = {index.name: index for index in indices}
        self._types: dict[tuple[str, ...], Mapping[str, RelationField]] = {}
        self._relations: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Mapping[str, bool], Relation]] = {}
        self._held = {
            index.name: _converted(index, index.rows.table)
            for index in self._indices.values()
            if isinstance(index.rows, Held)
        }

    @property
    def has_tables(self) -> bool:
        """Whether the rows of some index lie in memory in their order."""
        return bool(self._held)

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._indices)

    def relation(self, command: tree.From, source: Source) -> Relation:
        """What FROM reads.

        Raises:
            UnknownIndexError: no index has the name or fits the pattern.
            ParsingError: a metadata field that does not exist.
        """
        names = self._resolved(command, source)
        for span, name in command.metadata:
            if name not in METADATA:
                raise source.error(span.start, f"unsupported metadata field [{name}]")
        metadata = tuple(name for _, name in command.metadata)
        lists = self._lists([self._indices[name] for name in names])
        known = self._relations.get((names, metadata))
        if known is None or known[0] != lists:
            known = self._relations[names, metadata] = (lists, self._related(names, metadata, lists))
        return known[1]

    def _related(self, names: tuple[str, ...], metadata: Sequence[str], lists: Mapping[str, bool]) -> Relation:
        indices = tuple(self._indices[name] for name in names)
        if names not in self._types:
            self._types[names] = _merged([index.fields for index in indices], names)
        fields = {
            name: replace(found, stored=name if name in lists else None, is_many=lists.get(name, False))
            for name, found in self._types[names].items()
        }
        for name in metadata:
            fields[name] = RelationField(METADATA[name], name if name in KEPT_METADATA else None)
        return Relation(indices, fields)

    def read(self, relation: Relation, wanted: Wanted, deadline: Deadline) -> tuple[Brought, ...]:
        """The rows of a relation that a query wants.

        Raises:
            OverdueError: they did not come before the deadline.
            ArgumentError: a column holds what the type of its field cannot.
        """
        return tuple(
            source
            for place, index in enumerate(relation.indices)
            for source in self._read(index, place, wanted, deadline)
        )

    def _read(self, index: Index, place: int, wanted: Wanted, deadline: Deadline) -> Iterator[Brought]:
        held = self._held.get(index.name)
        if held is not None:
            yield _brought(index, place, held.table(wanted.columns), is_in_order=True)
            return
        stored = index.rows.read(replace(wanted, columns=wanted.columns & (index.fields.keys() | {"_id"})), deadline)
        brought = [_brought(index, place, _converted(index, table).table(wanted.columns)) for table in stored.tables]
        if stored.parts is not None:
            brought.append(Brought(index, place, stored.parts.columns, stored.parts))
        if stored.is_partial and not brought:
            brought.append(_brought(index, place, _no_rows()))
        for one in brought:
            yield replace(one, is_partial=stored.is_partial)

    def doubt(self, brought: Iterable[Brought]) -> bool:
        """A statement over these rows failed; gives whether some of them may be had in another way."""
        parts = [(one.index.rows, one.rows) for one in brought if isinstance(one.rows, Parts)]
        for rows, doubtful in parts:
            rows.doubt(doubtful)
        return bool(parts)

    def _lists(self, indices: Sequence[Index]) -> Mapping[str, bool]:
        """Columns that some index has, and whether one of them has several values there, as far as is known."""
        held = (self._held.get(index.name) for index in indices)
        columns = [(rows or index.rows).columns() for index, rows in zip(indices, held, strict=True)]
        return _any_list(columns)

    def _resolved(self, command: tree.From, source: Source) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for span, text in command.patterns:
            for pattern in (part.strip() for part in text.split(",")):
                excluded = pattern.startswith("-")
                hits = [name for name in self._indices if fnmatch.fnmatchcase(name, pattern.removeprefix("-"))]
                if excluded:
                    found = {name: None for name in found if name not in hits}
                elif hits:
                    found |= dict.fromkeys(hits)
                elif "*" not in pattern:
                    raise UnknownIndexError(pattern, source.position(span.start))
        if not found:
            asked = ",".join(text for _, text in command.patterns)
            raise UnknownIndexError(asked, source.position(command.patterns[0][0].start))
        return tuple(found)


def _converted(index: Index, table: pa.Table) -> Converted:
    from local.esql.storage import Converted  # noqa: PLC0415 - see above

    return Converted(index.name, index.fields, table)


def _brought(index: Index, place: int, table: pa.Table, *, is_in_order: bool = False) -> Brought:
    from local.esql.storage import lists_of  # noqa: PLC0415 - see above

    return Brought(index, place, lists_of(table), table, is_in_order)


def _no_rows() -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - see above

    return pa.table({ORDINAL: pa.array([], pa.int64())})


def _merged(mappings: Sequence[Mapping[str, str]], names: Sequence[str]) -> dict[str, RelationField]:
    """The one type of each field; where indices disagree it must be converted, and the text says so."""
    users: dict[str, dict[str, list[str]]] = {}
    for mapping, name in zip(mappings, names, strict=True):
        for field_name, type_ in mapping.items():
            users.setdefault(field_name, {}).setdefault(type_, []).append(name)
    return {field_name: _one_type(field_name, by_type) for field_name, by_type in sorted(users.items())}


def _one_type(name: str, by_type: Mapping[str, Sequence[str]]) -> RelationField:
    kinds = tuple(dict.fromkeys(OF_MAPPING.get(type_, Type.UNSUPPORTED) for type_ in by_type))
    if set(kinds) == {Type.UNSUPPORTED}:
        type_ = next(iter(by_type))
        return RelationField(kinds[0], None, conflict=f"Cannot use field [{name}] with unsupported type [{type_}]")
    if len(kinds) == 1:
        return RelationField(kinds[0], None)
    if set(kinds) == DATES:
        return RelationField(Type.DATE_NANOS, None, kinds=kinds)
    uses = ", ".join(f"[{type_}] in [{', '.join(names)}]" for type_, names in sorted(by_type.items()))
    conflict = (
        f"Cannot use field [{name}] due to ambiguities being mapped as [{len(by_type)}] incompatible types: {uses}"
    )
    return RelationField(Type.UNSUPPORTED, None, conflict=conflict, kinds=kinds)
