"""The types of ES|QL values, and what a Python value of a query is."""

from dataclasses import dataclass
from enum import Enum


class Type(Enum):
    """An ES|QL data type; the value is its name in a response (Elasticsearch's `DataType.outputType`)."""

    NULL = "null"
    BOOLEAN = "boolean"
    KEYWORD = "keyword"
    TEXT = "text"
    INTEGER = "integer"
    LONG = "long"
    UNSIGNED_LONG = "unsigned_long"
    DOUBLE = "double"
    DATE = "date"
    DATE_NANOS = "date_nanos"
    IP = "ip"
    VERSION = "version"
    DATE_PERIOD = "date_period"
    TIME_DURATION = "time_duration"
    UNSUPPORTED = "unsupported"

    @property
    def label(self) -> str:
        """The name in error messages, where a date is called `datetime`."""
        return "datetime" if self is Type.DATE else self.value


STRINGS = frozenset({Type.KEYWORD, Type.TEXT})
WHOLE = frozenset({Type.INTEGER, Type.LONG, Type.UNSIGNED_LONG})
NUMBERS = WHOLE | {Type.DOUBLE}
DATES = frozenset({Type.DATE, Type.DATE_NANOS})
SPANS = frozenset({Type.DATE_PERIOD, Type.TIME_DURATION})
# What a string literal is cast to where the other side asks for it.
CAST_FROM_STRING = DATES | {Type.IP, Type.VERSION, Type.BOOLEAN}
ANY = frozenset(Type) - SPANS - {Type.UNSUPPORTED}

# Mapping types of an index, as the type ES|QL gives them (`DataType.widenSmallNumeric` and aliases).
OF_MAPPING = {
    **{t.value: t for t in Type},
    **dict.fromkeys(("byte", "short", "int"), Type.INTEGER),
    **dict.fromkeys(("float", "half_float", "scaled_float"), Type.DOUBLE),
    **dict.fromkeys(("constant_keyword", "wildcard", "string"), Type.KEYWORD),
    **dict.fromkeys(("match_only_text", "semantic_text"), Type.TEXT),
    "datetime": Type.DATE,
}
# Types that Elasticsearch has and this engine does not.
FOREIGN_TYPES = frozenset(
    [
        "aggregate_metric_double",
        "cartesian_point",
        "cartesian_shape",
        "date_range",
        "dense_vector",
        "double_range",
        "exponential_histogram",
        "geo_point",
        "geo_shape",
        "geohash",
        "geohex",
        "geotile",
        "histogram",
        "tdigest",
    ]
)
# Types that Elasticsearch knows and nothing is converted to.
NO_CAST = frozenset(["byte", "float", "half_float", "null", "object", "scaled_float", "short", "text"])
# Names after `::`.
OF_CAST = {
    "bool": Type.BOOLEAN,
    "boolean": Type.BOOLEAN,
    "double": Type.DOUBLE,
    "datetime": Type.DATE,
    "date": Type.DATE,
    "date_nanos": Type.DATE_NANOS,
    "int": Type.INTEGER,
    "integer": Type.INTEGER,
    "ip": Type.IP,
    "keyword": Type.KEYWORD,
    "string": Type.KEYWORD,
    "long": Type.LONG,
    "unsigned_long": Type.UNSIGNED_LONG,
    "version": Type.VERSION,
    "date_period": Type.DATE_PERIOD,
    "time_duration": Type.TIME_DURATION,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A time span: calendar months and days of a period, or milliseconds of a duration."""

    months: int = 0
    days: int = 0
    millis: int = 0

    def __neg__(self) -> "Span":
        return Span(-self.months, -self.days, -self.millis)

    def __add__(self, other: "Span") -> "Span":
        return Span(self.months + other.months, self.days + other.days, self.millis + other.millis)


# Units of time spans (`EsqlDataTypeConverter.INTERVALS`).
_PERIODS = {
    ("day", "days", "d"): Span(days=1),
    ("week", "weeks", "w"): Span(days=7),
    ("month", "months", "mo"): Span(months=1),
    ("quarter", "quarters", "q"): Span(months=3),
    ("year", "years", "yr", "y"): Span(months=12),
}
_DURATIONS = {
    ("millisecond", "milliseconds", "ms"): 1,
    ("second", "seconds", "sec", "s"): 1_000,
    ("minute", "minutes", "min", "m"): 60_000,
    ("hour", "hours", "h"): 3_600_000,
}
UNITS = {name: span for names, span in _PERIODS.items() for name in names} | {
    name: Span(millis=millis) for names, millis in _DURATIONS.items() for name in names
}


def span_of(amount: int, unit: str) -> tuple[Span, Type] | None:
    """The span of `7 days` and its type; None for a unit that does not exist."""
    one = UNITS.get(unit.lower())
    if one is None:
        return None
    span = Span(one.months * amount, one.days * amount, one.millis * amount)
    return span, Type.TIME_DURATION if one.millis else Type.DATE_PERIOD


def literal_type(value: object) -> Type:
    """The type of a literal or parameter, by its value; a tuple is a multi-value."""
    match value:
        case tuple():
            return _array_type(value)
        case None:
            return Type.NULL
        case bool():
            return Type.BOOLEAN
        case int():
            return _integer_type(value)
        case float():
            return Type.DOUBLE
        case _:
            return Type.KEYWORD


def _integer_type(value: int) -> Type:
    if -(2**31) <= value < 2**31:
        return Type.INTEGER
    return Type.LONG if -(2**63) <= value < 2**63 else Type.UNSIGNED_LONG


def _array_type(values: tuple[object, ...]) -> Type:
    kinds = {literal_type(value) for value in values}
    return next((t for t in (Type.DOUBLE, Type.UNSIGNED_LONG, Type.LONG) if t in kinds), next(iter(kinds), Type.NULL))


def common_number(left: Type, right: Type) -> Type:
    """The type in which two numbers are compared or calculated."""
    for wide in (Type.DOUBLE, Type.UNSIGNED_LONG, Type.LONG):
        if wide in (left, right):
            return wide
    return Type.INTEGER
