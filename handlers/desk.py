"""What every listener has at hand; it came in through `register`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.blocks.rich import Json
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.kibana import Discover
from bot.domain.message import Standing
from bot.domain.responder import ChannelId, UserId
from bot.ports.search import Clock
from bot.services import Services
from handlers.background import Background


@dataclass(frozen=True, slots=True)
class Desk:
    """`is_member` says whether the bot may answer in a channel; `link` gives a message's permalink.

    `publish` shows somebody a Home tab, see `SlackWorkspace.publish`. `timezone` is the one whose mornings are meant
    where Slack knows no zone of the person; `discover` is Kibana.
    """

    services: Services
    background: Background
    clock: Clock
    is_member: Callable[[ChannelId], Awaitable[bool]]
    link: Callable[[Standing], Awaitable[str]]
    timezone: ZoneInfo
    publish: Callable[[UserId, Json, str | None], Awaitable[str]]
    discover: Discover | None = None

    def hunt_of(self, finding: Finding) -> Hunt:
        return self.services.hunts.shelf.recall(finding.hunt)
