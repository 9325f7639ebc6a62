"""How long findings wait until a person does something: the mean and the median, from the history alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.domain.finding import FindingId
from bot.domain.responder import HUNTBOT, UserId
from bot.domain.triage import OPENINGS, Move

# What a person does about a finding; a comment takes nobody off the hook. What huntbot does by itself is no person's.
RESPONSES = frozenset({Move.ACKNOWLEDGE, Move.ASSIGN, Move.ESCALATE, Move.RESOLVE, Move.SNOOZE})


@dataclass(frozen=True, slots=True)
class Happened:
    """An accepted event, as far as it matters here."""

    finding: FindingId
    move: Move
    by: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class Waited:
    """Over how many openings, how long they waited; `is_capped`: only the latest were looked at."""

    count: int
    mean: timedelta
    median: timedelta
    is_capped: bool = False


def waited(events: Iterable[Happened], *, is_capped: bool = False) -> Waited | None:
    """Of what was opened in the stretch and answered in it; None where nothing was. `events` in their order.

    The clock of a finding starts when it is opened and stops at the first thing that a person does; what opens it
    again while it waits, as when it gets worse, starts no other clock.
    """
    opened: dict[FindingId, datetime] = {}
    lengths: list[timedelta] = []
    for event in events:
        if event.move in OPENINGS:
            opened.setdefault(event.finding, event.at)
        elif event.move in RESPONSES and event.by != HUNTBOT and event.finding in opened:
            lengths.append(max(event.at - opened.pop(event.finding), timedelta()))
    if not lengths:
        return None
    return Waited(len(lengths), sum(lengths, timedelta()) / len(lengths), _median(lengths), is_capped)


def _median(lengths: Collection[timedelta]) -> timedelta:
    return timedelta(seconds=median(length.total_seconds() for length in lengths))
