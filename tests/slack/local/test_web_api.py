"""The Web API as the official client and other clients meet it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.faults import (
    NOT_JSON,
    Delay,
    DelayAnswer,
    DropAnswer,
    DropRequest,
    rate_limited,
    refusal,
    server_error,
)
from local.slack.model import Channel
from local.slack.sample import AISHA, ESCALATIONS, GENERAL, HUNTS, MAYA, ON_CALL, QUIET, sample_app, sample_workspace
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
METADATA = {"event_type": "hunt_finding", "event_payload": {"finding": "F-1"}}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Finding"},
    "blocks": [SECTION],
}


async def refused(web: AsyncWebClient, method: str, **arguments: Any) -> Mapping[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await web.api_call(method, json=arguments)
    body: Mapping[str, Any] = caught.value.response.data
    return body


async def test_the_app_learns_who_it_is(web: AsyncWebClient, workspace: Workspace) -> None:
    answer = await web.auth_test()
    assert answer["user_id"] == workspace.app.bot_user_id
    assert answer["team_id"] == workspace.team.id
    assert answer["bot_id"] == workspace.app.bot_id
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    assert [call.method for call in workspace.calls] == ["auth.test"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("no.such", {}, "unknown_method"),
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0NOWHERE0", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": QUIET, "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0ARCHIVE0", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0PRIVATE0", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": HUNTS}, "no_text"),
        ("chat.postMessage", {"channel": HUNTS, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ("chat.postMessage", {"channel": HUNTS, "blocks": "not json"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": HUNTS, "blocks": [{"type": "sparkle"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": HUNTS, "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ("chat.update", {"channel": HUNTS, "ts": "1.000001", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": HUNTS, "ts": "1.000001"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": HUNTS, "text": "x", "user": "U0NOBODY00"}, "user_not_found"),
        ("chat.postEphemeral", {"channel": GENERAL, "text": "x", "user": "U0HERMIT00"}, "user_not_in_channel"),
        ("conversations.info", {"channel": "C0NOWHERE0"}, "channel_not_found"),
        ("conversations.history", {"channel": QUIET}, "not_in_channel"),
        ("conversations.history", {"channel": HUNTS, "limit": -1}, "invalid_limit"),
        ("conversations.history", {"channel": HUNTS, "cursor": "nonsense"}, "invalid_cursor"),
        ("conversations.replies", {"channel": HUNTS, "ts": "1.000001"}, "thread_not_found"),
        ("conversations.list", {"types": "carrier_pigeon"}, "invalid_types"),
        ("users.info", {"user": "U0NOBODY00"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NOBODY00"}, "no_such_subteam"),
        ("views.open", {"trigger_id": "1.2.made-up", "view": MODAL}, "invalid_trigger_id"),
        ("views.update", {"view_id": "V0NOTHING0", "view": MODAL}, "not_found"),
        ("views.publish", {"user_id": MAYA.id, "view": MODAL}, "invalid_arguments"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
        ("reactions.add", {"channel": HUNTS, "timestamp": "1.000001", "name": "eyes"}, "missing_scope"),
        ("api.test", {"error": "my_error"}, "my_error"),
    ],
)
async def test_a_refusal_says_why_in_slacks_words(
    web: AsyncWebClient, workspace: Workspace, method: str, arguments: dict[str, Any], error: str
) -> None:
    directory = workspace.directory
    directory.put_user(replace(MAYA, id="U0HERMIT00", name="hermit"))
    directory.put_channel(Channel("C0ARCHIVE0", "old", 0, MAYA.id, (workspace.app.bot_user_id,), is_archived=True))
    directory.put_channel(Channel("C0PRIVATE0", "secret", 0, MAYA.id, (MAYA.id,), is_private=True))
    assert (await refused(web, method, **arguments))["error"] == error
    assert workspace.calls[-1].error == error


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-stolen", "invalid_auth")])
async def test_a_call_needs_the_bots_token(
    slack: LocalSlack, http: aiohttp.ClientSession, token: str, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.post(f"{slack.api_url}users.list", headers=headers) as response:
        assert (await response.json())["error"] == error


async def test_a_missing_scope_is_named(clock: Any, http: aiohttp.ClientSession) -> None:
    poor = sample_workspace(clock=clock, app=sample_app(scopes=frozenset({"commands", "chat:write"})))
    async with LocalSlack(poor) as slack:
        client = AsyncWebClient(slack.credentials.bot_token, base_url=slack.api_url, session=http)
        body = await refused(client, "users.list")
    assert (body["error"], body["needed"], body["provided"]) == ("missing_scope", "users:read", "chat:write,commands")


@pytest.mark.parametrize(
    "request_of",
    [
        pytest.param({"json": {"channel": HUNTS, "text": "hi", "blocks": [SECTION]}}, id="JSON"),
        pytest.param({"data": {"channel": HUNTS, "text": "hi", "blocks": json.dumps([SECTION])}}, id="form"),
        pytest.param({"params": {"channel": HUNTS, "text": "hi", "blocks": json.dumps([SECTION])}}, id="query"),
    ],
)
async def test_arguments_come_in_every_shape(
    slack: LocalSlack, http: aiohttp.ClientSession, workspace: Workspace, request_of: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {slack.credentials.bot_token}"}
    async with http.post(f"{slack.api_url}chat.postMessage", headers=headers, **request_of) as response:
        body = await response.json()
    assert body["ok"], body
    (message,) = workspace.messages_for(MAYA.id, HUNTS)
    assert (message.text, message.blocks[0]["text"]) == ("hi", SECTION["text"])


@pytest.mark.parametrize(("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_broken_body_is_refused(
    slack: LocalSlack, http: aiohttp.ClientSession, body: str, error: str
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.credentials.bot_token}"}
    async with http.post(f"{slack.api_url}chat.postMessage", headers=headers, data=body) as response:
        assert (await response.json())["error"] == error


async def test_an_update_keeps_what_it_leaves_out(web: AsyncWebClient, workspace: Workspace) -> None:
    posted = await web.chat_postMessage(channel=HUNTS, text="one", blocks=[SECTION], metadata=METADATA)
    await web.chat_update(channel=HUNTS, ts=posted["ts"], text="two")
    kept = workspace.messages.get(HUNTS, posted["ts"])
    assert (kept.text, len(kept.blocks), kept.metadata is not None) == ("two", 1, True)
    assert kept.edited is not None
    await web.chat_update(channel=HUNTS, ts=posted["ts"], text="three", blocks=[], metadata={})
    bare = workspace.messages.get(HUNTS, posted["ts"])
    assert (bare.text, bare.blocks, bare.metadata) == ("three", (), None)


async def test_only_the_bots_own_lasting_messages_can_be_changed(web: AsyncWebClient, workspace: Workspace) -> None:
    mayas = await workspace.say(MAYA.id, HUNTS, "mine")
    line = await web.chat_postEphemeral(channel=HUNTS, user=MAYA.id, text="psst")
    update = {"channel": HUNTS, "text": "x"}
    assert (await refused(web, "chat.update", ts=mayas.ts, **update))["error"] == "cant_update_message"
    assert (await refused(web, "chat.delete", ts=mayas.ts, channel=HUNTS))["error"] == "cant_delete_message"
    assert (await refused(web, "chat.update", ts=line["message_ts"], **update))["error"] == "message_not_found"


async def test_long_text_is_cut_in_a_post_and_refused_in_an_edit(web: AsyncWebClient, workspace: Workspace) -> None:
    posted = await web.chat_postMessage(channel=HUNTS, text="x" * 40_001)
    assert len(workspace.messages.get(HUNTS, posted["ts"]).text) == 40_000
    body = await refused(web, "chat.update", channel=HUNTS, ts=posted["ts"], text="x" * 4_001)
    assert body["error"] == "msg_too_long"


async def test_legal_blocks_can_be_too_long_together(web: AsyncWebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2750}}] * 4
    assert (await web.chat_postMessage(channel=HUNTS, text="fits", blocks=blocks))["ok"]
    blocks = [*blocks, SECTION]
    assert (await refused(web, "chat.postMessage", channel=HUNTS, blocks=blocks))["error"] == "msg_blocks_too_long"


async def test_invalid_blocks_name_pointer_and_reason(web: AsyncWebClient) -> None:
    blocks = [SECTION, {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    body = await refused(web, "chat.postMessage", channel=HUNTS, blocks=blocks)
    assert body["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]"
    ]


async def test_metadata_payloads_are_stripped_unless_asked_for(web: AsyncWebClient) -> None:
    parent = await web.chat_postMessage(channel=HUNTS, text="parent", metadata=METADATA)
    await web.chat_postMessage(channel=HUNTS, text="reply", thread_ts=parent["ts"], metadata=METADATA)
    stripped = {"event_type": "hunt_finding", "event_payload": {}}
    for wanted, expected in ((False, stripped), (True, METADATA)):
        history = await web.conversations_history(channel=HUNTS, include_all_metadata=wanted)
        thread = await web.conversations_replies(channel=HUNTS, ts=parent["ts"], include_all_metadata=wanted)
        assert [message["metadata"] for message in history["messages"]] == [expected]
        assert [message["metadata"] for message in thread["messages"]] == [expected] * 2


async def test_history_is_newest_first_in_stable_pages(web: AsyncWebClient, workspace: Workspace) -> None:
    workspace.limits.is_enabled = False
    sent = [(await web.chat_postMessage(channel=HUNTS, text=str(n)))["ts"] for n in range(5)]
    first = await web.conversations_history(channel=HUNTS, limit=2)
    await web.chat_postMessage(channel=HUNTS, text="meanwhile")
    cursor = first["response_metadata"]["next_cursor"]
    rest = await web.conversations_history(channel=HUNTS, limit=3, cursor=cursor)
    assert [m["text"] for m in [*first["messages"], *rest["messages"]]] == ["4", "3", "2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    between = await web.conversations_history(channel=HUNTS, oldest=sent[1], latest=sent[3])
    assert [m["text"] for m in between["messages"]] == ["2"]
    around = await web.conversations_history(channel=HUNTS, oldest=sent[1], latest=sent[3], inclusive=True)
    assert [m["text"] for m in around["messages"]] == ["3", "2", "1"]


async def test_replies_stay_in_their_thread_unless_broadcast(web: AsyncWebClient) -> None:
    parent = (await web.chat_postMessage(channel=HUNTS, text="parent"))["ts"]
    await web.chat_postMessage(channel=HUNTS, text="inside", thread_ts=parent)
    await web.chat_postMessage(channel=HUNTS, text="aloud", thread_ts=parent, reply_broadcast=True)
    history = (await web.conversations_history(channel=HUNTS))["messages"]
    assert [message["text"] for message in history] == ["aloud", "parent"]
    assert history[1]["reply_count"] == 2
    thread = (await web.conversations_replies(channel=HUNTS, ts=parent))["messages"]
    assert [message["text"] for message in thread] == ["parent", "inside", "aloud"]


async def test_a_channel_far_down_the_list_is_found_page_by_page(web: AsyncWebClient, workspace: Workspace) -> None:
    for number in range(30):
        workspace.directory.put_channel(Channel(f"C0MANY{number:04d}", f"many-{number}", 0, MAYA.id))
    names, cursor = [], ""
    while True:
        page = await web.conversations_list(limit=4, cursor=cursor, exclude_archived=True)
        names += [channel["name"] for channel in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert names[-1] == "many-29"
    assert len(names) == len(set(names)) == 36


async def test_who_is_here(web: AsyncWebClient, workspace: Workspace) -> None:
    maya = (await web.users_info(user=MAYA.id))["user"]
    assert (maya["real_name"], maya["tz"], maya["is_bot"]) == ("Maya Chen", "America/Los_Angeles", False)
    assert len((await web.users_list())["members"]) == 7
    assert (await web.usergroups_users_list(usergroup=ON_CALL.id))["users"] == [MAYA.id, AISHA.id]
    group, *others = (await web.usergroups_list(include_users=True))["usergroups"]
    assert (group["handle"], group["users"]) == ("on-call", [MAYA.id, AISHA.id])
    assert [other["handle"] for other in others] == ["responders", "leads"]
    members = (await web.conversations_members(channel=ESCALATIONS))["members"]
    assert workspace.app.bot_user_id in members
    joined = (await web.users_conversations())["channels"]
    assert "random" not in [channel["name"] for channel in joined]
    about = (await web.conversations_info(channel=QUIET))["channel"]
    assert (about["is_member"], about["is_ext_shared"]) == (False, False)


async def test_a_direct_message_opens_once(web: AsyncWebClient, workspace: Workspace) -> None:
    first = (await web.conversations_open(users=MAYA.id))["channel"]["id"]
    assert (await web.conversations_open(users=[MAYA.id]))["channel"]["id"] == first
    await web.chat_postMessage(channel=MAYA.id, text="between us")
    assert [message.text for message in workspace.messages_for(MAYA.id, first)] == ["between us"]


async def test_a_permalink_leads_to_this_workspace(web: AsyncWebClient, slack: LocalSlack) -> None:
    ts = (await web.chat_postMessage(channel=HUNTS, text="x"))["ts"]
    link = (await web.chat_getPermalink(channel=HUNTS, message_ts=ts))["permalink"]
    assert link == f"{slack.page_url}archives/{HUNTS}/p{ts.replace('.', '')}"
    assert web.session is not None
    looking = {"Referer": f"{slack.page_url}?user={AISHA.id}&channel={ESCALATIONS}"}
    async with web.session.get(link, headers=looking, allow_redirects=False) as response:
        assert response.headers["Location"] == f"/?user={AISHA.id}&channel={HUNTS}&thread={ts}#{ts}"


async def test_blocks_validate_reports_each_fault(web: AsyncWebClient) -> None:
    assert (await web.blocks_validate(blocks=[SECTION]))["ok"]
    body = await refused(web, "blocks.validate", blocks=[{"type": "header"}])
    assert body["error"] == "invalid_blocks"
    assert body["errors"] == [
        {
            "pointer": "/0",
            "code": "missing_required_field",
            "message": "missing required field: text",
            "field": "text",
        }
    ]
    assert (await refused(web, "blocks.validate", view=MODAL | {"title": "x"}))["error"] == "invalid_view"
    assert (await refused(web, "blocks.validate", message={"blocks": [{}]}))["error"] == "invalid_message"
    assert (await refused(web, "blocks.validate"))["error"] == "invalid_arguments"


async def test_a_channel_takes_a_message_a_second_after_a_short_burst(
    web: AsyncWebClient, workspace: Workspace, clock: Any
) -> None:
    burst = workspace.limits.post_burst
    for _ in range(burst):
        await web.chat_postMessage(channel=HUNTS, text="x")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=HUNTS, text="x")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["Retry-After"] == "1"
    assert (await web.chat_postMessage(channel=ESCALATIONS, text="x"))["ok"]  # another channel, another bucket
    clock.advance(1)
    assert (await web.chat_postMessage(channel=HUNTS, text="x"))["ok"]
    assert len(workspace.messages_for(MAYA.id, HUNTS)) == burst + 1


async def test_a_method_has_its_tiers_calls_a_minute(web: AsyncWebClient, clock: Any) -> None:
    for _ in range(20):
        await web.usergroups_list()
    with pytest.raises(SlackApiError) as caught:
        await web.usergroups_list()
    assert caught.value.response.status_code == 429
    clock.advance(3)  # a twentieth of a minute
    assert (await web.usergroups_list())["ok"]


@pytest.mark.parametrize("body", ["", "slow down", '{"ok":false,"error":"ratelimited"}'])
async def test_a_scripted_429_has_the_body_it_was_given(
    slack: LocalSlack, http: aiohttp.ClientSession, workspace: Workspace, body: str
) -> None:
    workspace.faults.add("auth.test", rate_limited(30, body))
    async with http.post(f"{slack.api_url}auth.test") as response:
        assert (response.status, response.headers["Retry-After"], await response.text()) == (429, "30", body)
    async with http.post(f"{slack.api_url}auth.test") as response:
        assert (await response.json())["error"] == "not_authed"  # a fault strikes once


@pytest.mark.parametrize(
    ("fault", "is_answered", "is_done"),
    [
        (DropRequest(), False, False),
        (DropAnswer(), False, True),
        (Delay(0.01), True, True),
        (DelayAnswer(0.01), True, True),
        (server_error(503), False, False),
        (NOT_JSON, False, False),
        (refusal("token_expired"), False, False),
    ],
)
async def test_a_fault_decides_what_is_done_and_what_is_answered(
    web: AsyncWebClient, workspace: Workspace, fault: Any, is_answered: bool, is_done: bool
) -> None:
    workspace.faults.add("chat.postMessage", fault)
    try:
        answered = bool((await web.chat_postMessage(channel=HUNTS, text="x"))["ok"])
    except (SlackApiError, aiohttp.ClientError):
        answered = False
    assert answered is is_answered
    assert len(workspace.messages_for(MAYA.id, HUNTS)) == is_done


async def test_scripted_faults_come_in_order_and_can_be_called_off(web: AsyncWebClient, workspace: Workspace) -> None:
    workspace.faults.add(
        "auth.test", refusal("fatal_error"), refusal("internal_error"), refusal("service_unavailable")
    )
    assert (await refused(web, "auth.test"))["error"] == "fatal_error"
    assert (await refused(web, "auth.test"))["error"] == "internal_error"
    workspace.faults.clear()
    assert (await web.auth_test())["ok"]


@pytest.mark.parametrize(
    "headers", [{"Host": "rebound.example:80"}, {"Origin": "https://rebound.example"}, {"Origin": "null"}]
)
async def test_only_our_own_address_is_answered(
    slack: LocalSlack, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.post(f"{slack.api_url}api.test", headers=headers) as response:
        assert response.status == 403
    async with http.post(f"{slack.api_url}api.test", headers={"Origin": slack.page_url.rstrip("/")}) as response:
        assert response.status == 200
