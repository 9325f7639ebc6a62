"""The queue in the store: a page of what waits, and how much that is, at the same cost however much is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.mapping import finding_from, select_findings
from bot.adapters.sql.tables import findings
from bot.domain.finding import Finding, FindingId
from bot.domain.queue import MOST_COUNTED, MOST_LOOKED_AT, Queued, Wanted
from bot.domain.severity import Severity
from bot.domain.triage import Queue, State

WORST_FIRST = (findings.c.rank, findings.c.opened_at, findings.c.id)
_LONGEST_FIRST = (findings.c.opened_at, findings.c.id)


class Place(NamedTuple):
    """Where a finding stands in the order WORST_FIRST."""

    rank: int
    opened_at: datetime
    id: int


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
    behind = await _place(connection, wanted.after)
    if not wanted.traits.is_empty:
        return await _compared(connection, wanted, limit, behind)
    found = await _rows(connection, page(wanted, limit, behind))
    total = (await connection.execute(count(wanted))).scalar_one()
    return Queued(tuple(found), min(total, MOST_COUNTED), is_more=total > MOST_COUNTED)


def page(wanted: Wanted, limit: int, behind: Place | None = None) -> Select[Any]:
    """The few first, then their faces: of the join with all hits PostgreSQL expects too little to begin so."""
    order = _LONGEST_FIRST if wanted.oldest_first else WORST_FIRST
    first = _first(wanted, limit, behind).subquery()
    return select_findings().where(findings.c.id.in_(select(first.c.id))).order_by(*order).limit(limit)


def count(wanted: Wanted) -> Select[int]:
    """Counts no further than it is told, in the queue's order.

    Without one PostgreSQL reads the table from its start until it has seen so many: past all that was resolved.
    """
    return select(func.count()).select_from(_first(wanted, MOST_COUNTED + 1).subquery())


def _first(wanted: Wanted, limit: int, behind: Place | None = None) -> Select[Any]:
    """The ids of the first ones, in no order where their age matters.

    The longest waiting stand first in the index within one grade, but not among all grades: each is asked alone.
    """
    which = (*_which(wanted), *stands_behind(behind))
    if wanted.opened_until is None or wanted.oldest_first:
        order = _LONGEST_FIRST if wanted.oldest_first else WORST_FIRST
        return select(findings.c.id).where(*which).order_by(*order).limit(limit)
    least = wanted.severity or Severity.INFO
    of_each_grade = [
        select(findings.c.id).where(*which, findings.c.rank == -grade.rank).order_by(*_LONGEST_FIRST).limit(limit)
        for grade in Severity
        if grade.rank >= least.rank
    ]
    every = union_all(*(select(some.subquery()) for some in of_each_grade)).subquery()
    return select(every.c.id)


async def _compared(connection: AsyncConnection, wanted: Wanted, limit: int, behind: Place | None) -> Queued:
    """Columns of faces are JSON, which no index of both databases finds: so many are read and compared, no more."""
    worst = await _rows(connection, page(wanted, MOST_LOOKED_AT + 1))
    fitting = [finding for finding in worst[:MOST_LOOKED_AT] if wanted.traits.lets_through(finding.face)]
    later = [finding for finding in fitting if behind is None or place_of(finding) > behind]
    return Queued(tuple(later[:limit]), len(fitting), is_bounded=len(worst) > MOST_LOOKED_AT)


async def _place(connection: AsyncConnection, after: FindingId | None) -> Place | None:
    """Where in the order a page ended; its last finding may be in no queue any more."""
    if after is None:
        return None
    row = (await connection.execute(select(*WORST_FIRST).where(findings.c.id == after))).first()
    return None if row is None else Place(*row)


def place_of(finding: Finding) -> Place:
    return Place(-finding.severity.rank, finding.opened_at, finding.id)


async def _rows(connection: AsyncConnection, query: Select[Any]) -> Sequence[Finding]:
    return [finding_from(row) for row in (await connection.execute(query)).mappings()]


def _which(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    narrowed = (
        () if wanted.hunt is None else (findings.c.hunt == wanted.hunt,),
        () if wanted.severity is None else (findings.c.rank <= -wanted.severity.rank,),
        () if wanted.opened_until is None else (findings.c.opened_at <= wanted.opened_until,),
        () if wanted.wakes_until is None else (findings.c.snoozed_until <= wanted.wakes_until,),
    )
    return (*chain(*narrowed), *_WHICH[wanted.which](wanted))


def stands_behind(place: Place | None) -> tuple[ColumnElement[bool], ...]:
    if place is None:
        return ()
    values = (literal(value, column.type) for value, column in zip(place, WORST_FIRST, strict=True))
    return (tuple_(*WORST_FIRST) > tuple_(*values),)


def _is_awake(wanted: Wanted) -> ColumnElement[bool]:
    return or_(findings.c.snoozed_until.is_(None), findings.c.snoozed_until <= wanted.at)
