"""The columns in sight at a point of the pipe, and how KEEP, DROP and RENAME choose among them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from local.esql.plan import Const, Expr, Ref
from local.esql.tree import NamePattern
from local.esql.types import Type

_SIMILAR = (
    0.5  # Elasticsearch suggests names whose edit distance is at most half their length (StringUtils.findSimilar)
)


@dataclass(frozen=True, slots=True)
class Column:
    """A named column; `constant` is what it is known to hold in every row, `conflict` why it cannot be used.

    `variants`: of a field that has other types in other indices, the values of each type: what is converted.
    """

    name: str
    ref: Ref
    constant: Expr | None = None
    conflict: str | None = None
    variants: tuple[Ref, ...] = ()

    @property
    def refs(self) -> tuple[Ref, ...]:
        return (self.ref, *self.variants)


@dataclass(frozen=True)
class Scope:
    """Columns in their order; no name stands twice."""

    columns: tuple[Column, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _constants(self) -> dict[str, Expr]:
        return {column.ref.column: column.constant for column in self.columns if column.constant is not None}

    def find(self, name: str) -> Column | None:
        return self._by_name.get(name)

    def constant_of(self, ref: Ref) -> Expr | None:
        return self._constants.get(ref.column)

    def extended(self, new: Iterable[Column]) -> "Scope":
        """New columns go last; one that was there under the same name goes away."""
        columns = dict(self._by_name)
        for column in new:
            columns.pop(column.name, None)
            columns[column.name] = column
        return Scope(tuple(columns.values()))

    def replaced(self, name: str, ref: Ref) -> "Scope":
        return Scope(tuple(replace(c, ref=ref, constant=None) if c.name == name else c for c in self.columns))

    def matching(self, pattern: NamePattern) -> list[Column]:
        if not pattern.is_pattern:
            return [column for column in self.columns if column.name == pattern.name]
        regex = re.compile(".*".join(map(re.escape, pattern.parts)), re.DOTALL)
        return [column for column in self.columns if regex.fullmatch(column.name)]

    def kept(self, patterns: Sequence[NamePattern]) -> "Scope":
        """KEEP: a name goes to where its most precise pattern stands, to the rightmost of equals.

        A full name is more precise than a pattern, and any pattern than `*` (source: the KEEP reference page).
        """
        places: dict[str, tuple[int, int]] = {}
        for position, pattern in enumerate(patterns):
            precision = 2 if not pattern.is_pattern else 0 if pattern.name == "*" else 1
            for column in self.matching(pattern):
                places[column.name] = max(places.get(column.name, (0, 0)), (precision, position))
        order = {column.name: index for index, column in enumerate(self.columns)}
        kept = [column for column in self.columns if column.name in places]
        return Scope(tuple(sorted(kept, key=lambda c: (places[c.name][1], order[c.name]))))

    def dropped(self, patterns: Sequence[NamePattern]) -> "Scope":
        gone = {column.name for pattern in patterns for column in self.matching(pattern)}
        return Scope(tuple(column for column in self.columns if column.name not in gone))

    def renamed(self, old: str, new: str) -> "Scope":
        """The column stays where it is; another one with the new name goes away."""
        if old == new:
            return self
        return Scope(tuple(replace(c, name=new) if c.name == old else c for c in self.columns if c.name != new))


def unknown(kind: str, name: str, candidates: Iterable[str], like: str | None = None) -> str:
    """`Unknown column [x], did you mean [y]?`; `like` is what candidates are compared with, if not the name."""
    similar = similar_names(like or name, candidates)
    if not similar:
        return f"Unknown {kind} [{name}]"
    hint = f"[{similar[0]}]" if len(similar) == 1 else f"any of [{', '.join(similar)}]"
    return f"Unknown {kind} [{name}], did you mean {hint}?"


def similar_names(name: str, candidates: Iterable[str]) -> list[str]:
    scored = [(1 - _distance(name, other) / max(len(name), len(other), 1), other) for other in candidates]
    return [other for score, other in sorted(scored, key=lambda s: -s[0]) if score >= _SIMILAR]


def _distance(left: str, right: str) -> int:
    """Levenshtein's edit distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


NULL = Const(None, Type.NULL)
