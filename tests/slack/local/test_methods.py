"""Web API methods that want more than the usual scopes, or change more than one message."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.model import Channel, Reaction
from local.slack.sample import AISHA, HUNTS, MAYA, QUIET, SCOPES, TOMAS, sample_app, sample_workspace
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace

WIDE = SCOPES | {
    "chat:write.public",
    "channels:join",
    "reactions:write",
    "team:read",
    "im:read",
    "im:history",
    "mpim:read",
    "mpim:write",
}
GONE = replace(TOMAS, id="U0GONE0000", name="gone", is_deleted=True)
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [{"type": "divider"}]}


@pytest.fixture
def workspace(clock: Any) -> Workspace:
    """The same people; an app that was granted more."""
    wide = sample_workspace(clock=clock, app=sample_app(scopes=WIDE))
    wide.directory.put_user(GONE)
    wide.directory.put_channel(
        Channel("C0WARROOM0", "war-room", 0, MAYA.id, (MAYA.id, wide.app.bot_user_id), is_private=True)
    )
    return wide


@pytest.fixture
async def hunts_ts(web: AsyncWebClient) -> str:
    return str((await web.chat_postMessage(channel="#security-hunts", text="F-1"))["ts"])


async def error_of(answer: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await answer
    return str(caught.value.response["error"])


async def test_reactions_come_and_go(web: AsyncWebClient, workspace: Workspace, hunts_ts: str) -> None:
    await web.reactions_add(channel=HUNTS, timestamp=hunts_ts, name="eyes")
    bot = workspace.app.bot_user_id
    assert workspace.messages.get(HUNTS, hunts_ts).reactions == (Reaction("eyes", (bot,)),)
    (shown,) = (await web.conversations_history(channel=HUNTS))["messages"]
    assert shown["reactions"] == [{"name": "eyes", "users": [bot], "count": 1}]
    again = web.reactions_add(channel=HUNTS, timestamp=hunts_ts, name="eyes")
    assert await error_of(again) == "already_reacted"
    await web.reactions_remove(channel=HUNTS, timestamp=hunts_ts, name="eyes")
    gone = web.reactions_remove(channel=HUNTS, timestamp=hunts_ts, name="eyes")
    assert await error_of(gone) == "no_reaction"
    assert workspace.messages.get(HUNTS, hunts_ts).reactions == ()


async def test_a_message_can_be_deleted_once(web: AsyncWebClient, workspace: Workspace, hunts_ts: str) -> None:
    await web.chat_delete(channel=HUNTS, ts=hunts_ts)
    assert workspace.messages_for(MAYA.id, HUNTS) == []
    assert await error_of(web.chat_delete(channel=HUNTS, ts=hunts_ts)) == "message_not_found"


async def test_a_reply_has_a_permalink_into_its_thread(web: AsyncWebClient, hunts_ts: str) -> None:
    reply = (await web.chat_postMessage(channel=HUNTS, text="note", thread_ts=hunts_ts))["ts"]
    link = (await web.chat_getPermalink(channel=HUNTS, message_ts=reply))["permalink"]
    assert link.endswith(f"?thread_ts={hunts_ts}&cid={HUNTS}")


async def test_an_edit_that_says_nothing_is_refused(web: AsyncWebClient, hunts_ts: str) -> None:
    assert await error_of(web.api_call("chat.update", json={"channel": HUNTS, "ts": hunts_ts})) == "no_text"


async def test_a_public_channel_can_be_posted_to_from_outside_and_joined(
    web: AsyncWebClient, workspace: Workspace
) -> None:
    assert (await web.chat_postMessage(channel=QUIET, text="hello from outside"))["ok"]
    assert await error_of(web.conversations_history(channel=QUIET)) == "not_in_channel"
    assert (await web.conversations_join(channel=QUIET))["channel"]["is_member"]
    assert len((await web.conversations_history(channel=QUIET))["messages"]) == 1
    refused = web.conversations_join(channel="C0WARROOM0")
    assert await error_of(refused) == "method_not_supported_for_channel_type"
    workspace.directory.leave("C0WARROOM0", workspace.app.bot_user_id)
    assert await error_of(web.conversations_info(channel="C0WARROOM0")) == "channel_not_found"


@pytest.mark.parametrize(
    ("types", "names"),
    [
        (
            "public_channel",
            {"security-hunts", "security-escalations", "general", "random", "partners-acme", "audit-2026"},
        ),
        ("private_channel", {"war-room", "incident-room"}),
        ("im", {AISHA.id}),
        ("mpim", {"mpdm-maya--tomas--huntbot-1"}),
    ],
)
async def test_channels_are_listed_by_type(web: AsyncWebClient, types: str, names: set[str]) -> None:
    await web.conversations_open(users=AISHA.id)
    await web.conversations_open(users=[MAYA.id, TOMAS.id])
    listed = (await web.conversations_list(types=types))["channels"]
    assert {channel.get("name") or channel["user"] for channel in listed} == names


async def test_several_people_are_talked_to_in_one_conversation(web: AsyncWebClient, workspace: Workspace) -> None:
    first = await web.conversations_open(users=[MAYA.id, AISHA.id])
    again = await web.conversations_open(users=[AISHA.id, MAYA.id], return_im=True)
    assert "already_open" not in first
    assert again["already_open"]
    assert (again["channel"]["id"], again["channel"]["is_mpim"]) == (first["channel"]["id"], True)
    await web.chat_postMessage(channel=first["channel"]["id"], text="the three of us")
    assert first["channel"]["id"] in [channel.id for channel in workspace.channels_of(AISHA.id)]
    assert first["channel"]["id"] not in [channel.id for channel in workspace.channels_of(TOMAS.id)]


async def test_a_post_keeps_what_it_says_of_unfurling(web: AsyncWebClient, workspace: Workspace) -> None:
    flags: list[dict[str, Any]] = [{}, {"unfurl_links": False, "unfurl_media": False}, {"unfurl_links": True}]
    sent = [(await web.chat_postMessage(channel=HUNTS, text="see", **each))["ts"] for each in flags]
    kept = [workspace.messages.get(HUNTS, ts) for ts in sent]
    assert [(m.unfurl_links, m.unfurl_media) for m in kept] == [(False, True), (False, False), (True, True)]


async def test_a_video_needs_its_own_scope(web: AsyncWebClient) -> None:
    https = "https://videos.example"
    video = {"type": "video", "title": {"type": "plain_text", "text": "v"}, "alt_text": "v"}
    block = video | {"video_url": https, "thumbnail_url": https}
    assert await error_of(web.chat_postMessage(channel=HUNTS, text="v", blocks=[block])) == "missing_scope"


async def test_the_app_can_look_itself_and_the_team_up(web: AsyncWebClient, workspace: Workspace) -> None:
    assert (await web.team_info())["team"]["domain"] == workspace.team.domain
    assert (await web.bots_info(bot=workspace.app.bot_id))["bot"]["user_id"] == workspace.app.bot_user_id
    assert await error_of(web.bots_info(bot="B0STRANGER")) == "bot_not_found"
    assert (await web.api_test(note="x"))["args"]["note"] == "x"


async def test_views_open_push_and_update_by_what_names_them(web: AsyncWebClient, workspace: Workspace) -> None:
    trigger = workspace.triggers.issue(MAYA.id)
    opened = (await web.views_open(trigger_id=trigger, view=MODAL | {"external_id": "F-1"}))["view"]
    assert (opened["type"], opened["root_view_id"], opened["team_id"]) == ("modal", opened["id"], workspace.team.id)
    assert await error_of(web.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    pushed = (await web.views_push(trigger_id=workspace.triggers.issue(MAYA.id), view=MODAL))["view"]
    assert (pushed["previous_view_id"], pushed["root_view_id"]) == (opened["id"], opened["id"])
    renamed = MODAL | {"title": {"type": "plain_text", "text": "Again"}}
    by_name = (await web.views_update(external_id="F-1", view=renamed, hash=opened["hash"]))["view"]
    assert (by_name["id"], by_name["title"]["text"]) == (opened["id"], "Again")
    stale = web.views_update(view_id=opened["id"], view=MODAL, hash=opened["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(web.api_call("views.update", json={"view": MODAL})) == "invalid_arguments"


async def test_a_home_tab_is_published_anew_from_its_version(web: AsyncWebClient, workspace: Workspace) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await web.views_publish(user_id=MAYA.id, view=home))["view"]
    second = (await web.views_publish(user_id=MAYA.id, view=home, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    assert await error_of(web.views_publish(user_id=MAYA.id, view=home, hash=first["hash"])) == "hash_conflict"
    assert await error_of(web.views_publish(user_id=workspace.app.bot_user_id, view=home)) == "not_enabled"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        (
            "chat.postMessage",
            {"channel": HUNTS, "metadata": {"event_type": "x", "event_payload": {"k": "v" * 16_001}}, "text": "x"},
            "metadata_too_large",
        ),
        (
            "chat.postMessage",
            {"channel": HUNTS, "blocks": [{"type": "markdown", "text": "x" * 6001}] * 2},
            "msg_blocks_too_long",
        ),
        ("chat.postEphemeral", {"channel": HUNTS, "user": MAYA.id, "text": "x" * 40_001}, "msg_too_long"),
        ("conversations.history", {"channel": HUNTS, "oldest": "yesterday"}, "invalid_arguments"),
        ("conversations.list", {"cursor": "bmV4dF90czox"}, "invalid_cursor"),
        ("conversations.list", {"cursor": "b2Zmc2V0Ong="}, "invalid_cursor"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"channel": HUNTS}, "method_not_supported_for_channel_type"),
        ("conversations.open", {"users": "U0NOBODY00"}, "user_not_found"),
        ("conversations.open", {"users": [f"U{n}" for n in range(9)]}, "too_many_users"),
        ("conversations.open", {"users": [MAYA.id, GONE.id]}, "user_disabled"),
        ("views.open", {"trigger_id": "x", "view": "{"}, "invalid_trigger_id"),
    ],
)
async def test_what_cannot_be_done_is_named(
    web: AsyncWebClient, method: str, arguments: dict[str, Any], error: str
) -> None:
    assert await error_of(web.api_call(method, json=arguments)) == error


async def test_nobody_is_served_under_a_port_that_is_taken(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    port = int(slack.host.split(":")[1])
    with pytest.raises(OSError, match="address already in use"):
        await LocalSlack(slack.workspace, port=port).start()
    async with http.get(f"{slack.api_url}api.test") as response:
        assert response.status == 200
