"""Channels and targets that take nothing: marked, told of once, tried again, mended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import intent_values
from bot.adapters.sql.outbox.terms import TO_POST, TO_REDRAW, WANTED, held, is_ahead, raised, redraw
from bot.adapters.sql.tables import intents, routes
from bot.domain.intent import Claim, Intent, IntentKey, Kind, RouteStatus
from bot.domain.responder import ChannelId

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)


async def break_route(
    connection: AsyncConnection, claim: Claim, reason: str, now: datetime, fallback: ChannelId | None
) -> None:
    back = {"lease_until": None, "not_before": None, "may_stand": claim.may_stand}
    if not (await connection.execute(update(intents).where(held(claim)).values(back))).rowcount:
        return
    channel = claim.intent.channel
    of_channel = routes.c.channel == channel
    known = (await connection.execute(select(routes).where(of_channel))).mappings().first()
    if known is None:
        row = {"channel": channel, "reason": reason, "broken_at": now, "attempts": 1, "try_at": now + FIRST_PAUSE}
        await connection.execute(insert(connection, routes).values(row))
        if fallback not in {None, channel}:
            await _tell(connection, ChannelId(str(fallback)), channel, now)
    elif not is_ahead(known["try_at"], now):
        tried = {"reason": reason, "attempts": known["attempts"] + 1, "try_at": now + _pause(known["attempts"] + 1)}
        await connection.execute(update(routes).where(of_channel).values(tried))


async def mend(connection: AsyncConnection, channel: ChannelId, now: datetime) -> None:
    """Something went out: what waits for the route goes as well, and the fallback channel hears of it."""
    mended = delete(routes).where(routes.c.channel == channel).returning(routes.c.broken_at)
    broken_at = (await connection.execute(mended)).scalar()
    if broken_at is not None:
        await redraw(connection, intents.c.key == _notice_key(channel, broken_at), now)


async def load_route(connection: AsyncConnection, channel: ChannelId) -> RouteStatus | None:
    row = (await connection.execute(select(routes).where(routes.c.channel == channel))).mappings().first()
    if row is None:
        return None
    of_channel = [
        select(func.count()).select_from(intents).where(which, WANTED, intents.c.channel == channel)
        for which in (TO_POST, TO_REDRAW)
    ]
    counts = [(await connection.execute(query)).scalar_one() for query in of_channel]
    return RouteStatus(channel, row["reason"], row["broken_at"], row["try_at"], sum(counts))


async def load_routes(connection: AsyncConnection) -> Sequence[RouteStatus]:
    """Broken for the longest first."""
    channels = (await connection.execute(select(routes.c.channel).order_by(routes.c.broken_at))).scalars().all()
    found = [await load_route(connection, ChannelId(channel)) for channel in channels]
    return [status for status in found if status is not None]


async def _tell(connection: AsyncConnection, fallback: ChannelId, channel: ChannelId, now: datetime) -> None:
    key = _notice_key(channel, now)
    values = intent_values(Intent(key, Kind.ROUTE, fallback, now, about_route=channel))
    statement = insert(connection, intents).values(values)
    again = raised(now)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again))


def _notice_key(channel: ChannelId, broken_at: datetime) -> IntentKey:
    """One message an hour at most: a route that takes one message and refuses the next is told of once."""
    return IntentKey(f"route:{channel}:{broken_at:%Y-%m-%dT%H}")


def _pause(attempts: int) -> timedelta:
    """5, 10, 20, 40 minutes, then an hour."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 8)), LONGEST_PAUSE)
