"""How far Slack is behind the store: counted over what waits, never over what stands."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.outbox.routes import load_routes
from bot.adapters.sql.outbox.terms import ON_OPEN_ROUTE, TO_POST, TO_REDRAW, WANTED
from bot.adapters.sql.tables import GIVEN_UP, intents
from bot.domain.intent import Backlog

_SINCE = func.coalesce(intents.c.wanted_at, intents.c.created_at)


async def load_backlog(connection: AsyncConnection) -> Backlog:
    waiting, since = await _waiting(connection)
    given_up = select(func.count()).select_from(intents).where(GIVEN_UP)
    broken = (await connection.execute(given_up)).scalar_one()
    return Backlog(waiting, broken, since, tuple(await load_routes(connection)))


async def count_waiting(connection: AsyncConnection) -> int:
    return (await _waiting(connection))[0]


async def _waiting(connection: AsyncConnection) -> tuple[int, datetime | None]:
    """How many wait that no broken route holds up, and the longest of them since when."""
    total, longest = 0, None
    for which in (TO_POST, TO_REDRAW):
        query = select(func.count(), func.min(_SINCE)).select_from(intents).where(which, WANTED, ON_OPEN_ROUTE)
        count, since = (await connection.execute(query)).one()
        total += count
        longest = min(filter(None, (longest, since)), default=None)
    return total, longest
