"""The `filter` of a query request: Query DSL that narrows the documents a query sees.

Serves what a time picker and simple filters send: bool, range, term, terms, match_phrase, exists, match_all.
Anything else is refused by name, because a filter left out would widen the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from local.elasticsearch.dates import instant
from local.elasticsearch.exchange import RestError

Mask: TypeAlias = Any
"""One boolean a row, never null. (The stubs of pyarrow cannot say "array of bool" for what compute returns.)"""

_FALSE: Any = pa.array([False])[0]
_IGNORED = frozenset({"boost", "_name"})
_END_OF_DAY = frozenset({"gt", "lte"})
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": pc.greater,
    "gte": pc.greater_equal,
    "lt": pc.less,
    "lte": pc.less_equal,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One table's view of a filter; `types` are the ES|QL type names of its fields."""

    table: pa.Table
    types: Mapping[str, str]
    now: datetime

    def mask(self, clause: Mapping[str, Any]) -> Mask:
        """
        Raises:
            RestError: the clause is malformed or of a kind that is not served.
        """
        kind, content = _only(clause, "query")
        match kind:
            case "match_all":
                return self._constant(value=True)
            case "bool":
                return self._bool(content)
            case "exists":
                return self._exists(_text(content, "field"))
            case "term" | "match_phrase":
                field, value = _field_value(kind, content)
                return self._terms(field, [value])
            case "terms":
                field, values = _only(_without(content, _IGNORED), kind)
                return self._terms(field, values if isinstance(values, list) else [values])
            case "range":
                return self._range(*_only(content, kind))
            case _:
                raise _not_served(f"[{kind}] query")

    @property
    def _present(self) -> frozenset[str]:
        """The fields that have a value in some document; the schema knows more."""
        return frozenset(self.table.column_names)

    def _bool(self, content: Mapping[str, Any]) -> Mask:
        clauses = {key: _listed(value) for key, value in _without(content, _IGNORED).items() if key != _MINIMUM}
        if unknown := clauses.keys() - {"must", "filter", "should", "must_not"}:
            raise _not_served(f"[{min(unknown)}] in a [bool] query")
        mask = self._constant(value=True)
        for clause in [*clauses.get("must", []), *clauses.get("filter", [])]:
            mask = pc.and_(mask, self.mask(clause))
        for clause in clauses.get("must_not", []):
            mask = pc.and_not(mask, self.mask(clause))
        should = clauses.get("should", [])
        default = 1 if should and not (clauses.get("must") or clauses.get("filter")) else 0
        return pc.and_(mask, self._at_least(_count(content.get(_MINIMUM, default)), should))

    def _at_least(self, wanted: int, clauses: Sequence[Mapping[str, Any]]) -> Mask:
        if wanted <= 0:
            return self._constant(value=True)
        matched: Mask = pa.array([0] * self.table.num_rows, pa.int64())
        for clause in clauses:
            matched = pc.add(matched, pc.cast(self.mask(clause), pa.int64()))
        return pc.greater_equal(matched, pa.scalar(wanted, pa.int64()))

    def _exists(self, field: str) -> Mask:
        return self._constant(value=False) if field not in self._present else pc.is_valid(self.table[field])

    def _terms(self, field: str, values: Sequence[object]) -> Mask:
        if field not in self.types:
            return self._constant(value=False)
        wanted = [self._value(field, value, end_of_day=False) for value in values]
        return self._any(field, lambda column: pc.is_in(column, pa.array(wanted, column.type)))

    def _range(self, field: str, bounds: Mapping[str, Any]) -> Mask:
        limits = _without(bounds, _IGNORED | {"format"})
        if unknown := limits.keys() - _COMPARISONS.keys():
            raise _not_served(f"[{min(unknown)}] in a [range] query")
        if field not in self.types:
            return self._constant(value=False)
        if self.types[field] == "ip":
            raise _not_served("a [range] query on an ip field")
        mask = self._exists(field)
        for operator, bound in limits.items():
            if bound is not None:
                limit = self._value(field, bound, end_of_day=operator in _END_OF_DAY)
                compare = _COMPARISONS[operator]
                mask = pc.and_(mask, self._any(field, _compared(compare, limit)))
        return mask

    def _value(self, field: str, value: object, *, end_of_day: bool) -> object:
        """A value of the request as the field's column holds it."""
        kind = self.types[field]
        if kind == "date":
            if (moment := instant(value, self.now, end_of_day=end_of_day)) is None:
                raise RestError(400, "parse_exception", f"failed to parse date field [{value}]")
            return moment
        convert = _CONVERTERS.get(kind)
        if convert is None or (converted := convert(value)) is None:
            raise _not_served(f"a filter for [{value}] on field [{field}] of type [{kind}]")
        return converted

    def _any(self, field: str, test: Callable[[Any], Any]) -> Mask:
        """Whether any value of the field passes: a document matches by one of its values."""
        if field not in self._present:
            return self._constant(value=False)
        column = self.table[field]
        if not pa.types.is_list(column.type):
            return pc.fill_null(test(column), _FALSE)
        whole: Any = pa.concat_arrays(column.chunks)
        rows = pc.list_parent_indices(whole).filter(pc.fill_null(test(pc.list_flatten(whole)), _FALSE))
        return pc.is_in(pa.array(range(len(whole)), rows.type), rows)

    def _constant(self, *, value: bool) -> Mask:
        return pa.array([value] * self.table.num_rows, pa.bool_())


_MINIMUM = "minimum_should_match"


def _compared(compare: Callable[[Any, Any], Any], limit: object) -> Callable[[Any], Any]:
    return lambda column: compare(column, pa.scalar(limit, column.type))


def _only(clause: object, what: str) -> tuple[str, Any]:
    if not isinstance(clause, Mapping) or len(clause) != 1:
        raise RestError(400, "parsing_exception", f"[{what}] malformed query, expected one name and its object")
    ((name, content),) = clause.items()
    return str(name), content


def _without(content: object, names: frozenset[str]) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        raise RestError(400, "parsing_exception", "[query] malformed query, expected an object")
    return {key: value for key, value in content.items() if key not in names}


def _field_value(kind: str, content: object) -> tuple[str, object]:
    """`{field: value}` or `{field: {"value": value}}` (`query` in a match)."""
    field, value = _only(_without(content, _IGNORED), kind)
    if not isinstance(value, Mapping):
        return field, value
    options = _without(value, _IGNORED)
    match options:
        case {"value": wanted} | {"query": wanted} if len(options) == 1:
            return field, wanted
        case _:
            raise _not_served(f"[{', '.join(sorted(options))}] in a [{kind}] query")


def _text(content: object, name: str) -> str:
    value = content.get(name) if isinstance(content, Mapping) else None
    if not isinstance(value, str):
        raise RestError(400, "parsing_exception", f"[{name}] is required")
    return value


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _count(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise _not_served(f"[{_MINIMUM}] of [{value}]") from None


def _keyword(value: object) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case _:
            return None


def _boolean(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value) if "." in str(value) else int(value)
    except ValueError:
        raise RestError(400, "number_format_exception", f'For input string: "{value}"') from None


def _address(value: object) -> str | None:
    return value if isinstance(value, str) and "/" not in value else None


_CONVERTERS: Mapping[str, Callable[[object], str | bool | float | None]] = {
    "keyword": _keyword,
    "boolean": _boolean,
    "integer": _number,
    "long": _number,
    "double": _number,
    "ip": _address,
}


def _not_served(what: str) -> RestError:
    return RestError(400, "illegal_argument_exception", f"{what} is not supported by the embedded Elasticsearch")
