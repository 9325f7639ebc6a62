"""SlackPeople: who somebody is, who is in a user group, and who reads a channel.

Sources: https://docs.slack.dev/reference/objects/user-object, .../conversation-object,
https://docs.slack.dev/reference/methods/conversations.members and .../usergroups.users.list.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.calls import ask
from bot.domain.access import OUTSIDE, Audience, Membership, Person
from bot.domain.responder import ChannelId, UserId

SLACKBOT = "USLACKBOT"  # Slack does not say of it that it is a bot
LOOKED_AT = 100  # members of a channel: each is a call, and Slack takes a hundred a minute
_AT_ONCE = 10


class SlackPeople:
    """The People port. `team` is the workspace that huntbot is installed in, `timeout_s` bounds every call.

    The client comes ready: with its token, a shared session and no retry handlers.
    """

    def __init__(self, client: AsyncWebClient, team: str, timeout_s: float = 5.0) -> None:
        self._client = client
        self._team = team
        self._timeout_s = timeout_s

    async def person(self, user: UserId) -> Person:
        found = (await self._ask("users.info", {"user": user}))["user"]
        teams = _teams(found)
        return Person(
            user=user,
            membership=_membership(found, is_ours=self._team in teams),
            teams=teams,
            name=str((found.get("profile") or {}).get("display_name") or found.get("real_name") or found["name"]),
            timezone=_zone(found.get("tz")),
        )

    async def members(self, group: str) -> frozenset[UserId]:
        answer = await self._ask("usergroups.users.list", {"usergroup": group})
        return frozenset(UserId(user) for user in answer["users"])

    async def is_shared(self, channel: ChannelId) -> bool:
        """A channel that Slack does not say it of is taken for shared; conversations of two need not say it."""
        found = (await self._ask("conversations.info", {"channel": channel}))["channel"]
        is_shared = found.get("is_ext_shared", not found.get("is_im", False))
        return bool(is_shared or found.get("is_pending_ext_shared"))

    async def audience(self, channel: ChannelId) -> Audience:
        """Who reads along there, guests looked for among the first LOOKED_AT members. Raises WorkspaceError."""
        found = (await self._ask("conversations.info", {"channel": channel}))["channel"]
        page = await self._ask("conversations.members", {"channel": channel, "limit": LOOKED_AT})
        turn = asyncio.Semaphore(_AT_ONCE)

        async def look(user: str) -> Person:
            async with turn:
                return await self.person(UserId(user))

        people = await asyncio.gather(*map(look, page["members"]))
        return Audience(
            is_public=not found.get("is_private", False),
            is_org_shared=bool(found.get("is_org_shared")),
            outside=tuple(person for person in people if person.membership in OUTSIDE),
            is_more=bool((page.get("response_metadata") or {}).get("next_cursor")),
        )

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return await ask(self._client.api_call(method, http_verb="GET", params=dict(params)), self._timeout_s)


def _membership(found: Mapping[str, Any], *, is_ours: bool) -> Membership:
    """The first that fits. Whoever Slack does not say to be a full member is none: a missing field says no."""
    if found.get("deleted"):
        return Membership.DEACTIVATED
    if found.get("is_bot") or found["id"] == SLACKBOT:
        return Membership.BOT
    if not is_ours or found.get("is_stranger"):
        return Membership.FOREIGN
    if found.get("is_restricted", True) or found.get("is_ultra_restricted", True):
        return Membership.GUEST
    return Membership.MEMBER


def _teams(found: Mapping[str, Any]) -> frozenset[str]:
    """Their workspace; in an Enterprise organization all that they are in, and the organization itself."""
    enterprise = found.get("enterprise_user") or {}
    named = (found.get("team_id"), enterprise.get("enterprise_id"), *(enterprise.get("teams") or ()))
    return frozenset(str(team) for team in named if team)


def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
