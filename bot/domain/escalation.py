"""Who is called when a finding is escalated: a channel in Slack, and targets beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import NewType

from bot.domain.responder import ChannelId
from bot.domain.triage import Move

TargetName = NewType("TargetName", str)  # pagerduty, webhook, apprise-mailto

_ROUTE = "target:"  # no channel of Slack is called so


class Phase(Enum):
    """What a target is told about a finding."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class OnCall:
    """Where escalations go; with neither, they reach nobody."""

    channel: ChannelId | None = None
    targets: tuple[TargetName, ...] = ()

    @property
    def is_nobody(self) -> bool:
        return self.channel is None and not self.targets


NOBODY = OnCall()

_PHASES = {
    Move.ESCALATE: Phase.TRIGGER,
    Move.ACKNOWLEDGE: Phase.ACKNOWLEDGE,
    Move.ASSIGN: Phase.ACKNOWLEDGE,  # somebody holds it now
    Move.RESOLVE: Phase.RESOLVE,
}


def phase_of(move: Move) -> Phase | None:
    """What a target is told of an accepted move; None where it has nothing to hear."""
    return _PHASES.get(move)


def hears(move: Move, on_call: OnCall, called: Collection[TargetName]) -> tuple[TargetName, ...]:
    """The targets that hear of a move: of an escalation all, of what follows those that were called about it."""
    if move is Move.ESCALATE:
        return on_call.targets
    return tuple(target for target in on_call.targets if target in called) if phase_of(move) else ()


def route_of(target: TargetName) -> ChannelId:
    """A target as the channel of an intent."""
    return ChannelId(f"{_ROUTE}{target}")


def target_of(route: ChannelId) -> TargetName | None:
    """The target behind an intent's channel; None where it is one of Slack's."""
    return TargetName(route.removeprefix(_ROUTE)) if route.startswith(_ROUTE) else None
