"""What a digest counts in the store: findings a day, and what happened to them, at a cost that has a bound."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.tables import events, findings
from bot.domain.daily import Bounds
from bot.domain.hunt import Slug
from bot.domain.response import Happened, Waited, waited
from bot.domain.severity import Severity

MOST_EVENTS = 20_000  # of a stretch are looked at, the latest; more is said


async def load_found_a_day(
    connection: AsyncConnection, hunt: Slug, bounds: Bounds
) -> Mapping[Severity, Sequence[int]]:
    day = case(*((findings.c.first_seen < end, place) for place, end in enumerate(bounds[1:])))
    query = (
        select(findings.c.rank, day.label("day"), func.count().label("found"))
        .where(findings.c.hunt == hunt, findings.c.first_seen >= bounds[0], findings.c.first_seen < bounds[-1])
        .group_by(findings.c.rank, day)
    )
    counts = {-grade.rank: [0] * (len(bounds) - 1) for grade in Severity}
    for row in await connection.execute(query):
        counts[row.rank][row.day] = row.found
    return {grade: counts[-grade.rank] for grade in Severity}


async def load_waited(
    connection: AsyncConnection, hunt: Slug, since: datetime | None, until: datetime
) -> Waited | None:
    # What the last digest found was opened at that very moment, and answered since.
    after = () if since is None else (events.c.at >= since,)
    query = (
        select(events.c.finding_id, events.c.move, events.c.by, events.c.at)
        .join_from(events, findings, findings.c.id == events.c.finding_id)
        .where(findings.c.hunt == hunt, events.c.accepted, *after, events.c.at <= until)
        .order_by(events.c.at.desc(), events.c.id.desc())
        .limit(MOST_EVENTS + 1)
    )
    rows = (await connection.execute(query)).all()
    latest = [Happened(row.finding_id, row.move, row.by, row.at) for row in rows[:MOST_EVENTS]]
    return waited(reversed(latest), is_capped=len(rows) > MOST_EVENTS)
