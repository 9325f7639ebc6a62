"""Functions that see all values of a multi-value (SQL lists; a single value arrives as a list of one)."""

from collections.abc import Callable, Sequence

from local.esql.functions.model import Function, Many, Site
from local.esql.functions.numbers import finite, overflow
from local.esql.functions.parameters import (
    INTEGER,
    NUMBER,
    SQL_NUMBER,
    STRING,
    VALUE,
    constant,
    first_type,
    listed,
    of,
    optional,
    unified,
    widest_number,
)
from local.esql.types import ANY, NUMBERS, Type

_VALUES, _STRINGS, _NUMBERS = listed(VALUE), listed(STRING), listed(NUMBER)
_ORDERED = listed(of("boolean, date_nanos, datetime, ip, keyword, numeric, text or version", *ANY))
_WIDE = {Type.INTEGER: "BIGINT", Type.LONG: "HUGEINT", Type.UNSIGNED_LONG: "HUGEINT", Type.DOUBLE: "DOUBLE"}
# First come, first kept; `list_distinct` keeps no order.
DEDUPLICATED = "list_filter({0}, lambda v, i: list_position({0}, v) = i)"


def _sort(site: Site) -> str:
    order = site.constant(1) if site.has(1) else "asc"
    return f"{'list_reverse_sort' if str(order).lower() == 'desc' else 'list_sort'}({site.sql[0]})"


def _order_objection(constants: Sequence[object]) -> str | None:
    order = constants[1] if len(constants) > 1 else "asc"
    if not isinstance(order, str) or order.lower() in ("asc", "desc"):
        return None
    return f"Invalid order value in [{{whole}}], expected one of [ASC, DESC] but got [{order}]"


def _slice(site: Site) -> str:
    """Positions count from 0, from the end when negative, the end included; null for an empty slice."""
    values, start = site.sql[0], site.sql[1]
    end = site.sql[2] if site.has(2) else start
    first = f"CASE WHEN {start} < 0 THEN {start} + len({values}) ELSE {start} END"
    last = f"CASE WHEN {end} < 0 THEN {end} + len({values}) ELSE {end} END"
    return f"nullif(list_slice({values}, greatest({first}, 0) + 1, {last} + 1), [])"


def _append(site: Site) -> str:
    left, right = site.list_of(0, site.result), site.list_of(1, site.result)
    return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN list_concat({left}, {right}) END"


def _contains(site: Site) -> str:
    """Two-valued: nothing is contained in everything, something is not contained in nothing."""
    superset, subset = _alike(site)
    return f"({subset} IS NULL OR ({superset} IS NOT NULL AND list_has_all({superset}, {subset})))"


def _intersects(site: Site) -> str:
    left, right = _alike(site)
    return f"coalesce(list_has_any({left}, {right}), FALSE)"


def _shared(site: Site) -> str:
    """What both have, each once, in the order of the first."""
    left, right = _alike(site)
    both = f"list_filter({left}, lambda v: list_contains({right}, v))"
    return f"nullif({DEDUPLICATED.replace('{0}', both)}, [])"


def _union(site: Site) -> str:
    """What either has, each once; a null is nothing."""
    left, right = _alike(site)
    return f"nullif({DEDUPLICATED.replace('{0}', f'list_concat({left}, {right})')}, [])"


def _difference(site: Site) -> str:
    """What only the first has, each once."""
    left, right = _alike(site)
    rest = (
        f"CASE WHEN {right} IS NULL THEN {left} ELSE list_filter({left}, lambda v: NOT list_contains({right}, v)) END"
    )
    return f"nullif({DEDUPLICATED.replace('{0}', rest)}, [])"


def _weighted_series(site: Site) -> str:
    """Every value over the power of its place, added up."""
    terms = f"list_transform({site.sql[0]}, lambda v, i: v / pow(i, {site.sql[1]}))"
    return finite(f"list_aggregate({terms}, 'fsum')")


def _alike(site: Site) -> tuple[str, str]:
    """Both lists in one type."""
    common = unified(site.types)
    return site.list_of(0, common), site.list_of(1, common)


def _concat(site: Site) -> str:
    """DuckDB joins a list by a constant only."""
    values, delimiter = site.sql
    if isinstance(site.constant(1), str):
        return f"array_to_string({values}, {delimiter})"
    return f"CASE WHEN {delimiter} IS NOT NULL THEN list_reduce({values}, lambda a, b: a || {delimiter} || b) END"


def _zip(site: Site) -> str:
    left, right = site.sql[0], site.sql[1]
    delimiter = site.sql[2] if site.has(2) else "','"
    pairs = f"list_zip({left}, {right})"
    return f"list_transform({pairs}, lambda p: concat_ws({delimiter}, p[1], p[2]))"


def _sum(site: Site) -> str:
    wide = _WIDE[site.result]
    return f"TRY_CAST(list_sum({site.sql[0]}::{wide}[]) AS {SQL_NUMBER[site.result]})"


def _quantile(fraction: str) -> Callable[[Site], str]:
    """Whole numbers between two values round down."""

    def sql(site: Site) -> str:
        share = fraction.replace("{1}", site.sql[1] if site.has(1) else "")
        return _in_type(site, interpolated(f"list_sort({_widened(site)})", share, is_whole=_is_whole(site)))

    return sql


def _percentile(site: Site) -> str:
    share = site.sql[1]
    return f"CASE WHEN {share} BETWEEN 0 AND 100 THEN {_quantile(f'({share} / 100.0)')(site)} END"


def interpolated(ordered: str, share: str, *, is_whole: bool = False) -> str:
    """The value at a share (0 to 1) of an ordered list, between its neighbours where it falls between two."""
    at = f"((len({ordered}) - 1) * {share})"
    low, high = f"{ordered}[floor({at})::BIGINT + 1]", f"{ordered}[ceil({at})::BIGINT + 1]"
    between = f"({high} - {low}) * ({at} - floor({at}))"
    return f"({low} + {f'floor({between})::HUGEINT' if is_whole else between})"


def _is_whole(site: Site) -> bool:
    return site.result is not Type.DOUBLE


def _widened(site: Site) -> str:
    """The values in a type in which what is between two of them is one, too."""
    return f"{site.sql[0]}::{_WIDE[site.result]}[]"


def _in_type(site: Site, sql: str) -> str:
    return f"({sql})::{SQL_NUMBER[site.result]}" if _is_whole(site) else sql


def _median_deviation(site: Site) -> str:
    middle = interpolated(f"list_sort({_widened(site)})", "0.5", is_whole=_is_whole(site))
    distances = f"list_sort(list_transform({_widened(site)}, lambda v: abs(v - {middle})))"
    return _in_type(site, interpolated(distances, "0.5", is_whole=_is_whole(site)))


_A = Many.ALWAYS
_ILLEGAL = "java.lang.IllegalArgumentException"

FUNCTIONS = (
    Function("mv_count", (_VALUES,), Type.INTEGER, "len({0})::INTEGER"),
    Function("mv_first", (_VALUES,), first_type, "{0}[1]"),
    Function("mv_last", (_VALUES,), first_type, "{0}[-1]"),
    Function("mv_min", (_ORDERED,), first_type, "list_min({0})"),
    Function("mv_max", (_ORDERED,), first_type, "list_max({0})"),
    Function("mv_concat", (_STRINGS, STRING), Type.KEYWORD, _concat),
    Function("mv_dedupe", (_VALUES,), first_type, DEDUPLICATED, _A),
    Function("mv_sort", (_ORDERED, optional(constant(STRING))), first_type, _sort, _A, objection=_order_objection),
    Function("mv_slice", (_VALUES, INTEGER, optional(INTEGER)), first_type, _slice, _A),
    Function("mv_append", (_VALUES, _VALUES), unified, _append, _A, is_unified=True),
    Function("mv_contains", (_VALUES, _VALUES), Type.BOOLEAN, _contains, is_unified=True, is_strict=False),
    Function("mv_intersects", (_VALUES, _VALUES), Type.BOOLEAN, _intersects, is_unified=True, is_strict=False),
    Function("mv_zip", (_STRINGS, _STRINGS, optional(STRING)), Type.KEYWORD, _zip, _A),
    Function("mv_sum", (_NUMBERS,), widest_number, _sum, failure=overflow),
    Function("mv_avg", (_NUMBERS,), Type.DOUBLE, "list_avg({0}::DOUBLE[])"),
    Function("mv_median", (_NUMBERS,), widest_number, _quantile("0.5")),
    Function(
        "mv_percentile",
        (_NUMBERS, of("numeric except unsigned_long", *NUMBERS)),
        lambda types: types[0],
        _percentile,
        failure=f"{_ILLEGAL}: Percentile parameter must be a number between 0 and 100, found [{{1}}]",
    ),
    Function("mv_median_absolute_deviation", (_NUMBERS,), widest_number, _median_deviation),
    Function("mv_intersection", (_VALUES, _VALUES), unified, _shared, _A, is_unified=True),
    Function("mv_union", (_VALUES, _VALUES), unified, _union, _A, is_unified=True, is_strict=False),
    Function("mv_difference", (_VALUES, _VALUES), unified, _difference, _A, is_unified=True, is_strict=False),
    Function(
        "mv_pseries_weighted_sum",
        (listed(of("double", Type.DOUBLE)), constant(of("double", Type.DOUBLE))),
        Type.DOUBLE,
        _weighted_series,
        failure="java.lang.ArithmeticException: double overflow",
    ),
)
