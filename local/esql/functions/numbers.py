"""Arithmetic and mathematical functions."""

import math
from collections.abc import Callable, Sequence

from local.esql.functions.dates import shifted
from local.esql.functions.model import Function, Python, Site
from local.esql.functions.parameters import (
    NUMBER,
    constant,
    first_type,
    of,
    optional,
    repeated,
    unified,
    widest_number,
)
from local.esql.types import DATES, NUMBERS, SPANS, WHOLE, Type

DOUBLE = Type.DOUBLE
# The next wider SQL type, in which an operation on two values cannot overflow, and the type of the result.
_WIDER = {
    Type.INTEGER: ("BIGINT", "INTEGER"),
    Type.LONG: ("HUGEINT", "BIGINT"),
    Type.UNSIGNED_LONG: ("HUGEINT", "UBIGINT"),
}
_NANOS_IN_MILLI = 1_000_000
_MOST_PLACES = 330  # beyond the last digit of any double, and the first of any number
_SIGNED = of("numeric", *NUMBERS - {Type.UNSIGNED_LONG})
_WHOLE = of("whole number except unsigned_long or counter types", Type.INTEGER, Type.LONG)
_ROUNDED = of("numeric, date or date_nanos", *NUMBERS - {Type.UNSIGNED_LONG}, *DATES)
OPERAND = of("date_nanos, datetime or numeric", *NUMBERS, *DATES, *SPANS)


def finite(sql: str) -> str:
    """Null for an infinity and for what is no number, which ES|QL never has."""
    return f"nullif(nullif(nullif({sql}, 'infinity'::DOUBLE), '-infinity'::DOUBLE), 'nan'::DOUBLE)"


def _operation(symbol: str) -> Callable[[Site], str]:
    """`+`, `-` and `*`: null where the result does not fit its type."""

    def sql(site: Site) -> str:
        if site.result in DATES:
            return shifted(site, -1 if symbol == "-" else 1)
        left, right = site.sql
        if site.result is DOUBLE:
            return finite(f"({left}::DOUBLE {symbol} {right}::DOUBLE)")
        wide, narrow = _WIDER[site.result]
        return f"TRY_CAST({left}::{wide} {symbol} {right}::{wide} AS {narrow})"

    return sql


def _quotient(symbol: str) -> Callable[[Site], str]:
    """`/` and `%`: whole numbers truncate toward zero as in Java; null for a division by zero."""

    def sql(site: Site) -> str:
        left, right = site.sql
        if site.result is DOUBLE:
            return finite(f"({left}::DOUBLE {symbol} nullif({right}::DOUBLE, 0))")
        operator = "//" if symbol == "/" else "%"
        wide, narrow = _WIDER[site.result]
        return f"TRY_CAST({left}::{wide} {operator} nullif({right}::{wide}, 0) AS {narrow})"

    return sql


def overflow(site: Site) -> str:
    if site.result is DOUBLE:
        return "java.lang.ArithmeticException: not a finite double number: Infinity"
    kind = site.result if site.result in WHOLE else Type.LONG
    return f"java.lang.ArithmeticException: {kind.value} overflow"


def _sum_type(types: Sequence[Type]) -> Type:
    """Dates win over time spans; numbers widen; two nulls are null."""
    known = [t for t in types if t is not Type.NULL]
    dates = [t for t in known if t in DATES]
    if dates:
        return dates[0]
    if any(t in SPANS for t in known):
        return Type.DATE if len(known) < len(types) else known[0]
    return widest_number(known) if known else Type.NULL


def _round(site: Site) -> str:
    """Half away from zero, at a decimal place that may be left of the point (source: `Maths.round`)."""
    value, place = site.sql[0], site.sql[1] if site.has(1) else "0"
    if site.result is not DOUBLE:
        wide, narrow = _WIDER[site.result]
        return f"TRY_CAST(round({value}::{wide}, greatest(least({place}, 0), {-_MOST_PLACES})::INTEGER) AS {narrow})"
    scale = f"pow(10, least({place}, {_MOST_PLACES}))"
    right = f"sign({value}) * floor(abs({value}) * {scale} + 0.5) / {scale}"
    left = f"round({value}, greatest({place}, {-_MOST_PLACES})::INTEGER)"
    return f"CASE WHEN {place} >= 0 THEN coalesce({finite(right)}, {value}) ELSE {left} END"


def _log(site: Site) -> str:
    """LOG(x) is natural, LOG(base, x) has a base; null outside of what they are defined for."""
    if not site.has(1):
        return f"CASE WHEN {site.sql[0]} > 0 THEN ln({site.sql[0]}) END"
    base, value = site.sql
    return f"CASE WHEN {value} > 0 AND {base} > 0 AND {base} != 1 THEN ln({value}) / ln({base}) END"


def _log_failure(site: Site) -> str:
    return "java.lang.ArithmeticException: Log of base 1" if site.constant(0) == 1 and site.has(1) else _NOT_POSITIVE


def _copy_sign(site: Site) -> str:
    """The size of the first with the sign of the second; the least whole number has no opposite and stays."""
    size, result = site.sql[0], site.result
    if result is DOUBLE:
        return f"CASE WHEN signbit({site.sql[1]}::DOUBLE) THEN -abs({size}) ELSE abs({size}) END"
    wide, narrow = _WIDER[result]
    signed = f"CASE WHEN {site.sql[1]} < 0 THEN -abs({size}::{wide}) ELSE abs({size}::{wide}) END"
    return f"coalesce(TRY_CAST({signed} AS {narrow}), {size})"


def _scaled(value: float, power: int) -> float | None:
    """A number times a power of two; null where that is infinite or the power no integer."""
    if not -(2**31) <= power < 2**31:
        return None
    try:
        return math.ldexp(value, power)
    except OverflowError:
        return None


def _round_to(site: Site) -> str:
    """The greatest of the points that is not above the value, or the least point."""
    scale = {(Type.DATE, Type.DATE_NANOS): _NANOS_IN_MILLI}
    points = [
        value * scale.get((site.types[index], site.result), 1)
        for index in range(1, len(site.sql))
        if isinstance(value := site.constant(index), int | float)
    ]
    if not points:
        return "NULL"
    least, *others = sorted(points)
    literal = {point: f"{site.bind(float(point) if site.result is DOUBLE else point)}" for point in points}
    branches = " ".join(f"WHEN {site.sql[0]} >= {literal[p]} THEN {literal[p]}" for p in reversed(others))
    return f"CASE WHEN {site.sql[0]} IS NULL THEN NULL {branches} ELSE {literal[least]} END"


def _abs(site: Site) -> str:
    wide, narrow = _WIDER.get(site.result, ("DOUBLE", "DOUBLE"))
    return f"TRY_CAST(abs({site.sql[0]}::{wide}) AS {narrow})"


def _double(name: str, sql: str, failure: str | None = None) -> Function:
    """A function of one number that gives a double."""
    return Function(name, (NUMBER,), DOUBLE, sql, failure=failure)


_NOT_POSITIVE = "java.lang.ArithmeticException: Log of non-positive number"
_BY_ZERO = "java.lang.ArithmeticException: / by zero"
_ZERO_TO_ONE = "CASE WHEN {0} BETWEEN -1 AND 1 THEN %s({0}) END"

# What BUCKET of a number is; it has no name of its own.
FLOOR_TO = Function("bucket", (NUMBER, NUMBER), DOUBLE, "floor({0}::DOUBLE / nullif({1}, 0)) * {1}", failure=_BY_ZERO)
FUNCTIONS = (
    Function("+", (OPERAND, OPERAND), _sum_type, _operation("+"), failure=overflow),
    Function("-", (OPERAND, OPERAND), _sum_type, _operation("-"), failure=overflow),
    Function("*", (NUMBER, NUMBER), widest_number, _operation("*"), failure=overflow),
    Function("/", (NUMBER, NUMBER), widest_number, _quotient("/"), failure=_BY_ZERO),
    Function("%", (NUMBER, NUMBER), widest_number, _quotient("%"), failure=_BY_ZERO),
    Function(
        "unary -",
        (of("numeric, date_period or time_duration", *NUMBERS - {Type.UNSIGNED_LONG}),),
        first_type,
        lambda site: (
            f"(-{site.sql[0]})"
            if site.result is DOUBLE
            else f"TRY_CAST(-{site.sql[0]}::{_WIDER[site.result][0]} AS {_WIDER[site.result][1]})"
        ),
        failure=overflow,
    ),
    Function("abs", (NUMBER,), first_type, _abs, failure=overflow, leaves=frozenset({Type.UNSIGNED_LONG})),
    Function(
        "round",
        (NUMBER, optional(_WHOLE)),
        first_type,
        _round,
        failure=overflow,
        leaves=WHOLE,
    ),
    Function("copy_sign", (_SIGNED, _SIGNED), first_type, _copy_sign),
    Function(
        "scalb",
        (NUMBER, _WHOLE),
        DOUBLE,
        "es_scalb({0}::DOUBLE, {1}::BIGINT)",
        failure=lambda site: (
            "java.lang.ArithmeticException: integer overflow"
            if isinstance(power := site.constant(1), int) and not -(2**31) <= power < 2**31
            else "java.lang.ArithmeticException: not a finite double number: Infinity"
        ),
        python=(Python("es_scalb", ("DOUBLE", "BIGINT"), "DOUBLE", _scaled),),
    ),
    Function(
        "round_to", (_ROUNDED, constant(_ROUNDED), repeated(constant(_ROUNDED))), unified, _round_to, is_unified=True
    ),
    Function("ceil", (NUMBER,), first_type, "ceil({0})", leaves=WHOLE),
    Function("floor", (NUMBER,), first_type, "floor({0})", leaves=WHOLE),
    Function("pow", (NUMBER, NUMBER), DOUBLE, finite("pow({0}::DOUBLE, {1}::DOUBLE)"), failure=overflow),
    Function("log", (NUMBER, optional(NUMBER)), DOUBLE, _log, failure=_log_failure),
    _double("log10", "CASE WHEN {0} > 0 THEN log10({0}) END", _NOT_POSITIVE),
    _double(
        "sqrt", "CASE WHEN {0} >= 0 THEN sqrt({0}) END", "java.lang.ArithmeticException: Square root of negative"
    ),
    # DuckDB's own is no whole number where it should be one.
    _double("cbrt", "CASE WHEN pow(round(cbrt({0})), 3) = {0} THEN round(cbrt({0})) ELSE cbrt({0}) END"),
    _double("exp", finite("exp({0}::DOUBLE)")),
    _double("signum", "sign({0})::DOUBLE"),
    _double("sin", "sin({0})"),
    _double("cos", "cos({0})"),
    _double("tan", "tan({0})"),
    _double("asin", _ZERO_TO_ONE % "asin", "java.lang.ArithmeticException: Asin input out of range"),
    _double("acos", _ZERO_TO_ONE % "acos", "java.lang.ArithmeticException: Acos input out of range"),
    _double("atan", "atan({0})"),
    _double("sinh", finite("sinh({0}::DOUBLE)"), "java.lang.ArithmeticException: sinh overflow"),
    _double("cosh", finite("cosh({0}::DOUBLE)"), "java.lang.ArithmeticException: cosh overflow"),
    _double("tanh", "tanh({0})"),
    _double("asinh", "asinh({0})"),
    _double(
        "acosh", "CASE WHEN {0} >= 1 THEN acosh({0}) END", "java.lang.ArithmeticException: Acosh input out of range"
    ),
    _double(
        "atanh",
        "CASE WHEN {0} > -1 AND {0} < 1 THEN atanh({0}) END",
        "java.lang.ArithmeticException: Atanh input out of range",
    ),
    Function("atan2", (NUMBER, NUMBER), DOUBLE, "atan2({0}, {1})"),
    Function("hypot", (NUMBER, NUMBER), DOUBLE, finite("sqrt(pow({0}::DOUBLE, 2) + pow({1}::DOUBLE, 2))")),
    Function("pi", (), DOUBLE, repr(math.pi) + "::DOUBLE"),
    Function("e", (), DOUBLE, repr(math.e) + "::DOUBLE"),
    Function("tau", (), DOUBLE, repr(math.tau) + "::DOUBLE"),
)
