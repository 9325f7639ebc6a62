"""What the clock brings in, and the work on runs wherever they came from."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.domain.run import RunId
from bot.errors import HuntbotError
from bot.services import Services
from handlers.background import Background
from handlers.errors import fails_unforeseen

JOB_S = 60.0  # a job that takes longer is cut off, and goes on at the next tick

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


async def tick(services: Services, background: Background, within_s: float = JOB_S) -> None:
    """Every job of the clock, side by side: one that fails or hangs stops none of the others. Raises nothing."""
    jobs = _jobs(services, background)
    await asyncio.gather(*(_attempt(name, job, within_s) for name, job in jobs.items()))
    services.delivery.nudge()


def _jobs(services: Services, background: Background) -> Mapping[str, Job]:
    return {
        "due digests": lambda: _due(services, background),
        "left runs": lambda: resume(services, background),
        "snoozes that end": services.triage.wake,
        "findings that nobody took": services.triage.escalate_overdue,
        "purge": services.retention.purge_if_due,
    }


async def _attempt(name: str, job: Job, within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            await job()
    except HuntbotError as error:
        log.warning("The tick did not get through with the %s: %s", name, error)
    except TimeoutError:
        log.warning("The tick did not get through with the %s in %g s", name, within_s)
    except Exception:
        log.exception("The tick failed at the %s", name)


async def _due(services: Services, background: Background) -> None:
    for run in await services.digests.due():
        take_up(services, background, run)


async def resume(services: Services, background: Background) -> None:
    """Take up what a stop, a crash or a store that failed left unfinished. Raises StoreError."""
    for run in await services.hunts.resume():
        take_up(services, background, run)


def take_up(services: Services, background: Background, run: RunId) -> None:
    """Work on a stored run, held, after its placeholder was sent off; once, however many ask for it."""
    services.delivery.nudge()
    name = f"run {run}"
    if not background.holds(name):
        background.spawn(_work(services, run), name)


async def _work(services: Services, run: RunId) -> None:
    """A run that breaks on a fault of ours is given up aloud, rather than left looking."""
    if await fails_unforeseen(services.hunts.work(run)):
        await services.hunts.give_up(run)
    services.delivery.nudge()
