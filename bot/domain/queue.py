"""What waits for responders: which findings are asked for, and a page of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Slug, write_duration
from bot.domain.responder import UserId
from bot.domain.run import Filter
from bot.domain.severity import Severity
from bot.domain.triage import Queue

MOST_COUNTED = 1_000  # beyond it a queue is "more than 1,000": counting a million would make everybody wait
MOST_LOOKED_AT = 1_000  # findings whose columns are compared: they are in no index
LONGEST_TEXT = 400  # characters of a filter that a button carries


@dataclass(frozen=True, slots=True)
class Asked:
    """A queue as a person narrows it: `severity` is at least, `older` for how long it waits at least.

    `account` equals, `principal` is contained (`*` alone exact): of the finding's latest and worst hit, as in a run.
    """

    which: Queue = Queue.OPEN
    severity: Severity | None = None
    older: timedelta | None = None
    hunt: Slug | None = None
    account: str | None = None
    principal: str | None = None

    @property
    def text(self) -> str:
        """As it is typed after `/hunt findings`: read again it is the same."""
        return " ".join(self._words())

    def _words(self) -> Iterator[str]:
        yield self.which.value
        if self.severity:
            yield f"severity:{self.severity.value}"
        if self.older:
            yield f"older:{write_duration(self.older)}"
        for name, value in (("hunt", self.hunt), ("account", self.account), ("principal", self.principal)):
            if value is not None:
                yield f"{name}:{_quoted(value)}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which unresolved findings: of `which` queue, for `who` (MINE), of one hunt or all; snoozed ones left out.

    `at` is now: what is snoozed beyond it sleeps. Ordered most severe first, then the longest waiting; `oldest_first`
    by waiting alone, which only what is UNTOUCHED in one hunt has an index for: it is what a digest asks.

    `opened_until` leaves out what was opened later, `severity` what is less severe, `wakes_until` (SNOOZED) what
    sleeps for longer. `traits` compares the columns of faces, which is done for the first MOST_LOOKED_AT findings of
    the queue and no more. `after` begins behind a finding.
    """

    which: Queue
    at: datetime
    who: UserId | None = None
    hunt: Slug | None = None
    oldest_first: bool = False
    severity: Severity | None = None
    opened_until: datetime | None = None
    traits: Filter = Filter()
    wakes_until: datetime | None = None
    after: FindingId | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The first findings of a queue; `total` counts all, up to MOST_COUNTED: `is_more` says that there are more.

    `is_bounded`: only the first MOST_LOOKED_AT were looked at, and there are more of which nobody knows.
    """

    findings: tuple[Finding, ...] = ()
    total: int = 0
    is_more: bool = False
    is_bounded: bool = False


NONE_QUEUED = Queued()


def wanted(asked: Asked, at: datetime, who: UserId, after: FindingId | None = None) -> Wanted:
    """What a person asks for now."""
    return Wanted(
        asked.which,
        at,
        who,
        asked.hunt,
        severity=asked.severity,
        opened_until=at - asked.older if asked.older else None,
        traits=Filter(asked.account, asked.principal),
        after=after,
    )


def whole(findings: Sequence[Finding]) -> Queued:
    """All there is, counted as far as it goes."""
    return Queued(tuple(findings), len(findings))


def _quoted(value: str) -> str:
    """Bare where that is read again as it is."""
    if re.fullmatch(r"[\w.:/@*+=,-]+", value):
        return value
    return f'"{value}"' if '"' not in value else f"'{value}'"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a queue: what is asked, behind which finding it begins, and how many came before it."""

    asked: Asked = Asked()
    after: FindingId | None = None
    before: int = 0

    @property
    def value(self) -> str:
        """As a button carries it: `10:42:open severity:high`."""
        return f"{self.before}:{self.after or 0}:{self.asked.text}"

    def next(self, shown: Sequence[Finding]) -> "Page":
        return Page(self.asked, shown[-1].id if shown else self.after, self.before + len(shown))


@dataclass(frozen=True, slots=True)
class AsShown:
    """A queue as somebody saw it: when, and how many findings it had then."""

    asked: Asked
    at: datetime
    number: int

    @property
    def value(self) -> str:
        """As a button carries it: `queue:212:1764043200.000001:open severity:high`."""
        return f"queue:{self.number}:{self.at.timestamp():.6f}:{self.asked.text}"
