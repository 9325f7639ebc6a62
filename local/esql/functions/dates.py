"""Date functions. A date is stored as whole milliseconds since 1970 in UTC (BIGINT), a date_nanos as nanoseconds."""

from collections.abc import Callable, Sequence

from local.esql import dateformats, javatime
from local.esql.errors import ArgumentError
from local.esql.functions.model import MISSING, Function, Python, Site
from local.esql.functions.parameters import DATE, SPAN, STRING, optional
from local.esql.types import DATES, Span, Type

_TIME = "make_timestamp_ms({})"
_DAY_MS = 86_400_000
_NANOS = 1_000_000

# ChronoField names, as SQL over a timestamp `t` or over its milliseconds `m`.
_FIELDS = {
    "era": "CASE WHEN year(t) > 0 THEN 1 ELSE 0 END",
    "year": "year(t)",
    "year_of_era": "abs(year(t))",
    "proleptic_month": "year(t) * 12 + month(t) - 1",
    "month_of_year": "month(t)",
    "day_of_month": "day(t)",
    "day_of_year": "dayofyear(t)",
    "day_of_week": "isodow(t)",
    "aligned_week_of_year": "(dayofyear(t) - 1) // 7 + 1",
    "aligned_week_of_month": "(day(t) - 1) // 7 + 1",
    "aligned_day_of_week_in_month": "(day(t) - 1) % 7 + 1",
    "aligned_day_of_week_in_year": "(dayofyear(t) - 1) % 7 + 1",
    "epoch_day": "floor(m / 86400000.0)",
    "ampm_of_day": "hour(t) // 12",
    "hour_of_day": "hour(t)",
    "clock_hour_of_day": "CASE WHEN hour(t) = 0 THEN 24 ELSE hour(t) END",
    "hour_of_ampm": "hour(t) % 12",
    "clock_hour_of_ampm": "CASE WHEN hour(t) % 12 = 0 THEN 12 ELSE hour(t) % 12 END",
    "minute_of_hour": "minute(t)",
    "minute_of_day": "hour(t) * 60 + minute(t)",
    "second_of_minute": "second(t)",
    "second_of_day": "hour(t) * 3600 + minute(t) * 60 + second(t)",
    "milli_of_second": "m % 1000",
    "milli_of_day": "(m % 86400000 + 86400000) % 86400000",
    "micro_of_second": "m % 1000 * 1000",
    "micro_of_day": "(m % 86400000 + 86400000) % 86400000 * 1000",
    "nano_of_second": "m % 1000 * 1000000",
    "nano_of_day": "(m % 86400000 + 86400000) % 86400000 * 1000000",
    "instant_seconds": "floor(m / 1000.0)",
    "offset_seconds": "0",
}


def millis(site: Site, index: int) -> str:
    """SQL of a date argument in milliseconds."""
    sql = site.sql[index]
    return f"({sql} // {_NANOS})" if site.types[index] is Type.DATE_NANOS else sql


def shifted(site: Site, sign: int) -> str:
    """A date plus a time span, which may stand on either side; null beyond the range of a long."""
    date, other = (0, 1) if site.types[0] in DATES else (1, 0)
    span = site.constant(other)
    if not isinstance(span, Span):
        return "NULL::BIGINT"
    scale = _NANOS if site.result is Type.DATE_NANOS else 1
    value = site.sql[date]
    if span.months or span.days:
        months, days = sign * span.months, sign * span.days
        moved = f"TRY(epoch_ms({_TIME.format(millis(site, date))} + to_months({months}) + to_days({days})))"
        return moved if scale == 1 else f"({moved} * {scale} + {value} % {scale})"
    return f"TRY_CAST({value}::HUGEINT + {sign * span.millis * scale} AS BIGINT)"


def truncated(value: str, span: Span) -> str:
    """SQL of milliseconds rounded down to a time span.

    One day, week, month, quarter or year is a calendar one, several months or years count from year 1, and everything
    else counts from 1970 (source: `DateTrunc.createRounding`).
    """
    time = _TIME.format(value)
    if span.millis or span.days not in (0, 1, 7):
        length = span.millis or span.days * _DAY_MS
        return f"(floor({value} / {length}.0)::BIGINT * {length})"
    if span.days:
        return f"epoch_ms(date_trunc('{'day' if span.days == 1 else 'week'}', {time}))"
    unit = {1: "month", 3: "quarter", 12: "year"}.get(span.months)
    if unit:
        return f"epoch_ms(date_trunc('{unit}', {time}))"
    first = f"((year({time}) - 1) * 12 + month({time}) - 1) // {span.months} * {span.months}"
    return f"epoch_ms(make_timestamp({first} // 12 + 1, {first} % 12 + 1, 1, 0, 0, 0))"


def _trunc(site: Site) -> str:
    span = site.constant(0)
    if not isinstance(span, Span):
        return "NULL::BIGINT"
    if site.result is Type.DATE_NANOS:
        return f"({truncated(millis(site, 1), span)} * {_NANOS})"
    return truncated(site.sql[1], span)


# Fields of less than a millisecond, over nanoseconds `n`.
_FINER_FIELDS = {
    "micro_of_second": "n % 1000000000 // 1000",
    "micro_of_day": "n % 86400000000000 // 1000",
    "nano_of_second": "n % 1000000000",
    "nano_of_day": "n % 86400000000000",
}


def _format(site: Site) -> str:
    is_plain = site.constant(0) is None or site.types[0] is Type.NULL
    if site.types[1] is Type.DATE_NANOS:
        name = "es_nanos_text(" if is_plain else f"es_nanos_format({site.sql[0]}, "
        return f"{name}{site.sql[1]})"
    if is_plain:
        return f"strftime({_TIME.format(millis(site, 1))}, '%Y-%m-%dT%H:%M:%S.%gZ')"
    return f"es_date_format({site.sql[0]}, {millis(site, 1)})"


def _extract(site: Site) -> str:
    """The field is a constant nearly always; else every field is a branch."""
    value = millis(site, 1)

    def field(name: str) -> str:
        if site.types[1] is Type.DATE_NANOS and name in _FINER_FIELDS:
            return f"({_FINER_FIELDS[name].replace('n %', f'{site.sql[1]} %')})::BIGINT"
        sql = _FIELDS[name].replace("(t)", f"({_TIME.format(value)})")
        return f"({sql.replace('m %', f'{value} %').replace('m /', f'{value} /')})::BIGINT"

    name = site.constant(0)
    if name is not MISSING:
        return field(str(name).lower()) if str(name).lower() in _FIELDS else "NULL::BIGINT"
    branches = " ".join(f"WHEN '{name}' THEN {field(name)}" for name in _FIELDS)
    return f"CASE lower({site.sql[0]}) {branches} END"


def _diff(site: Site) -> str:
    return f"es_date_diff({site.sql[0]}, {_in_nanos(site, 1)}, {_in_nanos(site, 2)})"


def _integer_difference(unit: str, start: int, end: int) -> int | None:
    found = javatime.difference(unit, start, end)
    return found if found is not None and -(2**31) <= found < 2**31 else None


def _difference_text(unit: str, start: int, end: int) -> str:
    return str(javatime.difference(unit, start, end))


def _in_nanos(site: Site, index: int) -> str:
    sql = site.sql[index]
    return sql if site.types[index] is Type.DATE_NANOS else f"({sql} * {_NANOS})"


def _parse(site: Site) -> str:
    if site.types[0] is Type.NULL:
        return f"es_parse_date({site.sql[1]})"
    return f"es_date_parse({site.sql[0]}, {site.sql[1]})"


def _named(directive: str) -> Callable[[Site], str]:
    return lambda site: f"strftime({_TIME.format(millis(site, 0))}, '{directive}')"


def _format_objection(constants: Sequence[object]) -> str | None:
    return dateformats.fault(constants[0]) if isinstance(constants[0], str) else None


def _pattern_objection(constants: Sequence[object]) -> str | None:
    wrong = _format_objection(constants)
    return wrong and f"invalid date pattern for [{{whole}}]: {wrong}"


def _span_objection(constants: Sequence[object]) -> str | None:
    span = constants[0]
    if not isinstance(span, Span) or (span.months + span.days + span.millis) > 0:
        return None
    return "Zero or negative time interval is not supported"


def _field_objection(constants: Sequence[object]) -> str | None:
    name = constants[0]
    if not isinstance(name, str) or name.lower() in _FIELDS:
        return None
    return f"invalid date field for [{{whole}}]: {name}"


# What DATE_DIFF counts in, as it tells them.
_UNITS = (
    "[YEAR, QUARTER, MONTH, DAYOFYEAR, DAY, WEEK, WEEKDAY, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND,"
    " NANOSECOND] or their aliases"
)


def _unit_objection(constants: Sequence[object]) -> str | None:
    unit = constants[0]
    if not isinstance(unit, str) or unit.lower() in javatime.UNITS:
        return None
    return f"invalid unit for [{{whole}}]: A value of {_UNITS} is required; received [{unit}]"


PARSE = Python("es_parse_date", ("VARCHAR",), "BIGINT", javatime.parse_iso)

FUNCTIONS = (
    Function(
        "date_trunc",
        (SPAN, DATE),
        lambda types: types[1],
        _trunc,
        objection=_span_objection,
        refusal=ArgumentError,
    ),
    Function(
        "date_format",
        (optional(STRING), DATE),
        Type.KEYWORD,
        _format,
        is_strict=False,
        failure="java.lang.IllegalArgumentException: Invalid format",
        python=(
            Python("es_date_format", ("VARCHAR", "BIGINT"), "VARCHAR", dateformats.write),
            Python("es_nanos_format", ("VARCHAR", "BIGINT"), "VARCHAR", dateformats.write_nanos),
            Python("es_nanos_text", ("BIGINT",), "VARCHAR", javatime.iso_nanos),
        ),
        objection=_format_objection,
        refusal=ArgumentError,
    ),
    Function(
        "date_parse",
        (optional(STRING), STRING),
        Type.DATE,
        _parse,
        is_strict=False,
        failure="java.lang.IllegalArgumentException: failed to parse date field [{1}] with format [{0}]",
        python=(PARSE, Python("es_date_parse", ("VARCHAR", "VARCHAR"), "BIGINT", dateformats.parse)),
        objection=_pattern_objection,
    ),
    Function(
        "date_diff",
        (STRING, DATE, DATE),
        Type.INTEGER,
        _diff,
        failure="org.elasticsearch.xpack.esql.core.InvalidArgumentException: [{why}] out of [integer] range",
        why=lambda site: _diff(site).replace("es_date_diff", "es_long_date_diff", 1),
        python=(
            Python("es_date_diff", ("VARCHAR", "BIGINT", "BIGINT"), "INTEGER", _integer_difference),
            Python("es_long_date_diff", ("VARCHAR", "BIGINT", "BIGINT"), "VARCHAR", _difference_text),
        ),
        objection=_unit_objection,
    ),
    Function("date_extract", (STRING, DATE), Type.LONG, _extract, objection=_field_objection),
    Function("day_name", (DATE,), Type.KEYWORD, _named("%A")),
    Function("month_name", (DATE,), Type.KEYWORD, _named("%B")),
)
