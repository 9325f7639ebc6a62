"""Writers take turns, those of one process and those of several; whoever can not have it in time is told so."""

import asyncio
import gc
import time
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql import SqlStore
from bot.adapters.sql.engine import Database
from bot.adapters.sql.migrating import bring_up
from bot.adapters.sql.tables import schedules, tip
from bot.adapters.sql.together import Together
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.triage import Move
from bot.errors import StoreBusy, StoreError
from tests.contracts.store.raw import database
from tests.examples import hit
from tests.stand_ins import START
from tests.storing import acknowledge, recorded


async def with_a_finding(store: SqlStore) -> FindingId:
    [(finding, _)] = (await recorded(store, [hit()])).findings
    return finding.id


async def count_up(of: Database) -> None:
    async with of.write() as connection:
        seq = (await connection.execute(select(tip.c.seq))).scalar_one()
        await asyncio.sleep(0)
        await connection.execute(update(tip).values(seq=seq + 1))


async def test_no_update_is_lost_between_processes(url: str) -> None:
    async with database(url) as one, database(url) as other:
        await bring_up(one)
        await asyncio.gather(*(count_up(of) for of in (one, other) for _ in range(50)))
        async with one.read() as connection:
            assert (await connection.execute(select(tip.c.seq))).scalar_one() == 100


async def test_a_press_that_can_not_be_stored_in_time_is_refused_and_kept_nowhere(url: str) -> None:
    async with await SqlStore.open(url) as store, database(url) as other:
        finding = await with_a_finding(store)
        async with other.write():
            began = time.monotonic()
            with pytest.raises(StoreBusy, match="try again"):
                await store.findings.press(finding, acknowledge(), NOBODY)
            took_s = time.monotonic() - began

        assert 0.5 < took_s < 2.5
        assert (await store.findings.get(finding)).owner is None
        _, event = await store.findings.press(finding, acknowledge(), NOBODY)
        assert event.accepted


async def test_a_write_waits_for_one_of_its_own_process_and_gives_up_in_time(store: SqlStore) -> None:
    async with store.database.write():
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            async with store.database.write(within_s=0.2):
                pytest.fail("two writers at once")
    assert time.monotonic() - began < 1.0
    async with store.database.write(within_s=0.2):
        pass


async def test_reading_goes_on_while_somebody_writes(store: SqlStore) -> None:
    finding = await with_a_finding(store)
    async with store.database.write() as connection:
        await connection.execute(select(tip))
        assert (await store.findings.get(finding)).id == finding


async def test_a_fault_of_ours_among_presses_is_told_to_all_that_shared_it_and_nothing_is_kept(
    store: SqlStore,
) -> None:
    async def request_or_break(connection: AsyncConnection, nominal: str) -> int:
        if nominal == "bug":
            raise ZeroDivisionError
        await connection.execute(insert(schedules), {"key": nominal, "met_at": START})
        return len(nominal)

    together = Together(store.database, request_or_break, 5.0)
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: said.append(str(told["message"])))
    outcomes = await asyncio.gather(*(together.do(n) for n in ("a", "bug", "b")), return_exceptions=True)
    later = await together.do("later")
    gc.collect()

    assert [str(outcome) for outcome in outcomes] == ["The store failed. Nothing was stored."] * 3
    assert later == len("later")
    assert await store.runs.due_after("a", START + timedelta(days=1)) == START + timedelta(days=1)
    assert said == ["Task exception was never retrieved"]  # with its traceback, in the log


async def test_presses_that_come_together_share_a_transaction(store: SqlStore) -> None:
    transactions: list[int] = []

    async def note(connection: AsyncConnection, number: int) -> int:
        transactions.append(id(connection))
        return number

    together = Together(store.database, note, 5.0)

    assert await asyncio.gather(*(together.do(n) for n in range(30))) == list(range(30))
    assert len(set(transactions)) == 1


async def test_a_statement_that_fails_among_presses_fails_them_all_and_the_next_ones_work(store: SqlStore) -> None:
    async def add(connection: AsyncConnection, key: str | None) -> None:
        await connection.execute(insert(schedules), {"key": key, "met_at": START})

    together = Together(store.database, add, 5.0)
    outcomes = await asyncio.gather(*(together.do(key) for key in ("a", None, "b")), return_exceptions=True)
    await together.do("a")

    assert [type(outcome) for outcome in outcomes] == [StoreError] * 3


async def test_a_cancelled_write_keeps_nothing_and_frees_the_store(store: SqlStore) -> None:
    finding = await with_a_finding(store)
    presses = [asyncio.create_task(store.findings.press(finding, acknowledge(), NOBODY)) for _ in range(20)]
    await asyncio.sleep(0.005)
    for press in presses[::2]:
        press.cancel()
    await asyncio.gather(*presses, return_exceptions=True)

    history = await store.findings.history(finding)
    assert sum(event.move is Move.ACKNOWLEDGE and event.accepted for event in history) == 1


async def test_a_writer_that_is_cancelled_while_it_waits_leaves_the_turn_to_others(url: str) -> None:
    async with database(url) as one, database(url) as other:
        await bring_up(one)
        async with one.write():
            waiting = asyncio.create_task(count_up(other))
            await asyncio.sleep(0.1)
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await count_up(other)
        async with one.read() as connection:
            assert (await connection.execute(select(tip.c.seq))).scalar_one() == 1
