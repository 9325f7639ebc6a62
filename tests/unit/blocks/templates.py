"""Every template that huntbot can emit, by name: messages, private answers, modals, Home tabs, full of given strings.

One that is drawn by a new function of `bot/blocks` belongs here: a test names what no template has called.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from enum import Enum
from itertools import cycle
from pathlib import Path

from bot.blocks import (
    bulk,
    details,
    draw,
    history,
    home,
    modals,
    picker,
    pivots,
    queue,
    refusal,
    status,
    suppression,
)
from bot.blocks.details import Details
from bot.blocks.help import help_blocks, hunt_list_blocks
from bot.blocks.rich import Json
from bot.domain.bulk import Bulk, BulkId, BulkState, Offer, Order, Tally
from bot.domain.daily import bounds, daily
from bot.domain.digest import Aside, Digest
from bot.domain.escalation import TargetName, route_of
from bot.domain.export import ExportRequest, FileFormat
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import TIMESTAMP
from bot.domain.home import Board
from bot.domain.hunt import Hunt, Slug
from bot.domain.intent import Backlog, RouteStatus
from bot.domain.message import (
    BulkAnswer,
    DigestPost,
    DigestSheet,
    EscalationCall,
    EscalationFailed,
    ExportNotice,
    FindingCard,
    HistoryNote,
    Link,
    Message,
    RouteNotice,
    RunAnswer,
    RunProgress,
)
from bot.domain.paging import DigestPage, Heading
from bot.domain.pivot import Answered, Pivot
from bot.domain.queue import LONGEST_TEXT, Asked, Page, Queued, whole
from bot.domain.raw_event import NoRawEvent, RawEvent
from bot.domain.responder import ChannelId, MessageTs, Place
from bot.domain.response import Waited
from bot.domain.rows import Column
from bot.domain.run import Filter, Novelty, Receipt, RunId, RunOutcome
from bot.domain.severity import Severity
from bot.domain.source import Hush, Source
from bot.domain.suppression import Effect, Review, Suppression
from bot.domain.triage import Move, Queue, Resolution, State
from bot.errors import SuppressionError
from tests.unit.blocks.examples import (
    ALICE,
    BOB,
    COLUMNS,
    GRANTS,
    HUNTS,
    IN_KIBANA,
    LIBRARY,
    NOON,
    checked,
    event,
    finding,
    hit,
    pivot_reply,
    run,
    said,
)

LINK = Link("F-1", "https://acme.slack.com/archives/C1/p1")
PLACE = Place(HUNTS, MessageTs("1.2"))
_OURS = frozenset({"severity", "outcome", TIMESTAMP})  # columns that huntbot itself reads a meaning from


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


# --- what they are full of ---------------------------------------------------------------------------


def full(s: Strings, number: int = 42) -> Finding:
    """A finding with a string in each column that a log fills, and in its note."""
    columns = {name: s() for name in COLUMNS if name not in _OURS}
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


# --- messages ----------------------------------------------------------------------------------------


def _message(*messages: Message) -> Iterator[Emitted]:
    for message in messages:
        drawn = draw(message)
        yield Emitted(Surface.MESSAGE, drawn.blocks, None, drawn.text, drawn.bare)


def _cards(s: Strings) -> Iterator[Emitted]:
    yield from _message(*(FindingCard(shown, GRANTS, Novelty.NEW, earlier=LINK) for shown in changed(s)))
    shown, told = full(s), hunt(s)
    seen, check = said(note=s()), checked(error=s() or "x")
    yield from _message(
        FindingCard(shown, GRANTS, seen_before=seen, check=check, kibana=IN_KIBANA),
        FindingCard(shown, LIBRARY, is_woken=True),
        FindingCard(shown, told, is_retired=True, later=LINK),
    )


def _notes(s: Strings) -> Iterator[Emitted]:
    shown = finding()
    for move in Move:
        noted = replace(event(move, note=s()), until=NOON, assignee=BOB if move is Move.ASSIGN else None)
        yield from _message(HistoryNote(shown, noted))
    yield from _message(HistoryNote(shown, replace(event(note=s()), accepted=False)))


def _runs(s: Strings) -> Iterator[Emitted]:
    many = several(s, 20)
    novelties = [novelty for novelty in Novelty for _ in range(4)]
    asked = run(Receipt(40, 32, 8, is_partial=True, is_truncated=True, filtered=3, suppressed=2))
    narrowed = replace(asked, request=replace(asked.request, filter=Filter(s.typed(), s.typed(), Severity.LOW)))
    empty = run(Receipt(0, 0, 0, is_baseline=True, sources=(Source(s(), s(), 0), Source(s(), "", 0))))
    found = RunOutcome(narrowed, tuple(zip(many, novelties, strict=True)))
    yield from _message(
        RunAnswer(found, hunt(s), (LINK,), in_thread=True),
        RunAnswer(found, GRANTS, (), in_thread=False),
        RunAnswer(RunOutcome(empty, ()), GRANTS, (), in_thread=False),
        RunAnswer(RunOutcome(run(error=s() or "x"), ()), GRANTS, (), in_thread=False),
    )


def _pivot_replies(s: Strings) -> Iterator[Emitted]:
    shown = finding()
    columns = (Column(TIMESTAMP, "date"), *(Column(s() or str(number), "keyword") for number in range(3)))
    values = tuple((NOON.isoformat(), s(), (s(),), None) for _ in range(10))
    done = pivot_reply(shown, rows=1)
    answer = Answered(columns, values, 137, is_more=True)
    yield from _message(
        pivot_reply(shown, rows=0, nothing=s()),
        pivot_reply(shown, error=s() or "x"),
        replace(done, run=replace(done.run, answer=answer)),
        replace(done, run=replace(done.run, request=replace(done.run.request, pivot=s()), answer=None)),
    )


def _escalations(s: Strings) -> Iterator[Emitted]:
    for shown in changed(s):
        call = EscalationCall(shown, GRANTS, event(Move.ESCALATE, note=s()), LINK, on_call="S0ONCALL00")
        yield from _message(call)
    yield from _message(
        replace(call, is_retired=True, back=None),
        EscalationFailed(call, s()),
        EscalationFailed(call, s(), TargetName("pagerduty")),
    )


def _routes(s: Strings) -> Iterator[Emitted]:
    target = route_of(TargetName("pagerduty"))
    yield from _message(
        RouteNotice(HUNTS, NOON, RouteStatus(HUNTS, s(), NOON, NOON, 12)),
        RouteNotice(target, NOON, RouteStatus(target, s(), NOON, NOON, 1)),
    )


def _digests(s: Strings) -> Iterator[Emitted]:
    lists = {name: whole(several(s)) for name in ("backlog", "new", "recurred", "worsened", "untouched")}
    failed = tuple(run(error=s() or "x") for _ in range(6))
    quiet = Digest(GRANTS.slug, run(Receipt(0, 0, 0)), NOON - timedelta(days=1), NOON)
    days = bounds(NOON, UTC)
    aside = Aside(
        failed=failed,
        incomplete=(run(Receipt(9, 0, 9, is_partial=True)),),
        aging={timedelta(days=1): whole(several(s, 2))},
        waking=whole(several(s)),
        next_at=NOON + timedelta(days=1),
        hushed=(Hush(Source(s(), s(), 0)), Hush(Source(s(), "", 9), NOON, s(), s())),
        waited=Waited(3, timedelta(hours=1), timedelta(minutes=2)),
        daily=daily({Severity.HIGH: [3] * 14}, days, UTC),
    )
    busy = replace(quiet, aside=aside, **lists)  # type: ignore[arg-type]
    page = DigestPage(Heading.NEW, tuple(FindingId(n) for n in range(1, 11)), 11, 40)
    yield from _message(
        DigestPost(busy, hunt(s), (LINK,), in_thread=True, has_pages=True),
        DigestSheet(page, several(s), hunt(s), (LINK,), NOON),
    )


def _bulk_answers(s: Strings) -> Iterator[Emitted]:
    asked = Bulk(BulkId(1), ALICE, NOON, tuple(map(FindingId, range(1, 4))), PLACE, state=BulkState.DONE)
    resolved = Order(Move.RESOLVE, Resolution.BENIGN, s())
    yield from _message(
        BulkAnswer(replace(asked, order=resolved, tally=Tally(1, 1, 1))),
        BulkAnswer(replace(asked, order=Order(Move.ACKNOWLEDGE, note=s()), tally=Tally(3))),
    )


def _exports(s: Strings) -> Iterator[Emitted]:
    of_run = ExportRequest(FileFormat.CSV, ALICE, NOON, HUNTS, run=RunId(7), hunt=GRANTS.slug)
    of_queue = ExportRequest(FileFormat.NDJSON, ALICE, NOON, HUNTS, queue=Asked(principal=s.typed()))
    yield from _message(ExportNotice(of_run, s()), ExportNotice(of_queue, s()))


# --- private answers ---------------------------------------------------------------------------------


def _privately(blocks: Sequence[Json], text: str = "An answer.") -> Emitted:
    return Emitted(Surface.MESSAGE, blocks, None, text)


def _details_of(s: Strings) -> Details:
    shown, told = full(s), hunt(s)
    raw = RawEvent(f'{{\n  "a": "{s()}"\n}}', is_original=True)
    return Details(
        shown,
        told,
        [event(move, note=s()) for move in (Move.ACKNOWLEDGE, Move.RESOLVE)],
        [replace(shown.face, id=shown.face.id)],
        LINK.url,
        raw,
        kibana=IN_KIBANA,
        pivots=pivots.buttons(shown, told),
    )


def _shown(s: Strings) -> Iterator[Emitted]:
    known = _details_of(s)
    yield _privately(details.message(known), details.text(known.finding, known.hunt))


def _queues(s: Strings) -> Iterator[Emitted]:
    asked = Asked(Queue.OPEN, Severity.LOW, timedelta(days=2), Slug("grants"), s.typed(), s.typed())
    asleep = [replace(shown, snoozed_until=NOON) for shown in several(s)]
    for page, listed in (
        (Page(asked, FindingId(9), 10), Queued(several(s), 137, is_more=True)),
        (Page(Asked(Queue.SNOOZED)), whole(asleep)),
        (Page(Asked(Queue.MINE)), Queued()),
    ):
        blocks = queue.queue_blocks(page, listed, lambda _: GRANTS, NOON, (LINK,))
        yield _privately(blocks, queue.queue_text(page, listed))


def _statuses(s: Strings) -> Iterator[Emitted]:
    shut = tuple(RouteStatus(ChannelId("C0SHUT0000"), s(), NOON, NOON, 1_200) for _ in range(6))
    backlog = Backlog(3, 2, NOON - timedelta(hours=2), shut, fault=s())
    schedules = {GRANTS.slug: GRANTS.schedule} if GRANTS.schedule else {}
    told = status.Status(3, schedules, (run(),) * 6, backlog, NOON)
    yield _privately(status.blocks(told), status.text(told))


def _suppressions(s: Strings) -> Iterator[Emitted]:
    rule = Suppression(
        GRANTS.slug,
        {s.written(): s.written(), "account": "111122223333"},
        s.written(),
        s.written(),
        (NOON + timedelta(days=9)).date(),
    )
    effects = (
        Effect(rule, 3, 2, Severity.HIGH, (slim(s).face,), (s(),), is_incomplete=True),
        Effect(replace(rule, up_to=Severity.LOW), fault=s()),
    )
    faults = (SuppressionError(Path("rules.toml"), s(), 3),)
    window = run(Receipt(0, 0, 0)).window
    assert window is not None
    for review in (Review(window, NOON, effects, faults), Review(window, NOON, ())):
        yield _privately(suppression.blocks(review, lambda _: GRANTS), suppression.text(review))


def _hunt_lists(s: Strings) -> Iterator[Emitted]:
    every = [replace(hunt(s), slug=Slug(f"hunt-{number}")) for number in range(10)]
    schedules = {shown.slug: shown.schedule for shown in every if shown.schedule}
    yield _privately(hunt_list_blocks(every, schedules))


def _too_late(s: Strings) -> Iterator[Emitted]:
    for first in (None, event(by=BOB, note=s()), event(by=ALICE, note=s())):
        yield _privately(history.too_late_blocks(full(s), first, ALICE))


# --- views -------------------------------------------------------------------------------------------


def _view(view: Json) -> Emitted:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return Emitted(Surface.HOME if view["type"] == "home" else Surface.MODAL, blocks, view)


def _details(s: Strings) -> Iterator[Emitted]:
    known = _details_of(s)
    carried = modals.Carried(known.finding.id, PLACE)
    yield _view(details.view(known, PLACE))
    yield _view(details.view(replace(known, raw=NoRawEvent("The logs could not be asked for it.", s())), PLACE))
    yield _view(details.whole_value(known, PLACE, details.RAW))
    yield _view(details.whole_value(known, PLACE, str(list(known.finding.face.columns).index("actor"))))
    yield _view(details.failed(carried, s()))


def _forms(s: Strings) -> Iterator[Emitted]:
    shown = replace(slim(s), snoozed_until=NOON, snoozed_by=ALICE)
    for form in (modals.resolve_form, modals.assign_form, modals.comment_form):
        yield _view(form(shown, GRANTS, PLACE))
    yield _view(modals.snooze_form(shown, GRANTS, PLACE, s()))
    yield _view(modals.beaten_to_it(shown, event(note=s()), ALICE))
    yield _view(refusal.modal(s()))
    yield _view(pivots.note(shown.ref, s()))


def _bulk_forms(s: Strings) -> Iterator[Emitted]:
    listed = several(s)
    asked = Bulk(BulkId(1), ALICE, NOON, tuple(f.id for f in listed), PLACE, frozenset({FindingId(2)}))
    yield _view(bulk.failed(s()))
    yield _view(bulk.form(Offer(asked, 12, Move.RESOLVE, 14, is_more=True), Move.RESOLVE))
    yield _view(bulk.form(Offer(replace(asked, shown=()), 0, Move.ACKNOWLEDGE, 14), Move.ACKNOWLEDGE))
    page = [shown for shown in listed if shown.id in bulk.page_of(asked, 0)]
    yield _view(bulk.select_form(asked, 0, page, lambda _: GRANTS))


def _pickers(s: Strings) -> Iterator[Emitted]:
    hunts = [replace(hunt(s), slug=Slug(f"hunt-{number}")) for number in range(5)]
    yield _view(picker.view(hunts, HUNTS))


def _homes(s: Strings) -> Iterator[Emitted]:
    asleep = tuple(replace(shown, snoozed_until=NOON) for shown in several(s, 3))
    failed = tuple(run(error=s() or "x") for _ in range(3))
    board = Board(
        NOON,
        mine=whole(several(s)),
        untaken=Queued(several(s), 900, is_more=True),
        ending=whole(asleep),
        failed=failed,
        silent=(Source(s(), s(), 0),),
    )
    page = Page(Asked(Queue.OPEN, Severity.LOW), FindingId(3), 20)
    yield _view(home.view(board, [GRANTS.slug], lambda _: GRANTS, (LINK,)))
    yield _view(home.view(Board(NOON, page, Queued(several(s), 40)), [GRANTS.slug], lambda _: GRANTS))
    yield _view(refusal.home(s()))


# --- what holds no string but ours ---------------------------------------------------------------------


def _fixed(_: Strings) -> Iterator[Emitted]:
    yield from _message(
        RunProgress(run()),
        RouteNotice(HUNTS, NOON),
        RouteNotice(route_of(TargetName("pagerduty")), NOON),
        DigestPost(Digest(GRANTS.slug, run(Receipt(0, 0, 0)), NOON - timedelta(days=1), NOON), GRANTS, ()),
        pivot_reply(finding()),
    )
    yield _privately(hunt_list_blocks([], {}))
    yield _privately(help_blocks())
    yield _privately(picker.retry())
    carried = modals.Carried(FindingId(42), PLACE)
    asked = Bulk(BulkId(1), ALICE, NOON, (FindingId(1), FindingId(2)), PLACE)
    yield from map(
        _view,
        (
            details.loading(carried),
            pivots.asked("F-42", is_new=True),
            bulk.loading(),
            bulk.under_way(asked, 2),
            picker.view([], None),
        ),
    )


TEMPLATES: Mapping[str, Template] = {
    "a finding's card": _cards,
    "a line of history": _notes,
    "a run's answer": _runs,
    "a pivot's answer": _pivot_replies,
    "an escalation": _escalations,
    "a broken route": _routes,
    "a digest": _digests,
    "what became of many findings": _bulk_answers,
    "no file": _exports,
    "a finding in full": _shown,
    "a queue": _queues,
    "the status": _statuses,
    "the suppressions": _suppressions,
    "the list of hunts": _hunt_lists,
    "too late": _too_late,
    "the details": _details,
    "the forms": _forms,
    "the forms for many findings": _bulk_forms,
    "the picker": _pickers,
    "the home tab": _homes,
    "what holds no string but ours": _fixed,
}
# Public in bot/blocks, and no part of what Slack is shown.
ELSEWHERE: Mapping[str, str] = {
    "bot.blocks.bulk.deed_of": "reads what a form was filled in with",
    "bot.blocks.chart.is_chart": "asks whether a chart was refused",
    "bot.blocks.facts.of_finding": "for the people on call, beside Slack",
    "bot.blocks.summary.filled": "for programs",
    "bot.blocks.summary.say": "for the people on call, beside Slack",
}
