"""What waits for responders: the answer of `/hunt findings`, and the Home tab."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.blocks import rich, rows, state
from bot.blocks.limits import Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.message import Link
from bot.domain.queue import Queued
from bot.domain.triage import Queue

HuntOf = Callable[[Finding], Hunt]

_TITLES = {
    Queue.OPEN: "Not resolved",
    Queue.MINE: "Held by you",
    Queue.UNTAKEN: "Nobody has it",
    Queue.UNTOUCHED: "Nobody has looked at it",
    Queue.ESCALATED: "Escalated",
    Queue.SNOOZED: "Snoozed",
}
SHOWN = 20  # asked for by one person, in a message that only they see


def queue_blocks(which: Queue, page: Queued, hunt_of: HuntOf, links: Sequence[Link] = ()) -> tuple[Json, ...]:
    return fit(_queue(which, page, hunt_of, links))


def queue_text(which: Queue, page: Queued) -> str:
    return f"{_TITLES[which]}: {'more than ' if page.is_more else ''}{counted(page.total, 'finding')}."


def home_view(mine: Queued, untaken: Queued, hunt_of: HuntOf, links: Sequence[Link] = ()) -> Json:
    """The Home tab: what you hold, then what nobody holds."""
    parts = [
        Part(rich.header("Your queue")),
        *_queue(Queue.MINE, mine, hunt_of, links),
        Part({"type": "divider"}),
        *_queue(Queue.UNTAKEN, untaken, hunt_of, links),
    ]
    return {"type": "home", "blocks": list(fit(parts))}


def _queue(which: Queue, page: Queued, hunt_of: HuntOf, links: Sequence[Link]) -> Iterator[Part]:
    if not page.findings:
        yield Part(rich.section([rich.words(f"{_TITLES[which]}: none.")]))
    yield from rows.listed(_TITLES[which], page, hunt_of, links, _SAID.get(which), most=SHOWN)


def _sleeps(finding: Finding) -> Line:
    """Until when, in a list of what sleeps; nobody is named, for a list must not ping."""
    until = [rich.words(" until "), rich.moment(finding.snoozed_until, rich.MINUTES)] if finding.snoozed_until else []
    return [rich.words(state.in_a_word(finding)), *until]


_SAID: Mapping[Queue, rows.Extra] = {Queue.SNOOZED: _sleeps}
