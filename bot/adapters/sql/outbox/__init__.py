"""The delivery intents in the store: written with what they are about, claimed one a lane, settled by the holder."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from bot.adapters.sql.engine import Database
from bot.adapters.sql.mapping import intent_from
from bot.adapters.sql.outbox import claiming, settling
from bot.adapters.sql.outbox.announcing import announce
from bot.adapters.sql.outbox.backlog import count_waiting, load_backlog
from bot.adapters.sql.outbox.routes import break_route, load_route
from bot.adapters.sql.outbox.terms import FAR_AHEAD, ON_OPEN_ROUTE, STANDS
from bot.adapters.sql.tables import intents
from bot.domain.announcing import announce_pages
from bot.domain.finding import FindingId
from bot.domain.intent import Backlog, Claim, Intent, IntentKey, Kind, Lane, RouteStatus
from bot.domain.paging import DigestPage
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.run import RunId

__all__ = ["SqlOutbox", "announce"]

_SUSPECTS = 50  # read back at a time: the next look finds the rest


class SqlOutbox:
    """Outbox of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(self, now: datetime, lease: timedelta, busy: Collection[Lane] = ()) -> Sequence[Claim]:
        return await claiming.claim(self._db, now, lease, busy)

    async def next_due(self, now: datetime, busy: Collection[Lane] = ()) -> datetime | None:
        return await claiming.next_due(self._db, now, busy)

    async def settle(self, claim: Claim, ts: MessageTs | None, now: datetime, lease: timedelta) -> bool:
        async with self._db.write() as connection:
            return await settling.settle(connection, claim, ts, now, lease)

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        async with self._db.write() as connection:
            await settling.put_back(connection, claim, not_before, may_stand=may_stand)

    async def shut(self, lane: Lane, until: datetime) -> None:
        async with self._db.write() as connection:
            await claiming.shut(connection, lane, until)

    async def detach(self, claim: Claim) -> None:
        async with self._db.write() as connection:
            await settling.detach(connection, claim)

    async def break_route(self, claim: Claim, reason: str, now: datetime, fallback: ChannelId | None) -> None:
        async with self._db.write() as connection:
            await break_route(connection, claim, reason, now, fallback)

    async def break_off(self, claim: Claim, reason: str) -> None:
        async with self._db.write() as connection:
            await settling.break_off(connection, claim, reason)

    async def go_private(self, claim: Claim, user: UserId) -> None:
        async with self._db.write() as connection:
            await settling.go_private(connection, claim, user)

    async def suspects(self, now: datetime) -> Sequence[Intent]:
        is_due = or_(intents.c.suspect_at <= now, intents.c.suspect_at > now + FAR_AHEAD)
        query = (
            select(intents)
            .where(intents.c.suspect_at.is_not(None), is_due, STANDS, ON_OPEN_ROUTE)
            .order_by(intents.c.suspect_at)
            .limit(_SUSPECTS)
        )
        async with self._db.read() as connection:
            return [intent_from(row) for row in (await connection.execute(query)).mappings()]

    async def cleared(self, intent: Intent) -> None:
        async with self._db.write() as connection:
            await settling.clear(connection, intent)

    async def follow(self, parent: Intent, pages: Sequence[DigestPage]) -> None:
        async with self._db.write() as connection:
            await announce(connection, announce_pages(parent, pages), parent.created_at)

    async def stands_at(self, key: IntentKey) -> MessageTs | None:
        async with self._db.read() as connection:
            return (await connection.execute(select(intents.c.ts).where(intents.c.key == key))).scalar()

    async def release(self) -> None:
        async with self._db.write() as connection:
            await claiming.release(connection)

    async def backlog(self, now: datetime) -> Backlog:
        del now  # everything that waits counts, whenever it may go
        async with self._db.read() as connection:
            return await load_backlog(connection)

    async def waiting(self) -> int:
        async with self._db.read() as connection:
            return await count_waiting(connection)

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        return await self._select(and_(intents.c.finding_id == finding, intents.c.kind == Kind.FINDING))

    async def of_run(self, run: RunId) -> Sequence[Intent]:
        return await self._select(intents.c.run_id == run)

    async def route(self, channel: ChannelId) -> RouteStatus | None:
        async with self._db.read() as connection:
            return await load_route(connection, channel)

    async def _select(self, which: ColumnElement[bool]) -> Sequence[Intent]:
        async with self._db.read() as connection:
            rows = await connection.execute(select(intents).where(which).order_by(intents.c.id))
            return [intent_from(row) for row in rows.mappings()]
