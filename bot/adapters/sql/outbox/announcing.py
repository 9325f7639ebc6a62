"""Announcements written into the outbox, in the transaction of what they announce."""

from datetime import datetime

from sqlalchemy import case, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import intent_values
from bot.adapters.sql.outbox.terms import STANDS, give_up_orphans, raised, redraw
from bot.adapters.sql.tables import intents
from bot.domain.announcing import Announcement
from bot.domain.intent import Progress


async def announce(connection: AsyncConnection, what: Announcement, at: datetime) -> None:
    """Write what is to be posted, drawn again and retired; an intent that is there already stays."""
    if what.post:
        values = [intent_values(intent) for intent in what.post]
        await connection.execute(insert(connection, intents).on_conflict_do_nothing(index_elements=["key"]), values)
    if what.redraw:
        await redraw(connection, intents.c.key.in_(what.redraw), at)
    if what.retire:
        once_more = raised(at)
        # What was not posted yet never will be: it leaves the lanes, and what hangs under it as well.
        wanted = case((or_(STANDS, intents.c.may_stand), once_more["wanted"]), else_=intents.c.drawn)
        retired = {**once_more, "wanted": wanted, "progress": Progress.RETIRED}
        await connection.execute(update(intents).where(intents.c.key.in_(what.retire)).values(retired))
        await give_up_orphans(connection, *what.retire)
