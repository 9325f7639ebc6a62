"""What a template of huntbot comes to, and findings and hunts that are full of given strings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import cycle

from bot.blocks.draw import draw
from bot.blocks.rich import Json
from bot.domain.finding import Finding
from bot.domain.hit import TIMESTAMP
from bot.domain.hunt import Hunt
from bot.domain.message import Link, Message
from bot.domain.pivot import Pivot
from bot.domain.queue import LONGEST_TEXT
from bot.domain.responder import MessageTs, Place
from bot.domain.triage import Resolution, State
from tests.unit.blocks.examples import ALICE, BOB, COLUMNS, GRANTS, HUNTS, NOON, finding, hit

LINK = Link("F-1", "https://acme.slack.com/archives/C1/p1")
PLACE = Place(HUNTS, MessageTs("1.2"))
OURS = frozenset({"severity", "outcome", TIMESTAMP})  # columns that huntbot itself reads a meaning from


class Surface(Enum):
    """Where it is shown, which says what Slack takes."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Emitted:
    """`blocks` of a message, or the blocks of `view`; `text` stands beside a message, `bare` instead of it."""

    surface: Surface
    blocks: Sequence[Json]
    view: Json | None = None
    text: str = ""
    bare: str = ""


class Strings:
    """Hands out the given strings one after the other, and from the first again; counts how many."""

    def __init__(self, given: Sequence[str]) -> None:
        self.given = given
        self.handed = 0
        self._next = cycle(given)

    def __call__(self) -> str:
        self.handed += 1
        return next(self._next)

    def written(self) -> str:
        """One as a file can hold it."""
        return as_written(self())

    def typed(self) -> str:
        """One as a filter can hold it, which is as long as a button can carry."""
        return self.written()[: LONGEST_TEXT // 4]

    @property
    def is_through(self) -> bool:
        return self.handed >= len(self.given)


def as_written(text: str) -> str:
    """What is left of a text in a file, which is UTF-8 and lets nothing be empty: half an emoji is gone."""
    return text.encode("utf-8", "ignore").decode().strip() or "x"


Template = Callable[[Strings], Iterator[Emitted]]


def full(s: Strings, number: int = 42) -> Finding:
    """A finding with a string in each column that a log fills, and in its note."""
    columns = {name: s() for name in COLUMNS if name not in OURS}
    return replace(finding(number, hit(columns)), resolution_note=s())


def slim(s: Strings, number: int = 42) -> Finding:
    """A finding with a string in what one line of a list shows."""
    return finding(number, hit({"principal": s(), "action": s(), "function": s()}))


def several(s: Strings, number: int = 10) -> tuple[Finding, ...]:
    return tuple(slim(s, place) for place in range(1, number + 1))


def hunt(s: Strings) -> Hunt:
    """A hunt file in which somebody else wrote everything that may be any text."""
    return replace(
        GRANTS,
        name=s.written(),
        description=s.written(),
        notes=(s.written(), s.written()),
        mitre=("T1098", s.written()),
        references=("https://docs.example/page", f"see {s.written()}"),
        remediation="tool --function {function} [--by {actor}]",
        pivots=(Pivot(s.written(), "FROM logs | WHERE a == ?actor"),),
    )


def changed(s: Strings) -> Iterator[Finding]:
    """One in every state."""
    yield full(s)
    yield replace(full(s), state=State.ACKNOWLEDGED, owner=ALICE, taken_at=NOON, snoozed_until=NOON, snoozed_by=BOB)
    yield replace(full(s), state=State.ESCALATED, escalated_by=ALICE, escalated_at=NOON)
    yield replace(full(s), state=State.RESOLVED, resolved_by=ALICE, resolved_at=NOON, resolution=Resolution.BENIGN)
    yield with_columns(full(s), revoked_at="2026-03-04T12:07:00.000Z")
    yield replace(with_columns(full(s), outcome="attempted"), count=3)


def with_columns(shown: Finding, **columns: str) -> Finding:
    return replace(shown, face=replace(shown.face, columns={**shown.face.columns, **columns}))


def message(*messages: Message) -> Iterator[Emitted]:
    for message in messages:
        drawn = draw(message)
        yield Emitted(Surface.MESSAGE, drawn.blocks, None, drawn.text, drawn.bare)


def privately(blocks: Sequence[Json], text: str = "An answer.") -> Emitted:
    return Emitted(Surface.MESSAGE, blocks, None, text)


def of_view(view: Json) -> Emitted:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return Emitted(Surface.HOME if view["type"] == "home" else Surface.MODAL, blocks, view)
