"""Whether a person may do what they ask for: closed wherever Slack does not say who they are."""

import asyncio

from bot.domain import access
from bot.domain.access import Deed, Held, Membership, Person, Role, Roster
from bot.domain.responder import ChannelId, UserId
from bot.errors import BadArgument, Refused, RouteBroken, WorkspaceError, WorkspaceUnavailable
from bot.ports.search import Clock
from bot.ports.workspace import People
from bot.services.remembered import PATIENCE_S, Remembered

Silence = WorkspaceError | TimeoutError
SILENCES = (WorkspaceError, TimeoutError)


class AccessService:
    """Roles by the `roster`, people by what Slack says of them: kept five minutes, and while Slack is down fifteen.

    `patience_s` bounds every question, so that an acknowledgement still comes in time.
    """

    def __init__(self, people: People, roster: Roster, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._roster = roster
        self._people = Remembered(people.person, clock, patience_s)
        self._groups = Remembered(people.members, clock, patience_s)
        self._channels = Remembered(people.is_shared, clock, patience_s)

    async def role_of(self, user: UserId) -> Role | None:
        """The role that somebody has for certain; None for whoever has none, and where Slack does not say."""
        person, held = await asyncio.gather(self._person(user), self._held(user))
        is_member = isinstance(person, Person) and person.is_member
        return held.role if is_member else None

    async def deeds_of(self, user: UserId) -> frozenset[Deed]:
        """What somebody may for certain: what is offered to them goes by it, what is done goes by `admit`."""
        held = Held(await self.role_of(user))
        return frozenset(filter(held.suffices, Deed))

    async def person(self, user: UserId) -> Person | None:
        """Somebody as Slack knows them; None where it does not say."""
        known = await self._person(user)
        return known if isinstance(known, Person) else None

    async def is_shared(self, channel: ChannelId) -> bool:
        """Whether people of another organization read along there. Raises WorkspaceError where Slack does not say."""
        try:
            return await self._channels.get(channel)
        except TimeoutError as late:
            raise WorkspaceUnavailable("TimeoutError") from late

    async def admit(self, user: UserId, deed: Deed, channel: ChannelId | None, team: str | None) -> Person:
        """Whoever may do that there.

        Args:
            user: who asks.
            deed: for what.
            channel: where; None in the Home tab and in forms, which only they see.
            team: the workspace that the payload names as theirs.

        Raises:
            Refused: they may not, or Slack does not say in time.
        """
        known, held, place = await asyncio.gather(self._person(user), self._held(user), self._shared(channel))
        person = _somebody(known, team)
        _among_us(place)
        if held.suffices(deed):
            return person
        if held.may_suffice(deed):
            raise Refused(access.silent(access.GROUPS))
        raise Refused(access.lacking(deed, held.role))

    async def check_assignee(self, user: UserId) -> None:
        """Whether a finding may be given to somebody: a full member who may triage. Raises BadArgument."""
        known, held = await asyncio.gather(self._person(user), self._held(user))
        if not isinstance(known, Person):
            raise BadArgument("assignee", "Slack does not say who that is just now; try again in a moment")
        if not known.is_member:
            raise BadArgument(
                "assignee", f"{known.membership.value} hold no findings; choose a member of this workspace"
            )
        if not held.suffices(Deed.TRIAGE):
            raise BadArgument("assignee", "they may not triage findings here; choose a responder")

    async def _person(self, user: UserId) -> Person | Silence:
        try:
            return await self._people.get(user)
        except SILENCES as silence:
            return silence

    async def _held(self, user: UserId) -> Held:
        """Groups are asked for only where they may give more than the lists of people."""
        listed = self._roster.held_by(user, {})
        wanted = () if listed.role is Role.LEAD else self._roster.groups
        found = await asyncio.gather(*(self._members(group) for group in wanted))
        return self._roster.held_by(user, dict(zip(wanted, found, strict=True)))

    async def _members(self, group: str) -> frozenset[UserId] | None:
        try:
            return await self._groups.get(group)
        except SILENCES:
            return None

    async def _shared(self, channel: ChannelId | None) -> bool | Silence:
        if channel is None:
            return False
        try:
            return await self._channels.get(channel)
        except SILENCES as silence:
            return silence


def _somebody(known: Person | Silence, team: str | None) -> Person:
    """A full member, by whose own workspace the payload was sent. Raises Refused."""
    if not isinstance(known, Person):
        raise Refused(access.silent(access.WHO))
    if not known.is_member:
        raise Refused(access.turned_away(known.membership))
    if team not in known.teams:
        raise Refused(access.turned_away(Membership.FOREIGN))
    return known


def _among_us(place: bool | Silence) -> None:
    """Raises Refused where others read along, and where nobody can say."""
    match place:
        case False:
            return
        case True:
            raise Refused(access.SHARED)
        case RouteBroken():
            raise Refused(access.UNSEEN)
        case _:
            raise Refused(access.silent(access.CHANNEL))
