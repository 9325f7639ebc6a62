"""The tick: APScheduler runs it; a guard on time that nobody sets keeps a clock that was set back from holding it up.

One job and nothing else: which digests are due is decided by the domain and claimed in the store, for APScheduler's
own cron was measured to skip days around a change to or from summer time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ports.search import Clock


async def ticking(tick: Callable[[], Awaitable[None]], every_s: float, clock: Clock) -> None:
    """Tick at once and then every `every_s` seconds, until cancelled; `clock` is the machine's."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    job = scheduler.add_job(
        tick,
        "interval",
        seconds=every_s,
        next_run_time=clock(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    try:
        await guard(job, every_s, clock)
    finally:
        scheduler.shutdown(wait=False)


async def guard(job: Job, every_s: float, clock: Clock) -> None:
    """APScheduler waits by the wall clock: set back a day, the next tick would be a day away."""
    while True:
        await asyncio.sleep(every_s)
        if job.next_run_time - clock() > timedelta(seconds=2 * every_s):
            job.modify(next_run_time=clock())
