"""What a query wants of an index's rows: which columns, and what every row it needs fulfils.

Whoever brings the rows may bring more than is wanted, never less: the query looks at each of them again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Match(StrEnum):
    """How a text stands to a value."""

    EQUALS = "equals"
    STARTS = "starts"
    ENDS = "ends"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Has:
    """Some value of the field is, begins with, ends with or contains the text."""

    field: str
    match: Match
    text: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """Some value of a date field lies between two moments, milliseconds since the epoch; None is open, both ends count."""

    field: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold; without parts, nothing is required."""

    parts: "tuple[Requirement, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds; without parts, no row is needed."""

    parts: "tuple[Requirement, ...]"


Requirement: TypeAlias = Has | Within | Both | Either
ANYTHING = Both(())


@dataclass(frozen=True, slots=True)
class Wanted:
    """`columns`: names of fields. A row that does not fulfil `requirement` can not change the answer."""

    columns: frozenset[str]
    requirement: Requirement = ANYTHING
