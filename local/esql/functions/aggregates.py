"""Aggregates of STATS. Lists are taken apart first: every value counts."""

from collections.abc import Callable, Sequence

from local.esql.functions.model import Aggregate, Site
from local.esql.functions.parameters import INTEGER, NUMBER, VALUE, constant, first_type, of, optional, widest_number
from local.esql.types import ANY, NUMBERS, Type

_FLAT = "flatten(list({0}){filter})"
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


_LISTED = "list({0}) FILTER (WHERE {0} IS NOT NULL{and_filter})"
_VALUES = "nullif(list_sort(list_distinct({})), [])"

AGGREGATES = (
    Aggregate(
        "count", (optional(_ANY),), Type.LONG, "count({0}){filter}", "coalesce(sum(len({0})){filter}, 0)::BIGINT"
    ),
    Aggregate(
        "count_distinct",
        (_ANY, optional(constant(of("whole number except unsigned_long or counter types", Type.INTEGER, Type.LONG)))),
        Type.LONG,
        "count(DISTINCT {0}){filter}",
        f"coalesce(len(list_distinct({_FLAT})), 0)::BIGINT",
    ),
    Aggregate(
        "sum",
        (NUMBER,),
        _sum_type,
        _sum("{0}"),
        _sum(_FLAT),
        failure="java.lang.ArithmeticException: long overflow",
    ),
    Aggregate(
        "avg", (NUMBER,), Type.DOUBLE, "favg({0}::DOUBLE){filter}", f"list_aggregate({_FLAT}::DOUBLE[], 'favg')"
    ),
    Aggregate("present", (_ANY,), Type.BOOLEAN, "count({0}){filter} > 0", "count({0}){filter} > 0"),
    Aggregate("absent", (_ANY,), Type.BOOLEAN, "count({0}){filter} = 0", "count({0}){filter} = 0"),
    Aggregate("min", (VALUE,), first_type, *_simple("min")),
    Aggregate("max", (VALUE,), first_type, *_simple("max")),
    Aggregate("values", (VALUE,), first_type, _VALUES.format(_LISTED), _VALUES.format(_FLAT), gives_list=True),
    Aggregate(
        "median",
        (NUMBER,),
        Type.DOUBLE,
        "median({0}::DOUBLE){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'median')",
    ),
    Aggregate(
        "percentile",
        (NUMBER, constant(of("numeric except unsigned_long", *NUMBERS))),
        Type.DOUBLE,
        lambda site: f"quantile_cont({site.sql[0]}::DOUBLE, {float(str(site.constant(1))) / 100}){{filter}}",
        lambda site: (
            f"list_aggregate({_FLAT}::DOUBLE[], 'quantile_cont', {float(str(site.constant(1))) / 100})".replace(
                "{0}", site.sql[0]
            )
        ),
    ),
    Aggregate(
        "median_absolute_deviation",
        (NUMBER,),
        Type.DOUBLE,
        "mad({0}::DOUBLE){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'mad')",
    ),
    Aggregate(
        "std_dev",
        (NUMBER,),
        Type.DOUBLE,
        "stddev_pop({0}){filter}",
        f"list_aggregate({_FLAT}::DOUBLE[], 'stddev_pop')",
    ),
    Aggregate(
        "variance", (NUMBER,), Type.DOUBLE, "var_pop({0}){filter}", f"list_aggregate({_FLAT}::DOUBLE[], 'var_pop')"
    ),
    Aggregate(
        "top",
        (VALUE, constant(INTEGER), optional(constant(of("string", Type.KEYWORD)))),
        first_type,
        _top(_LISTED),
        _top(_FLAT),
        gives_list=True,
    ),
)
