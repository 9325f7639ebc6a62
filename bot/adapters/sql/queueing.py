"""The queue in the store: a page of what waits, and how much that is, at the same cost however much is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.mapping import finding_from, select_findings
from bot.adapters.sql.tables import findings
from bot.domain.queue import MOST_COUNTED, Queued, Wanted
from bot.domain.triage import Queue, State

WORST_FIRST = (findings.c.rank, findings.c.opened_at, findings.c.id)
_LONGEST_FIRST = (findings.c.opened_at, findings.c.id)

_NARROWED: Mapping[Queue, Callable[[Wanted], tuple[ColumnElement[bool], ...]]] = {
    Queue.OPEN: lambda _: (),
    Queue.MINE: lambda wanted: (findings.c.owner == wanted.who,),
    Queue.UNTAKEN: lambda _: (findings.c.owner.is_(None),),
    Queue.UNTOUCHED: lambda _: (findings.c.state == State.OPEN,),
    Queue.ESCALATED: lambda _: (findings.c.state == State.ESCALATED,),
    Queue.SNOOZED: lambda _: (),
}


async def load_queue(connection: AsyncConnection, wanted: Wanted, limit: int) -> Queued:
    rows = (await connection.execute(page(wanted, limit))).mappings()
    found = tuple(finding_from(row) for row in rows)
    total = (await connection.execute(count(wanted))).scalar_one()
    return Queued(found, min(total, MOST_COUNTED), is_more=total > MOST_COUNTED)


def page(wanted: Wanted, limit: int) -> Select[Any]:
    order = _LONGEST_FIRST if wanted.oldest_first else WORST_FIRST
    return select_findings().where(*_which(wanted)).order_by(*order).limit(limit)


def count(wanted: Wanted) -> Select[int]:
    """Counts no further than it is told."""
    some = select(literal(1).label("one")).select_from(findings).where(*_which(wanted)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(some.subquery())


def _which(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    sleeps = findings.c.snoozed_until > wanted.at
    is_awake = or_(findings.c.snoozed_until.is_(None), findings.c.snoozed_until <= wanted.at)
    of_hunt = () if wanted.hunt is None else (findings.c.hunt == wanted.hunt,)
    overlay = sleeps if wanted.which is Queue.SNOOZED else is_awake
    return (findings.c.is_waiting, *of_hunt, overlay, *_NARROWED[wanted.which](wanted))
