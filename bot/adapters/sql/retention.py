"""Purging the store: in portions, a short transaction each, so that a press never waits for long."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    and_,
    bindparam,
    delete,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.leftovers import AT_REST, Place, forget_answers, remove_notes, remove_returns
from bot.adapters.sql.mapping import finding_from, forgotten_values, hit_from, select_findings
from bot.adapters.sql.tables import chores, events, findings, gaps, hits, intents, run_findings, runs
from bot.domain.audit import Gap, joined
from bot.domain.finding import FindingId
from bot.domain.hit import Hit
from bot.domain.retention import Diary, Purged, Turn

FINDINGS_AT_ONCE = 10
HITS_AT_ONCE = 500
GAPS_AT_ONCE = 500

_PURGE = "purge"

Portion = Callable[[AsyncConnection, Place], Awaitable[tuple[Purged, Place | None]]]


class SqlRetention:
    """Retention of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def take_turn(self, at: datetime, lease: timedelta) -> Turn:
        async with self._db.read() as connection:
            diary = await _diary(connection)
        if diary is not None and diary.turn(at, lease) == (Turn.NOT_NOW, diary):
            return Turn.NOT_NOW  # as nearly always: nothing is to be written
        async with self._db.write() as connection:
            diary = await _diary(connection)
            turn, now = (Turn.NOT_NOW, Diary(at, at)) if diary is None else diary.turn(at, lease)
            row = insert(connection, chores).values(name=_PURGE, **asdict(now))
            await connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=asdict(now)))
        return turn

    async def finish_turn(self, at: datetime) -> None:
        done = update(chores).where(chores.c.name == _PURGE).values(taken_until=None, done_at=at)
        async with self._db.write() as connection:
            await connection.execute(done)

    async def purge(
        self,
        hits_before: datetime | None,
        resolved_before: datetime | None,
        at: datetime,
        within: timedelta | None = None,
    ) -> Purged:
        clock = asyncio.get_running_loop().time
        end = None if within is None else clock() + within.total_seconds()
        removed = Purged()
        for portion in _portions(hits_before, resolved_before, at):
            place: Place | None = ()
            while place is not None:
                if end is not None and clock() >= end:
                    return removed + Purged(is_all=False)
                async with self._db.write() as connection:
                    more, place = await portion(connection, place)
                removed += more
        return removed


def _portions(hits_before: datetime | None, resolved_before: datetime | None, at: datetime) -> Iterator[Portion]:
    if resolved_before is not None:
        yield partial(_remove_findings, resolved_before, at)
    if hits_before is not None:
        yield partial(_forget_hits, hits_before)
        yield partial(remove_notes, hits_before)
        yield partial(remove_returns, hits_before)
        yield partial(forget_answers, hits_before)


async def _diary(connection: AsyncConnection) -> Diary | None:
    columns = [chores.c[field.name] for field in fields(Diary)]
    row = (await connection.execute(select(*columns).where(chores.c.name == _PURGE))).first()
    return None if row is None else Diary(*row)


# --- findings that were resolved long ago ---------------------------------------------------------


async def _remove_findings(
    before: datetime, at: datetime, connection: AsyncConnection, place: Place
) -> tuple[Purged, Place | None]:
    """The longest resolved ones with everything of theirs; one with very many hits loses these in portions first."""
    ids, last = await _resolved(connection, before, place)
    if last is None:
        return Purged(), None
    of_them = hits.c.finding_id.in_(ids)
    rows = await _load(connection, and_(of_them, hits.c.hit_id != findings.c.face_id))
    if len(rows) == HITS_AT_ONCE:
        return Purged(hits=await _forget(connection, rows)), place
    places = (await connection.execute(select(events.c.seq, events.c.hash).where(events.c.finding_id.in_(ids)))).all()
    for table in (intents, run_findings, hits, events, runs):  # of runs those that asked around the finding
        await connection.execute(delete(table).where(table.c.finding_id.in_(ids)))
    await connection.execute(delete(findings).where(findings.c.id.in_(ids)))
    await _leave_gaps(connection, [Gap(seq, seq, digest, at) for seq, digest in places])
    return Purged(findings=len(ids), hits=len(rows) + len(ids), events=len(places)), last


async def _resolved(
    connection: AsyncConnection, before: datetime, place: Place
) -> tuple[Sequence[FindingId], Place | None]:
    """The next ones that may go: nothing of them is still to be delivered, and nothing was seen of them since."""
    is_owed = select(intents.c.id).where(intents.c.finding_id == findings.c.id, ~AT_REST).exists()
    query = (
        select(findings.c.resolved_at, findings.c.id)
        .where(~findings.c.is_waiting, findings.c.resolved_at < before, findings.c.last_seen < before, ~is_owed)
        .order_by(findings.c.resolved_at, findings.c.id)
        .limit(FINDINGS_AT_ONCE)
    )
    if place:
        query = query.where(_after(place, findings.c.resolved_at, findings.c.id))
    rows = (await connection.execute(query)).all()
    return [row.id for row in rows], tuple(rows[-1]) if rows else None


async def _leave_gaps(connection: AsyncConnection, taken: Iterable[Gap]) -> None:
    """Write down what the chain has lost, grown together with the gaps it touches."""
    stretches = joined(taken)
    touched: list[Gap] = []
    for start in range(0, len(stretches), GAPS_AT_ONCE):
        some = stretches[start : start + GAPS_AT_ONCE]
        ends_before = gaps.c.last.in_([gap.first - 1 for gap in some])
        begins_after = gaps.c.first.in_([gap.last + 1 for gap in some])
        gone = await connection.execute(delete(gaps).where(or_(ends_before, begins_after)).returning(*gaps.c))
        touched += [Gap(row.first, row.last, row.hash, row.purged_at) for row in gone]
    if whole := joined((*touched, *stretches)):
        await connection.execute(insert(connection, gaps), [asdict(gap) for gap in whole])


# --- hits that happened long ago ------------------------------------------------------------------


async def _forget_hits(before: datetime, connection: AsyncConnection, place: Place) -> tuple[Purged, Place | None]:
    """The oldest hits but for the faces, which their findings show."""
    is_old = hits.c.at < before
    rows = await _load(connection, and_(is_old, _after(place, *_BY_TIME)) if place else is_old)
    if not rows:
        return Purged(), None
    last = rows[-1]
    return Purged(hits=await _forget(connection, rows)), (last["at"], last["finding_id"], last["hit_id"])


_BY_TIME = (hits.c.at, hits.c.finding_id, hits.c.hit_id)


def _after(place: Place, *key: Column[Any]) -> ColumnElement[bool]:
    """Whether a row comes later in the order of `key` than where the last portion ended."""
    return tuple_(*key) > tuple_(*(literal(value, column.type) for value, column in zip(place, key, strict=True)))


async def _load(connection: AsyncConnection, which: ColumnElement[bool]) -> Sequence[RowMapping]:
    """The oldest hits of those, each with what its finding is told by."""
    query = select(hits, findings.c.fingerprint, findings.c.face_id).join_from(hits, findings).where(which)
    return (await connection.execute(query.order_by(*_BY_TIME).limit(HITS_AT_ONCE))).mappings().all()


async def _forget(connection: AsyncConnection, rows: Iterable[RowMapping]) -> int:
    """Remove those that are no face; their findings keep the count of them. How many went."""
    taken: dict[FindingId, list[Hit]] = {}
    for row in rows:
        if row["hit_id"] != row["face_id"]:
            taken.setdefault(row["finding_id"], []).append(hit_from(row, row["fingerprint"]))
    if not taken:
        return 0
    keys = [(finding, hit.id) for finding, some in taken.items() for hit in some]
    await connection.execute(delete(hits).where(tuple_(hits.c.finding_id, hits.c.hit_id).in_(keys)))
    known = await connection.execute(select_findings().where(findings.c.id.in_(taken)))
    remembered = [
        {**forgotten_values(finding.forgotten.with_more(taken[finding.id])), "this": finding.id}
        for finding in map(finding_from, known.mappings())
    ]
    await connection.execute(update(findings).where(findings.c.id == bindparam("this")), remembered)
    return len(keys)
