"""The messages of all channels: posting, editing, deleting, reading, and who was pinged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from local.slack.changes import ChangeFeed
from local.slack.content import Content
from local.slack.directory import Directory
from local.slack.errors import SlackError
from local.slack.mentions import mentions
from local.slack.mint import Mint
from local.slack.model import (
    Channel,
    Edited,
    Message,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    Metadata,
    Notified,
    Reaction,
)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of history in timestamps; both ends are left out unless ``is_inclusive``."""

    oldest: float = 0.0
    latest: float = float("inf")
    is_inclusive: bool = False

    def holds(self, ts: str) -> bool:
        at = float(ts)
        if self.is_inclusive:
            return self.oldest <= at <= self.latest
        return self.oldest < at < self.latest


class MessageLog:
    def __init__(self, directory: Directory, mint: Mint, feed: ChangeFeed) -> None:
        self._directory = directory
        self._mint = mint
        self._feed = feed
        self._channels: dict[str, dict[str, Message]] = {}
        self.notifications: list[Notified] = []

    def post(
        self,
        channel_id: str,
        author: str,
        content: Content,
        *,
        metadata: Metadata | None = None,
        thread_ts: str | None = None,
        is_broadcast: bool = False,
        ephemeral_to: str | None = None,
    ) -> Message:
        """Adds a message and tells everyone who sees it.

        Raises:
            SlackError: ``channel_not_found``, ``is_archived`` or ``thread_not_found``.
        """
        channel = self._writable(channel_id)
        if thread_ts is not None:
            self._parent(channel_id, thread_ts)
        app = self._directory.app
        is_bot = author == app.bot_user_id
        message = Message(
            ts=self._mint.ts(),
            channel=channel_id,
            user=author,
            text=content.text,
            blocks=content.blocks,
            files=content.files,
            unfurl_links=content.unfurl_links,
            unfurl_media=content.unfurl_media,
            bot_id=app.bot_id if is_bot else None,
            app_id=app.id if is_bot else None,
            metadata=metadata,
            thread_ts=thread_ts,
            is_broadcast=is_broadcast,
            ephemeral_to=ephemeral_to,
        )
        self._log(channel_id)[message.ts] = message
        self._feed.tell(self._readers(message), MessagePosted(message))
        if ephemeral_to is None:
            self._notify(channel, message)
        return message

    def change(self, message: Message, content: Content, metadata: Metadata | None = None) -> Message:
        """Replaces what a message says; editing pings nobody."""
        edited = Edited(message.user, self._mint.ts())
        changed = replace(message, text=content.text, blocks=content.blocks, metadata=metadata, edited=edited)
        return self._put(changed)

    def delete(self, message: Message) -> None:
        self._log(message.channel).pop(message.ts)
        gone = MessageDeleted(message.channel, message.ts, message.thread_ts)
        self._feed.tell(self._readers(message), gone)

    def react(self, message: Message, name: str, user_id: str) -> Message:
        """Raises SlackError ``already_reacted``."""
        users = next((reaction.users for reaction in message.reactions if reaction.name == name), ())
        if user_id in users:
            raise SlackError("already_reacted")
        others = tuple(reaction for reaction in message.reactions if reaction.name != name)
        return self._put(replace(message, reactions=(*others, Reaction(name, (*users, user_id)))))

    def unreact(self, message: Message, name: str, user_id: str) -> Message:
        """Raises SlackError ``no_reaction``."""
        users = next((reaction.users for reaction in message.reactions if reaction.name == name), ())
        if user_id not in users:
            raise SlackError("no_reaction")
        others = tuple(reaction for reaction in message.reactions if reaction.name != name)
        left = tuple(user for user in users if user != user_id)
        kept = (Reaction(name, left),) if left else ()
        return self._put(replace(message, reactions=(*others, *kept)))

    def get(self, channel_id: str, ts: str) -> Message:
        """Raises SlackError ``message_not_found``."""
        if ts not in self._log(channel_id):
            raise SlackError("message_not_found")
        return self._log(channel_id)[ts]

    def seen_by(self, user_id: str, channel_id: str) -> Sequence[Message]:
        """A channel as one person sees it: oldest first, their ephemeral lines in, replies out."""
        return [
            message
            for message in self._ordered(channel_id)
            if message.ephemeral_to in {None, user_id} and (not message.is_reply or message.is_broadcast)
        ]

    def thread_seen_by(self, user_id: str, channel_id: str, thread_ts: str) -> Sequence[Message]:
        """The parent, then its replies, as one person sees them."""
        parent = self._parent(channel_id, thread_ts)
        replies = (m for m in self._replies(channel_id, thread_ts) if m.ephemeral_to in {None, user_id})
        return [parent, *replies]

    def history(self, channel_id: str, window: Window) -> Sequence[Message]:
        """What ``conversations.history`` reads: newest first, without replies and ephemeral lines."""
        return [
            message
            for message in reversed(self._ordered(channel_id))
            if message.ephemeral_to is None
            and (not message.is_reply or message.is_broadcast)
            and window.holds(message.ts)
        ]

    def replies(self, channel_id: str, thread_ts: str, window: Window) -> Sequence[Message]:
        """What ``conversations.replies`` reads: the parent always, then replies oldest first.

        Raises:
            SlackError: ``thread_not_found``.
        """
        parent = self._parent(channel_id, thread_ts)
        replies = self._replies(channel_id, thread_ts)
        return [parent, *(m for m in replies if m.ephemeral_to is None and window.holds(m.ts))]

    def reply_count(self, message: Message) -> int:
        return sum(1 for reply in self._replies(message.channel, message.ts) if reply.ephemeral_to is None)

    # --- inside ---

    def _put(self, message: Message) -> Message:
        self._log(message.channel)[message.ts] = message
        self._feed.tell(self._readers(message), MessageChanged(message))
        return message

    def _log(self, channel_id: str) -> dict[str, Message]:
        return self._channels.setdefault(channel_id, {})

    def _ordered(self, channel_id: str) -> Sequence[Message]:
        return list(self._log(channel_id).values())  # timestamps only grow, so arrival is order

    def _replies(self, channel_id: str, thread_ts: str) -> Iterator[Message]:
        return (m for m in self._ordered(channel_id) if m.is_reply and m.thread_ts == thread_ts)

    def _parent(self, channel_id: str, thread_ts: str) -> Message:
        parent = self._log(channel_id).get(thread_ts)
        if parent is None or parent.is_reply or parent.ephemeral_to is not None:
            raise SlackError("thread_not_found")
        return parent

    def _writable(self, channel_id: str) -> Channel:
        channel = self._directory.channel(channel_id)
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel

    def _readers(self, message: Message) -> Iterable[str]:
        if message.ephemeral_to is not None:
            return (message.ephemeral_to,)
        channel = self._directory.channel(message.channel)
        if channel.is_private:
            return channel.members
        return tuple(user.id for user in self._directory.users if self._directory.sees(user, channel))

    def _notify(self, channel: Channel, message: Message) -> None:
        found = mentions(message.text, message.blocks)
        for user_id, ping in self._directory.pinged(channel, found, message.user).items():
            notified = Notified(user_id, channel.id, message.ts, ping)
            self.notifications.append(notified)
            self._feed.tell((user_id,), notified)
