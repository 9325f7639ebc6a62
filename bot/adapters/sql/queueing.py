"""The queue in the store: a page of what waits, and how much that is, at the same cost however much is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.mapping import finding_from, select_findings
from bot.adapters.sql.tables import findings
from bot.domain.queue import MOST_COUNTED, Queued, Wanted
from bot.domain.triage import Queue, State

WORST_FIRST = (findings.c.rank, findings.c.opened_at, findings.c.id)
_LONGEST_FIRST = (findings.c.opened_at, findings.c.id)

# What a queue asks for, and no more: a condition that follows from another one may lead a planner to the wrong index.
_WHICH: Mapping[Queue, Callable[[Wanted], tuple[ColumnElement[bool], ...]]] = {
    Queue.OPEN: lambda wanted: (findings.c.is_waiting, _is_awake(wanted)),
    Queue.MINE: lambda wanted: (findings.c.owner == wanted.who, findings.c.is_waiting, _is_awake(wanted)),
    Queue.UNTAKEN: lambda wanted: (findings.c.is_waiting, findings.c.owner.is_(None), _is_awake(wanted)),
    Queue.UNTOUCHED: lambda wanted: (findings.c.state == State.OPEN, _is_awake(wanted)),
    Queue.ESCALATED: lambda wanted: (findings.c.state == State.ESCALATED, _is_awake(wanted)),
    Queue.SNOOZED: lambda wanted: (findings.c.snoozed_until > wanted.at,),
}


async def load_queue(connection: AsyncConnection, wanted: Wanted, limit: int) -> Queued:
    rows = (await connection.execute(page(wanted, limit))).mappings()
    found = tuple(finding_from(row) for row in rows)
    total = (await connection.execute(count(wanted))).scalar_one()
    return Queued(found, min(total, MOST_COUNTED), is_more=total > MOST_COUNTED)


def page(wanted: Wanted, limit: int) -> Select[Any]:
    """The few first, then their faces: of the join with all hits PostgreSQL expects too little to begin so."""
    first = _first(wanted, limit).subquery()
    return select_findings().where(findings.c.id.in_(select(first.c.id))).order_by(*_order(wanted))


def count(wanted: Wanted) -> Select[int]:
    """Counts no further than it is told, in the queue's order.

    Without one PostgreSQL reads the table from its start until it has seen so many: past all that was resolved.
    """
    return select(func.count()).select_from(_first(wanted, MOST_COUNTED + 1).subquery())


def _first(wanted: Wanted, limit: int) -> Select[int]:
    return select(findings.c.id).where(*_which(wanted)).order_by(*_order(wanted)).limit(limit)


def _order(wanted: Wanted) -> tuple[ColumnElement[Any], ...]:
    return _LONGEST_FIRST if wanted.oldest_first else WORST_FIRST


def _which(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    of_hunt = () if wanted.hunt is None else (findings.c.hunt == wanted.hunt,)
    return (*of_hunt, *_WHICH[wanted.which](wanted))


def _is_awake(wanted: Wanted) -> ColumnElement[bool]:
    return or_(findings.c.snoozed_until.is_(None), findings.c.snoozed_until <= wanted.at)
