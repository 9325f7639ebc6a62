"""The tick: at once, again and again, and also where the machine's clock was set back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.clock import now
from app.ticking import guard, ticking
from tests.waiting import until


@asynccontextmanager
async def under_way(task: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_ticks_at_once_and_goes_on_after_a_tick_that_failed() -> None:
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) == 1:
            raise ZeroDivisionError

    async with under_way(asyncio.create_task(ticking(tick, 0.05, now))):
        await until(lambda: len(ticks) >= 3)


async def test_a_clock_that_was_set_back_a_day_delays_no_tick_by_a_day() -> None:
    """Seen from a clock that was set back, the next tick lies a day ahead."""
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(len(ticks))

    scheduler = AsyncIOScheduler(timezone="UTC")
    job = scheduler.add_job(tick, "interval", days=1, next_run_time=now() + timedelta(days=1))
    scheduler.start()
    async with under_way(asyncio.create_task(guard(job, 0.05, now))):
        await until(lambda: bool(ticks))
    scheduler.shutdown(wait=False)
