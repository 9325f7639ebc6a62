"""The keys under which CloudTrail delivers, and which of them a query can do without.

    [prefix/]AWSLogs/[o-ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE

Source: docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html. The day is that
of the delivery, in UTC. A record is as old as its file or older: minutes as a rule, and AWS promises no bound. We
look a day further on both sides of a window: before it because clocks differ, after it for what was delivered late.

Nothing else narrows. An account's folder has what was done *to* the account, while `cloud.account.id` is foremost who
did it; and a trail of one region keeps what IAM and STS did, with `cloud.region` us-east-1, in that region's folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from local.wanted import Both, Either, Requirement, Within

MARGIN = timedelta(days=1)

KINDS = frozenset({"CloudTrail", "CloudTrail-NetworkActivity"})
"""Folders of an account that hold records. Beside them lie digests, insights, and the logs of other services."""

_LOGS = r"(?:^|.*/)AWSLogs(?:/o-[a-z0-9]{4,32})?"
_ABOVE_REGION = re.compile(rf"{_LOGS}(?:/[0-9]{{12}}(?:/[^/]+)?)?", re.DOTALL)
_KIND = re.compile(rf"({_LOGS}/[0-9]{{12}}/([^/]+))(?:/|$)", re.DOTALL)
_REGION = re.compile(rf"({_LOGS}/[0-9]{{12}}/[^/]+/[a-z]{{2,}}(?:-[a-z]+)+-[0-9]+)(?:/|$)", re.DOTALL)
_DATE = re.compile(r"/([0-9]{4})(?:/([0-9]{2})(?:/([0-9]{2}))?)?(?:/|$)")
_TIMESTAMP = "@timestamp"
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of delivery that may hold what is wanted, both ends included."""

    first: date = _FIRST
    last: date = _LAST

    @property
    def are_all(self) -> bool:
        return (self.first, self.last) == (_FIRST, _LAST)

    def meet(self, first: date, last: date) -> bool:
        """Whether some day is one of these."""
        return self.first <= last and first <= self.last

    def hold(self, first: date, last: date) -> bool:
        """Whether all days are among these."""
        return self.first <= first and last <= self.last

    def cut(self, first: date, last: date) -> Days:
        """Those of these that are among others."""
        return Days(max(self.first, first), min(self.last, last))

    def __str__(self) -> str:
        if self.first == _FIRST:
            return f"up to {self.last}"
        return f"from {self.first}" if self.last == _LAST else f"{self.first} to {self.last}"


def days_of(requirement: Requirement) -> Days:
    """The days whose files may hold a record that fulfils this."""
    least, most = _span(requirement)
    return Days(_day(least, -MARGIN, _FIRST), _day(most, MARGIN, _LAST))


def kind_of(key: str) -> str | None:
    """What an account's folder on the way to this key holds, such as `Config`; None: it is on no such way."""
    found = _KIND.match(key)
    return found[2] if found else None


def neighbour_of(key: str) -> str | None:
    """The folder of an account that this key lies in and that holds no records; None: there is none."""
    found = _KIND.match(key)
    return found[1] if found and found[2] not in KINDS else None


def is_above_region(folder: str) -> bool:
    """Whether regions lie below it: AWSLogs itself, an organization's, an account's, or a kind of logs in one."""
    return _ABOVE_REGION.fullmatch(folder) is not None


def is_region(folder: str) -> bool:
    return region_of(folder) == folder


def region_of(key: str) -> str | None:
    """The folder of a region that a key lies in, or is; None: it is on no such way."""
    found = _REGION.match(key)
    return found[1] if found else None


def span_of(key: str) -> tuple[date, date] | None:
    """The days that a folder or key of this layout is of, a year's, a month's or one; None: of whichever."""
    region = region_of(key)
    found = _DATE.match(key, len(region)) if region else None
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:  # nobody's day, as the 31st of February
        return None
    return first, first if day else _end_of_month(first) if month else date(first.year, 12, 31)


def folders(region: str, years: Iterable[int], days: Days) -> Iterator[str]:
    """The fewest folders of a region that have all of these days: years, months and days."""
    for year in years:
        whole = date(year, 1, 1), date(year, 12, 31)
        if days.hold(*whole):
            yield f"{region}/{year:04}"
        elif days.meet(*whole):
            yield from _in_year(f"{region}/{year:04}", year, days)


def _in_year(folder: str, year: int, days: Days) -> Iterator[str]:
    for month in range(1, 13):
        first = date(year, month, 1)
        whole = first, _end_of_month(first)
        if days.hold(*whole):
            yield f"{folder}/{month:02}"
        elif days.meet(*whole):
            for day in range(1, whole[1].day + 1):
                if days.meet(at := date(year, month, day), at):
                    yield f"{folder}/{month:02}/{day:02}"


def _end_of_month(first: date) -> date:
    """The last day of the month that begins on this one."""
    return first.replace(day=31) if first.month == 12 else first.replace(month=first.month + 1) - timedelta(days=1)  # noqa: PLR2004


_Span: TypeAlias = tuple[int | None, int | None]
"""The least and the most in milliseconds since the epoch; None is open."""


def _span(requirement: Requirement) -> _Span:
    match requirement:
        case Within(field=field, least=least, most=most) if field == _TIMESTAMP:
            return least, most
        case Both(parts=parts):
            spans = [_span(part) for part in parts]
            return _known(max, (least for least, _ in spans)), _known(min, (most for _, most in spans))
        case Either(parts=parts) if parts:
            spans = [_span(part) for part in parts]
            return _all_known(min, [least for least, _ in spans]), _all_known(max, [most for _, most in spans])
        case _:
            return None, None


def _known(choose: Callable[[Iterable[int]], int], bounds: Iterable[int | None]) -> int | None:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if known else None


def _all_known(choose: Callable[[Iterable[int]], int], bounds: Sequence[int | None]) -> int | None:
    return None if None in bounds else _known(choose, bounds)


def _day(bound: int | None, margin: timedelta, otherwise: date) -> date:
    if bound is None:
        return otherwise
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=bound) + margin).date()
    except OverflowError:  # before the year 1, or after 9999
        return otherwise
