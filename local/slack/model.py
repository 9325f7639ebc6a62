"""The values a workspace is made of: people, channels, messages, views, and what changes.

Identifiers, field names and shapes are Slack's; JSON that Slack passes through untouched
(blocks, view payloads, metadata payloads) stays JSON here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Chosen: TypeAlias = str | Sequence[str] | None
"""What a person put into an element: text, a date, an option's value, a user's id, or several."""

Values: TypeAlias = Mapping[str, Mapping[str, Chosen]]
"""What a person put into a form: ``{block_id: {action_id: chosen}}``."""


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot's own user.

    ``is_restricted`` is a guest of this workspace, ``is_ultra_restricted`` one of a single channel;
    ``is_stranger`` belongs to another workspace and is met in channels shared with it.
    """

    id: str
    name: str
    real_name: str
    tz: str
    team_id: str
    color: str = "9f69e7"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_deleted: bool = False
    title: str = ""

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.real_name.split()[:2]).upper()

    @property
    def sees_only_own_channels(self) -> bool:
        """Guests and strangers see the channels they were let into, and nothing else of the workspace."""
        return self.is_restricted or self.is_ultra_restricted or self.is_stranger


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation; ``members`` are user ids, the bot's among them when it was invited."""

    id: str
    name: str
    created: int
    creator: str
    members: tuple[str, ...] = ()
    topic: str = ""
    purpose: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_general: bool = False
    is_im: bool = False
    is_mpim: bool = False

    @property
    def is_direct(self) -> bool:
        """A conversation that is named by who is in it."""
        return self.is_im or self.is_mpim

    @property
    def kind(self) -> str:
        """As scopes and event names call it: ``channels``, ``groups``, ``im`` or ``mpim``."""
        if self.is_direct:
            return "im" if self.is_im else "mpim"
        return "groups" if self.is_private else "channels"


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group people mention as ``@handle``, written ``<!subteam^S...>`` in mrkdwn."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]
    description: str = ""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command of the app; ``should_escape`` turns names people type into ids."""

    name: str
    description: str
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut of the app: in the box to write in (``global``), or in every message's menu."""

    name: str
    callback_id: str
    kind: Literal["global", "message"]
    description: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """The installed app: its identities, credentials, granted scopes, commands, shortcuts, subscriptions.

    ``is_messages_tab_read_only``: nobody may write in their own conversation with it.
    """

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str
    bot_scopes: frozenset[str]
    commands: tuple[Command, ...]
    bot_events: frozenset[str]
    shortcuts: tuple[Shortcut, ...] = ()
    is_messages_tab_read_only: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file; ``host`` is where its addresses lie. The file cabinet keeps bytes and shares."""

    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    size: int
    user: str
    team_id: str
    host: str
    created: int
    alt_text: str = ""
    is_snippet: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    event_type: str
    event_payload: Json


@dataclass(frozen=True, slots=True)
class Edited:
    user: str
    ts: str


@dataclass(frozen=True, slots=True)
class Reaction:
    name: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; ``user`` is its author's user id (the bot's when ``bot_id`` is set).

    ``ephemeral_to`` is the only person who sees it, or None when the channel does. ``unfurl_links`` and
    ``unfurl_media`` stand as the app asked: whether Slack may fetch previews of what the text links to.
    """

    ts: str
    channel: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    bot_id: str | None = None
    app_id: str | None = None
    metadata: Metadata | None = None
    thread_ts: str | None = None
    is_broadcast: bool = False
    edited: Edited | None = None
    ephemeral_to: str | None = None
    reactions: tuple[Reaction, ...] = ()
    files: tuple[File, ...] = ()
    unfurl_links: bool = False
    unfurl_media: bool = True

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a Home tab as one person has it open.

    ``payload`` is the view as the app sent it (title, blocks, submit, callback_id, ...), block ids
    filled in; ``state`` is ``{"values": {block_id: {action_id: {...}}}}`` as last sent to the app.
    """

    id: str
    hash: str
    user: str
    kind: Literal["modal", "home"]
    payload: Json
    root_view_id: str
    previous_view_id: str | None = None
    state: Json = field(default_factory=lambda: {"values": {}})

    @property
    def blocks(self) -> Sequence[Json]:
        blocks: Sequence[Json] = self.payload["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        return str(self.payload.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.payload.get("private_metadata", ""))

    @property
    def external_id(self) -> str:
        return str(self.payload.get("external_id", ""))


# --- what a person sees happen -------------------------------------------------------------------


class Outcome(Enum):
    """What became of something a person did."""

    ACCEPTED = "accepted"  # the app acknowledged it
    ERRORS = "errors"  # a form stays open, its fields marked
    CLOSED = "closed"  # the form went away
    UPDATED = "updated"  # the form shows something else
    PUSHED = "pushed"  # another form lies on top
    FAILED = "failed"  # Slack tells the person that the app did not answer


@dataclass(frozen=True, slots=True)
class Seen:
    """The person's side of an action: its outcome and the lines Slack would show.

    ``notice`` is Slack's own line on failure, ``error`` its code (``operation_timeout``,
    ``dispatch_failed``); ``errors`` is ``{block_id: message}`` of a form; ``message`` is the
    app's direct answer to a slash command; ``view`` the form now on top, if any.
    """

    outcome: Outcome
    notice: str = ""
    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    message: Message | None = None
    view: View | None = None


class Ping(Enum):
    """Why somebody was notified."""

    USER = "user"
    GROUP = "group"
    HERE = "here"
    CHANNEL = "channel"
    EVERYONE = "everyone"


# --- live changes, as one person receives them -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A new message, ephemeral ones included (only their reader receives those)."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged:
    message: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    channel: str
    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class ViewOpened:
    """A modal was opened or pushed on top of the ones already open."""

    view: View


@dataclass(frozen=True, slots=True)
class ViewUpdated:
    view: View


@dataclass(frozen=True, slots=True)
class ViewClosed:
    view_id: str


@dataclass(frozen=True, slots=True)
class HomePublished:
    view: View


@dataclass(frozen=True, slots=True)
class Notified:
    """This person was pinged by a message."""

    user: str
    channel: str
    ts: str
    ping: Ping


Change: TypeAlias = (
    MessagePosted | MessageChanged | MessageDeleted | ViewOpened | ViewUpdated | ViewClosed | HomePublished | Notified
)
