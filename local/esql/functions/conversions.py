"""Conversions, applied to each value of a multi-value; also what `::` calls."""

from collections.abc import Callable

from local.esql import javatime
from local.esql.encoding import decode_ip, decode_version, encode_ip, encode_ip_lenient, encode_version
from local.esql.functions.dates import PARSE
from local.esql.functions.model import Function, Many, Python, Site
from local.esql.functions.parameters import SQL_NUMBER, of
from local.esql.types import ANY, DATES, NUMBERS, STRINGS, Type

T = Type
_NANOS = 1_000_000
_LAST_NANO = "2262-04-11T23:47:16.854775807"
_WHOLE_TEXT, _NUMBER_TEXT = "[+-]?[0-9]+", r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?\s*"


def _number_failure(site: Site) -> str:
    if site.types[0] in STRINGS:
        return "org.elasticsearch.xpack.esql.core.InvalidArgumentException: Cannot parse number [{0}]"
    return f"org.elasticsearch.xpack.esql.core.InvalidArgumentException: [{{0}}] out of [{site.result.value}] range"


def _parsed_double(sql: str) -> str:
    number = f"TRY_CAST(rtrim(trim({sql}), 'dDfF') AS DOUBLE)"
    return f"CASE WHEN regexp_full_match({sql}, '{_NUMBER_TEXT}') THEN {number} END"


def _to_whole(site: Site) -> str:
    """Doubles round half up as `Math.round`; text may be a decimal."""
    (sql, source), target = (site.sql[0], site.types[0]), SQL_NUMBER[site.result]
    if source is site.result:
        return sql
    if source is T.BOOLEAN:
        return f"{sql}::{target}"
    if source is T.DOUBLE:
        rounded = f"trunc({sql})" if site.result is T.UNSIGNED_LONG else f"floor({sql} + 0.5)"
        return f"TRY_CAST({rounded} AS {target})"
    if source in STRINGS:
        decimal = f"TRY_CAST(floor({_parsed_double(sql)} + 0.5) AS {target})"
        return (
            f"CASE WHEN regexp_full_match({sql}, '{_WHOLE_TEXT}') THEN TRY_CAST({sql} AS {target}) ELSE {decimal} END"
        )
    return f"TRY_CAST({sql} AS {target})"


def _to_double(site: Site) -> str:
    sql, source = site.sql[0], site.types[0]
    if source in STRINGS:
        return _parsed_double(sql)
    return f"({sql}::INTEGER)::DOUBLE" if source is T.BOOLEAN else f"{sql}::DOUBLE"


def _to_boolean(site: Site) -> str:
    sql, source = site.sql[0], site.types[0]
    if source in STRINGS:
        return f"(lower({sql}) = 'true')"
    return sql if source is T.BOOLEAN else f"({sql} != 0)"


_TEXT_OF: dict[Type, str] = {
    T.DOUBLE: "es_double_text({0})",
    T.DATE: "strftime(make_timestamp_ms({0}), '%Y-%m-%dT%H:%M:%S.%gZ')",
    T.DATE_NANOS: "es_nanos_text({0})",
    T.IP: "es_ip_text({0})",
    T.VERSION: "es_version_text({0})",
}


def _to_string(site: Site) -> str:
    return _TEXT_OF.get(site.types[0], "{0}::VARCHAR").replace("{0}", site.sql[0])


def _to_date(site: Site) -> str:
    sql, source = site.sql[0], site.types[0]
    if source in STRINGS:
        return f"es_parse_date({sql})"
    if source is T.DATE_NANOS:
        return f"({sql} // {_NANOS})"
    return f"TRY_CAST(trunc({sql}) AS BIGINT)" if source is T.DOUBLE else f"TRY_CAST({sql} AS BIGINT)"


def _to_date_nanos(site: Site) -> str:
    """Nanoseconds are counted from 1970 on, as far as a long goes."""
    sql, source = site.sql[0], site.types[0]
    if source is T.DATE_NANOS:
        return sql
    if source in STRINGS:
        nanos = f"TRY_CAST(es_parse_nanos({sql}) AS BIGINT)"
    elif source is T.DOUBLE:
        nanos = f"TRY_CAST(trunc({sql}) AS BIGINT)"
    else:
        nanos = f"TRY_CAST({sql}::HUGEINT{f' * {_NANOS}' if source is T.DATE else ''} AS BIGINT)"
    return f"nullif(greatest({nanos}, -1), -1)"


def _why_not_nanos(site: Site) -> str:
    """Source: `DateUtils.toLong` and `toNanoSeconds`, `EsqlDataTypeConverter.parseDateNanos`."""
    sql, source = site.sql[0], site.types[0]
    if source in STRINGS:
        return f"es_why_not_nanos({sql})"
    if source is T.DATE:
        amiss = f"CASE WHEN {sql} < 0 THEN 'before the epoch in 1970' ELSE 'after {_LAST_NANO}' END"
        return f"'milliSeconds [' || {sql} || '] are ' || {amiss} || ' and cannot be converted to nanoseconds'"
    early = "'Nanosecond dates before 1970-01-01T00:00:00.000Z are not supported.'"
    number = f"es_double_text({sql})" if source is T.DOUBLE else sql
    return f"CASE WHEN {sql} < 0 THEN {early} ELSE '[' || {number} || '] out of [long] range' END"


def _why_no_nanos(text: str) -> str:
    nanos = javatime.parse_iso_nanos(text)
    if nanos is None:
        return f"failed to parse date field [{text}] with format [strict_date_optional_time_nanos]"
    amiss = "before the epoch in 1970" if nanos < 0 else f"after {_LAST_NANO}"
    return f"date[{javatime.instant(nanos // _NANOS)}] is {amiss} and cannot be stored in nanosecond resolution"


def _to_ip(site: Site) -> str:
    if site.types[0] is T.IP:
        return site.sql[0]
    zeros = site.option("leading_zeros")
    if zeros in (None, "reject"):
        return f"es_ip({site.sql[0]})"
    return f"es_ip_lenient({site.sql[0]}, {site.bind(zeros)})"


def _to_version(site: Site) -> str:
    return site.sql[0] if site.types[0] is T.VERSION else f"es_version({site.sql[0]})"


def _each(
    name: str,
    result: Type,
    takes: frozenset[Type],
    sql: Callable[[Site], str],
    failure: str | Callable[[Site], str] | None = None,
    python: tuple[Python, ...] = (),
    aliases: tuple[str, ...] = (),
    why: Callable[[Site], str] | None = None,
) -> Function:
    labels = [*sorted(t.label for t in takes - STRINGS), "string"]
    parameter = of(f"{', '.join(labels[:-1])} or {labels[-1]}", *takes)
    return Function(name, (parameter,), result, sql, Many.EACH, failure, python=python, aliases=aliases, why=why)


_DATE_FAILURE = (
    "java.lang.IllegalArgumentException: failed to parse date field [{0}] with format [strict_date_optional_time]"
)
_FROM_NUMBER = NUMBERS | STRINGS | DATES | {T.BOOLEAN}

FUNCTIONS = (
    _each("to_integer", T.INTEGER, _FROM_NUMBER, _to_whole, _number_failure, aliases=("to_int",)),
    _each("to_long", T.LONG, _FROM_NUMBER, _to_whole, _number_failure),
    _each(
        "to_unsigned_long", T.UNSIGNED_LONG, _FROM_NUMBER, _to_whole, _number_failure, aliases=("to_ul", "to_ulong")
    ),
    _each("to_double", T.DOUBLE, _FROM_NUMBER, _to_double, _number_failure, aliases=("to_dbl",)),
    _each("to_boolean", T.BOOLEAN, NUMBERS | STRINGS | {T.BOOLEAN}, _to_boolean, aliases=("to_bool",)),
    _each(
        "to_string",
        T.KEYWORD,
        ANY,
        _to_string,
        aliases=("to_str",),
        python=(
            Python("es_nanos_text", ("BIGINT",), "VARCHAR", javatime.iso_nanos),
            Python("es_ip_text", ("VARCHAR",), "VARCHAR", decode_ip),
            Python("es_version_text", ("VARCHAR",), "VARCHAR", decode_version),
        ),
    ),
    _each(
        "to_datetime",
        T.DATE,
        NUMBERS | STRINGS | DATES,
        _to_date,
        lambda site: _DATE_FAILURE if site.types[0] in STRINGS else _number_failure(site),
        python=(PARSE,),
        aliases=("to_dt",),
    ),
    _each(
        "to_date_nanos",
        T.DATE_NANOS,
        NUMBERS | STRINGS | DATES,
        _to_date_nanos,
        "java.lang.IllegalArgumentException: {why}",
        aliases=("to_datenanos",),
        python=(
            Python("es_parse_nanos", ("VARCHAR",), "HUGEINT", javatime.parse_iso_nanos),
            Python("es_why_not_nanos", ("VARCHAR",), "VARCHAR", _why_no_nanos),
        ),
        why=_why_not_nanos,
    ),
    _each(
        "to_ip",
        T.IP,
        STRINGS | {T.IP},
        _to_ip,
        "java.lang.IllegalArgumentException: '{0}' is not an IP string literal.",
        python=(
            Python("es_ip", ("VARCHAR",), "VARCHAR", encode_ip),
            Python("es_ip_lenient", ("VARCHAR", "VARCHAR"), "VARCHAR", encode_ip_lenient),
        ),
    ),
    _each(
        "to_version",
        T.VERSION,
        STRINGS | {T.VERSION},
        _to_version,
        aliases=("to_ver",),
        python=(Python("es_version", ("VARCHAR",), "VARCHAR", encode_version),),
    ),
    _each("to_degrees", T.DOUBLE, NUMBERS, lambda site: f"degrees({site.sql[0]}::DOUBLE)"),
    _each("to_radians", T.DOUBLE, NUMBERS, lambda site: f"radians({site.sql[0]}::DOUBLE)"),
)
# `value::type` is a call of one of these.
OF_TYPE = {
    T.INTEGER: "to_integer",
    T.LONG: "to_long",
    T.UNSIGNED_LONG: "to_unsigned_long",
    T.DOUBLE: "to_double",
    T.BOOLEAN: "to_boolean",
    T.KEYWORD: "to_string",
    T.DATE: "to_datetime",
    T.DATE_NANOS: "to_date_nanos",
    T.IP: "to_ip",
    T.VERSION: "to_version",
}
