"""The contract of Findings, Runs and Outbox, over every store there is."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.finding import FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Claim, Kind, Lane, Progress
from bot.domain.message import Standing
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.run import Filter, Novelty, Receipt, Run, RunId, RunOutcome, RunRequest, RunState, Trigger
from bot.domain.severity import Severity
from bot.domain.triage import EventId, Move, Press, Resolution, State
from bot.errors import StoreError, UnknownFinding
from tests.examples import ANNA, BEN, GRANTS, SECURITY, asked, hit
from tests.stand_ins import ON_CALL, START

LEASE = timedelta(seconds=90)
DAY = timedelta(days=1)
HOME = ChannelId("C-HOME")
WINDOW = Window(START - 7 * DAY, START)
STORES = ["sqlite"]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    urls = {"sqlite": f"sqlite:///{tmp_path}/huntbot.db"}
    async with await SqlStore.open(urls[request.param]) as opened:
        yield opened


async def recorded(
    store: SqlStore,
    hits: Sequence[Hit],
    request: RunRequest | None = None,
    *,
    is_truncated: bool = False,
    home: ChannelId | None = None,
) -> RunOutcome:
    """A run requested, started and recorded, a minute after it was asked for."""
    requested = await store.runs.request(request or asked())
    assert requested is not None
    at = requested.request.requested_at + timedelta(minutes=1)
    started = await store.runs.start(requested.id, replace(WINDOW, end=at), at)
    receipt = Receipt(len(hits), 0, 0, is_truncated=is_truncated)
    return await store.findings.record(started, hits, receipt, at, home)


async def delivered(store: SqlStore) -> list[Claim]:
    """Everything due, delivered as if Slack took it; in the order in which it went out."""
    out: list[Claim] = []
    while claims := await store.outbox.claim(START + DAY, LEASE):
        for claim in claims:
            out.append(claim)
            ts = claim.intent.ts or MessageTs(f"{len(out)}.{claim.intent.channel}")
            assert await store.outbox.settle(claim, None if claim.intent.only_for else ts)
    return out


def acknowledge(by: str = ANNA, after_s: int = 0) -> Press:
    return Press(Move.ACKNOWLEDGE, UserId(by), START + timedelta(seconds=after_s), Place(SECURITY, MessageTs("1.1")))


def resolve(note: str = "") -> Press:
    return Press(Move.RESOLVE, ANNA, START, resolution=Resolution.EXPECTED, note=note)


def news(outcome: RunOutcome) -> dict[str, Novelty]:
    return {finding.ref: novelty for finding, novelty in outcome.findings}


# ---- recording


async def test_what_a_run_found_is_kept_whole(store: SqlStore) -> None:
    seen = hit("e-1", severity=Severity.CRITICAL)
    seen = replace(seen, columns={**seen.columns, "tags": ("a", 1, True), "n": 1.5, "text": "\U0001f600\u202e"})

    outcome = await recorded(store, [seen, hit("e-2"), hit("e-3", principal="bob")])

    [(first, _), (second, _)] = outcome.findings
    assert (first.ref, first.face, first.count) == ("F-1", seen, 2)
    assert await store.findings.get(first.id) == first
    assert list(await store.findings.hits(first.id)) == [seen, hit("e-2")]
    assert [event.move for event in await store.findings.history(second.id)] == [Move.RECORDED]
    assert await store.runs.outcome(outcome.run.id) == outcome


async def test_the_first_complete_unfiltered_run_is_the_baseline(store: SqlStore) -> None:
    filtered = await recorded(store, [hit("e-1")], asked(filter=Filter(principal="alice")))
    truncated = await recorded(store, [hit("e-2", principal="bob")], is_truncated=True)
    baseline = await recorded(store, [hit("e-3", principal="carol")])
    after = await recorded(store, [hit("e-4", principal="dave")])

    assert [set(news(outcome).values()) for outcome in (filtered, truncated, baseline, after)] == [
        {Novelty.BACKLOG},
        {Novelty.BACKLOG},
        {Novelty.BACKLOG},
        {Novelty.NEW},
    ]
    assert [o.run.receipt and o.run.receipt.is_baseline for o in (baseline, after)] == [True, False]


async def test_the_receipt_counts_hits_that_were_never_seen(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    outcome = await recorded(
        store, [hit("e-1"), hit("e-2"), hit("e-3", principal="bob"), hit("e-3", principal="bob")]
    )

    receipt = outcome.run.receipt
    assert receipt is not None
    assert (receipt.hits, receipt.new, receipt.known) == (4, 2, 2)


async def test_recording_a_run_twice_changes_nothing(store: SqlStore) -> None:
    first = await recorded(store, [hit("e-1")])
    await delivered(store)

    again = await store.findings.record(first.run, [hit("e-9", principal="bob")], Receipt(1, 0, 0), START + DAY)

    assert again == first
    assert await store.outbox.waiting() == 0


async def test_runs_that_return_the_same_hits_at_once_make_one_finding(store: SqlStore) -> None:
    hits = [hit(f"e-{n}", principal=f"p{n % 20}") for n in range(60)]

    outcomes = await asyncio.gather(*(recorded(store, hits) for _ in range(6)))

    assert Counter(len(outcome.findings) for outcome in outcomes) == {20: 6}
    assert len(await store.findings.unresolved()) == 20
    assert sum(outcome.run.receipt.new for outcome in outcomes if outcome.run.receipt) == 60
    assert {finding.count for finding in await store.findings.unresolved()} == {3}


async def test_a_run_that_does_not_return_a_finding_changes_nothing(store: SqlStore) -> None:
    [(before, _)] = (await recorded(store, [hit("e-1")])).findings

    await recorded(store, [])

    assert await store.findings.get(before.id) == before


async def test_a_resolved_finding_is_reopened_only_by_a_new_event(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    await store.findings.press(found.id, resolve(), None)
    await delivered(store)

    same = await recorded(store, [hit("e-1")])
    closed = await store.findings.get(found.id)
    back = await recorded(store, [hit("e-1"), hit("e-2", at=START + timedelta(seconds=1))])

    assert (news(same), closed.state) == ({"F-1": Novelty.KNOWN}, State.RESOLVED)
    assert (news(back), back.findings[0][0].state) == ({"F-1": Novelty.RECURRED}, State.OPEN)
    old, new = await store.outbox.of_finding(found.id)
    assert (old.progress, new.progress) == (Progress.RETIRED, Progress.ALIVE)


async def test_a_removal_seen_since_redraws_the_card_and_notes_it(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)

    await recorded(store, [hit("e-1", revoked_at="2026-11-02T08:30:00Z")])

    assert (await store.findings.get(found.id)).is_revoked
    out = [claim.intent for claim in await delivered(store)]
    assert Counter(intent.kind for intent in out) == {Kind.RUN: 1, Kind.FINDING: 1, Kind.NOTE: 1}
    [note] = [intent for intent in out if intent.kind is Kind.NOTE]
    assert note.event is not None
    assert (await store.findings.event(note.event)).move is Move.REVOCATION_SEEN


async def test_many_findings_are_stored_at_once(store: SqlStore) -> None:
    hits = [hit(f"e-{n}", principal=f"p{n}") for n in range(1200)]
    await recorded(store, hits)

    again = await recorded(store, hits)

    assert Counter(news(again).values()) == {Novelty.KNOWN: 1200}


async def test_a_preview_says_what_a_run_would_and_writes_nothing(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await delivered(store)

    previewed = await store.findings.preview(GRANTS.slug, [hit("e-1"), hit("e-2", principal="bob")], START)

    assert [(finding.ref, novelty) for finding, novelty in previewed] == [
        ("F-1", Novelty.KNOWN),
        ("F-new", Novelty.NEW),
    ]
    assert len(await store.findings.unresolved()) == 1
    assert await store.outbox.waiting() == 0


# ---- pressing


async def test_of_a_hundred_presses_one_wins_and_all_are_remembered(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings

    outcomes = await asyncio.gather(
        *(store.findings.press(found.id, acknowledge(f"U-{n}"), None) for n in range(100))
    )

    [winner] = [event.by for _, event in outcomes if event.accepted]
    assert {finding.owner for finding, _ in outcomes} == {winner}
    assert (await store.findings.get(found.id)).owner == winner
    history = await store.findings.history(found.id)
    assert Counter(event.accepted for event in history if event.move is Move.ACKNOWLEDGE) == {True: 1, False: 99}


async def test_a_press_is_remembered_with_its_place_and_note(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await store.findings.press(found.id, acknowledge(BEN, after_s=3), None)

    closed, event = await store.findings.press(found.id, resolve("our own <deploy>"), None)

    assert (await store.findings.history(found.id))[1].place == Place(SECURITY, MessageTs("1.1"))
    assert (await store.findings.history(found.id))[-1] == event
    assert await store.findings.get(found.id) == closed
    assert (closed.owner, closed.resolved_by, closed.resolution_note) == (BEN, ANNA, "our own <deploy>")


async def test_a_press_owes_a_redraw_a_note_and_an_escalation(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)

    await store.findings.press(found.id, Press(Move.ESCALATE, ANNA, START), ON_CALL)
    await store.findings.press(found.id, Press(Move.ESCALATE, BEN, START), ON_CALL)

    assert Counter((c.intent.kind, c.intent.channel) for c in await delivered(store)) == {
        (Kind.FINDING, SECURITY): 1,
        (Kind.NOTE, SECURITY): 1,
        (Kind.ESCALATION, ON_CALL): 1,
    }


async def test_what_is_not_there_is_refused_by_name(store: SqlStore) -> None:
    missing = FindingId(404)
    for call in (store.findings.get(missing), store.findings.history(missing), store.findings.hits(missing)):
        with pytest.raises(UnknownFinding, match="F-404"):
            await call
    with pytest.raises(UnknownFinding, match="F-404"):
        await store.findings.press(missing, acknowledge(), None)
    with pytest.raises(StoreError):
        await store.runs.get(RunId(404))
    with pytest.raises(StoreError):
        await store.findings.event(EventId(404))


async def test_the_queue_is_worst_first_then_the_longest_waiting(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob", severity=Severity.CRITICAL)])
    await recorded(store, [hit("e-3", principal="carol")], asked(at=START - DAY))

    queue = await store.findings.unresolved()
    assert [finding.face.text("principal") for finding in queue] == ["bob", "carol", "alice"]
    await store.findings.press(queue[0].id, resolve(), None)
    assert await store.findings.unresolved(GRANTS.slug) == queue[1:]
    assert await store.findings.unresolved(Slug("another")) == []


# ---- runs


async def test_a_redelivered_request_is_taken_once(store: SqlStore) -> None:
    requests = [asked(dedupe_key="delivery-1") for _ in range(20)]

    runs = await asyncio.gather(*(store.runs.request(request) for request in requests))

    assert sum(run is not None for run in runs) == 1
    assert await store.outbox.waiting() == 1


def due(nominal: str, at: int = 0) -> RunRequest:
    scheduled = asked(Trigger.SCHEDULE, by=None)
    return replace(scheduled, schedule_key="k", nominal=nominal, due_at=START + timedelta(hours=at))


async def test_a_due_time_is_taken_once(store: SqlStore) -> None:
    runs = await asyncio.gather(*(store.runs.request(due(nominal)) for nominal in ["09:00", "10:00"] * 10))

    assert sorted(run.request.nominal for run in runs if run and run.request.nominal) == ["09:00", "10:00"]


async def test_due_times_count_from_when_a_schedule_was_met(store: SqlStore) -> None:
    assert await store.runs.due_after("k", START) == START
    assert await store.runs.due_after("k", START + DAY) == START

    await store.runs.request(due("10:00", at=1))

    assert await store.runs.due_after("k", START + DAY) == START + timedelta(hours=1)


async def test_a_clock_that_ran_ahead_silences_no_schedule(store: SqlStore) -> None:
    await store.runs.due_after("k", START + 9 * DAY)
    await store.runs.request(due("ahead", at=24 * 9))
    await store.runs.request(due("now", at=-1))

    assert await store.runs.due_after("k", START) == START


async def test_a_clock_that_was_set_back_holds_up_no_message(store: SqlStore) -> None:
    await store.runs.request(asked())
    await store.outbox.claim(START + DAY, LEASE)

    [claim] = await store.outbox.claim(START, LEASE)
    await store.outbox.put_back(claim, START + DAY, may_stand=False)

    assert len(await store.outbox.claim(START, LEASE)) == 1


async def test_a_run_is_kept_as_it_was_asked(store: SqlStore) -> None:
    request = replace(
        asked(filter=Filter("1", "al*", Severity.HIGH), is_private=True, dedupe_key="d"),
        window=Window(START - DAY, START),
    )

    run = await store.runs.request(request)

    assert run == Run(RunId(1), request, RunState.REQUESTED)
    assert await store.runs.get(RunId(1)) == run


async def test_a_restart_finds_what_is_unfinished(store: SqlStore) -> None:
    requested, running = await store.runs.request(asked()), await store.runs.request(asked())
    failed = await store.runs.request(asked())
    assert requested
    assert running
    assert failed
    await store.runs.start(running.id, WINDOW, START)
    await store.runs.fail(failed.id, "down", START)
    await recorded(store, [])

    assert [run.id for run in await store.runs.unfinished()] == [requested.id, running.id]


async def test_a_failed_run_stays_failed_and_is_said_once(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    await delivered(store)

    failed = await store.runs.fail(run.id, "down", START)
    again = await store.runs.fail(run.id, "other", START + DAY)
    late = await store.findings.record(failed, [hit()], Receipt(1, 0, 0), START)

    assert (failed.state, failed.error, again, late.run) == (RunState.FAILED, "down", failed, failed)
    assert await store.runs.start(run.id, WINDOW, START) == failed
    assert [claim.intent.kind for claim in await delivered(store)] == [Kind.RUN]
    assert await store.findings.unresolved() == []


async def test_only_complete_digest_runs_move_the_mark(store: SqlStore) -> None:
    marks = []
    for day, (trigger, is_truncated) in enumerate(
        [
            (Trigger.COMMAND, False),
            (Trigger.SCHEDULE, True),
            (Trigger.SCHEDULE, False),
            (Trigger.DIGEST, True),
            (Trigger.DIGEST, False),
        ]
    ):
        await recorded(store, [], asked(trigger, at=START + day * DAY), is_truncated=is_truncated)
        mark = await store.runs.covered_until(GRANTS.slug)
        marks.append(mark and (mark - START).days)

    assert marks == [None, None, 2, 2, 4]


async def test_the_reach_for_removals_ends_with_triage_or_a_removal(store: SqlStore) -> None:
    old, older = START - 20 * DAY, START - 30 * DAY
    gone = hit("e-3", principal="carol", at=START - 40 * DAY, revoked_at="2026-10-01T00:00:00Z")
    await recorded(store, [hit("e-1", at=old), hit("e-2", principal="bob", at=older), gone])

    assert await store.runs.oldest_unresolved(GRANTS.slug) == older
    [bob] = [finding for finding in await store.findings.unresolved() if finding.first_seen == older]
    await store.findings.press(bob.id, resolve(), None)
    assert await store.runs.oldest_unresolved(GRANTS.slug) == old


async def test_a_digest_learns_what_changed_and_what_failed_since_the_last_one(store: SqlStore) -> None:
    baseline = await recorded(store, [hit("e-0", principal="zoe")], asked(Trigger.SCHEDULE, at=START))
    await recorded(store, [hit("e-1")], asked(at=START + DAY))
    failed = await store.runs.request(asked(at=START + DAY))
    assert failed
    await store.runs.fail(failed.id, "down", START + DAY)
    latest = await recorded(
        store, [hit("e-1"), hit("e-2", principal="bob")], asked(Trigger.DIGEST, at=START + 2 * DAY)
    )

    last = await store.runs.last_digest(GRANTS.slug, before=latest.run.id)
    assert last == baseline.run
    since, until = baseline.run.finished_at, latest.run.finished_at
    assert until is not None
    changed = await store.runs.changed_since(GRANTS.slug, since, until)
    assert [(finding.face.text("principal"), novelty) for finding, novelty in changed] == [
        ("alice", Novelty.NEW),
        ("bob", Novelty.NEW),
    ]
    assert [run.id for run in await store.runs.failed_since(GRANTS.slug, since, until)] == [failed.id]
    assert await store.runs.last_digest(GRANTS.slug) == latest.run
    assert await store.runs.last_digest(GRANTS.slug, before=baseline.run.id) is None
    assert await store.runs.novelty(latest.run.id, FindingId(1)) is None


# ---- the outbox


async def test_an_intent_is_claimed_by_one(store: SqlStore) -> None:
    await store.runs.request(asked())

    claims = await asyncio.gather(*(store.outbox.claim(START, LEASE) for _ in range(10)))

    assert [len(claimed) for claimed in claims].count(1) == 1
    assert sum(map(len, claims)) == 1


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_may_not_settle(store: SqlStore) -> None:
    await store.runs.request(asked())
    [frozen] = await store.outbox.claim(START, LEASE)
    [taken] = await store.outbox.claim(START + LEASE, LEASE)

    assert (frozen.may_stand, taken.may_stand) == (False, True)
    assert not await store.outbox.settle(frozen, MessageTs("1.1"))
    assert await store.outbox.settle(taken, MessageTs("2.2"))
    [intent] = await store.outbox.of_run(RunId(1))
    assert (intent.ts, intent.drawn) == ("2.2", 1)


async def test_what_did_not_go_out_is_tried_again_from_then_on(store: SqlStore) -> None:
    await store.runs.request(asked())
    [claim] = await store.outbox.claim(START, LEASE)
    await store.outbox.put_back(claim, START + timedelta(seconds=5), may_stand=False)

    assert await store.outbox.claim(START + timedelta(seconds=4), LEASE) == ()
    [again] = await store.outbox.claim(START + timedelta(seconds=5), LEASE)
    assert (again.may_stand, again.intent.attempts) == (False, 1)


async def test_what_changes_while_it_is_drawn_is_drawn_again(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [claim] = await store.outbox.claim(START, LEASE)
    await store.runs.fail(run.id, "down", START)
    await store.outbox.settle(claim, MessageTs("1.1"))

    [redraw] = await store.outbox.claim(START, LEASE)

    assert (redraw.intent.ts, redraw.intent.wanted, redraw.intent.drawn) == ("1.1", 2, 1)


async def test_each_lane_gives_one_at_a_time_and_cards_come_last(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    [answer] = await store.outbox.claim(START, LEASE)
    assert answer.intent.kind is Kind.RUN

    closed = [Lane(SECURITY, is_redraw=False)]
    assert await store.outbox.claim(START, LEASE, closed) == ()
    await store.outbox.settle(answer, MessageTs("1.1"))
    [card] = await store.outbox.claim(START, LEASE)
    assert card.intent.finding == 1
    await store.outbox.settle(card, MessageTs("2.2"))
    await store.findings.press(FindingId(1), acknowledge(), None)

    redraw, note = await store.outbox.claim(START, LEASE)
    assert {redraw.intent.lane.is_redraw, note.intent.lane.is_redraw} == {True, False}
    assert {redraw.intent.kind, note.intent.kind} == {Kind.FINDING, Kind.NOTE}


async def test_a_threads_children_wait_until_their_parent_stands(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])

    out = await delivered(store)

    answers = [claim for claim in out if claim.intent.kind is Kind.RUN]
    cards = [claim for claim in out if claim.intent.kind is Kind.FINDING]
    assert out[0] is answers[0]
    assert (len(cards), {claim.thread_ts for claim in cards}) == (6, {"1.C-SECURITY"})
    assert out[-1].intent.kind is Kind.RUN  # once more, with links to the cards
    assert await store.findings.standings([FindingId(1), FindingId(404)]) == {
        FindingId(1): Standing(SECURITY, MessageTs("2.C-SECURITY"), MessageTs("1.C-SECURITY"))
    }


async def test_a_broken_route_is_marked_with_what_hangs_in_its_thread(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])
    [answer] = await store.outbox.claim(START, LEASE)

    await store.outbox.break_off(answer, "is_archived")

    assert (await store.outbox.waiting(), await store.outbox.broken()) == (0, 7)
    elsewhere = await recorded(store, [hit("e-1", principal="p1")], replace(asked(), channel=HOME))
    assert news(elsewhere) == {"F-2": Novelty.KNOWN}
    assert Counter(claim.intent.kind for claim in await delivered(store)) == {Kind.RUN: 2, Kind.FINDING: 1}


async def test_what_came_back_is_posted_anew_and_the_old_card_says_so_twice_at_most(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    await store.findings.press(found.id, resolve(), None)
    await delivered(store)

    await recorded(store, [hit("e-2", at=START + timedelta(seconds=1))], asked(at=START + timedelta(hours=1)))
    out = await delivered(store)

    old, new = await store.outbox.of_finding(found.id)
    retired = [claim for claim in out if claim.intent.key == old.key]
    assert 1 <= len(retired) <= 2
    assert out.index(retired[-1]) > next(at for at, claim in enumerate(out) if claim.intent.key == new.key)
    assert (await store.findings.standings([found.id]))[found.id].ts == new.ts


async def test_a_refused_channel_turns_an_answer_private(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [placeholder] = await store.outbox.claim(START, LEASE)

    await store.outbox.go_private(placeholder, ANNA)

    assert await store.outbox.claim(START, LEASE) == ()
    started = await store.runs.start(run.id, WINDOW, START)
    await store.findings.record(started, [hit("e-1")], Receipt(1, 0, 0), START, HOME)
    out = [(claim.intent.kind, claim.intent.channel, claim.intent.only_for) for claim in await delivered(store)]
    assert sorted(out, key=str) == sorted([(Kind.RUN, SECURITY, ANNA), (Kind.FINDING, HOME, None)], key=str)
