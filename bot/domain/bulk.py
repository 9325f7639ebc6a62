"""Many findings triaged at once: which ones a person was shown, what they chose, and what became of each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

from bot.domain.finding import Finding, FindingId, ref
from bot.domain.responder import ChannelId, Place, UserId
from bot.domain.severity import Severity
from bot.domain.triage import Echo, Move, Press, Resolution

BulkId = NewType("BulkId", int)

LEASE = timedelta(seconds=60)  # how long a process that says nothing keeps one
OFFER_FOR = timedelta(days=1)  # a form that nobody submitted by then is forgotten

MOVES = frozenset({Move.ACKNOWLEDGE, Move.RESOLVE})


class BulkState(Enum):
    """OFFERED is a form that somebody has open, REQUESTED is carried out, also after a restart."""

    OFFERED = "offered"
    REQUESTED = "requested"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings were changed, changed by others first, or are kept no longer."""

    done: int = 0
    beaten: int = 0
    gone: int = 0

    @property
    def all(self) -> int:
        return self.done + self.beaten + self.gone

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.done + other.done, self.beaten + other.beaten, self.gone + other.gone)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with each, and the one reason for all of them. Raises BadArgument as `Press` does."""

    move: Move
    resolution: Resolution | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """One request: `shown` are the findings that the person was shown, in order; `ticked` those they ticked of them.

    The answer goes to the thread of the message in `place` where that is one of huntbot's that all can see, else to
    the person alone. Nothing is looked up anew: what came later is not touched, what changed meanwhile is told.
    """

    id: BulkId
    by: UserId
    at: datetime
    shown: tuple[FindingId, ...]
    place: Place = Place()
    ticked: frozenset[FindingId] = frozenset()
    order: Order | None = None
    chosen: tuple[FindingId, ...] = ()  # what the request is about
    state: BulkState = BulkState.OFFERED
    tally: Tally | None = None

    def after_page(self, page: Collection[FindingId], ticked: Collection[FindingId]) -> "Bulk":
        """The same with the ticks of one page as they stand now; what is ticked elsewhere stays."""
        kept = self.ticked - frozenset(page)
        return replace(self, ticked=kept | (frozenset(ticked) & frozenset(page) & frozenset(self.shown)))

    @property
    def in_order(self) -> tuple[FindingId, ...]:
        """What is ticked, as it was shown."""
        return tuple(finding for finding in self.shown if finding in self.ticked)

    def press(self, finding: FindingId, order: Order, at: datetime) -> Press:
        """Its own press for each finding, with a delivery of its own: carried out again it has no second effect."""
        return Press(
            order.move,
            self.by,
            at,
            self.place,
            order.resolution,
            order.note,
            delivery=f"bulk:{self.id}:{ref(finding)}",
            echo=Echo.NOWHERE,
        )

    @property
    def speaks_in(self) -> ChannelId:
        """Where the answer goes; the Home tab is no channel, but everybody has a conversation with the bot."""
        return self.place.channel or ChannelId(self.by)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form is opened with: of `found` findings those that the move may be made on are `bulk.shown`.

    `move` None: it is chosen in the form. `shown` is how many the person was told of, where they were told a number.
    `is_more`: there are more than the form is about. `grades` is how many of `bulk.shown` are of each severity.
    """

    bulk: Bulk
    found: int
    move: Move | None = None
    shown: int | None = None
    is_more: bool = False
    grades: Mapping[Severity, int] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        return self.found - len(self.bulk.shown)

    @property
    def changed(self) -> int:
        """How many of those that were shown are not there any more."""
        return 0 if self.shown is None or self.is_more else max(0, self.shown - self.found)


def changeable(findings: Iterable[Finding], move: Move) -> tuple[Finding, ...]:
    """Those on which the move may be made now."""
    return tuple(finding for finding in findings if finding.allows(move))


def tallied(fates: Mapping[FindingId, bool | None]) -> Tally:
    """True was changed, False was changed by somebody else first, None is kept no longer."""
    return Tally(
        done=sum(fate is True for fate in fates.values()),
        beaten=sum(fate is False for fate in fates.values()),
        gone=sum(fate is None for fate in fates.values()),
    )
