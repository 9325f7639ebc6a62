"""The typed plan: what is to be computed, names resolved and types known; no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from local.esql.functions.model import Aggregate, Function
from local.esql.types import Type


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an expression stands in the query, for warnings (both 1-based)."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A column of the stage before; `is_many`: its values are lists."""

    column: str
    type: Type
    is_many: bool


@dataclass(frozen=True, slots=True)
class Const:
    """A constant; a tuple is a multi-value, a `Span` a time span."""

    value: object
    type: Type

    @property
    def is_many(self) -> bool:
        return isinstance(self.value, tuple)


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of the table over arguments."""

    function: Function
    arguments: tuple["Expr", ...]
    type: Type
    is_many: bool
    origin: Origin
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AllOf:
    """A chain of AND (`is_any` false) or OR (true), three-valued."""

    operands: tuple["Expr", ...]
    is_any: bool
    type: Type = Type.BOOLEAN
    is_many: bool = False


Expr = Ref | Const | Apply | AllOf


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over arguments, of the rows where `filter` is true."""

    column: str
    aggregate: Aggregate
    arguments: tuple[Expr, ...]
    type: Type
    origin: Origin
    filter: Expr | None = None


class Extractor(Protocol):
    """Takes fields out of a text (DISSECT, GROK): for each field the values found, or None for no match."""

    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def types(self) -> tuple[Type, ...]: ...

    def is_repeated(self, name: str) -> bool:
        """Whether one text may hold several values of a field."""

    def extract(self, text: str) -> list[list[str] | None] | None: ...


@dataclass(frozen=True, slots=True)
class Scan:
    """All rows of what FROM names: (stored column, column in the plan)."""

    columns: tuple[tuple[str, Ref], ...]


@dataclass(frozen=True, slots=True)
class OneRow:
    """A single row without columns."""


@dataclass(frozen=True, slots=True)
class Extend:
    """New columns beside those that are there."""

    columns: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Expr


@dataclass(frozen=True, slots=True)
class Expand:
    """One row for each value of a column; the values go to a new one."""

    source: Ref
    column: str
    is_distinct: bool


@dataclass(frozen=True, slots=True)
class Extract:
    """DISSECT or GROK: (column, field of the extractor, type, whether it is a list)."""

    value: Expr
    extractor: Extractor
    outputs: tuple[tuple[str, int, Type, bool], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """STATS: `keys` are columns of the stage before; only keys and measures are left."""

    keys: tuple[str, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of INLINE STATS: its column in the rows, where it may have several values, and in the groups."""

    row: str
    group: str
    is_many: bool


@dataclass(frozen=True, slots=True)
class InlineGroup:
    """INLINE STATS: results of the row's own group beside each row; of all its groups where it has several keys.

    `results` are (column, whether it is a list in the groups), each a measure or calculated from measures.
    """

    keys: tuple[Key, ...]
    measures: tuple[Measure, ...]
    calculated: tuple[tuple[str, Expr], ...]
    results: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """Keys as (column, is_descending, nulls_first); a list sorts by its least or, descending, greatest value."""

    keys: tuple[tuple[str, Expr, bool, bool], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The first `count` rows, or of each group of equal `keys`."""

    count: int
    keys: tuple[str, ...] = ()


Stage = Scan | OneRow | Extend | Filter | Expand | Extract | Group | InlineGroup | Sort | Limit


@dataclass(frozen=True, slots=True)
class Output:
    """A column of the result."""

    name: str
    type: Type
    column: Ref


@dataclass(frozen=True, slots=True)
class Plan:
    """`live` are, for each stage, the columns that are read after it."""

    stages: tuple[Stage, ...]
    outputs: tuple[Output, ...]
    warnings: tuple[str, ...]
    live: tuple[frozenset[str], ...] = ()
