"""A run belongs to one process at a time, for as long as it says so."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.sql.engine import Database
from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.runs import SqlRuns
from bot.domain.hit import Hit
from bot.domain.memory import FORGETFUL, Memory
from bot.domain.responder import ChannelId
from bot.domain.rows import Rows
from bot.domain.run import RUN_LEASE, Receipt, Run, RunId, RunOutcome, RunState
from bot.errors import StoreError
from bot.ports.findings import Findings
from bot.ports.search import LogSearch, Param
from bot.services import HuntService
from tests.examples import SHELF, asked, row, rows
from tests.house import House, open_house
from tests.stand_ins import ScriptedLogs

QUICK = timedelta(milliseconds=60)


@dataclass
class SlowLogs:
    """Answer when they are let."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    was_cut_off: bool = False

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        del text, params
        self.asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.was_cut_off = True
            raise
        return rows(row("alice", "e-1"))


class WatchedRuns(SqlRuns):
    """Tell when a lease was extended."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.extended = asyncio.Event()

    async def extend(self, run: Run, at: datetime, lease: timedelta) -> bool:
        is_kept = await super().extend(run, at, lease)
        self.extended.set()
        return is_kept


class FullStore(SqlFindings):
    """Has no room for what was found, while `is_full`."""

    is_full = True

    async def record(
        self,
        run: Run,
        hits: Sequence[Hit],
        receipt: Receipt,
        at: datetime,
        home: ChannelId | None = None,
        memory: Memory = FORGETFUL,
    ) -> RunOutcome:
        if self.is_full:
            raise StoreError("disk full")
        return await super().record(run, hits, receipt, at, home, memory)


def process(
    house: House, logs: LogSearch, lease: timedelta = RUN_LEASE, findings: Findings | None = None
) -> HuntService:
    """Another process on the same store."""
    return HuntService(SHELF, logs, findings or house.store.findings, house.store.runs, house.clock, lease=lease)


@asynccontextmanager
async def requested(folder: Path) -> AsyncIterator[tuple[House, RunId]]:
    async with open_house(folder) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        yield house, run.id


async def test_a_run_that_another_process_works_on_is_left_to_it(tmp_path: Path) -> None:
    async with requested(tmp_path) as (house, run):
        logs, other = SlowLogs(), ScriptedLogs([rows()])
        working = asyncio.create_task(process(house, logs).work(run))
        await logs.asked.wait()

        assert await process(house, other).work(run) is None
        assert await process(house, other).resume() == []
        logs.may_answer.set()
        done = await working

    assert done is not None
    assert (done.state, other.asked) == (RunState.DONE, [])


async def test_a_query_that_takes_long_keeps_its_run(tmp_path: Path) -> None:
    async with requested(tmp_path) as (house, run):
        logs, runs = SlowLogs(), WatchedRuns(house.store.database)
        hunts = HuntService(SHELF, logs, house.store.findings, runs, house.clock, lease=QUICK)
        working = asyncio.create_task(hunts.work(run))
        await logs.asked.wait()
        for _ in range(5):
            runs.extended.clear()
            house.clock.advance(QUICK / 2)
            await runs.extended.wait()
        assert await house.store.runs.left(house.clock()) == []
        logs.may_answer.set()
        done = await working

    assert done is not None
    assert (done.state, done.fence) == (RunState.DONE, 1)


async def test_a_run_that_was_lost_is_dropped_without_a_word_and_the_other_finishes_it(tmp_path: Path) -> None:
    async with requested(tmp_path) as (house, run):
        logs = SlowLogs()
        working = asyncio.create_task(process(house, logs, QUICK).work(run))
        await logs.asked.wait()
        house.clock.advance(10 * RUN_LEASE)  # as if it had been frozen
        other = await process(house, ScriptedLogs([rows(row("bob", "e-2"))])).work(run)

        assert await working is None
        stored = await house.store.runs.get(run)

    assert logs.was_cut_off
    assert other == stored
    assert (stored.state, stored.fence) == (RunState.DONE, 2)


async def test_a_stop_gives_the_run_back_at_once(tmp_path: Path) -> None:
    async with requested(tmp_path) as (house, run):
        logs = SlowLogs()
        working = asyncio.create_task(process(house, logs).work(run))
        await logs.asked.wait()
        assert await house.store.runs.left(house.clock()) == []
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

        assert await house.store.runs.left(house.clock()) == [run]
    assert logs.was_cut_off


async def test_a_store_that_takes_no_answer_is_not_asked_again_until_the_lease_runs_out(tmp_path: Path) -> None:
    async with requested(tmp_path) as (house, run):
        logs, full = ScriptedLogs([rows(row("alice", "e-1"))]), FullStore(house.store.database)
        hunts = process(house, logs, findings=full)
        with pytest.raises(StoreError, match="disk full"):
            await hunts.work(run)
        for _ in range(3):  # ticks
            house.clock.advance(RUN_LEASE / 4)
            assert await hunts.resume() == []
            assert await hunts.work(run) is None
        house.clock.advance(RUN_LEASE / 4)
        full.is_full = False
        [left] = await hunts.resume()
        done = await hunts.work(left)

    assert done is not None
    assert (done.state, len(logs.asked)) == (RunState.DONE, 2)


class Unforeseen(Exception):
    """A fault of ours."""


@pytest.mark.parametrize(("is_lost", "state"), [(False, RunState.FAILED), (True, RunState.RUNNING)])
async def test_a_fault_gives_up_what_is_ours_and_nothing_of_anybody_else(
    tmp_path: Path, state: RunState, *, is_lost: bool
) -> None:
    async with requested(tmp_path) as (house, run):
        hunts = process(house, ScriptedLogs([Unforeseen()]))
        with pytest.raises(Unforeseen):
            await hunts.work(run)
        if is_lost:
            house.clock.advance(2 * RUN_LEASE)
            assert await house.store.runs.claim(run, house.clock(), RUN_LEASE)

        assert (await hunts.give_up(run)).state is state
