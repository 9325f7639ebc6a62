"""The contract of Runs: a due time is taken once, by a clock that is right."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.hunt import Window
from bot.domain.run import SKEW, Receipt, RunRequest, RunState, Trigger
from tests.examples import GRANTS, SECURITY, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, delivered, due, recorded

HOUR = timedelta(hours=1)


def passed_over(nominal: str, count: int, until_h: int = 0) -> RunRequest:
    until = START + until_h * HOUR
    return replace(due(nominal, until_h), window=Window(until - DAY, until), missed=count)


async def test_a_due_time_is_taken_once(store: SqlStore) -> None:
    runs = await asyncio.gather(*(store.runs.request(due(nominal)) for nominal in ["09:00", "10:00"] * 10))

    assert sorted(run.request.nominal for run in runs if run and run.request.nominal) == ["09:00", "10:00"]


async def test_due_times_count_from_when_a_schedule_was_met(store: SqlStore) -> None:
    assert await store.runs.due_after("k", START) == START
    assert await store.runs.due_after("k", START + DAY) == START

    await store.runs.request(due("10:00", at=1))

    assert await store.runs.due_after("k", START + DAY) == START + HOUR


async def test_what_was_passed_over_is_one_row_that_no_message_tells_of(store: SqlStore) -> None:
    await store.runs.due_after("k", START - 9 * DAY)
    skips = await asyncio.gather(*(store.runs.skip(passed_over("09:00", 7), START) for _ in range(5)))

    assert sorted(skips) == [False] * 4 + [True]
    [row] = await store.runs.skipped_since(GRANTS.slug, START - DAY, START)
    assert (row.state, row.request.missed, row.is_over) == (RunState.SKIPPED, 7, True)
    assert await store.runs.due_after("k", START + DAY) == START
    assert (await store.runs.skipped_since(GRANTS.slug, START, START + DAY), await delivered(store)) == ([], [])
    assert await store.runs.left(START) == []


@pytest.mark.parametrize(("ahead", "is_taken_anew"), [(SKEW, False), (2 * SKEW, True), (200 * 365 * DAY, True)])
async def test_a_due_time_that_was_asked_for_later_than_now_is_taken_anew(
    store: SqlStore, ahead: timedelta, *, is_taken_anew: bool
) -> None:
    assert await store.runs.request(replace(due("09:00"), requested_at=START + ahead))

    assert (await store.runs.request(due("09:00")) is not None) is is_taken_anew
    assert await store.runs.request(due("09:00")) is None


async def test_a_clock_that_ran_ahead_silences_no_schedule(store: SqlStore) -> None:
    await store.runs.due_after("k", START + 9 * DAY)
    await store.runs.request(due("ahead", at=24 * 9))
    await store.runs.request(due("now", at=-1))

    assert await store.runs.due_after("k", START) == START


async def test_a_schedule_that_was_met_by_a_clock_that_ran_ahead_is_met_anew(store: SqlStore) -> None:
    await store.runs.due_after("k", START + 200 * 365 * DAY)

    assert await store.runs.due_after("k", START) == START
    assert await store.runs.due_after("k", START + HOUR) == START


async def test_a_run_that_was_begun_by_a_clock_that_ran_ahead_moves_no_mark(store: SqlStore) -> None:
    run = await store.runs.request(asked(Trigger.SCHEDULE, by=None))
    assert run
    begun = await store.runs.start(run, Window(START, START + DAY), START + DAY)
    await store.findings.record(begun, [], Receipt(0, 0, 0), START + HOUR)

    assert (await store.runs.get(run.id)).state is RunState.DONE
    assert await store.runs.covered_until(GRANTS.slug) is None


async def test_what_a_clock_left_that_ran_ahead_becomes_the_past(store: SqlStore) -> None:
    right = await recorded(store, [], asked(Trigger.SCHEDULE, by=None))
    tomorrow = replace(due("tomorrow", at=24), requested_at=START + DAY)
    first = await recorded(store, [], tomorrow)
    await recorded(store, [hit()], asked(at=START + DAY + HOUR))
    await store.runs.request(replace(due("later", at=26), requested_at=START + DAY + 2 * HOUR))
    await store.runs.skip(passed_over("never", 1000, 24), START + DAY)

    now = START + 2 * HOUR
    assert await store.runs.forget_future(now)
    assert not await store.runs.forget_future(now)

    assert right.run.window
    assert await store.runs.covered_until(GRANTS.slug) == right.run.window.end
    last = await store.runs.last_digest(GRANTS.slug, SECURITY)
    assert last is not None
    assert last.finished_at is not None
    assert (last.id, last.finished_at < now, last.request.nominal) == (first.run.id, True, None)
    changed = await store.runs.changed_since(GRANTS.slug, last.finished_at, now)
    assert len(changed.ids) == 1, "what was found after that digest is still told by the next"
    assert await store.runs.skipped_since(GRANTS.slug, None, START + 9 * DAY) == []
    assert await store.runs.request(due("tomorrow", at=24))
    assert await store.runs.request(due("later", at=26))


async def test_nothing_is_put_right_while_clocks_agree(store: SqlStore) -> None:
    request = replace(due("09:00"), requested_at=START + SKEW - timedelta(minutes=1))
    done = await recorded(store, [], request)

    assert not await store.runs.forget_future(START)
    assert await store.runs.get(done.run.id) == done.run
