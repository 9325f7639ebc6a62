"""What the statements on intents have in common: the conditions, and the changes that several of them make."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.tables import intents, routes
from bot.adapters.sql.types import Utc
from bot.domain.intent import Claim, IntentKey, Progress

FAR_AHEAD = timedelta(
    hours=1
)  # no lease and no pause is longer: what lies beyond was written before a clock was set back

STANDS = intents.c.ts.is_not(None)
AHEAD = intents.c.drawn < intents.c.wanted
# The words of the partial indexes, which is how both databases recognize them.
TO_POST = and_(AHEAD, intents.c.ts.is_(None))
TO_REDRAW = and_(AHEAD, STANDS)
# A retired message is drawn once more where it stands; where it never was posted nobody misses it.
WANTED = or_(
    intents.c.progress == Progress.ALIVE,
    and_(intents.c.progress == Progress.RETIRED, or_(STANDS, intents.c.may_stand)),
)
ON_OPEN_ROUTE = ~exists().where(routes.c.channel == intents.c.channel)


# The time comes as parameters, so that a large statement is built once.
_NOW, _FAR = bindparam("now", type_=Utc), bindparam("far_ahead", type_=Utc)


def times(now: datetime) -> dict[str, datetime]:
    """The parameters of a statement that asks `is_past`."""
    return {"now": now, "far_ahead": now + FAR_AHEAD}


def is_past(moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether nothing is to be waited for."""
    return or_(moment.is_(None), moment <= _NOW, moment > _FAR)


def is_ahead(moment: datetime | None, now: datetime) -> bool:
    """The same of a moment that was read: whether it is to be waited for."""
    return moment is not None and now < moment <= now + FAR_AHEAD


def held(claim: Claim) -> ColumnElement[bool]:
    """The intent, if the claim still holds it: a later claim has a later fence."""
    return and_(intents.c.key == claim.intent.key, intents.c.fence == claim.fence)


def raised(at: datetime | ColumnElement[datetime]) -> dict[str, Any]:
    """To be drawn once more; it has been waiting for longer if it was to be drawn already."""
    return {"wanted": intents.c.wanted + 1, "wanted_at": case((AHEAD, intents.c.wanted_at), else_=at)}


async def redraw(connection: AsyncConnection, which: ColumnElement[bool], at: datetime) -> None:
    await connection.execute(update(intents).where(which).values(raised(at)))


def given_up(progress: Progress, reason: str) -> dict[str, Any]:
    """Kept and marked, and waiting no longer."""
    return {
        "progress": progress,
        "broken_reason": reason,
        "lease_until": None,
        "may_stand": False,
        "wanted": intents.c.drawn,
    }


_parent = intents.alias("parent")


async def give_up_orphans(connection: AsyncConnection, *keys: IntentKey) -> None:
    """Mark what hangs under one of `keys` that will never stand as that one is, so that it waits no longer."""
    will_not_stand = and_(_parent.c.key.in_(keys), _parent.c.ts.is_(None), ~_parent.c.may_stand)
    fates = {
        Progress.RETIRED: _parent.c.progress == Progress.RETIRED,
        Progress.BROKEN: or_(_parent.c.progress == Progress.BROKEN, _parent.c.only_for.is_not(None)),
    }
    for fate, applies in fates.items():
        lost = select(_parent.c.key).where(will_not_stand, applies)
        orphans = and_(intents.c.thread_of.in_(lost), intents.c.ts.is_(None), intents.c.progress == Progress.ALIVE)
        reason = given_up(fate, "what it hangs under does not stand")
        await connection.execute(update(intents).where(orphans).values(reason))
