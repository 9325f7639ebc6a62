"""A pivot: a question that a hunt's author put beside it, to be asked of the logs around one finding."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.query_text import parameters
from bot.domain.rows import Column, Rows, Scalar, Value

DEFAULT_REACH = timedelta(minutes=30)

BOUNDS = frozenset({"_tstart", "_tend"})
SETTINGS = frozenset({"known_accounts"})  # bound from the settings, as for the hunt itself

KEPT_ROWS = 25  # of an answer: more than a message shows
KEPT_CHARACTERS = 250_000  # of them, for an attacker may write long lines


@dataclass(frozen=True, slots=True)
class Pivot:
    """An ES|QL query whose named parameters are the finding's columns; `?_tstart` and `?_tend` bound its time.

    It looks from `before` ahead of the event on, up to `after` behind it. `nothing` says what an empty answer means.
    """

    name: str
    query: str
    before: timedelta = DEFAULT_REACH
    after: timedelta = DEFAULT_REACH
    nothing: str = ""

    @property
    def key(self) -> str:
        """What a button carries: it means the same pivot after the file was put in another order."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:12]

    @property
    def columns(self) -> tuple[str, ...]:
        """The finding's columns that the query asks for."""
        return tuple(sorted(parameters(self.query) - BOUNDS - SETTINGS))

    def stretch(self, at: datetime, now: datetime) -> tuple[datetime, datetime]:
        """The time that it looks at around an event, end not included; not what is yet to come."""
        start = at - self.before
        return start, max(start, min(at + self.after, now))


def bind(pivot: Pivot, columns: Mapping[str, Value]) -> tuple[Mapping[str, Scalar], tuple[str, ...]]:
    """What a finding's columns give to the query's parameters, and the columns that are missing.

    A column with a dot is bound to a parameter with an underscore in its place: ES|QL takes no dot there. One that
    holds nothing, or several values, is missing: a comparison with it is never true, so that the answer would lie.
    """
    by_parameter = {name.replace(".", "_"): value for name, value in columns.items()} | dict(columns)
    bound: dict[str, Scalar] = {}
    for name in pivot.columns:
        value = by_parameter.get(name)
        if value is not None and not isinstance(value, tuple):
            bound[name] = value
    return bound, tuple(name for name in pivot.columns if name not in bound)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a pivot's query answered: `rows` are the first of `total`, which are not all where `is_more`."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: int
    is_more: bool = False


def answered(rows: Rows, *, is_more: bool) -> Answered:
    """The first rows of an answer: as many as a message may show, and as fit into what is kept of one."""
    kept: list[tuple[Value, ...]] = []
    room = KEPT_CHARACTERS
    for row in rows.values[:KEPT_ROWS]:
        room -= len(json.dumps(row, default=list))
        if room < 0:
            break
        kept.append(row)
    return Answered(rows.columns, tuple(kept), len(rows.values), is_more)
