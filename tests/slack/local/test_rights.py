"""Who sees what: members, guests of one channel and of several, people of another workspace."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.errors import SlackError
from local.slack.faults import refusal
from local.slack.model import MessagePosted, User
from local.slack.sample import (
    AISHA,
    AUDIT,
    AUDITOR,
    BOT,
    CONTRACTOR,
    GENERAL,
    GUEST,
    HUNTS,
    LEADS,
    MAYA,
    PARTNERS,
    QUIET,
    RESPONDERS,
    TOMAS,
    WAR_ROOM,
    sample_app,
    sample_workspace,
)
from local.slack.workspace import Workspace
from tests.slack.local.conftest import ScriptedApp


def rooms(workspace: Workspace, user: User) -> set[str]:
    return {channel.id for channel in workspace.channels_of(user.id) if not channel.is_im}


@pytest.mark.parametrize(
    ("user", "has", "lacks"),
    [
        (MAYA, {HUNTS, QUIET, PARTNERS, AUDIT, WAR_ROOM}, set()),
        (TOMAS, {HUNTS, QUIET, PARTNERS, AUDIT}, {WAR_ROOM}),
        (AUDITOR, {AUDIT}, {HUNTS, GENERAL, PARTNERS}),
        (CONTRACTOR, {AUDIT, PARTNERS}, {HUNTS, GENERAL}),
        (GUEST, {PARTNERS}, {HUNTS, GENERAL, AUDIT}),
    ],
    ids=lambda value: value.name if isinstance(value, User) else None,
)
async def test_each_sees_the_channels_they_may(
    workspace: Workspace, user: User, has: set[str], lacks: set[str]
) -> None:
    assert has <= rooms(workspace, user)
    assert not lacks & rooms(workspace, user)
    for channel in lacks:
        with pytest.raises(SlackError, match="channel_not_found"):
            workspace.messages_for(user.id, channel)


async def test_a_guest_hears_nothing_of_a_public_channel(workspace: Workspace) -> None:
    heard = workspace.subscribe(AUDITOR.id)
    await workspace.say(MAYA.id, HUNTS, "not for guests")
    await workspace.say(MAYA.id, AUDIT, "for everybody here")
    change = await anext(heard)
    assert isinstance(change, MessagePosted)
    assert change.message.text == "for everybody here"


@pytest.mark.parametrize(
    ("user", "known"),
    [
        (AUDITOR, {MAYA, TOMAS, AISHA, CONTRACTOR, AUDITOR, BOT}),
        (GUEST, {MAYA, TOMAS, AISHA, CONTRACTOR, GUEST, BOT}),
    ],
    ids=["guest", "stranger"],
)
def test_guests_know_those_they_share_a_channel_with(workspace: Workspace, user: User, known: set[User]) -> None:
    assert set(workspace.people_known_to(user.id)) == known
    assert len(workspace.people_known_to(MAYA.id)) == 7


@pytest.mark.parametrize(
    ("user", "restricted", "single", "stranger", "is_own_team"),
    [
        (MAYA, False, False, False, True),
        (AUDITOR, True, True, False, True),
        (CONTRACTOR, True, False, False, True),
        (GUEST, False, False, True, False),
    ],
    ids=["admin", "single-channel guest", "multi-channel guest", "stranger"],
)
async def test_an_app_can_tell_them_apart(
    web: AsyncWebClient,
    workspace: Workspace,
    user: User,
    restricted: bool,
    single: bool,
    stranger: bool,
    is_own_team: bool,
) -> None:
    told = (await web.users_info(user=user.id))["user"]
    flags = (told["is_restricted"], told["is_ultra_restricted"], told["is_stranger"])
    assert flags == (restricted, single, stranger)
    assert (told["team_id"] == workspace.team.id) is is_own_team
    assert told["profile"]["team"] == told["team_id"]
    assert (told["tz"], told["profile"]["title"]) == (user.tz, user.title)


async def test_an_app_can_tell_channels_apart(web: AsyncWebClient) -> None:
    told = [(await web.conversations_info(channel=each))["channel"] for each in (HUNTS, PARTNERS, WAR_ROOM)]
    assert [channel["is_ext_shared"] for channel in told] == [False, True, False]
    assert [channel["is_shared"] for channel in told] == [False, True, False]
    assert [channel["is_private"] for channel in told] == [False, False, True]


async def test_members_come_in_pages(web: AsyncWebClient) -> None:
    first = await web.conversations_members(channel=PARTNERS, limit=4)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await web.conversations_members(channel=PARTNERS, limit=4, cursor=cursor)
    assert [*first["members"], *rest["members"]] == [MAYA.id, TOMAS.id, AISHA.id, BOT.id, CONTRACTOR.id, GUEST.id]
    assert rest["response_metadata"]["next_cursor"] == ""


async def test_a_plan_without_user_groups_says_so_until_it_is_upgraded(
    web: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.faults.switch_on("usergroups.users.list", refusal("plan_upgrade_required"))
    for _ in range(2):
        with pytest.raises(SlackApiError, match="plan_upgrade_required"):
            await web.usergroups_users_list(usergroup=LEADS.id)
    workspace.faults.switch_off("usergroups.users.list")
    assert (await web.usergroups_users_list(usergroup=LEADS.id))["users"] == [MAYA.id]
    assert (await web.usergroups_users_list(usergroup=RESPONDERS.id))["users"] == [MAYA.id, TOMAS.id, AISHA.id]


async def test_an_event_says_whether_its_channel_is_shared(clock: Any) -> None:
    app = sample_app(bot_events=frozenset({"message.channels"}))
    workspace, heard = sample_workspace(clock=clock, app=app), ScriptedApp()
    workspace.delivery = heard
    for channel in (HUNTS, PARTNERS):
        await workspace.say(MAYA.id, channel, "hello")
    assert [envelope.payload["is_ext_shared_channel"] for envelope in heard.heard] == [False, True]
