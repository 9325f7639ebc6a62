"""What may be done with a finding, as a table: who wins, who is told why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

from bot.domain.responder import HUNTBOT, Place, UserId
from bot.domain.severity import Severity
from bot.errors import BadArgument

EventId = NewType("EventId", int)


class State(Enum):
    """Where a finding stands in its triage."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class Resolution(Enum):
    """Why a finding was closed."""

    MALICIOUS = "malicious"
    BENIGN = "benign"
    EXPECTED = "expected"
    REVOKED = "revoked"


class Queue(Enum):
    """Which unresolved findings a responder asks for."""

    OPEN = "open"  # every one
    MINE = "mine"  # that the responder holds
    UNTAKEN = "untaken"  # that nobody holds
    UNTOUCHED = "untouched"  # that nobody has looked at
    ESCALATED = "escalated"
    SNOOZED = "snoozed"  # that sleep; every other queue leaves these out


class Move(Enum):
    """Everything that happens to a finding and stands in its history."""

    RECORDED = "recorded"
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    WAKE = "snooze ended"
    ASSIGN = "assign"
    COMMENT = "comment"
    RECUR = "recur"
    WORSEN = "worsen"
    REVOCATION_SEEN = "revocation seen"


class Echo(Enum):
    """Whose threads get a line about a press."""

    EVERYWHERE = "everywhere"
    ELSEWHERE = "elsewhere"  # not in the channel where it was said: it is a reply in the card's thread there
    NOWHERE = "nowhere"  # one of many: one line tells of all of them


TRANSITIONS: Mapping[tuple[State, Move], State] = {
    (State.OPEN, Move.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ESCALATED, Move.ACKNOWLEDGE): State.ESCALATED,
    (State.OPEN, Move.ESCALATE): State.ESCALATED,
    (State.ACKNOWLEDGED, Move.ESCALATE): State.ESCALATED,
    (State.OPEN, Move.RESOLVE): State.RESOLVED,
    (State.ACKNOWLEDGED, Move.RESOLVE): State.RESOLVED,
    (State.ESCALATED, Move.RESOLVE): State.RESOLVED,
    (State.RESOLVED, Move.REOPEN): State.OPEN,
    (State.RESOLVED, Move.RECUR): State.OPEN,
    (State.RESOLVED, Move.WORSEN): State.OPEN,
    (State.OPEN, Move.WORSEN): State.OPEN,
    (State.ACKNOWLEDGED, Move.WORSEN): State.OPEN,
    (State.ESCALATED, Move.WORSEN): State.OPEN,
    (State.OPEN, Move.SNOOZE): State.OPEN,
    (State.ACKNOWLEDGED, Move.SNOOZE): State.ACKNOWLEDGED,
    (State.ESCALATED, Move.SNOOZE): State.ESCALATED,
    (State.OPEN, Move.WAKE): State.OPEN,
    (State.ACKNOWLEDGED, Move.WAKE): State.OPEN,
    (State.ESCALATED, Move.WAKE): State.OPEN,
    (State.OPEN, Move.ASSIGN): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Move.ASSIGN): State.ACKNOWLEDGED,
    (State.ESCALATED, Move.ASSIGN): State.ESCALATED,
    **{(state, Move.COMMENT): state for state in State},
}


@dataclass(frozen=True, slots=True)
class Press:
    """What a responder asks for: the move, who, when and where; a resolution only with RESOLVE, `until` with SNOOZE,
    `assignee` with ASSIGN.

    `replaces` is what a snooze or an assignment takes the place of, as the presser saw it: the end of the snooze
    before it, or when whoever holds the finding took it. Of two who do so at once the second did not see the first
    one's. `delivery` names one press as Slack delivered it, the same however
    often it is delivered.
    """

    move: Move
    by: UserId
    at: datetime
    place: Place = Place()
    resolution: Resolution | None = None
    note: str = ""
    until: datetime | None = None
    replaces: datetime | None = None
    assignee: UserId | None = None
    delivery: str | None = None
    echo: Echo = Echo.EVERYWHERE

    def __post_init__(self) -> None:
        """Refuse a closing without its reason and a snooze without its end, and either with another move.

        Raises:
            BadArgument: `resolution`, `until`, `assignee` or the note does not go with the move.
        """
        if (self.move is Move.ASSIGN) != (self.assignee is not None):
            raise BadArgument("assignee", "assigning needs the person it goes to")
        if self.move is Move.COMMENT and not self.note.strip():
            raise BadArgument("comment", "write something")
        if (self.move is Move.SNOOZE) != (self.until is not None):
            raise BadArgument("until", "a snooze needs the time when it ends")
        if self.until is not None and self.until <= self.at:
            raise BadArgument("until", "a snooze has to end later than now")
        if (self.move is Move.RESOLVE) != (self.resolution is not None):
            raise BadArgument("resolution", "resolving needs one of malicious, benign, expected, revoked")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A press by somebody who may not, and why; it changes nothing and is remembered."""

    move: Move
    by: UserId
    at: datetime
    place: Place
    why: str
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of a finding's history; a refused press is one too, with `accepted` false and both states equal."""

    move: Move
    by: UserId
    at: datetime
    before: State
    after: State
    accepted: bool = True
    resolution: Resolution | None = None
    note: str = ""
    place: Place = Place()
    until: datetime | None = None  # when a snooze ends
    delivery: str | None = None  # the press as Slack delivered it
    assignee: UserId | None = None  # who was given it
    severity: Severity | None = None  # how bad it was when it was resolved: what the verdict was given for

    @property
    def holder(self) -> UserId:
        """Of an acknowledgement or an assignment: who holds it since."""
        return self.assignee or self.by


_TAKINGS = frozenset({Move.ACKNOWLEDGE, Move.ASSIGN})
_OVERTAKEN_BY_ANY = frozenset({Move.SNOOZE, Move.ASSIGN})
_ASIDES = frozenset({Move.REVOCATION_SEEN, Move.COMMENT})  # they take nothing from anybody
OPENINGS = frozenset({Move.RECORDED, Move.REOPEN, Move.RECUR, Move.WORSEN, Move.WAKE})


def who_was_first(history: Sequence[AuditEvent], refused: AuditEvent) -> AuditEvent | None:
    """The event that a refused press came too late for; None where nothing was accepted yet.

    On a resolved finding that is its resolution, else the same move since the finding was last opened, else whatever
    changed it last; a snooze or an assignment is barred by whatever came last, and giving it to whoever holds it by
    how they came to. `history` is oldest first; what happened in it after the refusal does not count.
    """
    before = history[: history.index(refused)] if refused in history else history
    changes = [event for event in before if event.accepted and event.move not in _ASIDES]
    opened = max((at for at, event in enumerate(changes) if event.move in OPENINGS), default=0)
    barrier = Move.RESOLVE if refused.before is State.RESOLVED else refused.move
    taken = next((event for event in reversed(changes[opened:]) if event.move in _TAKINGS), None)
    if barrier is Move.ASSIGN and taken is not None and taken.holder == refused.assignee:
        return taken
    barred_by = [event for event in changes[opened:] if event.move is barrier]
    return next(reversed(changes if barrier in _OVERTAKEN_BY_ANY else barred_by or changes), None)


def by_itself(waited: timedelta, at: datetime) -> Press:
    """The press with which huntbot escalates what nobody acknowledged for so long."""
    return Press(Move.ESCALATE, HUNTBOT, at, note=f"nobody acknowledged it within {_spoken(waited)}")


def _spoken(length: timedelta) -> str:
    """`15 minutes`, `1 hour`, `90 minutes`."""
    minutes = round(length.total_seconds() / 60)
    number, unit = (minutes // 60, "hour") if minutes and minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
