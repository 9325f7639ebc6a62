"""Dates as Java writes and reads them: `java.time` patterns and Elasticsearch's `strict_date_optional_time`.

Dates are whole milliseconds since 1970 in UTC. Source: java.time.format.DateTimeFormatter.
"""

# ruff: noqa: PLR2004, ARG005  # widths of letters mean what java.time says; all writers take (moment, width)

import re
from calendar import day_abbr, day_name, month_abbr, month_name, monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from local.esql.types import Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_ISO = re.compile(
    r"([+-]?\d{4,9})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?)?"
)


def moved(millis: int, span: Span) -> int:
    """A date and a span later; the day is cut to the length of its month, as Java does."""
    moment = to_datetime(millis)
    years, month = divmod(moment.month - 1 + span.months, 12)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return from_datetime(moment.replace(year=year, month=month + 1, day=day)) + span.days * 86_400_000 + span.millis


def to_datetime(millis: int) -> datetime:
    return EPOCH + timedelta(milliseconds=millis)


def from_datetime(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def iso(millis: int) -> str:
    """The form of a response: `2024-01-01T00:00:00.000Z`."""
    try:
        moment = to_datetime(millis)
    except OverflowError:
        return str(millis)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def iso_nanos(nanos: int) -> str:
    moment = to_datetime(nanos // 1_000_000)
    fraction = f"{nanos % 1_000_000_000:09d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction[:3] if fraction.endswith('000000') else fraction}Z"


def instant(millis: int) -> str:
    """As Java's Instant writes itself: no fraction where there is none."""
    return iso(millis).replace(".000Z", "Z")


def parse_iso(text: str) -> int | None:
    """Milliseconds of a `strict_date_optional_time`, or None for anything else."""
    nanos = parse_iso_nanos(text)
    return None if nanos is None else nanos // 1_000_000


def parse_iso_nanos(text: str) -> int | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(g) if g else d for g, d in zip(match.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(match[8])
    except (ValueError, OverflowError):
        return None
    return from_datetime(moment) * 1_000_000 + int((match[7] or "").ljust(9, "0"))


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (-1 if zone[0] == "-" else 1) * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


# ---- writing

_Writer = Callable[[datetime, int], str]


def _number(get: Callable[[datetime], int]) -> _Writer:
    return lambda moment, width: f"{get(moment):0{width}d}"


def _text(get: Callable[[datetime], int], short: list[str], full: list[str]) -> _Writer:
    """A number up to two letters, a short name with three, the full name with four."""

    def write(moment: datetime, width: int) -> str:
        if width <= 2:
            return f"{get(moment):0{width}d}"
        return (short if width == 3 else full)[get(moment)]

    return write


def _year(get: Callable[[datetime], int]) -> _Writer:
    return lambda moment, width: f"{get(moment) % 100:02d}" if width == 2 else f"{get(moment):0{width}d}"


_MONTHS, _MONTHS_SHORT = list(month_name), list(month_abbr)
_DAYS, _DAYS_SHORT = ["", *day_name], ["", *day_abbr]
_QUARTERS = (
    ["", "Q1", "Q2", "Q3", "Q4"],
    ["", "1st quarter", "2nd quarter", "3rd quarter", "4th quarter"],
)
_LETTERS = frozenset("GuyYDMLdQqwWEecFaBhHKkmsSAnNVzvOXxZpg")  # that mean something to java.time
_WRITERS: dict[str, _Writer] = {
    "y": _year(lambda m: m.year),
    "u": _year(lambda m: m.year),
    "Y": _year(lambda m: m.isocalendar().year),
    "M": _text(lambda m: m.month, _MONTHS_SHORT, _MONTHS),
    "L": _text(lambda m: m.month, _MONTHS_SHORT, _MONTHS),
    "d": _number(lambda m: m.day),
    "D": _number(lambda m: m.timetuple().tm_yday),
    "w": _number(lambda m: m.isocalendar().week),
    "W": _number(lambda m: (m.day - 1 + m.replace(day=1).weekday()) // 7 + 1),
    **dict.fromkeys("Qq", _text(lambda m: (m.month - 1) // 3 + 1, *_QUARTERS)),
    "E": lambda m, width: (_DAYS if width == 4 else _DAYS_SHORT)[m.isoweekday()],
    "e": _text(lambda m: m.isoweekday(), _DAYS_SHORT, _DAYS),
    "a": lambda m, _: "AM" if m.hour < 12 else "PM",
    "H": _number(lambda m: m.hour),
    "k": _number(lambda m: m.hour or 24),
    "K": _number(lambda m: m.hour % 12),
    "h": _number(lambda m: m.hour % 12 or 12),
    "m": _number(lambda m: m.minute),
    "s": _number(lambda m: m.second),
    "S": lambda m, width: f"{m.microsecond:06d}".ljust(width, "0")[:width],
    **dict.fromkeys("nN", _number(lambda m: m.microsecond * 1000)),
    "A": _number(lambda m: ((m.hour * 60 + m.minute) * 60 + m.second) * 1000 + m.microsecond // 1000),
    "G": lambda m, width: "Anno Domini" if width == 4 else "AD",
    "z": lambda m, width: "Coordinated Universal Time" if width == 4 else "UTC",
    "v": lambda m, width: "UTC",
    "V": lambda m, width: "UTC",
    "O": lambda m, width: "GMT",
    "X": lambda m, width: "Z",
    "x": lambda m, width: "+00" if width == 1 else "+00:00" if width in (3, 5) else "+0000",
    "Z": lambda m, width: "GMT" if width == 4 else "Z" if width == 5 else "+0000",
}


@lru_cache(maxsize=256)
def _tokens(pattern: str) -> tuple[tuple[str, int], ...]:
    """A pattern as (letter, how many) and (literal text, 0); `[` and `]` with -1 are around what may be missing."""
    tokens: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(pattern):
        if match[1] is not None:
            tokens.append((match[1].replace("''", "'") or "'", 0))
        elif match[2]:
            tokens.append((match[2], len(match[0])))
        elif match[3] in "[]":
            tokens.append((match[3], -1))
        else:
            tokens.append((match[3], 0))
    return tuple(tokens)


def unknown_letter(pattern: str) -> str | None:
    """The first letter of a pattern that means nothing to `java.time`."""
    return next((letter for letter, width in _tokens(pattern) if width > 0 and letter not in _LETTERS), None)


def format_nanos(pattern: str, nanos: int) -> str | None:
    """Nanoseconds since 1970 as a `java.time` pattern writes them; None where a letter of it is not here."""
    tokens = [(letter, width) for letter, width in _tokens(pattern) if width >= 0]
    if any(width and letter not in _WRITERS for letter, width in tokens):
        return None
    try:
        moment = to_datetime(nanos // 1_000_000)
    except OverflowError:
        return None
    fraction = {"S": lambda width: f"{nanos % 1_000_000_000:09d}".ljust(width, "0")[:width]}
    fraction["n"] = lambda width: f"{nanos % 1_000_000_000:0{width}d}"
    fraction["N"] = lambda width: f"{nanos % 86_400_000_000_000:0{width}d}"
    return "".join(
        fraction[letter](width)
        if width and letter in fraction
        else _WRITERS[letter](moment, width)
        if width
        else letter
        for letter, width in tokens
    )


# ---- reading

_NAMED = {3: "|".join(month_abbr[1:]), 4: "|".join(month_name[1:])}
_READ_AS = {
    "y": "year",
    "u": "year",
    "M": "month",
    "L": "month",
    "d": "day",
    "H": "hour",
    "k": "hour",
    "h": "hour12",
    "K": "hour12",
    "m": "minute",
    "s": "second",
    "S": "fraction",
    "a": "half",
    "X": "zone",
    "x": "zone",
    "Z": "zone",
    "z": "zone",
    "V": "zone",
    "E": "weekday",
    "D": "yearday",
}


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str] | None:
    pieces: list[str] = []
    for letter, width in _tokens(pattern):
        name = _READ_AS.get(letter)
        if width <= 0:
            pieces.append({"[": "(?:", "]": ")?"}[letter] if width else re.escape(letter))
        elif name is None:
            return None
        else:
            group = f"?P<{name}>" if f"?P<{name}>" not in "".join(pieces) else "?:"
            pieces.append(f"({group}{_digits(letter, width)})")
    try:
        return re.compile("".join(pieces))
    except re.error:  # brackets that do not match
        return None


def _digits(letter: str, width: int) -> str:
    if letter in "ML" and width > 2:
        return _NAMED[min(width, 4)]
    if letter == "E":
        return "|".join([*day_name, *day_abbr])
    if letter == "a":
        return "AM|PM|am|pm"
    if letter in "XxZzV":
        return r"Z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
    if letter in "yu" and width != 2:
        return rf"\d{{{width},9}}" if width < 4 or width == 1 else rf"\d{{{width}}}"
    return rf"\d{{{width}}}" if width > 1 else r"\d{1,2}"


def parse_date(pattern: str, text: str) -> int | None:
    """Milliseconds of a date written with a `java.time` pattern, or None where it is not."""
    reader = _reader(pattern)
    match = reader.fullmatch(text) if reader else None
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    try:
        return from_datetime(_assembled(found))
    except (ValueError, OverflowError):
        return None


def _assembled(found: dict[str, str]) -> datetime:
    year = int(found.get("year", "1970"))
    if "year" in found and len(found["year"]) == 2:
        year += 2000
    month = found.get("month", "1")
    number = (
        int(month)
        if month.isdigit()
        else next(i for i, name in enumerate(month_name) if i and name.startswith(month))
    )
    hour = int(found.get("hour", "0"))
    if "hour12" in found:
        hour = int(found["hour12"]) % 12 + (12 if found.get("half", "").lower() == "pm" else 0)
    micros = int(found.get("fraction", "0").ljust(6, "0")[:6])
    moment = datetime(
        year,
        number,
        int(found.get("day", "1")),
        hour % 24,
        int(found.get("minute", "0")),
        int(found.get("second", "0")),
        micros,
        UTC,
    )
    if "yearday" in found:
        moment = moment.replace(month=1, day=1) + timedelta(days=int(found["yearday"]) - 1)
    zone = found.get("zone")
    return moment - _offset(None if zone in (None, "UTC", "GMT") else zone)


# ---- differences

_UNIT_NANOS = {
    ("dayofyear", "dy", "y", "day", "days", "dd", "d", "weekday", "weekdays", "dw"): 86_400_000_000_000,
    ("week", "weeks", "wk", "ww"): 604_800_000_000_000,
    ("hour", "hours", "hh"): 3_600_000_000_000,
    ("minute", "minutes", "mi", "n"): 60_000_000_000,
    ("second", "seconds", "ss", "s"): 1_000_000_000,
    ("millisecond", "milliseconds", "ms"): 1_000_000,
    ("microsecond", "microseconds", "mcs"): 1_000,
    ("nanosecond", "nanoseconds", "ns"): 1,
}
_UNIT_MONTHS = {
    ("year", "years", "yyyy", "yy"): 12,
    ("quarter", "quarters", "qq", "q"): 3,
    ("month", "months", "mm", "m"): 1,
}
_NANOS = {name: nanos for names, nanos in _UNIT_NANOS.items() for name in names}
_MONTH_COUNT = {name: months for names, months in _UNIT_MONTHS.items() for name in names}


UNITS = frozenset({*_NANOS, *_MONTH_COUNT})


def difference(unit: str, start: int, end: int) -> int | None:
    """Whole units between two dates in nanoseconds, toward zero; None for an unknown unit."""
    name = unit.lower()
    if name in _NANOS:
        return int(abs(end - start) // _NANOS[name]) * (1 if end >= start else -1)
    if name not in _MONTH_COUNT:
        return None
    months = _months_between(start, end)
    return int(abs(months) // _MONTH_COUNT[name]) * (1 if months >= 0 else -1)


def _months_between(start: int, end: int) -> int:
    """Complete months: the day and time of the later date must have been reached."""
    if end < start:
        return -_months_between(end, start)
    first, last = to_datetime(start // 1_000_000), to_datetime(end // 1_000_000)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - ((last.day, last.time()) < (first.day, first.time()))


# ---- rounding


def rounded(millis: int, span: Span) -> int:
    """A date rounded down to a month, year, week, day or duration."""
    if span.millis:
        return millis // span.millis * span.millis
    moment = to_datetime(millis).replace(hour=0, minute=0, second=0, microsecond=0)
    if span.days:
        back = timedelta(days=moment.weekday() if span.days == 7 else 0)
        return from_datetime(moment - back)
    return from_datetime(moment.replace(day=1) if span.months == 1 else moment.replace(month=1, day=1))


def count_steps(start: int, end: int, span: Span, most: int) -> int:
    """How many spans from the rounded start reach the end; more than `most` is not counted out."""
    at, steps = rounded(start, span), 0
    while at < end and steps <= most:
        at, steps = _next(at, span), steps + 1
    return steps


def _next(millis: int, span: Span) -> int:
    if span.millis or span.days:
        return millis + (span.millis or span.days * 86_400_000)
    moment = to_datetime(millis)
    years, month = divmod(moment.month - 1 + span.months, 12)
    return from_datetime(moment.replace(year=moment.year + years, month=month + 1))
