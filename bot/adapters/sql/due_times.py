"""Due times in the store: which were taken, and how a clock that ran ahead is put right."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import Values
from bot.adapters.sql.tables import runs, schedules
from bot.domain.run import SKEW, RunRequest, RunState

UNDER_WAY = runs.c.state.in_([RunState.REQUESTED, RunState.RUNNING])

_NO_DUE_TIME = {"schedule_key": None, "nominal": None}


async def load_due_after(connection: AsyncConnection, schedule_key: str, at: datetime) -> datetime | None:
    """The latest due time that was taken or passed over until `at`, else when the schedule was met.

    None: it was not met yet, or by a clock that ran ahead.
    """
    met: datetime | None = await connection.scalar(select(schedules.c.met_at).where(schedules.c.key == schedule_key))
    if met is None or met > at + SKEW:
        return None
    # A clock that ran ahead for a while left due times that are none yet.
    taken = select(func.max(runs.c.due_at)).where(runs.c.schedule_key == schedule_key, runs.c.due_at <= at)
    latest: datetime | None = await connection.scalar(taken)
    return max(min(at, met), latest) if latest else min(at, met)


async def meet(connection: AsyncConnection, schedule_key: str, at: datetime) -> None:
    """Remember a schedule; who met it first is right, but for a clock that ran ahead."""
    met = insert(connection, schedules).values(key=schedule_key, met_at=at)
    better = met.on_conflict_do_update(
        index_elements=["key"], set_={"met_at": at}, where=schedules.c.met_at > at + SKEW
    )
    await connection.execute(better)


async def give_back(connection: AsyncConnection, asked: RunRequest) -> None:
    """Let a due time be asked for anew that was asked for later than now."""
    if asked.schedule_key is not None:
        same = and_(runs.c.schedule_key == asked.schedule_key, runs.c.nominal == asked.nominal)
        by_another_clock = runs.c.requested_at > asked.requested_at + SKEW
        await connection.execute(update(runs).where(same, by_another_clock).values(_NO_DUE_TIME))


def of_the_future(at: datetime) -> ColumnElement[bool]:
    """Runs that are later than now; what clocks may differ by is no future."""
    late = at + SKEW
    holds_a_due_time = and_(UNDER_WAY, runs.c.requested_at > late, runs.c.schedule_key.is_not(None))
    return or_(runs.c.finished_at > late, holds_a_due_time)


async def put_right(connection: AsyncConnection, at: datetime) -> bool:
    """What a clock that ran ahead left becomes the past; whether there was anything."""
    passed_over = and_(runs.c.state == RunState.SKIPPED, runs.c.finished_at > at + SKEW)
    forgotten = await connection.execute(delete(runs).where(passed_over))
    rows = (await connection.execute(select(runs).where(of_the_future(at)))).mappings().all()
    if rows:
        this = runs.c.id == bindparam("this")
        columns = ("schedule_key", "nominal", "finished_at", "is_complete")
        values: Values = {name: bindparam(f"now_{name}") for name in columns}
        await connection.execute(update(runs).where(this).values(values), _as_past(rows, at))
    return bool(rows or forgotten.rowcount)


def _as_past(rows: Sequence[RowMapping], at: datetime) -> list[Values]:
    """Moved back so that all ended before now, in the order in which they did; and no mark is moved by them.

    What was asked for while the clock was right keeps its due time.
    """
    late = at + SKEW
    ahead = max((row["finished_at"] for row in rows if row["finished_at"]), default=at) - (at - timedelta.resolution)
    return [
        {
            "this": row["id"],
            "now_schedule_key": row["schedule_key"] if row["requested_at"] <= late else None,
            "now_nominal": row["nominal"] if row["requested_at"] <= late else None,
            "now_finished_at": row["finished_at"] and row["finished_at"] - ahead,
            "now_is_complete": row["is_complete"] and row["window_end"] <= late,
        }
        for row in rows
    ]
