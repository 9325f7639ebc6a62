"""Every listener of the app, hung in once."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp

from bot.blocks.rich import Json
from bot.domain.kibana import Discover
from bot.domain.message import Standing
from bot.domain.responder import ChannelId, UserId
from bot.ports.search import Clock
from bot.services import Services
from handlers import (
    actions,
    bulks,
    commands,
    comments,
    details,
    exports,
    gate,
    home,
    picker,
    pivots,
    proof,
    queues,
    shortcuts,
    views,
)
from handlers.background import Background
from handlers.desk import Desk
from handlers.home import HomeTabs

# What is hung in later hears only what nobody before it took: the last of each kind acknowledge whatever is left.
_ROOMS = (commands, details, pivots, queues, exports, bulks, picker, proof, actions, views, comments, shortcuts)


def register(
    app: AsyncApp,
    services: Services,
    background: Background,
    *,
    clock: Clock,
    is_member: Callable[[ChannelId], Awaitable[bool]],
    link: Callable[[Standing], Awaitable[str]],
    publish: Callable[[UserId, Json, str | None], Awaitable[str]],
    timezone: str = "UTC",
    discover: Discover | None = None,
) -> HomeTabs:
    """Hang in the listeners; whatever Slack sends beside them is acknowledged and logged.

    Gives the Home tabs, which want to be stirred when the clock changed something.

    Args:
        app: authorized for one workspace (`authorize=` with its `team_id`).
        services: what the listeners call.
        background: holds what goes on after an acknowledgement.
        clock: aware, in UTC.
        is_member: whether the bot may answer in a channel.
        link: a message's permalink.
        publish: shows somebody a Home tab, in the place of the one with this hash, and gives its own.
        timezone: the name of the zone whose mornings are meant where Slack knows no zone of the person.
        discover: where Kibana is, if anywhere.
    """
    desk = Desk(services, background, clock, is_member, link, ZoneInfo(timezone), publish, discover)
    gate.register(app, desk)
    tabs = home.register(app, desk)
    for room in _ROOMS:
        room.register(app, desk)
    return tabs
