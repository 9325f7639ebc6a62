"""What the clock brings in, and the work on runs wherever they came from."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.domain.bulk import BulkId
from bot.domain.export import ExportId
from bot.domain.run import RunId
from bot.errors import HuntbotError
from bot.services import Services
from handlers.background import Background
from handlers.errors import fails_unforeseen

JOB_S = 60.0  # a job that takes longer is cut off, and goes on at the next tick

log = logging.getLogger(__name__)

Job = tuple[str, Callable[[], Awaitable[object]]]


async def tick(services: Services, background: Background, within_s: float = JOB_S) -> None:
    """Every job of the clock: one that fails or hangs stops none of the others. Raises nothing."""
    await asyncio.gather(*(_in_turn(jobs, within_s) for jobs in _jobs(services, background)))
    services.delivery.nudge()


def _jobs(services: Services, background: Background) -> Sequence[Sequence[Job]]:
    """Those of one line in turn, the lines side by side: a finding that wakes has its own time to be acknowledged."""
    triage, retention = services.triage, services.retention
    return (
        [("due digests", lambda: _due(services, background))],
        [("left runs", lambda: resume(services, background))],
        [("many findings at once", lambda: _resume_bulks(services, background))],
        [("files", lambda: _resume_exports(services, background))],
        [("snoozes that end", triage.wake), ("findings that nobody took", triage.escalate_overdue)],
        [("purge", retention.purge_if_due)],
    )


async def _in_turn(jobs: Sequence[Job], within_s: float) -> None:
    for name, work in jobs:
        try:
            async with asyncio.timeout(within_s):
                await work()
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


def carry_out(services: Services, background: Background, bulk: BulkId) -> None:
    """Do with many findings what was requested, held; once, however many ask for it."""
    name = f"many findings {bulk}"
    if not background.holds(name):
        background.spawn(_carry_out(services, bulk), name)


async def _carry_out(services: Services, bulk: BulkId) -> None:
    try:
        await services.bulks.work(bulk)
    except HuntbotError as error:  # its lease runs out, and a tick takes it up again
        log.warning("Many findings at once, not all done yet: %s", error)
    services.delivery.nudge()


async def _resume_bulks(services: Services, background: Background) -> None:
    for bulk in await services.bulks.left():
        carry_out(services, background, bulk)


def write_out(services: Services, background: Background, export: ExportId) -> None:
    """Write and share a file that was asked for, held; once, however many ask for it."""
    name = f"file {export}"
    if not background.holds(name):
        background.spawn(_write_out(services, export), name)


async def _write_out(services: Services, export: ExportId) -> None:
    try:
        await services.exports.work(export)
    except HuntbotError as error:  # its lease runs out, and a tick takes it up again
        log.warning("A file is not written yet: %s", error)


async def _resume_exports(services: Services, background: Background) -> None:
    for export in await services.exports.left():
        write_out(services, background, export)


async def _work(services: Services, run: RunId) -> None:
    """A run that breaks on a fault of ours is given up aloud, rather than left looking."""
    if await fails_unforeseen(services.hunts.work(run)):
        await services.hunts.give_up(run)
    services.delivery.nudge()
