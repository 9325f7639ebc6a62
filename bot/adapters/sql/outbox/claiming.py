"""Which intent of each lane goes next; taking it, and giving a dead process's leases back.

Costs a few index look-ups a lane, however many intents wait or stand: `intents_to_post` and `intents_to_redraw` hold
only what waits, by channel, kind and age. The channels are found by skipping from one to the next, and the first due
intent of each is where the index says.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    RowMapping,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import intent_from
from bot.adapters.sql.outbox.terms import (
    FAR_AHEAD,
    ON_OPEN_ROUTE,
    STANDS,
    TO_POST,
    TO_REDRAW,
    WANTED,
    is_ahead,
    is_past,
    times,
)
from bot.adapters.sql.tables import bulks, exports, intents, lanes, routes, runs
from bot.domain.intent import Claim, Kind, Lane

# Somebody waits for these: they are tried once even where the route is known to be broken, to be told of it at once.
_ASKED_FOR = (Kind.RUN, Kind.DIGEST, Kind.ESCALATION, Kind.CALL, Kind.BULK)
_BEFORE_CARDS = tuple(kind for kind in Kind if kind is not Kind.FINDING)

_parent = intents.alias("parent")
_earlier = intents.alias("earlier")


async def claim(database: Database, now: datetime, lease: timedelta, busy: Collection[Lane]) -> Sequence[Claim]:
    """Look first: a process whose lanes are all shut has no need of the writers' queue."""
    async with database.read() as connection:
        if not list(_open(await _look(connection, now, busy), now)):
            return ()
    async with database.write() as connection:
        return await _take(connection, list(_open(await _look(connection, now, busy), now)), now, lease)


async def next_due(database: Database, now: datetime, busy: Collection[Lane]) -> datetime | None:
    async with database.read() as connection:
        moments = [suspect] if (suspect := await _next_suspect(connection)) else []
        for row in await _look(connection, now, busy):
            if row["next_id"] is not None:
                moments.append(row["opens_at"] if is_ahead(row["opens_at"], now) else now)
            elif is_ahead(row["try_at"], now):
                moments.append(row["try_at"])
            else:
                moments.extend(await _pauses(connection, row, now))
    return min((max(moment, now) for moment in moments), default=None)


async def release(connection: AsyncConnection) -> None:
    for table, which in (
        (intents, TO_POST),
        (intents, TO_REDRAW),
        (runs, true()),
        (bulks, true()),
        (exports, true()),
    ):
        has_lease = table.c.lease_until.is_not(None)
        await connection.execute(update(table).where(which, has_lease).values(lease_until=None))


async def _look(connection: AsyncConnection, now: datetime, busy: Collection[Lane]) -> Sequence[RowMapping]:
    """Every lane in which something waits: when it opens, when its route is tried, which intent goes next."""
    seen = (await connection.execute(_LANES, times(now))).mappings().all()
    return [row for row in seen if Lane(row["channel"], is_redraw=row["is_redraw"]) not in busy]


def _open(seen: Sequence[RowMapping], now: datetime) -> Iterator[int]:
    return (row["next_id"] for row in seen if row["next_id"] is not None and not is_ahead(row["opens_at"], now))


async def _take(connection: AsyncConnection, ids: Sequence[int], now: datetime, lease: timedelta) -> Sequence[Claim]:
    if not ids:
        return ()
    rows = (await connection.execute(_with_threads(ids))).mappings().all()
    taken = {
        "fence": intents.c.fence + 1,
        "attempts": intents.c.attempts + 1,
        "lease_until": now + lease,
        "may_stand": True,
        "tried_at": func.coalesce(intents.c.tried_at, now),
    }
    await connection.execute(update(intents).where(intents.c.id.in_(ids)).values(taken))
    claims = [_claim(row, now, now + lease) for row in rows]
    for lane in [claim.intent.lane for claim in claims]:
        await shut(connection, lane, now + lane.pace)
    return claims


def _claim(row: RowMapping, now: datetime, lease_until: datetime) -> Claim:
    intent = replace(intent_from(row), tried_at=row["tried_at"] or now)
    return Claim(intent, row["fence"] + 1, lease_until, row["thread_ts"], row["may_stand"])


async def shut(connection: AsyncConnection, lane: Lane, until: datetime) -> None:
    row = {"channel": lane.channel, "is_redraw": lane.is_redraw, "opens_at": until}
    statement = insert(connection, lanes).values(row)
    key = ["channel", "is_redraw"]
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_={"opens_at": until}))


def _with_threads(ids: Sequence[int]) -> Select[Any]:
    return (
        select(intents, _parent.c.ts.label("thread_ts"))
        .join_from(intents, _parent, _parent.c.key == intents.c.thread_of, isouter=True)
        .where(intents.c.id.in_(ids))
        .order_by(intents.c.id)
    )


def _lanes() -> Select[Any]:
    both = union_all(*(_channels(is_redraw=is_redraw) for is_redraw in (False, True))).subquery("lane")
    route_works = is_past(routes.c.try_at)
    firsts = [
        _first(both, kinds, route_works, is_redraw=is_redraw)
        for is_redraw in (False, True)
        for kinds in (_BEFORE_CARDS, (Kind.FINDING,))
    ]
    mine = and_(lanes.c.channel == both.c.channel, lanes.c.is_redraw == both.c.is_redraw)
    return (
        select(both, lanes.c.opens_at, routes.c.try_at, func.coalesce(*firsts).label("next_id"))
        .select_from(both)
        .join(lanes, mine, isouter=True)
        .join(routes, routes.c.channel == both.c.channel, isouter=True)
    )


def _channels(*, is_redraw: bool) -> Select[Any]:
    """The channels in which something waits, found by skipping from one to the next in the index."""
    waits = TO_REDRAW if is_redraw else TO_POST
    found: CTE = (
        select(func.min(intents.c.channel).label("channel"))
        .where(waits)
        .cte(f"{'redrawn' if is_redraw else 'posted'}_to", recursive=True)
    )
    following = select(func.min(intents.c.channel)).where(waits, intents.c.channel > found.c.channel)
    found = found.union_all(select(following.scalar_subquery()).where(found.c.channel.is_not(None)))
    kind = literal(is_redraw).label("is_redraw")
    return select(found.c.channel, kind).where(found.c.channel.is_not(None))


def _first(
    lane: FromClause, kinds: Sequence[Kind], route_works: ColumnElement[bool], *, is_redraw: bool
) -> ScalarSelect[int]:
    """The oldest intent of a lane and of some kinds that is due."""
    is_first_try = and_(intents.c.kind.in_(_ASKED_FOR), ~STANDS, intents.c.attempts == 0)
    of_lane = (
        TO_REDRAW if is_redraw else TO_POST,
        lane.c.is_redraw.is_(is_redraw),
        intents.c.channel == lane.c.channel,
        intents.c.kind.in_(kinds),
    )
    return (
        select(intents.c.id)
        .where(*of_lane, *_is_due(), or_(route_works, is_first_try))
        .order_by(intents.c.id)
        .limit(1)
        .correlate(lane, routes)
        .scalar_subquery()
    )


def _is_due() -> Iterator[ColumnElement[bool]]:
    """Whether an intent may go as far as it is concerned, whatever its lane and its route say."""
    yield WANTED
    yield is_past(intents.c.lease_until)
    yield is_past(intents.c.not_before)
    # No EXISTS: PostgreSQL would make a hash of every message that stands.
    parent_at = select(_parent.c.ts).where(_parent.c.key == intents.c.thread_of).scalar_subquery()
    yield or_(intents.c.thread_of.is_(None), STANDS, parent_at.is_not(None))
    same_call = and_(_earlier.c.finding_id == intents.c.finding_id, _earlier.c.channel == intents.c.channel)
    is_before = and_(_earlier.c.id < intents.c.id, _earlier.c.drawn < _earlier.c.wanted)
    yield or_(intents.c.kind != Kind.CALL, ~exists().where(same_call, is_before, _earlier.c.kind == Kind.CALL))


_LANES = _lanes()


async def _pauses(connection: AsyncConnection, row: RowMapping, now: datetime) -> Sequence[datetime]:
    """When the next of a lane whose intents are all held or paused may go; a hint, it may be early."""
    of_lane = and_(intents.c.channel == row["channel"], TO_REDRAW if row["is_redraw"] else TO_POST)
    columns = (intents.c.lease_until, intents.c.not_before)
    mins = [func.min(column).filter(column > now, column <= now + FAR_AHEAD) for column in columns]
    found = (await connection.execute(select(*mins).where(of_lane, WANTED))).one()
    return [moment for moment in found if moment is not None]


async def _next_suspect(connection: AsyncConnection) -> datetime | None:
    suspects = select(intents.c.suspect_at).where(intents.c.suspect_at.is_not(None), ON_OPEN_ROUTE)
    moment: datetime | None = (await connection.execute(suspects.order_by(intents.c.suspect_at).limit(1))).scalar()
    return moment
