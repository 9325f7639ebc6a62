"""Who and what exists in the workspace: people, channels, user groups, memberships."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from local.slack.errors import SlackError
from local.slack.mentions import Mention
from local.slack.mint import Mint
from local.slack.model import App, Channel, Ping, Team, User, UserGroup


class Directory:
    """Look-ups raise SlackError with Slack's code: ``user_not_found``, ``channel_not_found``, ..."""

    def __init__(
        self,
        team: Team,
        app: App,
        users: Iterable[User],
        channels: Iterable[Channel],
        usergroups: Iterable[UserGroup],
        mint: Mint,
    ) -> None:
        self.team = team
        self.app = app
        self._users = {user.id: user for user in users}
        self._channels = {channel.id: channel for channel in channels}
        self._usergroups = {group.id: group for group in usergroups}
        self._mint = mint

    @property
    def users(self) -> Sequence[User]:
        return tuple(self._users.values())

    @property
    def channels(self) -> Sequence[Channel]:
        return tuple(self._channels.values())

    @property
    def usergroups(self) -> Sequence[UserGroup]:
        return tuple(self._usergroups.values())

    def user(self, user_id: str) -> User:
        if user_id not in self._users:
            raise SlackError("user_not_found")
        return self._users[user_id]

    def usergroup(self, group_id: str) -> UserGroup:
        if group_id not in self._usergroups:
            raise SlackError("no_such_subteam")
        return self._usergroups[group_id]

    def channel(self, channel_id: str) -> Channel:
        if channel_id not in self._channels:
            raise SlackError("channel_not_found")
        return self._channels[channel_id]

    def channel_seen_by(self, user_id: str, channel_id: str) -> Channel:
        """The channel as one member sees the workspace: private ones of others do not exist."""
        channel = self.channel(channel_id)
        if not self.sees(self.user(user_id), channel):
            raise SlackError("channel_not_found")
        return channel

    def sees(self, user: User, channel: Channel) -> bool:
        """Public channels are open to members of the workspace; guests and strangers were let into theirs."""
        is_open = not (channel.is_private or user.sees_only_own_channels)
        return is_open or user.id in channel.members

    def people_seen_by(self, user_id: str) -> Sequence[User]:
        """Guests and strangers know those they share a channel with."""
        if not self.user(user_id).sees_only_own_channels:
            return self.users
        met = {member for channel in self.channels_seen_by(user_id) for member in channel.members}
        return [user for user in self.users if user.id in met]

    def channels_seen_by(self, user_id: str) -> Sequence[Channel]:
        user = self.user(user_id)
        return [channel for channel in self._channels.values() if self.sees(user, channel)]

    def target(self, name: str) -> Channel:
        """Where a post goes: a channel id, a ``#name``, or a user id for a direct message."""
        if name in self._users:
            return self.direct_message(name)
        bare = name.removeprefix("#")
        by_name = next((channel for channel in self._channels.values() if channel.name == bare and bare), None)
        return by_name or self.channel_seen_by(self.app.bot_user_id, name)

    def direct_message(self, user_id: str) -> Channel:
        """The conversation between a person and the bot, begun when it does not exist yet."""
        self.user(user_id)
        members = (user_id, self.app.bot_user_id)
        found = next((c for c in self._channels.values() if c.is_im and c.members == members), None)
        if found:
            return found
        channel = Channel(
            id=self._mint.id("D"),
            name="",
            created=int(self._mint.now()),
            creator=user_id,
            members=members,
            is_private=True,
            is_im=True,
        )
        self._channels[channel.id] = channel
        return channel

    def group_message(self, user_ids: Sequence[str]) -> Channel:
        """The conversation of the bot with several people, begun when it does not exist yet."""
        people = [self.user(user_id) for user_id in user_ids]
        members = (*(user.id for user in people), self.app.bot_user_id)
        found = next((c for c in self._channels.values() if c.is_mpim and set(c.members) == set(members)), None)
        if found:
            return found
        names = "--".join(self.user(member).name for member in members)
        channel = Channel(
            id=self._mint.id("G"),
            name=f"mpdm-{names}-1",
            created=int(self._mint.now()),
            creator=self.app.bot_user_id,
            members=members,
            is_private=True,
            is_mpim=True,
        )
        self._channels[channel.id] = channel
        return channel

    def put_channel(self, channel: Channel) -> None:
        """Adds a channel, or replaces the one with the same id (archived, shared, renamed)."""
        self._channels[channel.id] = channel

    def put_user(self, user: User) -> None:
        self._users[user.id] = user

    def put_usergroup(self, group: UserGroup) -> None:
        self._usergroups[group.id] = group

    def join(self, channel_id: str, user_id: str) -> Channel:
        channel = self.channel(channel_id)
        if user_id not in channel.members:
            channel = replace(channel, members=(*channel.members, user_id))
            self._channels[channel_id] = channel
        return channel

    def leave(self, channel_id: str, user_id: str) -> Channel:
        channel = self.channel(channel_id)
        channel = replace(channel, members=tuple(member for member in channel.members if member != user_id))
        self._channels[channel_id] = channel
        return channel

    def pinged(self, channel: Channel, mentions: Iterable[Mention], author: str) -> dict[str, Ping]:
        """Who a message in this channel notifies, each person once, by the first reason that fits.

        Only members are notified, and never bots or the author.
        """
        people: dict[str, Ping] = {}
        for mention in mentions:
            for user_id in self._named(channel, mention):
                people.setdefault(user_id, mention.ping)
        return {
            user_id: ping
            for user_id, ping in people.items()
            if user_id in channel.members and user_id != author and not self._users[user_id].is_bot
        }

    def _named(self, channel: Channel, mention: Mention) -> Iterator[str]:
        match mention.ping:
            case Ping.USER:
                yield mention.id
            case Ping.GROUP:
                group = self._usergroups.get(mention.id)
                yield from group.users if group and group.is_enabled else ()
            case Ping.HERE | Ping.CHANNEL | Ping.EVERYONE:
                yield from channel.members
