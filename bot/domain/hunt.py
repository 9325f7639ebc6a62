"""A hunt: a question to the logs, and how its answer is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import NewType

from bot.domain.columns import without_quotes
from bot.domain.pivot import Pivot
from bot.domain.rows import Column
from bot.domain.schedule import Schedule
from bot.errors import BadArgument, UnknownHunt

Slug = NewType("Slug", str)

DEFAULT_WINDOW = timedelta(days=7)
EVENT_ID_COLUMNS = ("event_id", "event.id")
JUDGED_COLUMNS = frozenset({"severity", "reason"})  # an opinion of the query, not a trait of what was found

REVOKED_AT = "revoked_at"

DEFAULT_ROWS = 1_000
MOST_ROWS = 10_000

_DURATION = re.compile(r"(?P<count>[0-9]{1,8})\s*(?P<unit>m(?!o)|h|d|w)(?:[a-z]*)", re.IGNORECASE)
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=3653)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """`90m`, `24h`, `7d`, `2w`: a length of time of at least a minute and at most ten years.

    Raises:
        BadArgument: the text is no such length.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise BadArgument(text, "write a length of time such as 90m, 24h, 7d or 2w")
    length = int(match["count"]) * _UNITS[match["unit"].lower()]
    if length < _SHORTEST:
        raise BadArgument(text, f"is too short: {write_duration(_SHORTEST)} is the least")
    if length > _LONGEST:
        raise BadArgument(text, f"is too long: {write_duration(_LONGEST)}, ten years, is the most")
    return length


def write_duration(length: timedelta) -> str:
    """The shortest text that `parse_duration` reads as `length`, which it gave: `2d`, `90m`."""
    unit, size = next((unit, size) for unit, size in reversed(_UNITS.items()) if length % size == timedelta())
    return f"{length // size}{unit}"


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time a run looks at: start included, end not; both aware, in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def back_from(cls, now: datetime, length: timedelta) -> "Window":
        return cls(now - length, now)

    @property
    def parameters(self) -> Mapping[str, str]:
        """What `?_tstart` and `?_tend` are, written as Kibana's time picker does.

        The rest of a millisecond is left to the next window.
        """
        return {"_tstart": _iso(self.start), "_tend": _iso(self.end)}


def row_limit(query: str) -> int:
    """How many rows an answer can have: the last LIMIT, unless rows are gathered after it; else the default.

    Source: https://www.elastic.co/docs/reference/query-languages/esql/limitations (1,000; at most 10,000).
    """
    limits = re.split(r"(?i)\|\s*stats\b", without_quotes(query))[-1]
    given = re.findall(r"(?i)\|\s*limit\s+([0-9]+)", limits)
    return min(int(given[-1]), MOST_ROWS) if given else DEFAULT_ROWS


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """One part of what makes two hits the same finding: `account`, or `lower(action)` to ignore case."""

    column: str
    ignores_case: bool = False

    @classmethod
    def read(cls, text: str) -> "IdentityKey":
        folded = re.fullmatch(r"lower\((.+)\)", text.strip(), re.IGNORECASE)
        return cls(folded[1].strip(), ignores_case=True) if folded else cls(text.strip())


@dataclass(frozen=True, slots=True)
class Hunt:
    """A hunt file, read: Elastic's `[hunt]` table and our `[huntbot]` table with its defaults filled in."""

    slug: Slug
    uuid: str
    name: str
    description: str
    query: str
    author: str = ""
    integration: tuple[str, ...] = ()
    license: str = ""
    notes: tuple[str, ...] = ()
    mitre: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    window: timedelta = DEFAULT_WINDOW
    identity: tuple[IdentityKey, ...] = ()
    summary: str = ""
    fields: tuple[str, ...] = ()
    schedule: Schedule | None = None
    remediation: str = ""  # a shell command with columns in braces, for a person to paste
    memory: tuple[str, ...] = ()  # columns that make an earlier verdict worth telling
    pivots: tuple[Pivot, ...] = ()

    @property
    def shows_revocations(self) -> bool:
        """Whether its rows say that what they found was taken back since."""
        return REVOKED_AT in self.query

    @property
    def row_limit(self) -> int:
        """How many rows its answer can have."""
        return row_limit(self.query)

    def identity_of(self, columns: tuple[Column, ...]) -> tuple[IdentityKey, ...]:
        """The keys the file names, else every column that is no time, number, event id or opinion."""
        if self.identity:
            return self.identity
        return tuple(
            IdentityKey(column.name)
            for column in columns
            if not (column.is_time or column.is_number)
            and column.name not in EVENT_ID_COLUMNS
            and column.name not in JUDGED_COLUMNS
        )


@dataclass(frozen=True, slots=True)
class HuntShelf:
    """All hunts that loaded, by slug."""

    hunts: Mapping[Slug, Hunt]

    def find(self, slug: str) -> Hunt:
        """The hunt called `slug`, in any case, `_` for `-`.

        Raises:
            UnknownHunt: none is; carries the nearest names.
        """
        wanted = slug.strip().lower().replace("_", "-")
        hunt = self.hunts.get(Slug(wanted))
        if hunt is None:
            raise UnknownHunt(slug, tuple(get_close_matches(wanted, self.hunts, n=3, cutoff=0.5)))
        return hunt

    def recall(self, slug: Slug) -> Hunt:
        """The hunt that made a finding, bare where its file is gone: what it found is still triaged."""
        return self.hunts.get(slug) or Hunt(slug, uuid="", name=slug, description="", query="")
