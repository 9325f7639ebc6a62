"""Requests about many findings in the store: offered in a form, requested once, taken up until they are done."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import intent_from
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.tables import bulks, intents
from bot.domain.announcing import Announcement, announce_bulk
from bot.domain.bulk import LEASE, OFFER_FOR, Bulk, BulkId, BulkState, Order, Tally
from bot.domain.finding import FindingId
from bot.domain.intent import Intent
from bot.domain.responder import Place
from bot.domain.run import SKEW
from bot.errors import BadArgument


class SqlBulks:
    """Bulks of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def offer(self, bulk: Bulk) -> Bulk:
        old = (bulks.c.state == BulkState.OFFERED, bulks.c.at < bulk.at - OFFER_FOR)
        async with self._db.write() as connection:
            await connection.execute(delete(bulks).where(*old))
            stored = insert(connection, bulks).values(_values(bulk)).returning(bulks.c.id)
            return replace(bulk, id=BulkId((await connection.execute(stored)).scalar_one()))

    async def get(self, bulk: BulkId) -> Bulk:
        async with self._db.read() as connection:
            return await _load(connection, bulk)

    async def tick(self, bulk: BulkId, page: Collection[FindingId], ticked: Collection[FindingId]) -> Bulk:
        async with self._db.write() as connection:
            after = (await _load(connection, bulk)).after_page(page, ticked)
            changed = update(bulks).where(bulks.c.id == bulk).values(ticked=sorted(after.ticked))
            await connection.execute(changed)
        return after

    async def request(self, bulk: BulkId, order: Order, chosen: Sequence[FindingId], at: datetime) -> Bulk:
        requested = {**asdict(order), "chosen": list(chosen), "state": BulkState.REQUESTED}
        async with self._db.write() as connection:
            is_offered = (bulks.c.id == bulk, bulks.c.state == BulkState.OFFERED)
            taken = await connection.execute(update(bulks).where(*is_offered).values(requested))
            stored = await _load(connection, bulk)
            if taken.rowcount:
                told = announce_bulk(replace(stored, at=at), await _pressed(connection, stored.place))
                await announce(connection, Announcement(post=(told,)), at)
        return stored

    async def take(self, bulk: BulkId, at: datetime, lease: timedelta) -> Bulk | None:
        async with self._db.write() as connection:
            is_free = (bulks.c.id == bulk, _is_left(at, lease))
            taken = await connection.execute(update(bulks).where(*is_free).values(lease_until=at + lease))
            return await _load(connection, bulk) if taken.rowcount else None

    async def keep(self, bulk: BulkId, at: datetime, lease: timedelta) -> None:
        async with self._db.write() as connection:
            await connection.execute(update(bulks).where(bulks.c.id == bulk).values(lease_until=at + lease))

    async def finish(self, bulk: BulkId, tally: Tally, at: datetime) -> None:
        done = {"state": BulkState.DONE, "tally": asdict(tally), "lease_until": None}
        async with self._db.write() as connection:
            is_under_way = (bulks.c.id == bulk, bulks.c.state == BulkState.REQUESTED)
            ended = await connection.execute(update(bulks).where(*is_under_way).values(done))
            if ended.rowcount:
                key = announce_bulk(await _load(connection, bulk), None).key
                await announce(connection, Announcement(redraw=(key,)), at)

    async def left(self, at: datetime) -> Sequence[BulkId]:
        query = select(bulks.c.id).where(_is_left(at, LEASE)).order_by(bulks.c.id)
        async with self._db.read() as connection:
            return (await connection.execute(query)).scalars().all()


def _is_left(at: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Requested, and nobody works on it. A lease from the future was given by a clock that ran ahead."""
    until = bulks.c.lease_until
    is_free = or_(until.is_(None), until <= at, until > at + lease + SKEW)
    return (bulks.c.state == BulkState.REQUESTED) & is_free


async def _load(connection: AsyncConnection, bulk: BulkId) -> Bulk:
    row = (await connection.execute(select(bulks).where(bulks.c.id == bulk))).mappings().first()
    if row is None:
        raise BadArgument("this form", "it was open for more than a day; open it again")
    return _bulk(row)


async def _pressed(connection: AsyncConnection, place: Place) -> Intent | None:
    """The message of ours that all can see in which this was asked for."""
    here = (intents.c.channel == place.channel, intents.c.ts == place.message, intents.c.only_for.is_(None))
    if place.channel is None or place.message is None:
        return None
    row = (await connection.execute(select(intents).where(*here))).mappings().first()
    return None if row is None else intent_from(row)


def _bulk(row: RowMapping) -> Bulk:
    order = None if row["move"] is None else Order(row["move"], row["resolution"], row["note"])
    return Bulk(
        id=row["id"],
        by=row["by"],
        at=row["at"],
        shown=tuple(row["shown"]),
        place=Place(row["channel"], row["message"]),
        ticked=frozenset(row["ticked"]),
        order=order,
        chosen=tuple(row["chosen"]),
        state=row["state"],
        tally=None if row["tally"] is None else Tally(**row["tally"]),
    )


def _values(bulk: Bulk) -> dict[str, Any]:
    return {
        "by": bulk.by,
        "at": bulk.at,
        "channel": bulk.place.channel,
        "message": bulk.place.message,
        "shown": list(bulk.shown),
        "ticked": sorted(bulk.ticked),
        "chosen": list(bulk.chosen),
        "note": "",
        "state": bulk.state,
    }
