"""The clock's handler: what is due and what was left are worked, each once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.runs import SqlRuns
from bot.domain.escalation import OnCall
from bot.domain.finding import FindingId
from bot.domain.hit import Hit
from bot.domain.memory import FORGETFUL, Memory
from bot.domain.responder import ChannelId
from bot.domain.run import RUN_LEASE, Receipt, Run, RunOutcome, RunState, Trigger
from bot.domain.schedule import Schedule
from bot.errors import StoreError
from bot.services import DigestService, HuntService, Services, TriageService
from handlers import jobs
from handlers.background import Background
from tests.examples import GRANTS, SECURITY, SHELF, asked, row, rows
from tests.house import House, open_house
from tests.storing import waiting

ONE = rows(row("alice", "e-1"))
DAILY = {GRANTS.slug: Schedule("0 10 * * *", "UTC", SECURITY)}


class FullAtFirst(SqlFindings):
    """Has no room for the first run that is recorded."""

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
            self.is_full = False
            raise StoreError("disk full")
        return await super().record(run, hits, receipt, at, home, memory)


def with_little_room(house: House) -> Services:
    findings = FullAtFirst(house.store.database)
    return replace(house.services, hunts=HuntService(SHELF, house.logs, findings, house.store.runs, house.clock))


async def test_a_run_that_the_store_did_not_take_is_worked_again_without_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        services, background = with_little_room(house), Background()
        run = await services.hunts.request(asked())
        assert run is not None
        jobs.take_up(services, background, run.id)
        await background.drain(5)
        assert len(await services.hunts.unfinished()) == 1

        house.clock.advance(RUN_LEASE)
        await jobs.tick(services, background)
        await background.drain(5)

        assert (await house.store.runs.get(run.id)).state is RunState.DONE
        assert len(await waiting(house.store)) == 1


async def test_a_run_that_is_under_way_is_not_taken_up_again(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        background = Background()
        run = await house.services.hunts.request(asked())
        assert run is not None
        jobs.take_up(house.services, background, run.id)
        await jobs.tick(house.services, background)
        await background.drain(5)

        assert len(house.logs.asked) == 1


async def test_a_tick_works_what_is_due(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, schedules=DAILY) as house:
        background = Background()
        await jobs.tick(house.services, background)
        house.clock.advance(timedelta(hours=1))
        await jobs.tick(house.services, background)
        await background.drain(5)

        last = await house.store.runs.last_digest(GRANTS.slug, SECURITY)
    assert last is not None
    assert last.request.trigger is Trigger.SCHEDULE


class Away(SqlRuns):
    """A store that can not be reached for what is due."""

    async def due_after(self, schedule_key: str, at: datetime) -> datetime:
        raise StoreError(f"nothing is known of {schedule_key} at {at:%H:%M}")


class Faulty(SqlFindings):
    """Breaks in a way that nobody foresaw, or never answers."""

    async def wake(self, at: datetime) -> Sequence[FindingId]:
        raise RuntimeError(f"a fault of ours at {at:%H:%M}")

    async def escalate_overdue(self, opened_until: datetime, at: datetime, on_call: OnCall) -> Sequence[FindingId]:
        await asyncio.Event().wait()
        return await super().escalate_overdue(opened_until, at, on_call)


async def test_jobs_that_fail_or_hang_stop_none_of_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, ONE) as house:
        runs, findings = Away(house.store.database), Faulty(house.store.database)
        digests = DigestService(house.services.hunts, runs, findings, house.clock, DAILY)
        triage = TriageService(findings, house.clock, OnCall(), escalate_after=timedelta(minutes=30))
        left = await house.services.hunts.request(asked())
        assert left is not None

        background = Background()
        await jobs.tick(replace(house.services, digests=digests, triage=triage), background, within_s=0.2)
        await background.drain(5)

        assert (await house.store.runs.get(left.id)).state is RunState.DONE
    assert "due digests: nothing is known of" in caplog.text
    assert "failed at the snoozes that end" in caplog.text
    assert "findings that nobody took in 0.2 s" in caplog.text
