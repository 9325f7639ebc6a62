"""What is forgotten on purpose, and when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.hit import Hit
from bot.domain.reach import FARTHEST

SHORTEST = FARTHEST
EVERY = timedelta(days=1)
STEADY = timedelta(days=1)
LEAP = timedelta(days=3)  # a weekend without power is none; what a shorter one takes early is months old all the same
SLACK = timedelta(hours=1)  # so exactly is the clock remembered


@dataclass(frozen=True, slots=True)
class Keep:
    """How long hits, and findings after their resolution, are kept; None is for good.

    Not less than a scheduled run may reach back (SHORTEST): what is seen again must be known.
    """

    hits: timedelta | None = None
    resolved: timedelta | None = None

    @property
    def is_for_good(self) -> bool:
        return self.hits is None and self.resolved is None

    def no_less_than(self, reach: timedelta) -> "Keep":
        """The same for hunts that look back as far as `reach`: what a run may see again has to be known by then."""
        return Keep(*(None if length is None else max(length, reach) for length in (self.hits, self.resolved)))

    def hits_before(self, at: datetime) -> datetime | None:
        return None if self.hits is None else at - self.hits

    def resolved_before(self, at: datetime) -> datetime | None:
        return None if self.resolved is None else at - self.resolved


class Turn(Enum):
    """What whoever would purge is told."""

    MINE = "mine"
    NOT_NOW = "not now"  # it was done lately, somebody is at it, or the clock has not run steadily for long enough
    CLOCK_LEAPT = "the clock leapt"  # told once; from here on it has to run steadily again


@dataclass(frozen=True, slots=True)
class Diary:
    """What a store remembers of purging, and of the clock, for all its processes; times are aware, in UTC.

    What is purged is gone, so a clock is believed only after it has run for a day without leaping: `steady_since`.
    `seen_at` is about when it was last looked at.
    """

    seen_at: datetime
    steady_since: datetime
    taken_until: datetime | None = None
    done_at: datetime | None = None

    def turn(self, at: datetime, lease: timedelta) -> tuple[Turn, "Diary"]:
        """Whether it is the turn of whoever asks, and what is to be remembered then."""
        if not -SLACK <= at - self.seen_at <= LEAP:
            return Turn.CLOCK_LEAPT, Diary(at, at)
        seen = replace(self, seen_at=at) if at - self.seen_at >= SLACK else self
        is_free = self.taken_until is None or self.taken_until <= at
        is_due = self.done_at is None or self.done_at <= at - EVERY
        if is_free and is_due and self.steady_since <= at - STEADY:
            return Turn.MINE, replace(seen, seen_at=at, taken_until=at + lease)
        return Turn.NOT_NOW, seen


@dataclass(frozen=True, slots=True)
class Purged:
    """How many findings, hits and events a purge removed; `leftovers` are rows of old runs and settled messages.

    `is_all` is False where time ran out before everything was gone through.
    """

    findings: int = 0
    hits: int = 0
    events: int = 0
    leftovers: int = 0
    is_all: bool = True

    def __add__(self, more: "Purged") -> "Purged":
        return Purged(
            findings=self.findings + more.findings,
            hits=self.hits + more.hits,
            events=self.events + more.events,
            leftovers=self.leftovers + more.leftovers,
            is_all=self.is_all and more.is_all,
        )


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a finding still knows of hits that were purged, so that it stays what it was.

    `hits` counts them; `granted` and `revoked` count those that were granted, and of these those taken back.
    `until` is when the latest of them happened.
    """

    hits: int = 0
    granted: int = 0
    revoked: int = 0
    until: datetime | None = None

    def might_hold(self, hit: Hit) -> bool:
        """Whether a hit that is not stored may be one of them, and so is nothing new."""
        return self.until is not None and hit.at <= self.until

    def with_more(self, purged: Collection[Hit]) -> "Forgotten":
        granted = [hit for hit in purged if hit.was_granted]
        moments = [hit.at for hit in purged] + ([] if self.until is None else [self.until])
        return Forgotten(
            hits=self.hits + len(purged),
            granted=self.granted + len(granted),
            revoked=self.revoked + sum(hit.is_revoked for hit in granted),
            until=max(moments, default=None),
        )


NOTHING_FORGOTTEN = Forgotten()
