"""Every message that huntbot posts, full of given strings."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta

from bot.blocks import proof
from bot.domain.bulk import Bulk, BulkId, BulkState, Order, Tally
from bot.domain.daily import bounds, daily
from bot.domain.digest import Aside, Digest
from bot.domain.escalation import TargetName, route_of
from bot.domain.export import ExportRequest, FileFormat
from bot.domain.finding import FindingId
from bot.domain.hit import TIMESTAMP
from bot.domain.intent import RouteStatus
from bot.domain.message import (
    BulkAnswer,
    DigestPost,
    DigestSheet,
    EscalationCall,
    EscalationFailed,
    ExportNotice,
    FindingCard,
    HistoryNote,
    RouteNotice,
    RunAnswer,
)
from bot.domain.paging import DigestPage, Heading
from bot.domain.pivot import Answered
from bot.domain.queue import Asked, whole
from bot.domain.response import Waited
from bot.domain.rows import Column
from bot.domain.run import Filter, Novelty, Receipt, RunId, RunOutcome
from bot.domain.severity import Severity
from bot.domain.source import Hush, Source
from bot.domain.triage import Move, Resolution
from tests.unit.blocks.emitted import LINK, PLACE, Emitted, Strings, Surface, changed, full, hunt, message, several
from tests.unit.blocks.examples import (
    ALICE,
    BOB,
    GRANTS,
    HUNTS,
    IN_KIBANA,
    LIBRARY,
    NOON,
    checked,
    event,
    finding,
    pivot_reply,
    run,
    said,
)


def cards(s: Strings) -> Iterator[Emitted]:
    yield from message(*(FindingCard(shown, GRANTS, Novelty.NEW, earlier=LINK) for shown in changed(s)))
    shown, told = full(s), hunt(s)
    seen, check = said(note=s()), checked(error=s() or "x")
    yield from message(
        FindingCard(shown, GRANTS, seen_before=seen, check=check, kibana=IN_KIBANA),
        FindingCard(shown, LIBRARY, is_woken=True),
        FindingCard(shown, told, is_retired=True, later=LINK),
    )


def notes(s: Strings) -> Iterator[Emitted]:
    shown = finding()
    for move in Move:
        noted = replace(event(move, note=s()), until=NOON, assignee=BOB if move is Move.ASSIGN else None)
        yield from message(HistoryNote(shown, noted))
    yield from message(HistoryNote(shown, replace(event(note=s()), accepted=False)))


def runs(s: Strings) -> Iterator[Emitted]:
    many = several(s, 20)
    novelties = [novelty for novelty in Novelty for _ in range(4)]
    asked = run(Receipt(40, 32, 8, is_partial=True, is_truncated=True, filtered=3, suppressed=2))
    narrowed = replace(asked, request=replace(asked.request, filter=Filter(s.typed(), s.typed(), Severity.LOW)))
    empty = run(Receipt(0, 0, 0, is_baseline=True, sources=(Source(s(), s(), 0), Source(s(), "", 0))))
    found = RunOutcome(narrowed, tuple(zip(many, novelties, strict=True)))
    yield from message(
        RunAnswer(found, hunt(s), (LINK,), in_thread=True),
        RunAnswer(found, GRANTS, (), in_thread=False),
        RunAnswer(RunOutcome(empty, ()), GRANTS, (), in_thread=False),
        RunAnswer(RunOutcome(run(error=s() or "x"), ()), GRANTS, (), in_thread=False),
    )


def pivot_replies(s: Strings) -> Iterator[Emitted]:
    shown = finding()
    columns = (Column(TIMESTAMP, "date"), *(Column(s() or str(number), "keyword") for number in range(3)))
    values = tuple((NOON.isoformat(), s(), (s(),), None) for _ in range(10))
    done = pivot_reply(shown, rows=1)
    answer = Answered(columns, values, 137, is_more=True)
    yield from message(
        pivot_reply(shown, rows=0, nothing=s()),
        pivot_reply(shown, error=s() or "x"),
        replace(done, run=replace(done.run, answer=answer)),
        replace(done, run=replace(done.run, request=replace(done.run.request, pivot=s()), answer=None)),
    )


def escalations(s: Strings) -> Iterator[Emitted]:
    for shown in changed(s):
        call = EscalationCall(shown, GRANTS, event(Move.ESCALATE, note=s()), LINK, on_call="S0ONCALL00")
        yield from message(call)
    yield from message(
        replace(call, is_retired=True, back=None),
        EscalationFailed(call, s()),
        EscalationFailed(call, s(), TargetName("pagerduty")),
    )


def routes(s: Strings) -> Iterator[Emitted]:
    target = route_of(TargetName("pagerduty"))
    yield from message(
        RouteNotice(HUNTS, NOON, RouteStatus(HUNTS, s(), NOON, NOON, 12)),
        RouteNotice(target, NOON, RouteStatus(target, s(), NOON, NOON, 1)),
    )


def digests(s: Strings) -> Iterator[Emitted]:
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
    yield from message(
        DigestPost(busy, hunt(s), (LINK,), in_thread=True, has_pages=True),
        DigestSheet(page, several(s), hunt(s), (LINK,), NOON),
    )


def bulk_answers(s: Strings) -> Iterator[Emitted]:
    asked = Bulk(BulkId(1), ALICE, NOON, tuple(map(FindingId, range(1, 4))), PLACE, state=BulkState.DONE)
    resolved = Order(Move.RESOLVE, Resolution.BENIGN, s())
    yield from message(
        BulkAnswer(replace(asked, order=resolved, tally=Tally(1, 1, 1))),
        BulkAnswer(replace(asked, order=Order(Move.ACKNOWLEDGE, note=s()), tally=Tally(3))),
    )


def exports(s: Strings) -> Iterator[Emitted]:
    of_run = ExportRequest(FileFormat.CSV, ALICE, NOON, HUNTS, run=RunId(7), hunt=GRANTS.slug)
    of_queue = ExportRequest(FileFormat.NDJSON, ALICE, NOON, HUNTS, queue=Asked(principal=s.typed()))
    yield from message(ExportNotice(of_run, s()), ExportNotice(of_queue, s()))


def proofs(_: Strings) -> Iterator[Emitted]:
    yield Emitted(Surface.MESSAGE, proof.asked("a-word"), text=proof.ASKED)
    yield Emitted(Surface.MESSAGE, proof.answered(ALICE), text=proof.ANSWERED)
