"""Slack as the services see it: messages, files, and who somebody is."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from bot.domain.access import Person
from bot.domain.intent import Mark
from bot.domain.message import Message, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId


class Workspace(Protocol):
    """Slack, as the house needs it; how a message is drawn is the adapter's affair.

    Every method raises WorkspaceError.
    """

    async def post(
        self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None
    ) -> MessageTs: ...

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None: ...

    async def whisper(self, channel: ChannelId, user: UserId, what: Message) -> None:
        """Show it to one person only."""
        ...

    async def upload(
        self,
        channel: ChannelId,
        thread: MessageTs | None,
        name: str,
        content: BinaryIO,
        title: str,
        comment: str,
        alt: str = "",
    ) -> None:
        """Share a file in a channel, or with one person (by their id), beside a line of plain text.

        `content` is read from its beginning, a piece at a time, and not closed; `alt` is what a picture shows, in
        words. A file has no mark: one whose answer was lost may come twice.
        """
        ...

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        """Read the channel back for messages with this mark, oldest first: whether an unanswered post arrived."""
        ...

    async def remove(self, channel: ChannelId, ts: MessageTs) -> None:
        """Take a second copy back; one that is gone already is no error."""
        ...

    async def link(self, standing: Standing) -> str: ...

    async def is_member(self, channel: ChannelId) -> bool: ...

    async def channel_id(self, name: str) -> ChannelId:
        """The id of `#name` or of an id itself; raises RouteBroken where there is none."""
        ...


class People(Protocol):
    """Who is who in the workspace, asked anew each time.

    Every method raises WorkspaceError: RouteBroken and TokenRefused where asking again would change nothing.
    """

    async def person(self, user: UserId) -> Person: ...

    async def members(self, group: str) -> frozenset[UserId]:
        """Who is in a user group (S...); nobody, where it is disabled."""
        ...

    async def is_shared(self, channel: ChannelId) -> bool:
        """Whether people of another organization read along there, or were invited to."""
        ...
