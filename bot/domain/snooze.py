"""How long a finding may be put off, as responders say it."""

from datetime import datetime, time, timedelta, tzinfo
from enum import Enum

MORNING = time(9)


class Snooze(Enum):
    """What may be chosen."""

    ONE_HOUR = "1h"
    FOUR_HOURS = "4h"
    TOMORROW = "tomorrow"  # at nine
    THREE_DAYS = "3d"
    ONE_WEEK = "1w"


_LENGTHS = {
    Snooze.ONE_HOUR: timedelta(hours=1),
    Snooze.FOUR_HOURS: timedelta(hours=4),
    Snooze.THREE_DAYS: timedelta(days=3),
    Snooze.ONE_WEEK: timedelta(weeks=1),
}


def snoozed_until(choice: Snooze, now: datetime, zone: tzinfo) -> datetime:
    """When a snooze that is chosen `now` ends, in the zone of `now`; mornings are those of `zone`."""
    if choice is Snooze.TOMORROW:
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, MORNING, zone).astimezone(now.tzinfo)
    return now + _LENGTHS[choice]
