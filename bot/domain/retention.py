"""What is forgotten on purpose, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Keep:
    """How long hits, and findings after their resolution, are kept; None is for good.

    Not less than the 90 days that a scheduled run may reach back (`reach.FARTHEST`): what is seen again must be known.
    """

    hits: timedelta | None = None
    resolved: timedelta | None = None

    def hits_before(self, at: datetime) -> datetime | None:
        return None if self.hits is None else at - self.hits

    def resolved_before(self, at: datetime) -> datetime | None:
        return None if self.resolved is None else at - self.resolved


@dataclass(frozen=True, slots=True)
class Purged:
    """How many findings, hits and events a purge removed."""

    findings: int = 0
    hits: int = 0
    events: int = 0
