"""Who may do what: three roles, what each deed needs, and who is turned away whatever the lists say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from zoneinfo import ZoneInfo

from bot.domain.responder import UserId


class Role(IntEnum):
    """Each may what the ones below it may."""

    VIEWER = 1
    RESPONDER = 2
    LEAD = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Deed(Enum):
    """What a person asks for, as far as it matters to who may; reads after "you asked to"."""

    LOOK = "look at findings"
    HUNT = "run a hunt"
    TRIAGE = "triage a finding"
    EXPORT = "export findings"
    BULK = "triage many findings at once"
    ASSIGN = "assign a finding to somebody else"
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


def takes_alone(may: Collection[Deed]) -> bool:
    """Whether somebody who triages may give a finding to themselves and to nobody else."""
    return Deed.ASSIGN not in may


class Membership(Enum):
    """How somebody belongs to the workspace; all but a member are turned away, and the value says who they are."""

    MEMBER = "a member"
    GUEST = "guests"
    FOREIGN = "people of another workspace"
    BOT = "bots"
    DEACTIVATED = "accounts that are deactivated"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Slack knows them.

    `teams` are the workspaces they belong to, and the organization above them where there is one: what a payload of
    theirs may name as its sender's. `timezone` is the one they set, None where Slack gives none that is known.
    """

    user: UserId
    membership: Membership
    teams: frozenset[str] = frozenset()
    name: str = ""
    timezone: ZoneInfo | None = None

    @property
    def is_member(self) -> bool:
        return self.membership is Membership.MEMBER


OUTSIDE = frozenset({Membership.GUEST, Membership.FOREIGN})  # they may ask nothing, and read where they are let in


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads what is posted in a channel, whatever their role: roles guard asking and pressing.

    `outside` are guests and people of other workspaces among the members that were looked at; `is_more`: there are
    more members than that.
    """

    is_public: bool
    is_org_shared: bool = False
    outside: tuple[Person, ...] = ()
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The role that somebody has for certain, and the one they may have in groups that Slack does not tell of."""

    role: Role | None
    perhaps: Role | None = None

    def suffices(self, deed: Deed) -> bool:
        return self.role is not None and self.role >= NEEDS[deed]

    def may_suffice(self, deed: Deed) -> bool:
        return Held(self.perhaps).suffices(deed)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who holds which role: ids of people (U..., W...) and of user groups (S...). All empty: every member is a lead.

    As soon as one list names anybody, whoever is on none has no role.
    """

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

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(named for ids in self.by_role.values() for named in ids if is_group(named))

    def held_by(self, user: UserId, members: Mapping[str, Collection[UserId] | None]) -> Held:
        """The highest role that the lists give; `members` of each group, None where Slack does not say."""
        if self.is_open:
            return Held(Role.LEAD)
        certain = [role for role, ids in self.by_role.items() if user in ids or _is_in_one(user, ids, members)]
        unsure = [role for role, ids in self.by_role.items() if any(members.get(g, ()) is None for g in ids)]
        return Held(max(certain, default=None), max(unsure, default=None))


def is_group(named: str) -> bool:
    """Whether an id is a user group's; people's begin with U or W."""
    return named.startswith("S")


def _is_in_one(user: UserId, ids: Collection[str], members: Mapping[str, Collection[UserId] | None]) -> bool:
    return any(user in (members.get(group) or ()) for group in ids)


# --- what whoever is turned away is told, and what the finding's history keeps ---------------------

SHARED = (
    "This channel is shared with another organization, so huntbot shows nothing and does nothing here. "
    "Ask in a channel of your own, or in your conversation with huntbot (under Apps)."
)
UNSEEN = (
    "huntbot can not see this conversation, and so not who reads along. Ask where huntbot is a member "
    "(/invite @huntbot), in a public channel, or in your conversation with huntbot (under Apps)."
)
WHO = "who you are"
GROUPS = "who is in the user groups that give roles"
CHANNEL = "who reads along in this channel"


def turned_away(membership: Membership) -> str:
    return f"huntbot takes no orders from {membership.value}. Ask a member of its workspace who may."


def lacking(deed: Deed, role: Role | None) -> str:
    """What was asked, what it needs, and who can do it, or give it."""
    needed = NEEDS[deed]
    has = "you have no role here" if role is None else f"you are a {role.word}"
    return (
        f"You asked to {deed.value}. That needs the role {needed.word}, and {has}. "
        f"Ask a {needed.word} to do it, or ask for the role: whoever runs huntbot gives it (HUNTBOT_{needed.name}S), "
        "and whoever manages a user group named there."
    )


def silent(about: str) -> str:
    return f"Slack does not say {about} just now, so nothing was done. Try again in a moment."
