"""Who looks at the page: their zone, the moment, and the names they can resolve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from local.slack.model import Channel, User, UserGroup


@dataclass(frozen=True, slots=True)
class Viewer:
    """``now`` is aware; ``people``, ``channels`` and ``groups`` are by id, as this person may see them."""

    user: User
    now: datetime
    people: Mapping[str, User] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    groups: Mapping[str, UserGroup] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.user.tz)

    def at(self, timestamp: float | str) -> datetime:
        """A Slack timestamp (seconds since 1970, a message's ``ts`` included) on this person's clock."""
        return datetime.fromtimestamp(float(timestamp), self.zone)
