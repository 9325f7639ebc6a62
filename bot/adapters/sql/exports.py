"""Exports in the store: requested once, taken up by one process at a time; and the findings that they are about."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import finding_from, select_findings
from bot.adapters.sql.messages import batches
from bot.adapters.sql.queueing import WORST_FIRST, Place, page, place_of, stands_behind
from bot.adapters.sql.tables import exports, findings, hits, run_findings
from bot.domain.export import (
    LEASE,
    MOST_EVENTS,
    REMEMBERED,
    Export,
    Exported,
    ExportId,
    ExportRequest,
    ExportState,
)
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import HitId
from bot.domain.queue import Asked, wanted
from bot.domain.run import SKEW
from bot.domain.severity import Severity
from bot.domain.triage import Queue

PAGE = 500  # findings in memory at a time

_SAME = ("file", "by", "at", "told_in", "channel", "thread", "run", "hunt", "delivery")


class SqlExports:
    """Exports of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def request(self, asked: ExportRequest) -> Export | None:
        values = {name: getattr(asked, name) for name in _SAME}
        fresh = {"queue": _stored(asked.queue), "state": ExportState.REQUESTED, "tries": 0}
        old = (exports.c.state != ExportState.REQUESTED, exports.c.at < asked.at - REMEMBERED)
        async with self._db.write() as connection:
            await connection.execute(delete(exports).where(*old))
            once = insert(connection, exports).values({**values, **fresh}).on_conflict_do_nothing()
            made = (await connection.execute(once.returning(exports.c.id))).scalar()
        return None if made is None else Export(ExportId(made), asked)

    async def take(self, export: ExportId, at: datetime) -> Export | None:
        taken = {"lease_until": at + LEASE, "tries": exports.c.tries + 1}
        async with self._db.write() as connection:
            is_free = (exports.c.id == export, _is_left(at))
            changed = await connection.execute(update(exports).where(*is_free).values(taken))
            if not changed.rowcount:
                return None
            row = (await connection.execute(select(exports).where(exports.c.id == export))).mappings().one()
            return _export(row)

    async def put_back(self, export: Export, not_before: datetime) -> None:
        await self._change(export, lease_until=not_before)

    async def end(self, export: Export, state: ExportState) -> None:
        await self._change(export, state=state, lease_until=None)

    async def left(self, at: datetime) -> Sequence[ExportId]:
        query = select(exports.c.id).where(_is_left(at)).order_by(exports.c.id)
        async with self._db.read() as connection:
            return (await connection.execute(query)).scalars().all()

    async def pages(self, asked: ExportRequest, at: datetime) -> AsyncIterator[Sequence[Exported]]:
        place: Place | None = None
        while True:
            async with self._db.read() as connection:
                rows = (await connection.execute(_page(asked, at, place))).mappings()
                found = [finding_from(row) for row in rows]
                shown = [finding for finding in found if _is_wanted(asked, finding)]
                events = await _events(connection, [finding.id for finding in shown])
            if shown:
                yield [Exported(finding, tuple(events.get(finding.id, ()))) for finding in shown]
            if len(found) < PAGE:
                return
            place = place_of(found[-1])

    async def _change(self, export: Export, **values: Any) -> None:
        """Only by whoever took it up last."""
        mine = (exports.c.id == export.id, exports.c.tries == export.tries, exports.c.state == ExportState.REQUESTED)
        async with self._db.write() as connection:
            await connection.execute(update(exports).where(*mine).values(values))


def _page(asked: ExportRequest, at: datetime, place: Place | None) -> Select[Any]:
    if asked.queue is not None:
        return page(wanted(asked.queue, at, asked.by), PAGE, place)
    returned = run_findings.c.finding_id == findings.c.id
    return (
        select_findings()
        .join(run_findings, returned)
        .where(run_findings.c.run_id == asked.run, *stands_behind(place))
        .order_by(*WORST_FIRST)
        .limit(PAGE)
    )


def _is_wanted(asked: ExportRequest, finding: Finding) -> bool:
    """What no index finds is compared here, of every finding."""
    return asked.queue is None or wanted(asked.queue, asked.at, asked.by).traits.lets_through(finding.face)


async def _events(connection: AsyncConnection, ids: Sequence[FindingId]) -> dict[FindingId, list[HitId]]:
    latest = func.row_number().over(partition_by=hits.c.finding_id, order_by=(hits.c.at.desc(), hits.c.hit_id.desc()))
    of: dict[FindingId, list[HitId]] = {}
    for some in batches(ids):
        ranked = select(hits.c.finding_id, hits.c.hit_id, latest.label("place")).where(hits.c.finding_id.in_(some))
        listed = ranked.subquery()
        query = select(listed).where(listed.c.place <= MOST_EVENTS).order_by(listed.c.finding_id, listed.c.place)
        for row in await connection.execute(query):
            of.setdefault(row.finding_id, []).append(row.hit_id)
    return of


def _is_left(at: datetime) -> ColumnElement[bool]:
    """Requested, and nobody works on it. A lease from the future was given by a clock that ran ahead."""
    until = exports.c.lease_until
    is_free = or_(until.is_(None), until <= at, until > at + LEASE + SKEW)
    return (exports.c.state == ExportState.REQUESTED) & is_free


def _export(row: RowMapping) -> Export:
    asked = ExportRequest(**{name: row[name] for name in _SAME}, queue=_queue(row["queue"]))
    return Export(ExportId(row["id"]), asked, row["state"], row["tries"])


def _stored(queue: Asked | None) -> dict[str, Any] | None:
    if queue is None:
        return None
    older_s = queue.older.total_seconds() if queue.older else None
    severity = queue.severity.value if queue.severity else None
    return {**asdict(queue), "which": queue.which.value, "severity": severity, "older": older_s}


def _queue(stored: dict[str, Any] | None) -> Asked | None:
    if stored is None:
        return None
    severity, older_s = stored["severity"], stored["older"]
    return Asked(
        **{
            **stored,
            "which": Queue(stored["which"]),
            "severity": Severity(severity) if severity else None,
            "older": timedelta(seconds=older_s) if older_s else None,
        }
    )
