"""The contract of Runs: whoever takes up a run has it as long as the lease is extended, and no longer."""

import asyncio
from datetime import timedelta

from bot.adapters.sql import SqlStore
from bot.domain.run import RUN_LEASE, SKEW, Receipt, Run, RunState
from tests.examples import asked, hit
from tests.stand_ins import START
from tests.storing import DAY, WINDOW, recorded

AFTER = START + RUN_LEASE


async def requested(store: SqlStore) -> Run:
    run = await store.runs.request(asked())
    assert run is not None
    return run


async def test_of_many_who_want_a_run_one_gets_it(store: SqlStore) -> None:
    run = await requested(store)

    claims = await asyncio.gather(*(store.runs.claim(run.id, START, RUN_LEASE) for _ in range(20)))

    assert [claim.fence for claim in claims if claim] == [1]


async def test_a_run_is_left_until_it_is_taken_and_again_when_the_lease_runs_out(store: SqlStore) -> None:
    first, second = await requested(store), await requested(store)
    assert await store.runs.left(START) == [first.id, second.id]

    claimed = await store.runs.claim(first.id, START, RUN_LEASE)
    assert claimed
    assert await store.runs.left(START) == [second.id]
    assert await store.runs.extend(claimed, START + RUN_LEASE / 2, RUN_LEASE)
    assert await store.runs.left(AFTER) == [second.id]
    assert await store.runs.claim(first.id, AFTER, RUN_LEASE) is None

    assert await store.runs.left(AFTER + RUN_LEASE) == [first.id, second.id]


async def test_who_lost_a_run_may_neither_keep_nor_start_nor_fail_it(store: SqlStore) -> None:
    run = await requested(store)
    slow = await store.runs.claim(run.id, START, RUN_LEASE)
    quick = await store.runs.claim(run.id, AFTER, RUN_LEASE)
    assert slow
    assert quick

    assert not await store.runs.extend(slow, AFTER, RUN_LEASE)
    assert (await store.runs.start(slow, WINDOW, AFTER)).state is RunState.REQUESTED
    assert (await store.runs.fail(slow, "down", AFTER)).state is RunState.REQUESTED
    assert (await store.runs.start(quick, WINDOW, AFTER)).state is RunState.RUNNING
    assert await store.runs.extend(quick, AFTER, RUN_LEASE)


async def test_who_finds_first_is_recorded_and_the_other_changes_nothing(store: SqlStore) -> None:
    run = await requested(store)
    slow = await store.runs.claim(run.id, START, RUN_LEASE)
    quick = await store.runs.claim(run.id, AFTER, RUN_LEASE)
    assert slow
    assert quick

    first = await store.findings.record(slow, [hit()], Receipt(1, 0, 0), AFTER)
    second = await store.findings.record(quick, [hit(), hit("e-2", principal="bob")], Receipt(2, 0, 0), AFTER)

    assert (first, first.run.state, len(first.findings)) == (second, RunState.DONE, 1)
    assert (await store.runs.fail(quick, "down", AFTER)).state is RunState.DONE


async def test_what_is_over_is_not_taken_up(store: SqlStore) -> None:
    over = await recorded(store, [])

    assert await store.runs.claim(over.run.id, START + DAY, RUN_LEASE) is None
    assert await store.runs.left(START + DAY) == []


async def test_a_run_is_given_back_at_once(store: SqlStore) -> None:
    run = await requested(store)
    claimed = await store.runs.claim(run.id, START, RUN_LEASE)
    assert claimed

    assert await store.runs.extend(claimed, START, timedelta(0))

    assert await store.runs.left(START) == [run.id]


async def test_a_lease_from_the_future_holds_nothing_up(store: SqlStore) -> None:
    """A clock that ran ahead gave it; what clocks may differ by is no future."""
    ahead, just_ahead = await requested(store), await requested(store)
    await store.runs.claim(ahead.id, START + 200 * 365 * DAY, RUN_LEASE)
    await store.runs.claim(just_ahead.id, START + SKEW, RUN_LEASE)

    assert await store.runs.left(START) == [ahead.id]
    assert await store.runs.claim(ahead.id, START, RUN_LEASE)
    assert await store.runs.claim(just_ahead.id, START, RUN_LEASE) is None
