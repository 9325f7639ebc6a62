"""What the clock brings in, and the work on runs wherever they came from."""

import logging

from bot.domain.run import RunId
from bot.errors import HuntbotError
from bot.services import Services
from handlers.background import Background
from handlers.errors import fails_unforeseen

log = logging.getLogger(__name__)


async def tick(services: Services, background: Background) -> None:
    """Take up every digest that is due and every run that was left; a store that is away waits for the next tick."""
    try:
        await services.digests.due()
        await resume(services, background)
    except HuntbotError as error:
        log.warning("The due digests could not be read: %s", error)


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
