"""Aggregates of STATS. Lists are taken apart first: every value counts."""

from collections.abc import Callable, Sequence

from local.esql.functions.model import MISSING, Aggregate, Site
from local.esql.functions.parameters import INTEGER, VALUE, constant, first_type, of, optional, widest_number
from local.esql.types import ANY, DATES, NUMBERS, Type

_FLAT = "flatten(list({0}){filter})"
_COUNTED = of("numeric except unsigned_long or counter types", *NUMBERS - {Type.UNSIGNED_LONG})
_SUMMED = of(
    "aggregate_metric_double, exponential_histogram, tdigest or numeric except unsigned_long or counter types",
    *NUMBERS - {Type.UNSIGNED_LONG},
)
_COMPARED = of(
    "boolean, date, ip, string, version, aggregate_metric_double, exponential_histogram, tdigest or numeric except"
    " counter types",
    *ANY,
)
_DISTINCT = of("any exact type except unsigned_long, _source, or counter types", *ANY - {Type.UNSIGNED_LONG})
_PLACE = of("long, date or date_nanos", Type.LONG, Type.INTEGER, *DATES)
_ANY = of("any type", *ANY)


def _simple(sql: str) -> tuple[str, str]:
    """An SQL aggregate, and the same over the values of lists."""
    return f"{sql}({{0}}){{filter}}", f"list_aggregate({_FLAT}, '{sql}')"


def _sum_type(types: Sequence[Type]) -> Type:
    if types[0] is Type.NULL:
        return Type.NULL
    widest = widest_number(types)
    return Type.LONG if widest is Type.INTEGER else widest


def _sum(over: str) -> Callable[[Site], str]:
    """Whole numbers add up exactly, doubles with compensation (Kahan)."""

    def sql(site: Site) -> str:
        value = over.replace("{0}", site.sql[0])
        if site.result is Type.DOUBLE:
            return f"fsum({value}){{filter}}" if over == "{0}" else f"list_aggregate({value}, 'fsum')"
        target = "UBIGINT" if site.result is Type.UNSIGNED_LONG else "BIGINT"
        total = f"sum({value}){{filter}}" if over == "{0}" else f"list_aggregate({value}, 'sum')"
        return f"TRY_CAST({total} AS {target})"

    return sql


def _top(over: str) -> Callable[[Site], str]:
    """The first n values in order; TOP(field, n, order)."""

    def sql(site: Site) -> str:
        count, order = site.constant(1), str(site.constant(2)).lower() if site.has(2) else "asc"
        sort = "list_reverse_sort" if order == "desc" else "list_sort"
        return f"nullif(list_slice({sort}({over.replace('{0}', site.sql[0])}), 1, {count}), [])"

    return sql


def _single(site: Site, index: int) -> str:
    """The one value of an argument; of several there is none."""
    sql = site.sql[index]
    return f"CASE WHEN len({sql}) = 1 THEN {sql}[1] END" if site.is_many[index] else sql


def _weighted(site: Site) -> str:
    """Values times their weights over all weights; a weight that is the same for all counts for nothing."""
    if site.constant(1) is not MISSING:
        return _AVG[site.is_many[0]].replace("{0}", site.sql[0])
    value, weight = (f"({_single(site, index)})::DOUBLE" for index in (0, 1))
    return f"fsum({value} * {weight}){{filter}} / nullif(fsum({weight}){{filter}}, 0)"


def _at(end: str) -> Callable[[Site], str]:
    """The values of the row that is first or last by another field; rows without it do not count."""

    def sql(site: Site) -> str:
        if site.types[1] is Type.NULL:
            return f"any_value({site.sql[0]}){{filter}}"
        place = f"list_{end}({site.sql[1]})" if site.is_many[1] else site.sql[1]
        return f"arg_{end}_null({site.sql[0]}, {place}){{filter}}"

    return sql


def _top_of(over: str) -> Callable[[Site], str]:
    """TOP(field, n, order), or with another field whose values are wanted in the order of the first."""
    plain = _top(over)

    def sql(site: Site) -> str:
        if not site.has(3):
            return plain(site)
        key, wanted = _single(site, 0), _single(site, 3)
        listed = f"list({wanted} ORDER BY {key} {str(site.constant(2)).upper()})"
        there = f"FILTER (WHERE ({key}) IS NOT NULL AND ({wanted}) IS NOT NULL{{and_filter}})"
        return f"list_slice({listed} {there}, 1, {site.constant(1)})"

    return sql


def _percentile_objection(constants: Sequence[object]) -> str | None:
    share = constants[1]
    if isinstance(share, int | float) and 0 <= share <= _ALL_PERCENT:
        return None
    return f"Percentile parameter of [{{whole}}] must be a number between 0 and 100, found [{share}]"


def _weight_objection(constants: Sequence[object]) -> str | None:
    weight = constants[1]
    if weight is MISSING or weight:
        return None
    return f"SECOND argument of [{{whole}}] cannot be null or 0, received [{'null' if weight is None else weight}]"


def _top_objection(constants: Sequence[object]) -> str | None:
    count, order = constants[1], constants[2] if len(constants) > _ORDER else "asc"
    if isinstance(count, int) and count <= 0:
        return f"Limit must be greater than 0 in [{{whole}}], found [{count}]"
    if str(order).lower() not in ("asc", "desc"):
        return f"Invalid order value in [{{whole}}], expected [ASC, DESC] but got [{order}]"
    return None


_ALL_PERCENT = 100
_ORDER = 2  # the place of TOP's order
_AVG = {False: "favg({0}::DOUBLE){filter}", True: f"list_aggregate({_FLAT}::DOUBLE[], 'favg')"}


def _sampled(values: str) -> Callable[[Site], str]:
    return lambda site: f"nullif(list_slice({values.replace('{0}', site.sql[0])}, 1, {site.constant(1)}), [])"


_BY_ZERO = "java.lang.ArithmeticException: / by zero"
_LISTED = "list({0}) FILTER (WHERE {0} IS NOT NULL{and_filter})"
_VALUES = "nullif(list_sort(list_distinct({})), [])"

AGGREGATES = (
    Aggregate(
        "count", (optional(_ANY),), Type.LONG, "count({0}){filter}", "coalesce(sum(len({0})){filter}, 0)::BIGINT"
    ),
    Aggregate(
        "count_distinct",
        (
            _DISTINCT,
            optional(constant(of("whole number except unsigned_long or counter types", Type.INTEGER, Type.LONG))),
        ),
        Type.LONG,
        "count(DISTINCT {0}){filter}",
        f"coalesce(len(list_distinct({_FLAT})), 0)::BIGINT",
    ),
    Aggregate(
        "sum",
        (_SUMMED,),
        _sum_type,
        _sum("{0}"),
        _sum(_FLAT),
        failure="java.lang.ArithmeticException: long overflow",
    ),
    Aggregate("avg", (_SUMMED,), Type.DOUBLE, _AVG[False], _AVG[True]),
    Aggregate("present", (_ANY,), Type.BOOLEAN, "count({0}){filter} > 0", "count({0}){filter} > 0"),
    Aggregate("absent", (_ANY,), Type.BOOLEAN, "count({0}){filter} = 0", "count({0}){filter} = 0"),
    Aggregate("min", (_COMPARED,), first_type, *_simple("min")),
    Aggregate("max", (_COMPARED,), first_type, *_simple("max")),
    Aggregate("values", (VALUE,), first_type, _VALUES.format(_LISTED), _VALUES.format(_FLAT), gives_list=True),
    Aggregate(
        "median",
        (_COUNTED,),
        Type.DOUBLE,
        "median({0}::DOUBLE){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'median')",
    ),
    Aggregate(
        "percentile",
        (_COUNTED, constant(of("numeric except unsigned_long", *NUMBERS - {Type.UNSIGNED_LONG}))),
        Type.DOUBLE,
        lambda site: f"quantile_cont({site.sql[0]}::DOUBLE, {float(str(site.constant(1))) / 100}){{filter}}",
        lambda site: (
            f"list_aggregate({_FLAT}::DOUBLE[], 'quantile_cont', {float(str(site.constant(1))) / 100})".replace(
                "{0}", site.sql[0]
            )
        ),
        objection=_percentile_objection,
    ),
    Aggregate(
        "median_absolute_deviation",
        (_COUNTED,),
        Type.DOUBLE,
        "mad({0}::DOUBLE){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'mad')",
    ),
    Aggregate(
        "std_dev",
        (_COUNTED,),
        Type.DOUBLE,
        "stddev_pop({0}){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'stddev_pop')",
    ),
    Aggregate(
        "variance",
        (_COUNTED,),
        Type.DOUBLE,
        "var_pop({0}){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'var_pop')",
        aliases=("std_var",),
    ),
    Aggregate(
        "top",
        (VALUE, constant(INTEGER), optional(constant(of("string", Type.KEYWORD))), optional(VALUE)),
        lambda types: first_type(types[3:] or types),
        _top_of(_LISTED),
        _top_of(_FLAT),
        gives_list=True,
        objection=_top_objection,
    ),
    Aggregate(
        "weighted_avg", (_COUNTED, _COUNTED), Type.DOUBLE, _weighted, _weighted, _BY_ZERO, objection=_weight_objection
    ),
    Aggregate("first", (_ANY, _PLACE), first_type, _at("min"), _at("min"), keeps_list=True),
    Aggregate("last", (_ANY, _PLACE), first_type, _at("max"), _at("max"), keeps_list=True),
    Aggregate(
        "sample",
        (VALUE, constant(INTEGER)),
        first_type,
        _sampled("list({0} ORDER BY random()) FILTER (WHERE {0} IS NOT NULL{and_filter})"),
        _sampled("flatten(list(list_filter({0}, lambda v: v IS NOT NULL) ORDER BY random()){filter})"),
        gives_list=True,
    ),
)
