"""What a row of the function table is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from local.esql.errors import ArgumentError, InvalidArgumentError
from local.esql.types import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument a function takes.

    `label` names the types in error messages, in Elasticsearch's words. `takes_list`: the function sees all values of
    a multi-value; otherwise a multi-value makes the result null, with a warning. `is_constant`: must be known before
    the query runs.
    """

    types: frozenset[Type]
    label: str
    is_optional: bool = False
    is_repeated: bool = False
    takes_list: bool = False
    is_constant: bool = False


class Many(Enum):
    """When the result of a function is a multi-value."""

    NEVER = auto()
    ALWAYS = auto()
    EACH = auto()  # the function is applied to each value of its first argument
    ANY_ARGUMENT = auto()  # when an argument is


class Site(Protocol):
    """What an SQL template may ask for: a call whose arguments are already SQL."""

    @property
    def sql(self) -> Sequence[str]: ...
    @property
    def types(self) -> Sequence[Type]: ...
    @property
    def result(self) -> Type: ...
    @property
    def is_many(self) -> Sequence[bool]: ...

    def constant(self, index: int) -> object:
        """The value of a constant argument, or `MISSING` for one that is not constant or not there."""

    def has(self, index: int) -> bool:
        """Whether an optional argument is given."""

    def option(self, name: str) -> object:
        """The value of an option (`{"name": value}`), or None."""

    def bind(self, value: object) -> str:
        """SQL that stands for a value, which travels as a parameter."""

    def list_of(self, index: int, type_: Type) -> str:
        """SQL of an argument that is a list, its values in another type of the same family."""


MISSING = object()
Template = str | Callable[[Site], str]
ResultType = Type | Callable[[Sequence[Type]], Type]


Objection = Callable[[Sequence[object]], str | None]
"""What is wrong with the values of constant arguments (`MISSING` for others); `{whole}` stands for the call."""


@dataclass(frozen=True, slots=True)
class Python:
    """A function that DuckDB calls back, row by row, never with a null; SQL types of its arguments and its result."""

    name: str
    arguments: tuple[str, ...]
    result: str
    call: Callable[..., object]


@dataclass(frozen=True, slots=True)
class Function:
    """A row of the table.

    `sql`: a template over the arguments (`{0}`), null where the function fails. `failure`: the Java exception its
    warning then names (`{0}` for an argument's text, `{why}` for what `why` says); None when it cannot fail.
    `why`: SQL of what went wrong, null where nothing did and the function is null all the same. `is_unified`: its
    arguments must be of one family and are brought to one type. `is_strict`: with a null argument it is null, not
    even called.
    `takes_anything`: arguments come as they are, single or list. `leaves`: alone, an argument of these types is the
    result, whatever it holds. `refusal`: what an objection is raised as.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: ResultType
    sql: Template
    many: Many = Many.NEVER
    failure: str | Callable[[Site], str] | None = None
    why: Template | None = None
    python: tuple[Python, ...] = ()
    is_unified: bool = False
    is_strict: bool = True
    takes_anything: bool = False
    leaves: frozenset[Type] = frozenset()
    objection: Objection | None = None
    refusal: type[ArgumentError] = InvalidArgumentError
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A row of the table of aggregates.

    `sql` aggregates single values, `many` lists; `{0}`, `{1}` are the arguments and `{filter}` the FILTER clause.
    `gives_list`: it has several values; `keeps_list`: where its argument has. `objection`: see there.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: ResultType
    sql: Template
    many: Template
    failure: str | None = None
    gives_list: bool = False
    keeps_list: bool = False
    objection: Objection | None = None
    aliases: tuple[str, ...] = ()

    def is_many(self, *, of_lists: bool) -> bool:
        """Whether its results are lists."""
        return self.gives_list or (self.keeps_list and of_lists)


def parameter_at(row: Function | Aggregate, index: int) -> Parameter:
    """What an argument is for; a repeated parameter takes all that follow."""
    return row.parameters[min(index, len(row.parameters) - 1)]
