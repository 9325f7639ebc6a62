"""Logs without end: what happened is told by the time alone, so that every process is answered the same."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hunt import Hunt, HuntShelf, IdentityKey, Slug
from bot.domain.rows import Column, Rows, Value
from bot.ports.search import Param
from tests.faults.clock import FastClock
from tests.faults.doom import Doom, Moment
from tests.stand_ins import COUNTING, heard

_COLUMNS = (
    Column("@timestamp", "date"),
    Column("event_id", "keyword"),
    Column("principal", "keyword"),
    Column("severity", "keyword"),
)

_QUERY = 'FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend AND tenant == "TENANT" | LIMIT 10000'


def hunt_named(slug: str) -> Hunt:
    return Hunt(
        slug=Slug(slug),
        uuid=f"7b7c2b5e-0000-4000-8000-{slug:>012}",
        name=f"Grants of {slug}",
        description="Who may do what",
        query=_QUERY.replace("TENANT", slug),
        identity=(IdentityKey("principal"),),
    )


def shelf_of(slugs: Iterable[str]) -> HuntShelf:
    return HuntShelf({Slug(slug): hunt_named(slug) for slug in slugs})


@dataclass(frozen=True, slots=True)
class Happenings:
    """What happens to each tenant: an event every `every` from `first` on, `most` of them.

    Each event is a principal of its own, and so a finding of its own. Every `late_every`th reaches the logs `late`
    after it happened; every `critical_every`th is critical.
    """

    first: datetime
    every: timedelta
    most: int
    late: timedelta = timedelta()
    late_every: int = 5
    critical_every: int = 4

    def principals(self, slug: str, until: datetime) -> frozenset[str]:
        """Everybody that should be found by whoever looks at all of it at `until`."""
        return frozenset(f"{slug}-p{n}" for n in range(self.most) if self._known_from(n) <= until)

    def between(self, slug: str, start: datetime, end: datetime, now: datetime) -> list[tuple[Value, ...]]:
        there = (n for n in range(self.most) if start <= self._at(n) < end and self._known_from(n) <= now)
        return [
            (
                self._at(n).isoformat(timespec="milliseconds"),
                f"{slug}-e{n}",
                f"{slug}-p{n}",
                "high" if n % self.critical_every else "critical",
            )
            for n in there
        ]

    def _at(self, n: int) -> datetime:
        return self.first + n * self.every

    def _known_from(self, n: int) -> datetime:
        return self._at(n) + (self.late if n % self.late_every == self.late_every - 1 else timedelta())

    def plain(self) -> dict[str, object]:
        return {
            "first": self.first.isoformat(),
            "every": self.every.total_seconds(),
            "most": self.most,
            "late": self.late.total_seconds(),
            "late_every": self.late_every,
            "critical_every": self.critical_every,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "Happenings":
        return cls(
            datetime.fromisoformat(str(plain["first"])),
            timedelta(seconds=float(str(plain["every"]))),
            int(str(plain["most"])),
            timedelta(seconds=float(str(plain["late"]))),
            int(str(plain["late_every"])),
            int(str(plain["critical_every"])),
        )


@dataclass(frozen=True, slots=True)
class EndlessLogs:
    """A LogSearch over what happened until now."""

    happenings: Happenings
    clock: FastClock
    doom: Doom

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        if COUNTING in text:
            return heard(1_000, str(params["_tend"]))
        found = re.search(r'tenant == "(\w+)"', text)
        assert found is not None
        await asyncio.sleep(0)
        self.doom.reach("LogSearch", Moment.INSIDE)
        start, end = (datetime.fromisoformat(str(params[name])) for name in ("_tstart", "_tend"))
        rows = self.happenings.between(found[1], start, end, self.clock())
        return Rows(_COLUMNS, tuple(rows), took_ms=1, is_partial=False)
