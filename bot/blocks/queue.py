"""What waits for responders: the answer of `/hunt findings`, one finding in full, and the Home tab."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.blocks import facts, finding, history, rich, rows, state, summary
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import LONG_CAP, counted, escaped
from bot.domain.finding import Finding
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt
from bot.domain.message import Link
from bot.domain.queue import Queued
from bot.domain.triage import AuditEvent, Queue

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
_EVENTS_SHOWN = 15
_HITS_SHOWN = 5
_LINES_A_BLOCK = 5  # few, so that little goes when something must


def queue_blocks(which: Queue, page: Queued, hunt_of: HuntOf, links: Sequence[Link] = ()) -> tuple[Json, ...]:
    return fit(_queue(which, page, hunt_of, links))


def queue_text(which: Queue, page: Queued) -> str:
    return f"{_TITLES[which]}: {'more than ' if page.is_more else ''}{counted(page.total, 'finding')}."


def show_blocks(
    shown: Finding, hunt: Hunt, events: Sequence[AuditEvent], hits: Sequence[Hit], url: str | None
) -> tuple[Json, ...]:
    """Everything about one finding, its buttons included; the oldest history goes first when it is too long."""
    return fit(_full(shown, hunt, events, hits, url))


def show_text(shown: Finding, hunt: Hunt) -> str:
    return f"{state.grade(shown.severity)} {shown.ref}: {escaped(summary.say(hunt, shown.face))}."


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


def _full(
    shown: Finding, hunt: Hunt, events: Sequence[AuditEvent], hits: Sequence[Hit], url: str | None
) -> Iterator[Part]:
    place = [rich.words("  "), rich.link(url, "its message")] if url else []
    yield Part(rich.section([rich.words(f"{state.grade(shown.severity)} · {shown.ref}", bold=True), *place]))
    yield Part(finding.what(shown, hunt))
    yield Part(rich.section(*(fact.line for fact in facts.of_finding(shown, LONG_CAP))), Keep.LONG)
    yield Part(rich.section(state.standing(shown), state.sleep(shown)))
    yield Part(finding.buttons(shown))
    yield from _history(events)
    yield from _hits(hits, shown.forgotten.hits)
    yield Part(rich.section([rich.words("Every column", bold=True)]), Keep.SHORT)
    columns = [fact.line for fact in facts.every_column(shown.face, LONG_CAP)]
    for start in range(0, len(columns), _LINES_A_BLOCK):
        yield Part(rich.section(*columns[start : start + _LINES_A_BLOCK]), Keep.SHORT)


def _history(events: Sequence[AuditEvent]) -> Iterator[Part]:
    if not events:
        return
    latest = events[-_EVENTS_SHOWN:]
    heading = [rich.words("History", bold=True), rich.words(f"  {rows.tally(len(latest), len(events))}")]
    yield Part(rich.section(heading, *(history.line(event) for event in latest)), Keep.SHORT)


def _hits(hits: Sequence[Hit], forgotten: int) -> Iterator[Part]:
    """When it was seen, in the viewer's zone and in UTC, which the logs speak; `forgotten` were kept no longer."""
    if not hits:
        return
    latest = hits[:_HITS_SHOWN]
    gone = f" ({counted(forgotten, 'older one')} kept no longer)" if forgotten else ""
    tally = rows.tally(len(latest), len(hits) + forgotten)
    heading = [rich.words("Events", bold=True), rich.words(f"  {tally}{gone}")]
    told = ([rich.moment(hit.at), rich.words(f"  {rich.utc(hit.at)}  "), rich.value(hit.id[:64])] for hit in latest)
    yield Part(rich.section(heading, *told), Keep.SHORT)
