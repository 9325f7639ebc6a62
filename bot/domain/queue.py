"""What waits for responders: which findings are asked for, and a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.finding import Finding
from bot.domain.hunt import Slug
from bot.domain.responder import UserId
from bot.domain.triage import Queue

MOST_COUNTED = 1_000  # beyond it a queue is "more than 1,000": counting a million would make everybody wait


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which unresolved findings: of `which` queue, for `who` (MINE), of one hunt or all; snoozed ones left out.

    `at` is now: what is snoozed beyond it sleeps. Ordered most severe first, then the longest waiting; `oldest_first`
    by waiting alone, which only what is UNTOUCHED in one hunt has an index for: it is what a digest asks.
    """

    which: Queue
    at: datetime
    who: UserId | None = None
    hunt: Slug | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """The first findings of a queue; `total` counts all, up to MOST_COUNTED: `is_more` says that there are more."""

    findings: tuple[Finding, ...] = ()
    total: int = 0
    is_more: bool = False


def whole(findings: Sequence[Finding]) -> Queued:
    """All there is, counted as far as it goes."""
    return Queued(tuple(findings), len(findings))
