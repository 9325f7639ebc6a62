"""The contract of Runs, over every store there is."""

import asyncio
from dataclasses import replace

from bot.adapters.sql import SqlStore
from bot.domain.digest import Changed
from bot.domain.escalation import NOBODY, OnCall
from bot.domain.finding import FindingId
from bot.domain.hunt import Window
from bot.domain.intent import Kind
from bot.domain.paging import LISTED
from bot.domain.queue import Wanted
from bot.domain.responder import ChannelId
from bot.domain.run import Filter, Novelty, Receipt, Run, RunId, RunState, Trigger
from bot.domain.severity import Severity
from bot.domain.triage import Queue
from tests.examples import GRANTS, SECURITY, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, WINDOW, acknowledge, delivered, recorded, resolve, waiting


async def test_a_redelivered_request_is_taken_once(store: SqlStore) -> None:
    requests = [asked(dedupe_key="delivery-1") for _ in range(20)]

    runs = await asyncio.gather(*(store.runs.request(request) for request in requests))

    assert sum(run is not None for run in runs) == 1
    assert await store.outbox.waiting() == 1


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
    await store.runs.start(running, WINDOW, START)
    await store.runs.fail(failed, "down", START)
    await recorded(store, [])

    assert [run.id for run in await store.runs.unfinished()] == [requested.id, running.id]


async def test_a_failed_run_stays_failed_and_is_said_once(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    await delivered(store)

    failed = await store.runs.fail(run, "down", START)
    again = await store.runs.fail(run, "other", START + DAY)
    late = await store.findings.record(failed, [hit()], Receipt(1, 0, 0), START)

    assert (failed.state, failed.error, again, late.run) == (RunState.FAILED, "down", failed, failed)
    assert await store.runs.start(run, WINDOW, START) == failed
    assert [claim.intent.kind for claim in await delivered(store)] == [Kind.RUN]
    assert await waiting(store) == ()


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
    [bob] = [finding for finding in await waiting(store) if finding.first_seen == older]
    await store.findings.press(bob.id, resolve(), NOBODY)
    assert await store.runs.oldest_unresolved(GRANTS.slug) == old


async def test_a_digest_learns_what_changed_and_what_failed_since_the_last_one(store: SqlStore) -> None:
    baseline = await recorded(store, [hit("e-0", principal="zoe")], asked(Trigger.SCHEDULE, at=START))
    await recorded(store, [hit("e-1")], asked(at=START + DAY))
    failed = await store.runs.request(asked(at=START + DAY))
    assert failed
    await store.runs.fail(failed, "down", START + DAY)
    latest = await recorded(
        store, [hit("e-1"), hit("e-2", principal="bob")], asked(Trigger.DIGEST, at=START + 2 * DAY)
    )

    last = await store.runs.last_digest(GRANTS.slug, SECURITY, before=latest.run.id)
    assert last == baseline.run
    since, until = baseline.run.finished_at, latest.run.finished_at
    assert until is not None
    changed = await store.runs.changed_since(GRANTS.slug, since, until)
    assert [finding.face.text("principal") for finding in changed.of[Novelty.NEW].findings] == ["alice", "bob"]
    assert (list(changed.of), len(changed.ids), changed.untouched) == ([Novelty.NEW], 2, 2)
    assert [run.id for run in await store.runs.failed_since(GRANTS.slug, since, until)] == [failed.id]
    assert await store.runs.last_digest(GRANTS.slug, SECURITY) == latest.run
    assert await store.runs.last_digest(GRANTS.slug, SECURITY, before=baseline.run.id) is None
    assert await store.runs.novelty(latest.run.id, FindingId(1)) is None


async def test_a_digest_lists_the_worst_of_many_changes_and_counts_them_all(store: SqlStore) -> None:
    before = await recorded(store, [hit("e-0", principal="zoe")], asked(Trigger.SCHEDULE))
    mild = [hit(f"e-{n}", principal=f"p{n}", severity=Severity.LOW) for n in range(1, LISTED + 15)]
    grave = hit("e-999", principal="eve", severity=Severity.CRITICAL)
    await recorded(store, mild, asked(at=START + DAY))
    await recorded(store, [*mild, grave], asked(at=START + 2 * DAY))
    taken, *_ = (await store.findings.queue(Wanted(Queue.UNTAKEN, START), 1)).findings
    await store.findings.press(taken.id, acknowledge(), OnCall())

    changed = await store.runs.changed_since(GRANTS.slug, before.run.finished_at, START + 3 * DAY)

    new = changed.of[Novelty.NEW]
    assert (new.findings[0].face.text("principal"), len(new.findings)) == ("eve", LISTED)
    many = LISTED + 15
    assert (new.total, new.is_more, len(changed.ids), changed.untouched) == (many, False, many, many - 1)
    assert await store.runs.changed_since(GRANTS.slug, START + 3 * DAY, START + 4 * DAY) == Changed()


async def test_a_digest_asked_for_elsewhere_or_in_private_told_this_channel_nothing(store: SqlStore) -> None:
    other = ChannelId("C-OTHER")
    by_the_clock = await recorded(store, [], asked(Trigger.SCHEDULE, by=None, at=START))
    elsewhere = await recorded(store, [], asked(Trigger.DIGEST, channel=other, at=START + DAY))
    await recorded(store, [], asked(Trigger.DIGEST, is_private=True, at=START + 2 * DAY))

    assert await store.runs.last_digest(GRANTS.slug, SECURITY) == by_the_clock.run
    assert await store.runs.last_digest(GRANTS.slug, other) == elsewhere.run
    assert await store.runs.last_digest(GRANTS.slug, None) == elsewhere.run
