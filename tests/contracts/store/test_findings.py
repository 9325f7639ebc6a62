"""The contract of Findings, over every store there is: runs recorded."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.intent import Kind, Progress
from bot.domain.run import Filter, Novelty, Receipt
from bot.domain.severity import Severity
from bot.domain.triage import Move, State
from tests.examples import GRANTS, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, WINDOW, delivered, news, recorded, resolve, waiting


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


async def test_what_happened_before_all_that_was_searched_is_never_called_new(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    old = hit("e-2", principal="bob", at=WINDOW.start - DAY)
    outcome = await recorded(store, [old, hit("e-3", principal="carol")])

    assert news(outcome) == {"F-2": Novelty.NEW, "F-3": Novelty.BACKLOG}
    assert outcome.run.receipt is not None
    assert (outcome.run.receipt.new, outcome.run.receipt.backlog) == (2, 1)


async def test_the_receipt_counts_hits_that_were_never_seen(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    outcome = await recorded(store, [hit("e-1"), hit("e-2"), hit("e-3", principal="bob")])

    receipt = outcome.run.receipt
    assert receipt is not None
    assert (receipt.hits, receipt.new, receipt.known) == (3, 2, 1)


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
    assert len(await waiting(store)) == 20
    assert sum(outcome.run.receipt.new for outcome in outcomes if outcome.run.receipt) == 60
    assert {finding.count for finding in await waiting(store)} == {3}


async def test_a_run_that_does_not_return_a_finding_changes_nothing(store: SqlStore) -> None:
    [(before, _)] = (await recorded(store, [hit("e-1")])).findings

    await recorded(store, [])

    assert await store.findings.get(before.id) == before


async def test_a_resolved_finding_is_reopened_only_by_a_new_event(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    await store.findings.press(found.id, resolve(), NOBODY)
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
    assert len(await waiting(store)) == 1
    assert await store.outbox.waiting() == 0
