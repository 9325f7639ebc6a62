"""Who acts on a finding: a person in Slack, or huntbot itself."""

from dataclasses import dataclass
from typing import NewType

UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)
MessageTs = NewType("MessageTs", str)

HUNTBOT = UserId("huntbot")  # the actor of what nobody pressed: a finding recorded, recurred, worsened


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was done: a channel and, where there was one, a message; for the audit."""

    channel: ChannelId | None = None
    message: MessageTs | None = None
