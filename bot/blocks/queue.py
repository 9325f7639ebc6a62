"""What waits for responders, a page at a time: the answer of `/hunt findings`, and the lists of the Home tab."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.blocks import actions, bulk, export, rich, rows, state
from bot.blocks.bulk import HuntOf
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import SHORT_CAP, counted, literal
from bot.domain.finding import Finding
from bot.domain.hunt import write_duration
from bot.domain.message import Link
from bot.domain.queue import MOST_LOOKED_AT, Asked, AsShown, Page, Queued
from bot.domain.severity import Severity
from bot.domain.triage import Queue

SHOWN = 10  # findings of a page: what a phone shows without scrolling for long
_A_BLOCK = 5  # lines of it, few, so that little goes when something must

_TITLES: Mapping[Queue, str] = {
    Queue.OPEN: "Not resolved",
    Queue.MINE: "Held by you",
    Queue.UNTAKEN: "Nobody has it",
    Queue.UNTOUCHED: "Nobody has looked at it",
    Queue.ESCALATED: "Escalated",
    Queue.SNOOZED: "Snoozed",
}


def queue_blocks(
    page: Page, queued: Queued, hunt_of: HuntOf, at: datetime, links: Sequence[Link] = ()
) -> tuple[Json, ...]:
    """`at` is when the queue was read: what is done with all of it is done with what it held then."""
    return fit((*listed(page, queued, hunt_of, links), *controls(page, queued, at)))


def queue_text(page: Page, queued: Queued) -> str:
    number = f"{'more than ' if queued.is_more else ''}{counted(queued.total, 'finding')}"
    return f"{_TITLES[page.asked.which]}: {number}."


def listed(page: Page, queued: Queued, hunt_of: HuntOf, links: Sequence[Link] = ()) -> Iterator[Part]:
    """The page under its title, which says what it was narrowed by and which of how many these are."""
    title = [rich.words(_TITLES[page.asked.which], bold=True), *_narrowed(page.asked)]
    if not queued.findings:
        none = ": no more." if page.before else ": none."
        yield Part(rich.section([rich.words(_TITLES[page.asked.which]), *_narrowed(page.asked), rich.words(none)]))
    else:
        urls = {link.finding_ref: link.url for link in links}
        extra = _SAID.get(page.asked.which)
        yield Part(rich.section([*title, rich.words(f"  {_which_of_how_many(page, queued)}")]), Keep.LONG)
        items = [rows.row(finding, hunt_of(finding), urls, extra) for finding in queued.findings]
        for start in range(0, len(items), _A_BLOCK):
            yield Part(rich.bullets(items[start : start + _A_BLOCK]), Keep.SHORT)
    if queued.is_bounded:
        yield Part(rich.section([rich.words(_BOUNDED, italic=True)]))


def controls(page: Page, queued: Queued, at: datetime) -> Iterator[Part]:
    """The pages around this one, and what may be done with all that the queue holds."""
    turns = turning(page, queued, actions.QUEUE_PAGE)
    shown = AsShown(page.asked, at, queued.total)
    files = export.of_queue(page.asked) if queued.total else []
    if elements := [*turns, *bulk.buttons(shown.value, queued.total, is_more=queued.is_more), *files]:
        yield Part({"type": "actions", "elements": elements})


def turning(page: Page, queued: Queued, action_id: str) -> list[Json]:
    after = page.next(queued.findings)
    is_last = after.before >= queued.total and not queued.is_more
    offered = (
        (not is_last and bool(queued.findings), "next", f"Next {SHOWN}", after),
        (page.before > 0, "top", "From the top", Page(page.asked)),
    )
    return [
        {
            "type": "button",
            "text": rich.plain(label),
            "action_id": f"{action_id}:{which}",
            "value": to.value,
            "accessibility_label": f"{label}, {_TITLES[page.asked.which]}",
        }
        for is_offered, which, label, to in offered
        if is_offered
    ]


_BOUNDED = (
    f"Accounts and principals were compared for the worst {MOST_LOOKED_AT:,} findings of this queue, not for the "
    "rest. Narrow it by hunt:, severity: or older: to see further."
)


def _which_of_how_many(page: Page, queued: Queued) -> str:
    if not page.before:
        return rows.tally(len(queued.findings), queued.total, is_more=queued.is_more)
    last = page.before + len(queued.findings)
    return f"showing {page.before + 1:,} to {last:,} of {'more than ' if queued.is_more else ''}{queued.total:,}"


def _narrowed(asked: Asked) -> Line:
    said: list[Json] = []
    if asked.severity:
        worse = "" if asked.severity is Severity.CRITICAL else " or worse"
        said.append(rich.words(f" · {asked.severity.value}{worse}"))
    if asked.older:
        said.append(rich.words(f" · waiting for {write_duration(asked.older)} or longer"))
    for name, value in (("hunt", asked.hunt), ("account", asked.account), ("principal", asked.principal)):
        if value is not None:
            said += [rich.words(f" · {name} "), rich.value(literal(value, SHORT_CAP))]
    return said


def sleeps(finding: Finding) -> Line:
    """Until when, in a list of what sleeps; nobody is named, for a list must not ping."""
    until = [rich.words(" until "), rich.moment(finding.snoozed_until, rich.MINUTES)] if finding.snoozed_until else []
    return [rich.words(state.in_a_word(finding)), *until]


_SAID: Mapping[Queue, rows.Extra] = {Queue.SNOOZED: sleeps}
