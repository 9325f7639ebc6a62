"""The `filter` of a query request: Query DSL that narrows the documents a query sees.

Serves what a time picker and simple filters send: bool, range, term, terms, match_phrase, exists, match_all.
Anything else is refused by name, because a filter left out would widen the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.elasticsearch.dates import instant
from local.elasticsearch.exchange import RestError
from local.esql import narrowing
from local.esql.encoding import encode_ip, network_bounds
from local.esql.javatime import from_datetime
from local.esql.plan import Const, Expr, Ref
from local.esql.scope import Column
from local.esql.types import Type, literal_type

_IGNORED = frozenset({"boost", "_name"})
_END_OF_DAY = frozenset({"gt", "lte"})
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter over the fields that a query reads; `now` is what its dates count from."""

    fields: Mapping[str, Column]
    now: datetime

    def condition(self, clause: Mapping[str, Any]) -> Expr:
        """
        Raises:
            RestError: the clause is malformed or of a kind that is not served.
        """
        kind, content = _only(clause, "query")
        match kind:
            case "match_all":
                return narrowing.EVERY_ROW
            case "bool":
                return self._bool(content)
            case "exists":
                field = self._field(_text(content, "field"))
                return narrowing.NO_ROW if field is None else narrowing.has_value(field)
            case "term" | "match_phrase":
                name, value = _field_value(kind, content)
                return self._terms(name, [value])
            case "terms":
                name, values = _only(_without(content, _IGNORED), kind)
                return self._terms(name, values if isinstance(values, list) else [values])
            case "range":
                return self._range(*_only(content, kind))
            case _:
                raise _not_served(f"[{kind}] query")

    def _field(self, name: str) -> Ref | None:
        """The field of a name; a document has no value in one that no index knows."""
        column = self.fields.get(name)
        if column is not None and column.conflict is not None:
            raise _not_served(f"a filter on field [{name}]: {column.conflict}")
        return None if column is None else column.ref

    def _bool(self, content: Mapping[str, Any]) -> Expr:
        parts = _without(content, _IGNORED | {_MINIMUM})
        if unknown := parts.keys() - _CLAUSES:
            raise _not_served(f"[{min(unknown)}] in a [bool] query")
        clauses = {kind: [self.condition(clause) for clause in _listed(part)] for kind, part in parts.items()}
        needed = [*clauses.get("must", []), *clauses.get("filter", [])]
        should = clauses.get("should", [])
        least = _count(content.get(_MINIMUM, 1 if should and not needed else 0))
        ruled_out = narrowing.none_of(clauses.get("must_not", []))
        return narrowing.all_of([*needed, ruled_out, narrowing.at_least(least, should)])

    def _terms(self, name: str, values: Sequence[object]) -> Expr:
        field = self._field(name)
        if field is None:
            return narrowing.NO_ROW
        return narrowing.at_least(1, [self._term(name, field, value) for value in values])

    def _term(self, name: str, field: Ref, value: object) -> Expr:
        """A block of addresses takes the place of an address."""
        block = network_bounds(str(value)) if field.type is Type.IP and "/" in str(value) else None
        if block is not None:
            first, last = (Const(address, Type.IP) for address in block)
            return narrowing.within(field, [(">=", first), ("<=", last)])
        return narrowing.one_of(field, [self._value(name, field, value, end_of_day=False)])

    def _range(self, name: str, bounds: Mapping[str, Any]) -> Expr:
        limits = _without(bounds, _IGNORED | {"format"})
        if unknown := limits.keys() - _SIGNS.keys():
            raise _not_served(f"[{min(unknown)}] in a [range] query")
        field = self._field(name)
        if field is None:
            return narrowing.NO_ROW
        return narrowing.within(
            field,
            [
                (_SIGNS[operator], self._value(name, field, bound, end_of_day=operator in _END_OF_DAY))
                for operator, bound in limits.items()
                if bound is not None
            ],
        )

    def _value(self, name: str, field: Ref, value: object, *, end_of_day: bool) -> Const:
        """A value of the request as the engine holds those of the field."""
        if field.type is Type.DATE:
            if (moment := instant(value, self.now, end_of_day=end_of_day)) is None:
                raise RestError(400, "parse_exception", f"failed to parse date field [{value}]")
            return Const(from_datetime(moment), Type.DATE)
        convert = _CONVERTERS.get(field.type)
        if convert is None or (converted := convert(value)) is None:
            raise _not_served(f"a filter for [{value}] on field [{name}] of type [{field.type.value}]")
        is_number = isinstance(converted, int | float) and not isinstance(converted, bool)
        return Const(converted, literal_type(converted) if is_number else field.type)


_CLAUSES = frozenset({"must", "filter", "should", "must_not"})
_MINIMUM = "minimum_should_match"


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
    return encode_ip(value) if isinstance(value, str) else None


_CONVERTERS: Mapping[Type, Callable[[object], str | bool | float | None]] = {
    Type.KEYWORD: _keyword,
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _number,
    Type.LONG: _number,
    Type.DOUBLE: _number,
    Type.IP: _address,
}


def _not_served(what: str) -> RestError:
    return RestError(400, "illegal_argument_exception", f"{what} is not supported by the embedded Elasticsearch")
