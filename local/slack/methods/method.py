"""What a Web API method is: its handler and what Slack asks of a caller first."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from local.slack.arguments import Arguments
from local.slack.errors import SlackError
from local.slack.limits import Tier
from local.slack.model import Channel, Json
from local.slack.workspace import Workspace


class TokenKind(Enum):
    NONE = "none"
    BOT = "bot"
    APP = "app"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call that passed token, scope and rate checks; ``socket_url`` opens a Socket Mode ticket."""

    workspace: Workspace
    arguments: Arguments
    socket_url: Callable[[], str]

    def need_scope(self, *scopes: str) -> None:
        """Raises SlackError ``missing_scope`` unless one of them is granted."""
        granted = self.workspace.app.bot_scopes
        if not granted & set(scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(granted)))

    def readable_channel(self, purpose: str) -> Channel:
        """The channel named by the call, when the scopes cover its kind (``purpose``: read, history).

        Raises:
            SlackError: ``channel_not_found`` or ``missing_scope``.
        """
        workspace = self.workspace
        channel_id = self.arguments.required("channel")
        channel = workspace.directory.channel_seen_by(workspace.app.bot_user_id, channel_id)
        self.need_scope(f"{channel.kind}:{purpose}")
        return channel

    def member_channel(self, purpose: str) -> Channel:
        """The same, and the bot must be in it; raises also ``not_in_channel``."""
        channel = self.readable_channel(purpose)
        if self.workspace.app.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel


Handler: TypeAlias = Callable[[ApiCall], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """``scopes``: any one of them lets the call in; ``is_per_channel``: limited a channel, not a method."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    tier: Tier = Tier.THREE
    token: TokenKind = TokenKind.BOT
    is_per_channel: bool = False
