"""What each person has read: up to which message of a channel, kept while the server runs."""

from collections.abc import Sequence

from local.slack.model import Channel
from local.slack.workspace import Workspace


class Reading:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: dict[tuple[str, str], float] = {}
        self._seen: dict[tuple[str, str], float] = {}

    def mark(self, user_id: str, channel_id: str) -> None:
        """Everything now in the channel is read, pings in its threads as well."""
        messages = [message.ts for message in self._workspace.messages_for(user_id, channel_id)]
        if told := [*messages, *self._pinged(user_id, channel_id)]:
            self._read[user_id, channel_id] = max(map(float, told))

    def keep(self, user_id: str, channel_id: str) -> None:
        """What was new when the channel was opened stays marked until it is opened again."""
        self._seen[user_id, channel_id] = self._read.get((user_id, channel_id), 0.0)

    def seen_until(self, user_id: str, channel_id: str) -> float:
        """The end of what the person had read before; without any reading before, nothing counts as new."""
        return self._seen.get((user_id, channel_id), 0.0) or float("inf")

    def unread(self, user_id: str, channel: Channel) -> int:
        """Others' messages since; only members are told of them, as on Slack."""
        if user_id not in channel.members:
            return 0
        messages = self._workspace.messages_for(user_id, channel.id)
        return sum(1 for m in messages if m.user != user_id and self._is_new(user_id, channel.id, m.ts))

    def pings(self, user_id: str, channel: Channel) -> int:
        return sum(1 for ts in self._pinged(user_id, channel.id) if self._is_new(user_id, channel.id, ts))

    def _pinged(self, user_id: str, channel_id: str) -> Sequence[str]:
        notified = self._workspace.notifications_of(user_id)
        return [note.ts for note in notified if note.channel == channel_id]

    def _is_new(self, user_id: str, channel_id: str, ts: str) -> bool:
        return float(ts) > self._read.get((user_id, channel_id), 0.0)
