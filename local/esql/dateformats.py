"""Formats of dates: those that Elasticsearch calls by a name, several joined by `||`, and patterns of `java.time`.

Source: `DateFormatters.forPattern`.
"""

import re
from collections.abc import Callable

from local.esql import javatime

_NANOS, _SECOND = 1_000_000, 1_000
_EPOCH = re.compile(r"(-?\d{1,17})(?:\.(\d{1,9}))?")
_DAY, _TIME, _ZONED = "yyyy-MM-dd", "HH:mm:ss", "X"

# Names of patterns; those of the first table are read leniently where `strict_` does not stand before them.
_STRICT_TOO = {
    "date": _DAY,
    "year": "yyyy",
    "year_month": "yyyy-MM",
    "year_month_day": _DAY,
    "date_hour": f"{_DAY}'T'HH",
    "date_hour_minute": f"{_DAY}'T'HH:mm",
    "date_hour_minute_second": f"{_DAY}'T'{_TIME}",
    "date_hour_minute_second_millis": f"{_DAY}'T'{_TIME}.SSS",
    "date_hour_minute_second_fraction": f"{_DAY}'T'{_TIME}.SSS",
    "date_time": f"{_DAY}'T'{_TIME}.SSS{_ZONED}",
    "date_time_no_millis": f"{_DAY}'T'{_TIME}{_ZONED}",
    "hour": "HH",
    "hour_minute": "HH:mm",
    "hour_minute_second": _TIME,
    "hour_minute_second_millis": f"{_TIME}.SSS",
    "time": f"{_TIME}.SSS{_ZONED}",
    "time_no_millis": f"{_TIME}{_ZONED}",
    "ordinal_date": "yyyy-DDD",
}
_PATTERNS = {
    **_STRICT_TOO,
    **{f"strict_{name}": pattern for name, pattern in _STRICT_TOO.items()},
    "basic_date": "yyyyMMdd",
    "basic_date_time": f"yyyyMMdd'T'HHmmss.SSS{_ZONED}",
    "basic_date_time_no_millis": f"yyyyMMdd'T'HHmmss{_ZONED}",
    "basic_time": f"HHmmss.SSS{_ZONED}",
    "basic_time_no_millis": f"HHmmss{_ZONED}",
    "basic_ordinal_date": "yyyyDDD",
}
_TWO_DIGITS = re.compile(r"([MdHms])\1")


def _epoch(per_unit: int, text: str) -> int | None:
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    sign = -1 if text.startswith("-") else 1
    fraction = int((match[2] or "").ljust(9, "0")) * per_unit // 10**9
    return int(match[1]) * per_unit + sign * fraction


def _epoch_seconds(nanos: int) -> str:
    seconds, rest = divmod(nanos, 10**9)
    return f"{seconds}.{rest:09d}".rstrip("0") if rest else str(seconds)


# What no pattern says: how it is read, to milliseconds, and written, of nanoseconds.
_Reader = Callable[[str], int | None]
_Writer = Callable[[int], str]
_OPTIONAL: tuple[_Reader, _Writer] = (javatime.parse_iso, lambda nanos: javatime.iso(nanos // _NANOS))
_SPECIAL: dict[str, tuple[_Reader, _Writer]] = {
    "epoch_millis": (lambda text: _epoch(1, text), lambda nanos: str(nanos // _NANOS)),
    "epoch_second": (lambda text: _epoch(_SECOND, text), _epoch_seconds),
    **dict.fromkeys(("strict_date_optional_time", "date_optional_time", "iso8601"), _OPTIONAL),
    "strict_date_optional_time_nanos": (javatime.parse_iso, javatime.iso_nanos),
}


def parse(format_: str, text: str) -> int | None:
    """Milliseconds of a date in a format, the first of several that fits; None where none does."""
    return next((found for name in format_.split("||") if (found := _parse(name.strip(), text)) is not None), None)


def _parse(name: str, text: str) -> int | None:
    if name in _SPECIAL:
        return _SPECIAL[name][0](text)
    pattern = _PATTERNS.get(name, name)
    return javatime.parse_date(_TWO_DIGITS.sub(r"\1", pattern) if name in _STRICT_TOO else pattern, text)


def write(format_: str, millis: int) -> str | None:
    """A date in a format, the first of several; None for a pattern with a letter that is not known here."""
    return write_nanos(format_, millis * _NANOS)


def write_nanos(format_: str, nanos: int) -> str | None:
    """The same for nanoseconds since 1970."""
    name = format_.partition("||")[0].strip()
    if name in _SPECIAL:
        return _SPECIAL[name][1](nanos)
    return javatime.format_nanos(_PATTERNS.get(name, name), nanos)


def fault(format_: str) -> str | None:
    """What is wrong with a format, in Elasticsearch's words; None for nothing."""
    for name in format_.split("||"):
        known = name.strip() in _SPECIAL or name.strip() in _PATTERNS
        letter = None if known else javatime.unknown_letter(name.strip())
        if letter:
            return f"Invalid format: [{name.strip()}]: Unknown pattern letter: {letter}"
    return None
