"""Where a tab of the page is: who looks, at which channel or at the app's Home, with which thread open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from local.slack.errors import SlackError
from local.slack.model import Channel, Message
from local.slack.workspace import Workspace

MESSAGES_SHOWN = 150


@dataclass(frozen=True, slots=True)
class Place:
    """All of it stands in the address, so a tab can be reloaded, shared and gone back to."""

    user: str
    channel: str = ""
    thread: str = ""
    is_home: bool = False
    shown: int = MESSAGES_SHOWN

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Place":
        shown = query.get("shown", "")
        return cls(
            user=query.get("user", ""),
            channel=query.get("channel", ""),
            thread=query.get("thread", ""),
            is_home=query.get("tab") == "home",
            shown=int(shown) if shown.isdecimal() else MESSAGES_SHOWN,
        )

    @property
    def href(self) -> str:
        query = {"user": self.user, "channel": self.channel, "thread": self.thread}
        if self.is_home:
            query["tab"] = "home"
        if self.shown != MESSAGES_SHOWN:
            query["shown"] = str(self.shown)
        return "/?" + urlencode({name: value for name, value in query.items() if value})

    def at(self, *, user: str | None = None, thread: str | None = None) -> str:
        """The address of a neighbouring place: the same as another person, or another thread of it."""
        next_thread = self.thread if thread is None else thread
        return replace(self, user=user or self.user, thread=next_thread).href

    def in_channel(self, channel_id: str) -> "Place":
        return Place(self.user, channel_id)

    def at_home(self) -> "Place":
        return Place(self.user, is_home=True)


def resolve(workspace: Workspace, asked: Place) -> Place:
    """The nearest place that exists: an unknown person, channel or thread falls back to a known one."""
    people = {user.id for user in workspace.users if not (user.is_bot or user.is_deleted)}
    user = asked.user if asked.user in people else _first_person(workspace)
    if asked.is_home:
        return Place(user, is_home=True)
    visible = {channel.id for channel in workspace.channels_of(user)}
    channel = asked.channel if asked.channel in visible else _first_channel(workspace, user)
    is_thread = asked.thread and thread_of(workspace, user, channel, asked.thread)
    return Place(user, channel, asked.thread if is_thread else "", shown=asked.shown)


def _first_person(workspace: Workspace) -> str:
    return next(user.id for user in workspace.users if not (user.is_bot or user.is_deleted))


def _first_channel(workspace: Workspace, user: str) -> str:
    """Where the app can be tried at once: a channel that both the person and the bot are in."""
    bot = workspace.app.bot_user_id

    def distance(channel: Channel) -> tuple[bool, bool, bool]:
        return channel.is_im, user not in channel.members, bot not in channel.members

    return min(workspace.channels_of(user), key=distance).id


def thread_of(workspace: Workspace, user: str, channel: str, ts: str) -> tuple[Message, ...]:
    """The parent and its replies, or nothing when there is no such thread (any more)."""
    try:
        return tuple(workspace.thread_for(user, channel, ts))
    except SlackError:
        return ()
