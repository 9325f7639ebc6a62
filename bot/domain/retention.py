"""What is forgotten on purpose, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hit import Hit
from bot.domain.reach import FARTHEST

SHORTEST = FARTHEST


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
