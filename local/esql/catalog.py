"""The indices a query can read, and what FROM finds among them."""

import fnmatch
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from local.esql import storage, tree
from local.esql.errors import ArgumentError, UnknownIndexError
from local.esql.lexer import Source
from local.esql.types import OF_MAPPING, Type
from local.wanted import Deadline, Wanted

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


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows in Parquet files: columns in the engine's own types (`storage.stored`), and `#file` and `#record`, int32.

    `ranks`: the rank of each file number; rows of a file number that is not named are left out.
    """

    paths: tuple[str, ...]
    ranks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows as they were brought: `tables` in the mapping's types, with the ordinal of each row as `#`, int64.

    An ordinal is `rank of the file << 32 | number of the record in it`: it says which of two equals comes first.
    A column that no row has a value in may be left out; a column that is not wanted may be there.
    """

    tables: tuple[pa.Table, ...] = ()
    parts: Parts | None = None


class Rows(Protocol):
    """Keeps the rows of an index, and brings those that a query wants. Used by several threads at once."""

    def columns(self) -> Mapping[str, bool]:
        """Fields that may have values; for each, whether a row may have several, as far as is known now."""

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        """At least the rows that fulfil the requirement, in at least the columns that are wanted.

        Raises:
            OverdueError: it was not done before the deadline.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The rows of a table in memory.

    A `list<T>` column is one where a row may have several values. Dates are timestamps of any unit in UTC or whole
    epoch milliseconds, an ip and a version are text. A column `_id` gives the ids of METADATA.
    """

    table: pa.Table

    def columns(self) -> Mapping[str, bool]:
        return {field.name: pa.types.is_list(field.type) for field in self.table.schema}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:  # noqa: ARG002  # all of it is here already
        ordinals = pa.array(range(self.table.num_rows), pa.int64())
        return Stored((self.table.append_column(storage.ORDINAL, ordinals),))


@dataclass(frozen=True, slots=True)
class Index:
    """One index: `fields` is its mapping, ES field name to ES type name. A field that no row has is null."""

    name: str
    fields: Mapping[str, str]
    rows: Rows

    @classmethod
    def of_table(cls, name: str, fields: Mapping[str, str], table: pa.Table) -> "Index":
        """An index whose rows are in memory."""
        return cls(name, fields, Held(table))


@dataclass(frozen=True, slots=True)
class RelationField:
    """A field as a query sees it; `stored` names its column, None where it is null in every row."""

    type: Type
    stored: str | None
    is_many: bool = False
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of all indices of a FROM, under one name for the database."""

    table: str
    fields: Mapping[str, RelationField]
    data: pa.Table = field(repr=False)


class Catalog:
    """All indices by name; relations are made once and kept. Safe to use from several threads."""

    def __init__(self, indices: Iterable[Index] = ()) -> None:
        self._indices = {index.name: index for index in indices}
        self._relations: dict[tuple[tuple[str, ...], tuple[str, ...]], Relation] = {}
        self._lock = threading.Lock()

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
        metadata = tuple(name for _, name in command.metadata)
        for span, name in command.metadata:
            if name not in METADATA:
                raise source.error(span.start, f"unsupported metadata field [{name}]")
        key = (names, metadata)
        with self._lock:
            if key not in self._relations:
                self._relations[key] = _relation(
                    f"t{len(self._relations)}", [self._indices[n] for n in names], metadata
                )
            return self._relations[key]

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


def _relation(table: str, indices: Sequence[Index], metadata: Sequence[str]) -> Relation:
    """Several indices one below the other; fields in the order of their names, metadata last."""
    types = _merged([index.fields for index in indices], [index.name for index in indices])
    usable = {name: type_ for name, (type_, conflict) in types.items() if conflict is None}
    data = storage.stacked([_stored(index, usable, metadata) for index in indices])
    present = set(data.column_names)
    fields = {
        name: RelationField(
            type_,
            name if name in present else None,
            name in present and pa.types.is_list(data.schema.field(name).type),
            conflict,
        )
        for name, (type_, conflict) in sorted(types.items())
    }
    for name in metadata:
        fields[name] = RelationField(METADATA[name], name if name in present else None)
    return Relation(table, fields, data)


def _merged(mappings: Sequence[Mapping[str, str]], names: Sequence[str]) -> dict[str, tuple[Type, str | None]]:
    """The one type of each field; where indices disagree it cannot be used, and the text says so."""
    users: dict[str, dict[str, list[str]]] = {}
    for mapping, name in zip(mappings, names, strict=True):
        for field_name, type_ in mapping.items():
            users.setdefault(field_name, {}).setdefault(type_, []).append(name)
    return {field_name: _one_type(field_name, by_type) for field_name, by_type in users.items()}


def _one_type(name: str, by_type: Mapping[str, Sequence[str]]) -> tuple[Type, str | None]:
    known = {OF_MAPPING.get(type_, Type.UNSUPPORTED) for type_ in by_type}
    if known == {Type.UNSUPPORTED}:
        type_ = next(iter(by_type))
        return Type.UNSUPPORTED, f"Cannot use field [{name}] with unsupported type [{type_}]"
    if len(known) == 1:
        return known.pop(), None
    uses = ", ".join(f"[{type_}] in [{', '.join(names)}]" for type_, names in sorted(by_type.items()))
    return Type.UNSUPPORTED, (
        f"Cannot use field [{name}] due to ambiguities being mapped as [{len(by_type)}] incompatible types: {uses}"
    )


def _stored(index: Index, types: Mapping[str, Type], metadata: Sequence[str]) -> pa.Table:
    (table,) = index.rows.read(Wanted(frozenset(index.fields)), Deadline()).tables
    columns = {
        name: _stored_column(index, table, name, types[name])
        for name in index.fields
        if name in types and name in table.column_names
    }
    rows = table.num_rows
    if "_index" in metadata:
        columns["_index"] = pa.chunked_array([pa.repeat(pa.scalar(index.name), rows)])
    if "_version" in metadata:
        columns["_version"] = pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), rows)])
    if "_id" in metadata:
        columns["_id"] = _ids(table)
    return pa.table(columns) if columns else storage.empty_columns(rows)


def _stored_column(index: Index, table: pa.Table, name: str, type_: Type) -> storage.Column:
    """A column in its field's type.

    Raises:
        ArgumentError: it holds what the field's type cannot.
    """
    try:
        return storage.stored(table.column(name), type_, index.fields[name])
    except pa.ArrowException as error:
        mapping = index.fields[name]
        raise ArgumentError(f"field [{name}] of [{index.name}] cannot be read as [{mapping}]: {error}") from error


def _ids(table: pa.Table) -> storage.Column:
    if "_id" in table.column_names:
        return table.column("_id").cast(pa.string())
    return pa.chunked_array([pa.array([str(row) for row in range(table.num_rows)], pa.string())])
