"""What SlackPeople makes of Slack's people, groups and channels, over the real client and a real socket."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import SlackPeople
from bot.domain.access import Membership
from bot.domain.responder import ChannelId, UserId
from bot.errors import OutcomeUnknown, RateLimited, RouteBroken, TokenRefused, WorkspaceError
from local.slack.faults import Answer, DelayAnswer, DropAnswer, Fault, rate_limited, refusal, server_error
from local.slack.model import User
from local.slack.sample import (
    AISHA,
    AUDIT,
    AUDITOR,
    BOT,
    CONTRACTOR,
    GUEST,
    HUNTS,
    LEADS,
    MAYA,
    ON_CALL,
    PARTNERS,
    QUIET,
    TEAM,
    TOMAS,
    WAR_ROOM,
)
from local.slack.server import LocalSlack

PERSON: dict[str, Any] = {
    "id": MAYA.id,
    "team_id": TEAM.id,
    "name": "maya",
    "deleted": False,
    "tz": "Europe/Berlin",
    "profile": {"display_name": "maya"},
    "is_restricted": False,
    "is_ultra_restricted": False,
    "is_bot": False,
}
GRID = {"enterprise_id": "E1ORG", "teams": ["T0OTHER", TEAM.id]}


@pytest.fixture
def people(client: AsyncWebClient) -> SlackPeople:
    return SlackPeople(client, TEAM.id, timeout_s=1.0)


@pytest.mark.parametrize(
    ("user", "membership"),
    [
        (MAYA, Membership.MEMBER),
        (TOMAS, Membership.MEMBER),
        (AUDITOR, Membership.GUEST),
        (CONTRACTOR, Membership.GUEST),
        (GUEST, Membership.FOREIGN),
        (BOT, Membership.BOT),
        (replace(AISHA, is_deleted=True), Membership.DEACTIVATED),
    ],
    ids=lambda case: case.name,
)
async def test_each_kind_of_person_is_told_apart(
    local: LocalSlack, people: SlackPeople, user: User, membership: Membership
) -> None:
    local.workspace.directory.put_user(user)

    found = await people.person(UserId(user.id))

    assert (found.membership, found.teams, found.name) == (membership, frozenset({user.team_id}), user.name)
    assert found.timezone == ZoneInfo(user.tz)


@pytest.mark.parametrize(
    ("said", "membership"),
    [
        ({}, Membership.MEMBER),
        # Slack Connect: Slack need not call somebody a stranger whom a shared channel made known.
        ({"team_id": "T0OTHER", "is_stranger": False}, Membership.FOREIGN),
        ({"is_stranger": True}, Membership.FOREIGN),
        # Enterprise: home is another workspace of the organization, and ours is one of theirs too, or is not.
        ({"team_id": "T0OTHER", "enterprise_user": GRID}, Membership.MEMBER),
        ({"team_id": "E1ORG", "enterprise_user": GRID}, Membership.MEMBER),
        ({"team_id": "T0OTHER", "enterprise_user": GRID | {"teams": ["T0OTHER"]}}, Membership.FOREIGN),
        ({"team_id": "T0OTHER", "enterprise_user": GRID, "is_restricted": True}, Membership.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Membership.GUEST),
        ({"deleted": True, "is_restricted": True}, Membership.DEACTIVATED),
        ({"id": "USLACKBOT"}, Membership.BOT),
        ({"team_id": None}, Membership.FOREIGN),
    ],
    ids=str,
)
async def test_whoever_slack_does_not_call_a_full_member_of_ours_is_none(
    local: LocalSlack, people: SlackPeople, said: dict[str, Any], membership: Membership
) -> None:
    local.workspace.faults.add("users.info", answer(user=PERSON | said))

    assert (await people.person(UserId(MAYA.id))).membership is membership


async def test_a_person_without_the_fields_of_a_member_is_a_guest(local: LocalSlack, people: SlackPeople) -> None:
    bare = {name: said for name, said in PERSON.items() if not name.startswith("is_")}
    local.workspace.faults.add("users.info", answer(user=bare))

    assert (await people.person(UserId(MAYA.id))).membership is Membership.GUEST


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus_Mons", "../etc/passwd", "/etc/localtime"])
async def test_a_zone_that_is_none_is_left_out(local: LocalSlack, people: SlackPeople, zone: str | None) -> None:
    local.workspace.faults.add("users.info", answer(user=PERSON | {"tz": zone}))

    assert (await people.person(UserId(MAYA.id))).timezone is None


async def test_teams_are_all_that_a_payload_may_name(local: LocalSlack, people: SlackPeople) -> None:
    local.workspace.faults.add("users.info", answer(user=PERSON | {"team_id": "T0OTHER", "enterprise_user": GRID}))

    assert (await people.person(UserId(MAYA.id))).teams == {"T0OTHER", "E1ORG", TEAM.id}


async def test_a_group_has_its_members_and_a_disabled_one_has_none(local: LocalSlack, people: SlackPeople) -> None:
    local.workspace.directory.put_usergroup(replace(LEADS, is_enabled=False))

    assert await people.members(ON_CALL.id) == frozenset({UserId(MAYA.id), UserId(AISHA.id)})
    assert await people.members(LEADS.id) == frozenset()


@pytest.mark.parametrize(
    ("channel", "is_shared"),
    [(HUNTS, False), (QUIET, False), (WAR_ROOM, False), (AUDIT, False), (PARTNERS, True)],
)
async def test_channels_shared_with_another_organization_are_known(
    people: SlackPeople, channel: str, *, is_shared: bool
) -> None:
    assert await people.is_shared(ChannelId(channel)) is is_shared


async def test_a_persons_own_conversation_with_the_bot_is_theirs(local: LocalSlack, people: SlackPeople) -> None:
    own = local.workspace.directory.direct_message(MAYA.id)

    assert not await people.is_shared(ChannelId(own.id))


@pytest.mark.parametrize(
    ("channel", "is_shared"),
    [
        ({"is_ext_shared": False, "is_pending_ext_shared": True}, True),
        ({"is_ext_shared": False, "is_org_shared": True, "is_shared": True}, False),
        ({"is_im": True}, False),
        ({"is_im": True, "is_ext_shared": True}, True),
        ({"is_mpim": True}, True),
        ({}, True),
    ],
    ids=str,
)
async def test_a_channel_that_slack_does_not_say_it_of_is_taken_for_shared(
    local: LocalSlack, people: SlackPeople, channel: dict[str, Any], *, is_shared: bool
) -> None:
    local.workspace.faults.add("conversations.info", answer(channel={"id": HUNTS} | channel))

    assert await people.is_shared(ChannelId(HUNTS)) is is_shared


@pytest.mark.parametrize(
    ("channel", "is_public", "outside"),
    [
        (HUNTS, True, set()),
        (AUDIT, True, {AUDITOR.id, CONTRACTOR.id}),
        (PARTNERS, True, {CONTRACTOR.id, GUEST.id}),
        (WAR_ROOM, False, set()),
    ],
)
async def test_whoever_reads_a_channel_without_belonging_to_the_workspace_is_known(
    people: SlackPeople, channel: str, outside: set[str], *, is_public: bool
) -> None:
    audience = await people.audience(ChannelId(channel))

    assert {person.user for person in audience.outside} == outside
    assert (audience.is_public, audience.is_org_shared, audience.is_more) == (is_public, False, False)


async def test_of_a_large_channel_the_first_members_are_looked_at(local: LocalSlack, people: SlackPeople) -> None:
    some = answer(members=[MAYA.id, AUDITOR.id], response_metadata={"next_cursor": "more"})
    local.workspace.faults.add("conversations.members", some)
    local.workspace.faults.add("conversations.info", answer(channel={"id": HUNTS, "is_org_shared": True}))

    audience = await people.audience(ChannelId(HUNTS))

    assert [person.user for person in audience.outside] == [AUDITOR.id]
    assert (audience.is_org_shared, audience.is_more) == (True, True)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal("user_not_found"), RouteBroken("user_not_found")),
        (refusal("user_not_visible"), RouteBroken("user_not_visible")),
        (refusal("missing_scope"), RouteBroken("missing_scope")),
        (refusal("plan_upgrade_required"), RouteBroken("plan_upgrade_required")),
        (refusal("no_such_subteam"), RouteBroken("no_such_subteam")),
        (refusal("token_revoked"), TokenRefused("token_revoked")),
        (rate_limited(30), RateLimited("ratelimited", 30.0)),
        (server_error(), OutcomeUnknown("http_500")),
        (DropAnswer(), OutcomeUnknown("ServerDisconnectedError")),
        (DelayAnswer(1.5), OutcomeUnknown("TimeoutError")),
    ],
    ids=str,
)
async def test_what_slack_does_not_say_is_an_error(
    local: LocalSlack, people: SlackPeople, fault: Fault, error: WorkspaceError
) -> None:
    for method in ("users.info", "usergroups.users.list", "conversations.info"):
        local.workspace.faults.switch_on(method, fault)  # a question that was dropped is asked again by aiohttp

    questions: Sequence[Callable[[], Awaitable[object]]] = (
        lambda: people.person(UserId(MAYA.id)),
        lambda: people.members(LEADS.id),
        lambda: people.is_shared(ChannelId(HUNTS)),
    )
    for asked in questions:
        with pytest.raises(WorkspaceError) as raised:
            await asked()
        assert (type(raised.value), raised.value) == (type(error), error)


async def test_somebody_unknown_and_an_unknown_group_are_no_member_and_no_members(people: SlackPeople) -> None:
    with pytest.raises(RouteBroken):
        await people.person(UserId("U0NOBODY"))
    with pytest.raises(RouteBroken):
        await people.members("S0NOGROUP")
    with pytest.raises(RouteBroken):
        await people.is_shared(ChannelId("C0NOWHERE"))


def answer(**body: Any) -> Answer:
    return Answer(200, json.dumps({"ok": True, **body}))
