"""Every listener of the app, hung in once."""

import logging
import re
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.domain.kibana import Discover
from bot.domain.message import Standing
from bot.domain.responder import ChannelId
from bot.ports import Clock
from bot.services import Services
from handlers import actions, commands, details, gate, home, pivots, views
from handlers.background import Background
from handlers.desk import Desk
from handlers.errors import guarded

log = logging.getLogger(__name__)


def register(
    app: AsyncApp,
    services: Services,
    background: Background,
    *,
    clock: Clock,
    is_member: Callable[[ChannelId], Awaitable[bool]],
    link: Callable[[Standing], Awaitable[str]],
    timezone: str = "UTC",
    discover: Discover | None = None,
) -> None:
    """Hang in the listeners; whatever Slack sends beside them is acknowledged and logged.

    Args:
        app: authorized for one workspace (`authorize=` with its `team_id`).
        services: what the listeners call.
        background: holds what goes on after an acknowledgement.
        clock: aware, in UTC.
        is_member: whether the bot may answer in a channel.
        link: a message's permalink.
        timezone: the name of the zone whose mornings are meant where Slack knows no zone of the person.
        discover: where Kibana is, if anywhere.
    """
    desk = Desk(services, background, clock, is_member, link, ZoneInfo(timezone), discover)
    gate.register(app, desk)
    for room in (commands, details, pivots, actions, views, home):
        room.register(app, desk)
    app.shortcut(re.compile(".*"))(guarded(_shortcut))


async def _shortcut(args: AsyncArgs) -> None:
    await args.ack()
    log.info("Nothing listens to shortcut %s", args.body.get("callback_id"))
