"""Every private answer, form and Home tab of huntbot, full of given strings."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.blocks import bulk, details, history, home, modals, picker, pivots, queue, refusal, status, suppression
from bot.blocks.details import Details
from bot.blocks.help import help_blocks, hunt_list_blocks
from bot.domain.bulk import Bulk, BulkId, Offer
from bot.domain.digest import Digest
from bot.domain.escalation import TargetName, route_of
from bot.domain.finding import FindingId
from bot.domain.home import Board
from bot.domain.hunt import Slug
from bot.domain.intent import Backlog, RouteStatus
from bot.domain.message import DigestPost, RouteNotice, RunProgress
from bot.domain.queue import Asked, Page, Queued, whole
from bot.domain.raw_event import NoRawEvent, RawEvent
from bot.domain.responder import ChannelId
from bot.domain.run import Receipt
from bot.domain.severity import Severity
from bot.domain.source import Source
from bot.domain.suppression import Effect, Review, Suppression
from bot.domain.triage import Move, Queue
from bot.errors import BadArgument, SuppressionError
from tests.unit.blocks.emitted import (
    LINK,
    PLACE,
    Emitted,
    Strings,
    full,
    hunt,
    message,
    of_view,
    privately,
    several,
    slim,
)
from tests.unit.blocks.examples import (
    ALICE,
    BOB,
    GRANTS,
    HUNTS,
    IN_KIBANA,
    NOON,
    checked,
    event,
    finding,
    pivot_reply,
    run,
    said,
)


def details_of(s: Strings) -> Details:
    shown, told = full(s), hunt(s)
    raw = RawEvent(f'{{\n  "a": "{s()}"\n}}', is_original=True)
    return Details(
        shown,
        told,
        [event(move, note=s()) for move in (Move.ACKNOWLEDGE, Move.RESOLVE)],
        [replace(shown.face, id=shown.face.id)],
        LINK.url,
        raw,
        seen_before=said(note=s()),
        check=checked(error=s() or "x"),
        kibana=IN_KIBANA,
        pivots=pivots.buttons(shown, told),
    )


def shown(s: Strings) -> Iterator[Emitted]:
    known = details_of(s)
    yield privately(details.message(known), details.text(known.finding, known.hunt))


def queues(s: Strings) -> Iterator[Emitted]:
    asked = Asked(Queue.OPEN, Severity.LOW, timedelta(days=2), Slug("grants"), s.typed(), s.typed())
    asleep = [replace(shown, snoozed_until=NOON) for shown in several(s)]
    for page, listed in (
        (Page(asked, FindingId(9), 10), Queued(several(s), 137, is_more=True)),
        (Page(Asked(Queue.SNOOZED)), whole(asleep)),
        (Page(Asked(Queue.MINE)), Queued()),
    ):
        blocks = queue.queue_blocks(page, listed, lambda _: GRANTS, NOON, (LINK,))
        yield privately(blocks, queue.queue_text(page, listed))


def statuses(s: Strings) -> Iterator[Emitted]:
    shut = tuple(RouteStatus(ChannelId("C0SHUT0000"), s(), NOON, NOON, 1_200) for _ in range(6))
    backlog = Backlog(3, 2, NOON - timedelta(hours=2), shut, fault=s())
    schedules = {GRANTS.slug: GRANTS.schedule} if GRANTS.schedule else {}
    told = status.Status(3, schedules, (run(),) * 6, backlog, NOON)
    yield privately(status.blocks(told), status.text(told))


def suppressions(s: Strings) -> Iterator[Emitted]:
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
        yield privately(suppression.blocks(review, lambda _: GRANTS), suppression.text(review))


def hunt_lists(s: Strings) -> Iterator[Emitted]:
    every = [replace(hunt(s), slug=Slug(f"hunt-{number}")) for number in range(10)]
    schedules = {shown.slug: shown.schedule for shown in every if shown.schedule}
    yield privately(hunt_list_blocks(every, schedules))


def too_late(s: Strings) -> Iterator[Emitted]:
    for first in (None, event(by=BOB, note=s()), event(by=ALICE, note=s())):
        yield privately(history.too_late_blocks(full(s), first, ALICE))


def details_views(s: Strings) -> Iterator[Emitted]:
    known = details_of(s)
    carried = modals.Carried(known.finding.id, PLACE)
    yield of_view(details.view(known, PLACE))
    yield of_view(details.view(replace(known, raw=NoRawEvent("The logs could not be asked for it.", s())), PLACE))
    yield of_view(details.whole_value(known, PLACE, details.RAW))
    yield of_view(details.whole_value(known, PLACE, str(list(known.finding.face.columns).index("actor"))))
    yield of_view(details.failed(carried, s()))


def forms(s: Strings) -> Iterator[Emitted]:
    shown = replace(slim(s), snoozed_until=NOON, snoozed_by=ALICE)
    for form in (modals.resolve_form, modals.assign_form, modals.take_form, modals.comment_form):
        yield of_view(form(shown, GRANTS, PLACE))
    yield of_view(modals.snooze_form(shown, GRANTS, PLACE, s()))
    yield of_view(modals.beaten_to_it(shown, event(note=s()), ALICE))
    yield of_view(refusal.modal(s()))
    yield privately(help_blocks(), refusal.line(str(BadArgument(s(), s() or "x"))))


def bulk_forms(s: Strings) -> Iterator[Emitted]:
    listed = several(s)
    asked = Bulk(BulkId(1), ALICE, NOON, tuple(f.id for f in listed), PLACE, frozenset({FindingId(2)}))
    yield of_view(bulk.failed(s()))
    yield of_view(bulk.form(Offer(asked, 12, Move.RESOLVE, 14, is_more=True), Move.RESOLVE))
    yield of_view(bulk.form(Offer(replace(asked, shown=()), 0, Move.ACKNOWLEDGE, 14), Move.ACKNOWLEDGE))
    page = [shown for shown in listed if shown.id in bulk.page_of(asked, 0)]
    yield of_view(bulk.select_form(asked, 0, page, lambda _: GRANTS))


def pickers(s: Strings) -> Iterator[Emitted]:
    hunts = [replace(hunt(s), slug=Slug(f"hunt-{number}")) for number in range(5)]
    yield of_view(picker.view(hunts, HUNTS))


def homes(s: Strings) -> Iterator[Emitted]:
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
    yield of_view(home.view(board, [GRANTS.slug], lambda _: GRANTS, (LINK,)))
    yield of_view(home.view(Board(NOON, page, Queued(several(s), 40)), [GRANTS.slug], lambda _: GRANTS))
    yield of_view(refusal.home(s()))


def fixed(_: Strings) -> Iterator[Emitted]:
    yield from message(
        RunProgress(run()),
        RouteNotice(HUNTS, NOON),
        RouteNotice(route_of(TargetName("pagerduty")), NOON),
        DigestPost(Digest(GRANTS.slug, run(Receipt(0, 0, 0)), NOON - timedelta(days=1), NOON), GRANTS, ()),
        pivot_reply(finding()),
    )
    yield privately(hunt_list_blocks([], {}))
    yield privately(help_blocks())
    yield privately(picker.retry())
    carried = modals.Carried(FindingId(42), PLACE)
    asked = Bulk(BulkId(1), ALICE, NOON, (FindingId(1), FindingId(2)), PLACE)
    yield from map(
        of_view,
        (
            details.loading(carried),
            pivots.asked("F-42", is_new=True),
            bulk.loading(),
            bulk.under_way(asked, 2),
            picker.view([], None),
        ),
    )
