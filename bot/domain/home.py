"""Whose Home tab is kept up to date, and what they chose to see in it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from bot.domain.finding import Finding
from bot.domain.queue import NONE_QUEUED, Page, Queued
from bot.domain.responder import UserId
from bot.domain.run import Run
from bot.domain.source import Source

SEEN_FOR = timedelta(days=3)  # a Home tab that nobody looked at for longer is left as it is
FAILED_FOR = timedelta(days=1)  # a failed run is shown for so long
HEARD_FOR = timedelta(days=7)  # what a run heard of a data source counts for so long
MOST = 200  # people whose Home tabs are kept up to date, the latest to look


@dataclass(frozen=True, slots=True)
class Home:
    """A Home tab: whose, what they chose to see (as its menus say it; empty: the overview), when they looked."""

    user: UserId
    chosen: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """What a Home tab shows: `page` is the one queue that was chosen, None the overview of `mine` and `untaken`.

    `ending` are the snoozes that end on the viewer's day; `failed` the runs that failed in the last FAILED_FOR, the
    latest first; `silent` are the data sources of which the latest run of a hunt heard nothing. `at` is when all
    that was read.
    """

    at: datetime
    page: Page | None = None
    listed: Queued = NONE_QUEUED
    mine: Queued = NONE_QUEUED
    untaken: Queued = NONE_QUEUED
    ending: Queued = NONE_QUEUED
    failed: tuple[Run, ...] = ()
    silent: tuple[Source, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(f for queue in (self.listed, self.mine, self.untaken, self.ending) for f in queue.findings)


def end_of_day(now: datetime, zone: tzinfo) -> datetime:
    """The last moment of the day that it is in `zone`, in the zone of `now`."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone)
    return midnight.astimezone(now.tzinfo) - timedelta(microseconds=1)
