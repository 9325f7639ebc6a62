"""What outlives its use beside the findings: lines that were said in threads, what old runs saw again, old rows.

What pivots were answered is as old as the hits around it. Runs stay, for marks rest on them: the baseline, how far
the logs were looked at, which due times were taken. The answers of hunts stay, for the messages in their threads are
found through them. And what a run found anew stays as long as the finding: its card says so.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, not_, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.outbox.terms import AHEAD, WANTED
from bot.adapters.sql.tables import ANSWERED, intents, run_findings, runs
from bot.domain.intent import Kind
from bot.domain.retention import Purged
from bot.domain.run import Novelty

ROWS_AT_ONCE = 5_000  # looked at, of which few may have to go

Place = tuple[Any, ...]  # the key of the row at which the last portion ended; empty before the first


# Neither to be delivered nor to be read back. What is under way is to be delivered until it is settled.
AT_REST = and_(not_(and_(AHEAD, WANTED)), intents.c.suspect_at.is_(None))


async def remove_notes(before: datetime, connection: AsyncConnection, place: Place) -> tuple[Purged, Place | None]:
    """Lines in threads that were delivered: nobody draws them again, and nothing hangs under them."""
    after = intents.c.id > (place[0] if place else 0)
    span = select(intents.c.id, intents.c.created_at).where(after).order_by(intents.c.id).limit(ROWS_AT_ONCE)
    rows = span.subquery()
    last, oldest = (await connection.execute(select(func.max(rows.c.id), func.min(rows.c.created_at)))).one()
    if last is None or oldest >= before:  # ids grow with time: what follows is younger still
        return Purged(), None
    said = and_(after, intents.c.id <= last, intents.c.kind == Kind.NOTE, intents.c.created_at < before)
    gone = await connection.execute(delete(intents).where(said, AT_REST))
    return Purged(leftovers=gone.rowcount), (last,)


async def remove_returns(before: datetime, connection: AsyncConnection, place: Place) -> tuple[Purged, Place | None]:
    """Which known findings a run that is long over returned: most rows of a store that hunts every hour."""
    key = tuple_(run_findings.c.run_id, run_findings.c.finding_id)
    newest_old = select(func.max(runs.c.id)).where(runs.c.finished_at < before).scalar_subquery()
    span = select(*key.clauses).where(run_findings.c.run_id <= newest_old).order_by(*key.clauses)
    if place:
        span = span.where(key > place)
    rows = (await connection.execute(span.limit(ROWS_AT_ONCE))).all()
    if not rows:
        return Purged(), None
    is_old = run_findings.c.run_id.in_(select(runs.c.id).where(runs.c.finished_at < before))
    between = and_(key >= tuple(rows[0]), key <= tuple(rows[-1]))
    returned = and_(between, is_old, run_findings.c.novelty == Novelty.KNOWN)
    gone = await connection.execute(delete(run_findings).where(returned))
    return Purged(leftovers=gone.rowcount), tuple(rows[-1])


async def forget_answers(before: datetime, connection: AsyncConnection, place: Place) -> tuple[Purged, Place | None]:
    """Rows of the logs that pivots were answered; their messages stand, and say so where they are drawn again."""
    del place  # what was forgotten is not found again
    old = (
        select(runs.c.id)
        .where(ANSWERED, runs.c.finished_at < before)
        .order_by(runs.c.finished_at)
        .limit(ROWS_AT_ONCE)
    )
    gone = await connection.execute(update(runs).where(runs.c.id.in_(old)).values(answer=null()))
    return Purged(leftovers=gone.rowcount), () if gone.rowcount == ROWS_AT_ONCE else None
