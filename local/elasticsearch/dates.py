"""Instants in Query DSL: ISO 8601, milliseconds since the epoch, and `now` with something added.

Source: Elasticsearch's reference, "Date math" and `strict_date_optional_time`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_NOW = re.compile(r"now(?P<steps>(?:[+-]\d+[wdhHms])*)")
_STEP = re.compile(r"([+-]\d+)([wdhHms])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "H": "hours", "m": "minutes", "s": "seconds"}
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")


def instant(value: object, now: datetime, *, end_of_day: bool) -> datetime | None:
    """The instant meant; None when the value is in no form known here.

    `end_of_day`: a date without a time means its last millisecond, as it does after `gt` and `lte`.
    """
    match value:
        case bool():
            return None
        case int():
            return _EPOCH + timedelta(milliseconds=value)
        case str() if found := _NOW.fullmatch(value):
            return now + sum((_step(*step) for step in _STEP.findall(found["steps"])), timedelta())
        case str():
            return _parsed(value, end_of_day=end_of_day)
        case _:
            return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _step(count: str, unit: str) -> timedelta:
    return timedelta(**{_UNITS[unit]: int(count)})


def _parsed(value: str, *, end_of_day: bool) -> datetime | None:
    if value.isdecimal() and len(value) > len("2026"):
        return _EPOCH + timedelta(milliseconds=int(value[:15]))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    is_last = end_of_day and _DATE_ONLY.fullmatch(value)
    return moment + timedelta(days=1, milliseconds=-1) if is_last else moment
