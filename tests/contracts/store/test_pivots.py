"""The contract of runs about one finding, over every store there is: pivots, and whether it is still true."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.finding import Finding
from bot.domain.hunt import Window
from bot.domain.intent import Intent, Kind, Progress
from bot.domain.pivot import Answered
from bot.domain.rows import Column
from bot.domain.run import Receipt, Run, RunRequest, RunState, Trigger
from bot.domain.triage import Move
from bot.errors import StoreError
from tests.examples import ANNA, GRANTS, SECURITY, hit
from tests.stand_ins import START
from tests.storing import DAY, WINDOW, delivered, recorded, resolve

ANSWER = Answered(
    (Column("@timestamp", "date"), Column("tags", "keyword"), Column("n", "long")),
    (("2026-11-02T08:00:00.000Z", ("a", "\u202e\x00b"), 3), (None, None, None)),
    total=137,
    is_more=True,
)


def about(
    finding: Finding, trigger: Trigger = Trigger.PIVOT, pivot: str | None = "around", at: datetime = START
) -> RunRequest:
    channel = SECURITY if trigger is Trigger.PIVOT else None
    return RunRequest(GRANTS.slug, trigger, at, channel, ANNA, finding=finding.id, pivot=pivot)  # fmt: skip


def check(finding: Finding, at: datetime = START) -> RunRequest:
    return about(finding, Trigger.CHECK, None, at)


async def found(store: SqlStore) -> Finding:
    """Recorded, its card delivered."""
    [(finding, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    return finding


async def begun(store: SqlStore, request: RunRequest) -> Run:
    run = await store.runs.request(request)
    assert run is not None
    return await store.runs.start(run, replace(WINDOW, end=START), START)


async def drawn(store: SqlStore) -> Sequence[Intent]:
    """What went out since the last time."""
    return [claim.intent for claim in await delivered(store)]


async def test_a_pivot_is_answered_in_the_thread_of_the_card(store: SqlStore) -> None:
    finding = await found(store)
    [card] = await store.outbox.of_finding(finding.id)

    run = await begun(store, about(finding))
    [looking] = await drawn(store)
    done = await store.runs.answer(run, ANSWER, START)
    [answered] = await drawn(store)

    assert (looking.kind, looking.channel, looking.thread_of) == (Kind.RUN, SECURITY, card.key)
    assert answered.key == looking.key
    assert answered.ts is not None  # one message, drawn again
    assert (done.state, done.answer, done.request) == (RunState.DONE, ANSWER, about(finding))
    assert await store.runs.get(run.id) == done


async def test_of_a_card_in_a_thread_the_answer_hangs_in_that_thread(store: SqlStore) -> None:
    many = [hit(f"e-{n}", principal=f"p{n}") for n in range(8)]
    [(finding, _), *_] = (await recorded(store, many)).findings
    await delivered(store)
    [card] = await store.outbox.of_finding(finding.id)

    await begun(store, about(finding))
    [looking] = await drawn(store)

    assert card.thread_of is not None
    assert looking.thread_of == card.thread_of


async def test_of_several_cards_in_a_channel_it_hangs_under_the_live_one(store: SqlStore) -> None:
    finding = await found(store)
    await store.findings.press(finding.id, resolve(), NOBODY)
    await recorded(store, [hit("e-1"), hit("e-2", at=START + timedelta(minutes=1))])  # it recurred: posted anew
    await delivered(store)
    old, live = await store.outbox.of_finding(finding.id)

    await begun(store, about(finding))
    [looking] = await drawn(store)

    assert (old.progress, live.progress) == (Progress.RETIRED, Progress.ALIVE)
    assert looking.thread_of == live.key


async def test_a_pivot_that_fails_says_so_in_the_same_message(store: SqlStore) -> None:
    finding = await found(store)
    run = await begun(store, about(finding))
    [looking] = await drawn(store)

    failed = await store.runs.fail(run, "Elasticsearch could not be asked.", START)
    [said] = await drawn(store)

    assert (failed.state, failed.error, said.key) == (
        RunState.FAILED,
        "Elasticsearch could not be asked.",
        looking.key,
    )


ASKED = [
    ("the same", "around", Trigger.PIVOT, False),
    ("another pivot", "grants", Trigger.PIVOT, True),
    ("whether it is still true", None, Trigger.CHECK, True),
]


@pytest.mark.parametrize(("pivot", "trigger", "is_new"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
async def test_what_is_being_asked_of_a_finding_is_not_asked_twice(
    store: SqlStore, pivot: str | None, trigger: Trigger, *, is_new: bool
) -> None:
    finding = await found(store)
    run = await begun(store, about(finding))

    meanwhile = await store.runs.request(about(finding, trigger, pivot))
    await store.runs.answer(run, ANSWER, START)

    assert (meanwhile is not None) is is_new
    assert await store.runs.request(about(finding)) is not None


async def test_only_who_works_on_a_pivot_may_answer_it(store: SqlStore) -> None:
    finding = await found(store)
    run = await store.runs.request(about(finding))
    assert run is not None
    slow = await store.runs.claim(run.id, START, timedelta(seconds=60))
    quick = await store.runs.claim(run.id, START + timedelta(seconds=61), timedelta(seconds=60))
    assert slow is not None
    assert quick is not None

    await store.runs.answer(quick, ANSWER, START)
    late = await store.runs.answer(slow, replace(ANSWER, total=1), START)

    assert late.answer == ANSWER


async def test_what_is_asked_of_a_finding_moves_no_mark_and_no_digest_tells_of_it(store: SqlStore) -> None:
    finding = await found(store)
    pivot = await begun(store, about(finding))
    await store.runs.answer(pivot, ANSWER, START)
    failed = await begun(store, check(finding))
    await store.runs.fail(failed, "no", START)
    checked = await begun(store, check(finding))
    early = replace(checked, window=Window(START - 300 * DAY, START))
    await store.findings.record(early, [hit("e-1")], Receipt(1, 0, 0), START)

    assert await store.runs.failed_since(GRANTS.slug, None, START + DAY) == []
    assert await store.runs.covered_until(GRANTS.slug) is None
    assert await store.runs.last_digest(GRANTS.slug, None) is None
    [(old, novelty)] = await store.findings.preview(
        GRANTS.slug, [hit("e-8", principal="zoe", at=START - 200 * DAY)], START
    )
    assert (old.from_backlog, novelty.value) == (True, "from the backlog")  # fmt: skip


# --- still true? ----------------------------------------------------------------------------------


async def test_a_check_that_sees_nothing_new_redraws_the_cards(store: SqlStore) -> None:
    finding = await found(store)
    run = await begun(store, check(finding))
    assert await drawn(store) == []  # it has no message of its own

    await store.findings.record(run, [hit("e-1")], Receipt(1, 0, 0), START)

    assert [(i.kind, i.finding) for i in await drawn(store)] == [(Kind.FINDING, finding.id)]
    last = await store.runs.last_check(finding.id)
    assert last is not None
    assert (last.id, last.state, last.receipt and last.receipt.hits) == (run.id, RunState.DONE, 1)


async def test_a_check_that_finds_nothing_at_all_redraws_them_too(store: SqlStore) -> None:
    finding = await found(store)
    run = await begun(store, check(finding))

    await store.findings.record(run, [], Receipt(0, 0, 0), START)

    assert [i.finding for i in await drawn(store)] == [finding.id]
    assert (await store.findings.get(finding.id)).version == finding.version


async def test_a_check_that_fails_redraws_them_too(store: SqlStore) -> None:
    finding = await found(store)
    run = await begun(store, check(finding))

    await store.runs.fail(run, "Elasticsearch could not be asked.", START)

    assert [i.finding for i in await drawn(store)] == [finding.id]
    last = await store.runs.last_check(finding.id)
    assert last is not None
    assert last.error == "Elasticsearch could not be asked."


async def test_a_removal_that_a_check_sees_is_stored_noted_and_drawn(store: SqlStore) -> None:
    finding = await found(store)
    run = await begun(store, check(finding))
    removed = hit("e-1", revoked_at="2026-11-02T08:30:00Z")

    await store.findings.record(run, [removed], Receipt(1, 0, 0), START)

    assert (await store.findings.get(finding.id)).is_revoked
    assert sorted(i.kind.value for i in await drawn(store)) == ["finding", "note"]
    assert (await store.findings.history(finding.id))[-1].move is Move.REVOCATION_SEEN


async def test_the_last_check_is_of_that_finding_and_is_over(store: SqlStore) -> None:
    [(one, _), (two, _)] = (await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])).findings
    first = await begun(store, check(one))
    await store.runs.fail(first, "no", START)
    second = await begun(store, check(one))
    await store.findings.record(second, [], Receipt(0, 0, 0), START + timedelta(minutes=1))
    await begun(store, check(one))

    last = await store.runs.last_check(one.id)

    assert last is not None
    assert last.id == second.id
    assert await store.runs.last_check(two.id) is None


# --- forgotten ------------------------------------------------------------------------------------


async def test_an_old_answer_is_forgotten_with_the_hits(store: SqlStore) -> None:
    finding = await found(store)
    old = await store.runs.answer(await begun(store, about(finding)), ANSWER, START)
    young = await store.runs.answer(await begun(store, about(finding)), ANSWER, START + 2 * DAY)
    await delivered(store)

    purged = await store.retention.purge(START + DAY, None, START + 3 * DAY)

    assert purged.leftovers == 1
    assert (await store.runs.get(old.id)).answer is None
    assert (await store.runs.get(young.id)).answer == ANSWER


async def test_what_was_asked_around_a_finding_goes_with_it(store: SqlStore) -> None:
    finding = await found(store)
    asked = await store.runs.answer(await begun(store, about(finding)), ANSWER, START)
    checked = await begun(store, check(finding))
    await store.findings.record(checked, [hit("e-1")], Receipt(1, 0, 0), START)
    await store.findings.press(finding.id, resolve(), NOBODY)
    await delivered(store)

    purged = await store.retention.purge(None, START + DAY, START + 3 * DAY)

    assert purged.findings == 1
    for run in (asked, checked):
        with pytest.raises(StoreError):
            await store.runs.get(run.id)
