"""Slack's date tokens, spelled in the reader's own zone.

Tokens and their meaning: https://docs.slack.dev/messaging/formatting-message-text (``<!date^...>``) and
https://docs.slack.dev/reference/block-kit/block-elements/date-element.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

_TOKEN: Final = re.compile(r"\{(\w+)\}")
_AGO: Final = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))


def spell(template: str, timestamp: int, zone: ZoneInfo, now: datetime) -> str | None:
    """The template with its tokens replaced, or None when Slack would show the fallback."""
    names = _TOKEN.findall(template)
    if not names or not set(names) <= _TOKENS.keys():
        return None
    try:
        moment = datetime.fromtimestamp(timestamp, zone)
    except (ValueError, OverflowError, OSError):
        return None
    local_now = now.astimezone(zone)
    return _TOKEN.sub(lambda found: _TOKENS[found[1]](moment, local_now), template)


def clock_time(moment: datetime) -> str:
    """``6:39 AM``, as Slack shows a message's time by default."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {moment:%p}"


def full(moment: datetime) -> str:
    """Date, time to the second and zone, and the same in UTC: what a pointer resting on a time shows."""
    utc = moment.astimezone(UTC)
    return f"{long(moment)} {moment:%H:%M:%S %Z} ({utc:%Y-%m-%d %H:%M:%S} UTC)"


def day_divider(moment: datetime, now: datetime) -> str:
    """The heading above a day's messages."""
    same_year = moment.year == now.year
    return _relative(moment, now) or (f"{moment:%A}, {_month_day(moment)}" if same_year else long(moment))


def long(moment: datetime) -> str:
    return f"{moment:%A}, {_month_day(moment)}, {moment.year}"


def _month_day(moment: datetime) -> str:
    return f"{moment:%B} {moment.day}{_ordinal(moment.day)}"


def _ordinal(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _relative(moment: datetime, now: datetime) -> str:
    days = (moment.date() - now.date()).days
    return {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(days, "")


def _date(moment: datetime, _: datetime) -> str:
    return f"{_month_day(moment)}, {moment.year}"


def _short(moment: datetime, _: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def _long(moment: datetime, _: datetime) -> str:
    return long(moment)


def _ago(moment: datetime, now: datetime) -> str:
    seconds = (now - moment).total_seconds()
    for unit, size in _AGO:
        if abs(seconds) >= size:
            count = int(abs(seconds) // size)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"


_Speller = Callable[[datetime, datetime], str]


def _pretty(otherwise: _Speller) -> _Speller:
    """The same, but yesterday, today and tomorrow by their names."""
    return lambda moment, now: _relative(moment, now).lower() or otherwise(moment, now)


_TOKENS: Final[Mapping[str, _Speller]] = {
    "date_num": lambda moment, _: f"{moment:%Y-%m-%d}",
    "date_slash": lambda moment, _: f"{moment:%m/%d/%Y}",
    "date": _date,
    "date_short": _short,
    "date_long": _long,
    "date_long_full": lambda moment, _: f"{moment:%B} {moment.day}, {moment.year}",
    "date_pretty": _pretty(_date),
    "date_short_pretty": _pretty(_short),
    "date_long_pretty": _pretty(_long),
    "day_divider_pretty": day_divider,
    "time": lambda moment, _: clock_time(moment),
    "time_secs": lambda moment, _: f"{moment.hour % 12 or 12}:{moment:%M:%S} {moment:%p}",
    "ago": _ago,
}
