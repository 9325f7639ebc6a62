"""The Home tab: the queue of whoever opens it. Every other event is acknowledged and passed over."""

import logging
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import queue
from bot.domain.triage import Queue
from handlers import parse
from handlers.answers import links_to
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.parse import Asker

log = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    async def opened(args: AsyncArgs) -> None:  # Bolt has acknowledged the event already
        asker = parse.home_opened(args.body)
        if asker is not None:
            desk.background.spawn(_publish(desk, args, asker), "a Home tab")

    app.event("app_home_opened")(guarded(opened))
    app.event(re.compile(".*"))(guarded(_anything_else))


async def _publish(desk: Desk, args: AsyncArgs, asker: Asker) -> None:
    triage = desk.services.triage
    mine = await triage.queue(Queue.MINE, asker.user, queue.SHOWN)
    untaken = await triage.queue(Queue.UNTAKEN, asker.user, queue.SHOWN)
    links = await links_to(desk, [*mine.findings, *untaken.findings])
    await args.client.views_publish(user_id=asker.user, view=queue.home_view(mine, untaken, desk.hunt_of, links))


async def _anything_else(args: AsyncArgs) -> None:
    log.info("Nothing listens to event %s", (args.event or {}).get("type"))
