"""Who may do what: three roles, what each deed needs, and who is turned away whatever the lists say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from bot.domain.responder import UserId


class Role(IntEnum):
    """Each may what the ones below it may."""

    VIEWER = 1
    RESPONDER = 2
    LEAD = 3


class Deed(Enum):
    """What a person asks for, as far as it matters to who may."""

    LOOK = "look at findings"
    HUNT = "run hunts"
    TRIAGE = "triage findings"
    EXPORT = "export findings"
    BULK = "triage many findings at once"
    ASSIGN = "assign findings to somebody else"
    DIGEST = "send a digest"


NEEDS: Mapping[Deed, Role] = {
    Deed.LOOK: Role.VIEWER,
    Deed.HUNT: Role.RESPONDER,
    Deed.TRIAGE: Role.RESPONDER,
    Deed.EXPORT: Role.RESPONDER,
    Deed.BULK: Role.LEAD,
    Deed.ASSIGN: Role.LEAD,
    Deed.DIGEST: Role.LEAD,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Slack knows them. `is_member` is false for guests, bots, and people of another workspace.

    `timezone` is an IANA name, such as Europe/Berlin.
    """

    user: UserId
    is_member: bool
    name: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Roster:
    """Who holds which role: ids of people (U..., W...) and of user groups (S...). All empty: every member is a lead."""

    viewers: frozenset[str] = frozenset()
    responders: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        return not (self.viewers or self.responders or self.leads)

    @property
    def by_role(self) -> Mapping[Role, frozenset[str]]:
        """The highest first."""
        return {Role.LEAD: self.leads, Role.RESPONDER: self.responders, Role.VIEWER: self.viewers}
