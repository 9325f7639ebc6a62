"""Comparisons, conditions, and what else takes values of any one type."""

from collections.abc import Callable

from local.esql.encoding import network_bounds
from local.esql.functions.model import MISSING, Function, Many, Python, Site
from local.esql.functions.parameters import BOOLEAN, IP, STRING, VALUE, listed, of, repeated, unified
from local.esql.types import ANY, Type

_COMPARED = of(
    "boolean, cartesian_point, cartesian_shape, date_nanos, datetime, double, geo_point, geo_shape, integer, ip,"
    " keyword, long, text, unsigned_long or version",
    *ANY,
)
_ORDERED = of(
    "date_nanos, datetime, double, integer, ip, keyword, long, text, unsigned_long or version",
    *(ANY - {Type.BOOLEAN}),
)


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


def _cidr_match(site: Site) -> str:
    """Constant blocks are ranges of stored addresses; others are looked at row by row."""
    blocks = [site.constant(index) for index in range(1, len(site.sql))]
    if any(block is MISSING for block in blocks):
        return "(" + " OR ".join(f"es_cidr_match({site.sql[0]}, {block})" for block in site.sql[1:]) + ")"
    bounds = [network_bounds(str(block)) for block in blocks]
    ranges = [f"{site.sql[0]} BETWEEN {site.bind(b[0])} AND {site.bind(b[1])}" if b else "NULL" for b in bounds]
    return "(" + " OR ".join(ranges) + ")"


def _in_block(address: str, block: str) -> bool | None:
    bounds = network_bounds(block)
    return None if bounds is None else bounds[0] <= address <= bounds[1]


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
    Function(
        "cidr_match",
        (IP, STRING, repeated(STRING)),
        _B,
        _cidr_match,
        python=(Python("es_cidr_match", ("VARCHAR", "VARCHAR"), "BOOLEAN", _in_block),),
    ),
)
