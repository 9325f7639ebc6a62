"""Comparisons, conditions, and what else takes values of any one type."""

from collections.abc import Callable, Sequence

from local.esql.functions.model import Function, Many, Site
from local.esql.functions.parameters import (
    BOOLEAN,
    SQL_NUMBER,
    VALUE,
    first_type,
    listed,
    of,
    repeated,
    unified,
    widest_number,
)
from local.esql.types import ANY, NUMBERS, Type

_COMPARED = of(
    "boolean, cartesian_point, cartesian_shape, date_nanos, datetime, double, geo_point, geo_shape, integer, ip,"
    " keyword, long, text, unsigned_long or version",
    *ANY,
)
_ORDERED = of(
    "date_nanos, datetime, double, integer, ip, keyword, long, text, unsigned_long or version",
    *(ANY - {Type.BOOLEAN}),
)
_CLAMPED = of("numeric, boolean, date, ip, string or version", *ANY)


def _comparison(symbol: str) -> Callable[[Site], str]:
    return lambda site: f"({site.sql[0]} {symbol} {site.sql[1]})"


def _in(site: Site) -> str:
    """True if one is equal, else null if one is null, else false: SQL's own IN."""
    return f"({site.sql[0]} IN ({', '.join(site.sql[1:])}))"


def _case(site: Site) -> str:
    """CASE(condition, value, ..., [else]): values are of one type, and lists where one of them is."""
    *pairs, last = site.sql if len(site.sql) % 2 else (*site.sql, "NULL")
    branches = " ".join(
        f"WHEN {condition} THEN {value}" for condition, value in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return f"CASE {branches} ELSE {last} END"


def _extreme(function: str) -> Callable[[Site], str]:
    """GREATEST and LEAST: of all values of all arguments; null if one argument is null."""

    def sql(site: Site) -> str:
        values = [f"list_{'max' if function == 'greatest' else 'min'}({arg})" for arg in site.sql]
        return (
            f"CASE WHEN {' AND '.join(f'{v} IS NOT NULL' for v in values)} THEN {function}({', '.join(values)}) END"
        )

    return sql


def _clamped_type(types: Sequence[Type]) -> Type:
    """Limits widen what they limit."""
    return widest_number(types) if types[0] in NUMBERS else first_type(types)


def _clamped(function: str) -> Callable[[Site], str]:
    """CLAMP_MIN is the greater of two, CLAMP_MAX the less."""
    return lambda site: f"{function}({_as_result(site, 0)}, {_as_result(site, 1)})"


def _clamp(site: Site) -> str:
    return f"least(greatest({_as_result(site, 0)}, {_as_result(site, 1)}), {_as_result(site, 2)})"


def _as_result(site: Site, index: int) -> str:
    if site.types[index] is site.result or site.result not in NUMBERS:
        return site.sql[index]
    return f"TRY_CAST({site.sql[index]} AS {SQL_NUMBER[site.result]})"


_B = Type.BOOLEAN
FUNCTIONS = (
    Function("==", (_COMPARED, _COMPARED), _B, _comparison("="), is_unified=True),
    Function("!=", (_COMPARED, _COMPARED), _B, _comparison("!="), is_unified=True),
    Function("<", (_ORDERED, _ORDERED), _B, _comparison("<"), is_unified=True),
    Function("<=", (_ORDERED, _ORDERED), _B, _comparison("<="), is_unified=True),
    Function(">", (_ORDERED, _ORDERED), _B, _comparison(">"), is_unified=True),
    Function(">=", (_ORDERED, _ORDERED), _B, _comparison(">="), is_unified=True),
    Function("in", (_COMPARED, repeated(_COMPARED)), _B, _in, is_unified=True, is_strict=False),
    Function("not", (BOOLEAN,), _B, "(NOT {0})"),
    Function("is null", (listed(VALUE),), _B, "({0} IS NULL)", is_strict=False, takes_anything=True),
    Function("is not null", (listed(VALUE),), _B, "({0} IS NOT NULL)", is_strict=False, takes_anything=True),
    # The analysis brings the branches of CASE and COALESCE to one type and shape.
    Function("case", (BOOLEAN, VALUE, repeated(VALUE)), unified, _case, Many.ANY_ARGUMENT, is_strict=False),
    Function(
        "coalesce",
        (VALUE, repeated(VALUE)),
        unified,
        lambda site: f"coalesce({', '.join(site.sql)})",
        Many.ANY_ARGUMENT,
        is_unified=True,
        is_strict=False,
    ),
    Function("greatest", (listed(VALUE), repeated(listed(VALUE))), unified, _extreme("greatest"), is_unified=True),
    Function("least", (listed(VALUE), repeated(listed(VALUE))), unified, _extreme("least"), is_unified=True),
    Function("clamp", (_CLAMPED, _CLAMPED, _CLAMPED), _clamped_type, _clamp, is_unified=True),
    Function("clamp_min", (_CLAMPED, _CLAMPED), _clamped_type, _clamped("greatest"), is_unified=True),
    Function("clamp_max", (_CLAMPED, _CLAMPED), _clamped_type, _clamped("least"), is_unified=True),
)
