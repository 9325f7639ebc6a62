"""Findings a day by severity: the numbers of a digest's chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.severity import Severity

DAYS = 14
FEWEST = 7  # days of a chart

Bounds = Sequence[datetime]  # where each day begins, and where the last one ends


@dataclass(frozen=True, slots=True)
class Daily:
    """How many findings first happened on each of the `days`, oldest first; grades that have none are left out."""

    days: tuple[date, ...]
    counts: Mapping[Severity, tuple[int, ...]]

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts.values()))

    @property
    def by_day(self) -> tuple[int, ...]:
        """All grades together."""
        return tuple(map(sum, zip(*self.counts.values(), strict=True))) if self.counts else (0,) * len(self.days)

    @property
    def from_the_first(self) -> "Daily":
        """The same from the first day on that has any, a week at least: what is empty before it is no news."""
        first = next((place for place, count in enumerate(self.by_day) if count), 0)
        start = min(first, max(len(self.days) - FEWEST, 0))
        return Daily(self.days[start:], {grade: counts[start:] for grade, counts in self.counts.items()})

    @property
    def busiest(self) -> tuple[date, int]:
        """The day with the most, the latest of several."""
        most, place = max((count, place) for place, count in enumerate(self.by_day))
        return self.days[place], most


def bounds(at: datetime, zone: tzinfo, days: int = DAYS) -> Bounds:
    """The last days up to and including the one of `at`, as people of that zone count them; in UTC."""
    today = at.astimezone(zone).date()
    starts = [today - timedelta(days=back) for back in range(days - 1, -2, -1)]
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in starts]


def daily(found: Mapping[Severity, Sequence[int]], of: Bounds, zone: tzinfo) -> Daily:
    """From the counts of each day between the bounds."""
    days = tuple(start.astimezone(zone).date() for start in of[:-1])
    counts = {grade: tuple(found[grade]) for grade in Severity if any(found.get(grade, ()))}
    return Daily(days, counts)
