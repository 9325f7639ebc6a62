"""The runs in the store."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.changes import finished_in, load_changed
from bot.adapters.sql.due_times import UNDER_WAY, give_back, load_due_after, meet, of_the_future, put_right
from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import Values, finding_from, receipt_values, request_values, run_from, select_findings
from bot.adapters.sql.messages import load_messages
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.queueing import WORST_FIRST
from bot.adapters.sql.tables import findings, run_findings, runs
from bot.adapters.sql.together import Together
from bot.domain.announcing import announce_end, announce_request
from bot.domain.digest import Changed
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Intent
from bot.domain.pivot import Answered
from bot.domain.queue import MOST_COUNTED
from bot.domain.responder import ChannelId
from bot.domain.run import (
    MOST_FAILED,
    MOST_HEARD,
    RUN_LEASE,
    SKEW,
    Novelty,
    Receipt,
    Run,
    RunId,
    RunOutcome,
    RunRequest,
    RunState,
    Trigger,
)
from bot.errors import StoreError

T = TypeVar("T")

_DIGESTS = (Trigger.SCHEDULE, Trigger.DIGEST)


async def load_run(connection: AsyncConnection, run: RunId) -> Run:
    row = (await connection.execute(select(runs).where(runs.c.id == run))).mappings().first()
    if row is None:
        raise StoreError(f"There is no run {run}.")
    return run_from(row)


async def load_outcome(connection: AsyncConnection, run: RunId) -> RunOutcome:
    query = (
        select_findings()
        .add_columns(run_findings.c.novelty)
        .join(run_findings, run_findings.c.finding_id == findings.c.id)
        .where(run_findings.c.run_id == run)
        .order_by(*WORST_FIRST)
    )
    rows = (await connection.execute(query)).mappings()
    return RunOutcome(await load_run(connection, run), tuple((finding_from(row), row["novelty"]) for row in rows))


async def searched_from(connection: AsyncConnection, hunt: Slug) -> datetime | None:
    """Where the earliest complete, unfiltered run of the hunt began to look: what happened later is new."""
    whole = (runs.c.hunt == hunt, runs.c.is_complete, ~runs.c.is_filtered)
    earliest: datetime | None = await connection.scalar(select(func.min(runs.c.window_start)).where(*whole))
    return earliest


async def finish_run(connection: AsyncConnection, run: RunId, receipt: Receipt, at: datetime) -> Run:
    is_past = or_(runs.c.window_end.is_(None), runs.c.window_end <= at + SKEW)  # else it was begun by a wrong clock
    done = {
        "state": RunState.DONE,
        "finished_at": at,
        "receipt": receipt_values(receipt),
        "is_complete": is_past if receipt.is_complete else False,
    }
    await connection.execute(update(runs).where(runs.c.id == run).values(done))
    return await load_run(connection, run)


class SqlRuns:
    """Runs of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._requests = Together(database, _request)

    async def request(self, asked: RunRequest) -> Run | None:
        return await self._requests.do(asked)

    async def skip(self, asked: RunRequest, at: datetime) -> bool:
        passed_over = {"state": RunState.SKIPPED, "is_complete": False, "finished_at": at}
        async with self._db.write() as connection:
            await give_back(connection, asked)
            return await _insert(connection, {**request_values(asked), **passed_over}) is not None

    async def claim(self, run: RunId, at: datetime, lease: timedelta) -> Run | None:
        claimed = {"fence": runs.c.fence + 1, "lease_until": at + lease}
        async with self._db.write() as connection:
            is_free = (runs.c.id == run, UNDER_WAY, _is_left(at, lease))
            taken = await connection.execute(update(runs).where(*is_free).values(claimed))
            return await load_run(connection, run) if taken.rowcount else None

    async def extend(self, run: Run, at: datetime, lease: timedelta) -> bool:
        async with self._db.write() as connection:
            kept = await connection.execute(update(runs).where(*_held(run)).values(lease_until=at + lease))
            return kept.rowcount == 1

    async def start(self, run: Run, window: Window, at: datetime) -> Run:
        running = {
            "state": RunState.RUNNING,
            "window_start": window.start,
            "window_end": window.end,
            "started_at": at,
        }
        async with self._db.write() as connection:
            await connection.execute(update(runs).where(*_held(run)).values(running))
            return await load_run(connection, run.id)

    async def fail(self, run: Run, error: str, at: datetime) -> Run:
        failed = {"state": RunState.FAILED, "error": error, "finished_at": at}
        async with self._db.write() as connection:
            ended = await connection.execute(update(runs).where(*_held(run)).values(failed))
            return await _over(connection, run.id, at, is_ended=bool(ended.rowcount))

    async def answer(self, run: Run, answered: Answered, at: datetime) -> Run:
        done = {"state": RunState.DONE, "answer": asdict(answered), "finished_at": at}
        async with self._db.write() as connection:
            ended = await connection.execute(update(runs).where(*_held(run)).values(done))
            return await _over(connection, run.id, at, is_ended=bool(ended.rowcount))

    async def last_check(self, finding: FindingId) -> Run | None:
        async with self._db.read() as connection:
            is_checked = (runs.c.finding_id == finding, runs.c.trigger == Trigger.CHECK)
            return await _first(connection, _latest_first(*is_checked, runs.c.finished_at.is_not(None)))

    async def get(self, run: RunId) -> Run:
        async with self._db.read() as connection:
            return await load_run(connection, run)

    async def outcome(self, run: RunId) -> RunOutcome:
        async with self._db.read() as connection:
            return await load_outcome(connection, run)

    async def novelty(self, run: RunId, finding: FindingId) -> Novelty | None:
        of_both = and_(run_findings.c.run_id == run, run_findings.c.finding_id == finding)
        return await self._scalar(select(run_findings.c.novelty).where(of_both))

    async def unfinished(self) -> Sequence[Run]:
        return await self._select(UNDER_WAY)

    async def left(self, at: datetime) -> Sequence[RunId]:
        query = select(runs.c.id).where(UNDER_WAY, _is_left(at, RUN_LEASE)).order_by(runs.c.id)
        async with self._db.read() as connection:
            return (await connection.execute(query)).scalars().all()

    async def covered_until(self, hunt: Slug) -> datetime | None:
        whole = (runs.c.hunt == hunt, runs.c.is_complete, ~runs.c.is_filtered)
        async with self._db.read() as connection:
            marks = [
                await connection.scalar(select(func.max(runs.c.window_end)).where(*whole, runs.c.trigger == digest))
                for digest in _DIGESTS
            ]
        return max((mark for mark in marks if mark), default=None)

    async def last_digest(self, hunt: Slug, channel: ChannelId | None, before: RunId | None = None) -> Run | None:
        is_here = true() if channel is None else runs.c.channel == channel
        known = (
            runs.c.trigger == Trigger.SCHEDULE,
            and_(runs.c.trigger == Trigger.DIGEST, is_here, ~runs.c.is_private),
        )
        async with self._db.read() as connection:
            ended = await _ended_before(connection, before)
            done = (runs.c.hunt == hunt, runs.c.state == RunState.DONE, ended)
            latest = [await _first(connection, _latest_first(*done, digest)) for digest in known]
        return max((run for run in latest if run), key=lambda run: (run.finished_at, run.id), default=None)

    async def due_after(self, schedule_key: str, at: datetime) -> datetime:
        async with self._db.read() as connection:
            known = await load_due_after(connection, schedule_key, at)
        if known is None:
            async with self._db.write() as connection:
                await meet(connection, schedule_key, at)
                known = await load_due_after(connection, schedule_key, at)
        return known or at

    async def forget_future(self, at: datetime) -> bool:
        async with self._db.read() as connection:
            is_there = await connection.scalar(select(runs.c.id).where(of_the_future(at)).limit(1))
        if is_there is None:
            return False
        async with self._db.write() as connection:
            return await put_right(connection, at)

    async def changed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Changed:
        async with self._db.read() as connection:
            return await load_changed(connection, hunt, since, until)

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        return await self._ended(RunState.FAILED, hunt, since, until)

    async def incomplete_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        done = await self._ended(RunState.DONE, hunt, since, until, ~runs.c.is_complete)
        return [run for run in done if run.receipt and not run.receipt.is_complete]

    async def skipped_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        return await self._ended(RunState.SKIPPED, hunt, since, until)

    async def failed_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        query = _latest_first(runs.c.state == RunState.FAILED, *finished_in(since, until)).limit(MOST_FAILED)
        async with self._db.read() as connection:
            return [run_from(row) for row in (await connection.execute(query)).mappings()]

    async def heard_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        query = _latest_first(runs.c.state == RunState.DONE, *finished_in(since, until)).limit(MOST_HEARD)
        async with self._db.read() as connection:
            done = [run_from(row) for row in (await connection.execute(query)).mappings()]
        return list({run.request.hunt: run for run in reversed(done)}.values())

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        waiting = (findings.c.hunt == hunt, findings.c.is_waiting, ~findings.c.is_revoked)
        return await self._scalar(select(func.min(findings.c.first_seen)).where(*waiting))

    async def _ended(
        self, how: RunState, hunt: Slug, since: datetime | None, until: datetime, *more: ColumnElement[bool]
    ) -> Sequence[Run]:
        of_hunt = (runs.c.hunt == hunt, runs.c.finding_id.is_(None))  # what is asked around a finding is no hunt
        which = (*of_hunt, runs.c.state == how, *finished_in(since, until), *more)
        async with self._db.read() as connection:
            rows = await connection.execute(_latest_first(*which).limit(MOST_COUNTED))
            return [run_from(row) for row in rows.mappings()][::-1]

    async def _select(self, which: ColumnElement[bool]) -> Sequence[Run]:
        async with self._db.read() as connection:
            rows = await connection.execute(select(runs).where(which).order_by(runs.c.id))
            return [run_from(row) for row in rows.mappings()]

    async def _scalar(self, query: Select[T]) -> T | None:
        async with self._db.read() as connection:
            return (await connection.execute(query)).scalar()


async def _request(connection: AsyncConnection, asked: RunRequest) -> Run | None:
    await give_back(connection, asked)
    if await _is_under_way(connection, asked):
        return None
    run = await _insert(connection, {**request_values(asked), "state": RunState.REQUESTED, "is_complete": False})
    if run is not None:
        owed = announce_request(run, await load_about(connection, run))
        await announce(connection, owed, asked.requested_at)
    return run


async def _insert(connection: AsyncConnection, values: Values) -> Run | None:
    stored = insert(connection, runs).values(values).on_conflict_do_nothing().returning(runs.c.id)
    run_id = (await connection.execute(stored)).scalar()
    return None if run_id is None else await load_run(connection, run_id)


async def _is_under_way(connection: AsyncConnection, asked: RunRequest) -> bool:
    """Whether the same is being asked of one finding: whoever asks once more gets that answer."""
    if asked.finding is None:
        return False
    same = (runs.c.finding_id == asked.finding, runs.c.trigger == asked.trigger, runs.c.pivot == asked.pivot)
    return await connection.scalar(select(runs.c.id).where(*same, UNDER_WAY).limit(1)) is not None


async def load_about(connection: AsyncConnection, run: Run) -> Sequence[Intent]:
    """The messages of the finding that a run is about; none where it is about none."""
    finding = run.request.finding
    return () if finding is None else (await load_messages(connection, [finding])).get(finding, ())


async def _over(connection: AsyncConnection, run_id: RunId, at: datetime, *, is_ended: bool) -> Run:
    run = await load_run(connection, run_id)
    if is_ended:
        await announce(connection, announce_end(run, await load_about(connection, run)), at)
    return run


def _held(run: Run) -> tuple[ColumnElement[bool], ...]:
    """Under way, and nobody took it up since."""
    return (runs.c.id == run.id, UNDER_WAY, runs.c.fence == run.fence)


def _is_left(at: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Nobody works on it. A lease from the future was given by a clock that ran ahead."""
    until = runs.c.lease_until
    return or_(until.is_(None), until <= at, until > at + lease + SKEW)


def _latest_first(*which: ColumnElement[bool]) -> Select[Any]:
    return select(runs).where(*which).order_by(runs.c.finished_at.desc(), runs.c.id.desc())


async def _first(connection: AsyncConnection, query: Select[Any]) -> Run | None:
    row = (await connection.execute(query.limit(1))).mappings().first()
    return None if row is None else run_from(row)


async def _ended_before(connection: AsyncConnection, run: RunId | None) -> ColumnElement[bool]:
    """Finished before that run did; runs that ended at the same moment, in the order they were asked for."""
    if run is None:
        return true()
    end = (await load_run(connection, run)).finished_at
    earlier = or_(runs.c.finished_at < end, runs.c.id < run)
    return false() if end is None else and_(runs.c.finished_at <= end, earlier)
