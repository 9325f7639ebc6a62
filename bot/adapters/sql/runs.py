"""The runs in the store."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import finding_from, request_values, run_from, select_findings
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.tables import findings, run_findings, runs, schedules
from bot.domain.announcing import Announcement, answer
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Slug, Window
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunRequest, RunState, Trigger
from bot.domain.triage import State
from bot.errors import StoreError

T = TypeVar("T")

_DIGEST_RUN = runs.c.trigger.in_([Trigger.SCHEDULE, Trigger.DIGEST])
_UNDER_WAY = runs.c.state.in_([RunState.REQUESTED, RunState.RUNNING])
WORST_FIRST = (findings.c.rank, findings.c.opened_at, findings.c.id)


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
    done = and_(runs.c.hunt == hunt, runs.c.state == RunState.DONE, runs.c.is_complete, ~runs.c.is_filtered)
    earliest: datetime | None = await connection.scalar(select(func.min(runs.c.window_start)).where(done))
    return earliest


async def finish_run(connection: AsyncConnection, run: RunId, receipt: Receipt, at: datetime) -> Run:
    done = {
        "state": RunState.DONE,
        "finished_at": at,
        "receipt": asdict(receipt),
        "is_complete": receipt.is_complete,
    }
    await connection.execute(update(runs).where(runs.c.id == run).values(done))
    return await load_run(connection, run)


class SqlRuns:
    """Runs of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def request(self, asked: RunRequest) -> Run | None:
        values = {**request_values(asked), "state": RunState.REQUESTED, "is_complete": False}
        async with self._db.write() as connection:
            stored = insert(connection, runs).values(values).on_conflict_do_nothing().returning(runs.c.id)
            run_id = (await connection.execute(stored)).scalar()
            if run_id is None:
                return None
            run = await load_run(connection, run_id)
            intent = answer(run)
            await announce(connection, Announcement(post=(intent,) if intent else ()), asked.requested_at)
        return run

    async def start(self, run: RunId, window: Window, at: datetime) -> Run:
        running = {
            "state": RunState.RUNNING,
            "window_start": window.start,
            "window_end": window.end,
            "started_at": at,
        }
        async with self._db.write() as connection:
            await connection.execute(update(runs).where(runs.c.id == run, _UNDER_WAY).values(running))
            return await load_run(connection, run)

    async def fail(self, run: RunId, error: str, at: datetime) -> Run:
        failed = {"state": RunState.FAILED, "error": error, "finished_at": at}
        async with self._db.write() as connection:
            ended = await connection.execute(update(runs).where(runs.c.id == run, _UNDER_WAY).values(failed))
            stored = await load_run(connection, run)
            intent = answer(stored)
            if ended.rowcount and intent:
                await announce(connection, Announcement(redraw=(intent.key,)), at)
        return stored

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
        return await self._select(_UNDER_WAY)

    async def covered_until(self, hunt: Slug) -> datetime | None:
        complete = and_(
            *(
                runs.c.hunt == hunt,
                _DIGEST_RUN,
                runs.c.state == RunState.DONE,
                runs.c.is_complete,
                ~runs.c.is_filtered,
            )
        )
        return await self._scalar(select(func.max(runs.c.window_end)).where(complete))

    async def last_digest(self, hunt: Slug, channel: ChannelId | None, before: RunId | None = None) -> Run | None:
        is_here = true() if channel is None else runs.c.channel == channel
        asked_for_here = and_(runs.c.trigger == Trigger.DIGEST, is_here, ~runs.c.is_private)
        known = or_(runs.c.trigger == Trigger.SCHEDULE, asked_for_here)
        digests = and_(runs.c.hunt == hunt, known, runs.c.state == RunState.DONE)
        query = select(runs).where(digests).order_by(runs.c.finished_at.desc(), runs.c.id.desc()).limit(1)
        if before is not None:
            this = select(runs.c.finished_at).where(runs.c.id == before).scalar_subquery()
            query = query.where(or_(runs.c.finished_at < this, and_(runs.c.finished_at == this, runs.c.id < before)))
        async with self._db.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else run_from(row)

    async def due_after(self, schedule_key: str, at: datetime) -> datetime:
        async with self._db.write() as connection:
            met = insert(connection, schedules).values(key=schedule_key, met_at=at).on_conflict_do_nothing()
            await connection.execute(met)
            first = select(schedules.c.met_at).where(schedules.c.key == schedule_key)
            # A clock that ran ahead for a while left due times that are none yet.
            taken = select(func.max(runs.c.due_at)).where(runs.c.schedule_key == schedule_key, runs.c.due_at <= at)
            since: datetime = min(at, (await connection.execute(first)).scalar_one())
            latest: datetime | None = (await connection.execute(taken)).scalar()
        return max(since, latest) if latest else since

    async def changed_since(
        self, hunt: Slug, since: datetime | None, until: datetime
    ) -> Sequence[tuple[Finding, Novelty]]:
        query = (
            select_findings()
            .add_columns(run_findings.c.novelty)
            .join(run_findings, run_findings.c.finding_id == findings.c.id)
            .join(runs, runs.c.id == run_findings.c.run_id)
            .where(runs.c.hunt == hunt, run_findings.c.novelty != Novelty.KNOWN, *_finished_in(since, until))
            .order_by(runs.c.finished_at, runs.c.id)
        )
        async with self._db.read() as connection:
            rows = (await connection.execute(query)).mappings()
            latest = {row["id"]: (finding_from(row), row["novelty"]) for row in rows}
        return list(latest.values())

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        failed = (runs.c.hunt == hunt, runs.c.state == RunState.FAILED, *_finished_in(since, until))
        return await self._select(and_(*failed))

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        waiting = (findings.c.hunt == hunt, findings.c.state != State.RESOLVED, ~findings.c.is_revoked)
        return await self._scalar(select(func.min(findings.c.first_seen)).where(*waiting))

    async def _select(self, which: ColumnElement[bool]) -> Sequence[Run]:
        async with self._db.read() as connection:
            rows = await connection.execute(select(runs).where(which).order_by(runs.c.id))
            return [run_from(row) for row in rows.mappings()]

    async def _scalar(self, query: Select[T]) -> T | None:
        async with self._db.read() as connection:
            return (await connection.execute(query)).scalar()


def _finished_in(since: datetime | None, until: datetime) -> tuple[ColumnElement[bool], ...]:
    after = () if since is None else (runs.c.finished_at > since,)
    return (*after, runs.c.finished_at <= until)
