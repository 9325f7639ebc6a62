"""When a digest is due: cron in a time zone, decided without a clock.

Standard cron weekdays and Debian's rules for daylight saving, by cronsim: a time that a spring change skips
comes at the end of the gap, a time that an autumn change repeats comes once. What comes every so many minutes or
hours (`*/30 * * * *`) goes on through either change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from bot.errors import BadArgument

_FIELDS = 5
_CURE = "not a cron expression of five fields, such as 0 9 * * 1-5"


@dataclass(frozen=True, slots=True)
class Due:
    """One due time: `nominal` is the local wall time that names it (ISO 8601), `at` the instant in UTC."""

    nominal: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A five-field cron expression, an IANA time zone, and the channel where its digest goes."""

    cron: str
    timezone: str = "UTC"
    channel: str | None = None

    def __post_init__(self) -> None:
        """Refuse what can never be due.

        Raises:
            BadArgument: the cron expression or the time zone is not one.
        """
        try:
            next(CronSim(self.cron, datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration) as fault:
            raise BadArgument(self.cron, _CURE) from fault
        if len(self.cron.split()) != _FIELDS:  # with a sixth cronsim counts seconds
            raise BadArgument(self.cron, _CURE)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise BadArgument(self.timezone, "not a time zone such as Europe/Berlin") from fault

    def due(self, after: datetime, until: datetime) -> Iterator[Due]:
        """Every due time later than `after` and not later than `until` (aware), in order, no two at one instant."""
        return takewhile(lambda due: due.at <= until, self._later_than(after))

    def next_after(self, moment: datetime) -> datetime:
        """The first due time later than `moment`, in UTC."""
        return next(self._later_than(moment)).at

    def _later_than(self, moment: datetime) -> Iterator[Due]:
        latest = moment
        for local in CronSim(self.cron, moment.astimezone(ZoneInfo(self.timezone))):
            at = local.astimezone(UTC)
            if at > latest:  # times in a gap end up together, and begun in a repeated hour cronsim repeats itself
                yield Due(_nominal(local), at)
                latest = at


def _nominal(local: datetime) -> str:
    """The wall time; in the second pass of a repeated hour with its offset, since it names another instant there."""
    wall = local.replace(tzinfo=local.tzinfo if local.fold else None)
    return wall.isoformat(timespec="minutes")
