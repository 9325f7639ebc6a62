"""What people type and see: commands, mentions, private lines, reading rights."""

from dataclasses import replace
from typing import Any

import pytest

from local.slack.content import Content
from local.slack.errors import NoSuchElementError, SlackError
from local.slack.model import Channel, Json, MessageDeleted, MessagePosted, Notified, Outcome, Ping
from local.slack.sample import AISHA, BOT, HUNTS, MAYA, ON_CALL, QUIET, TOMAS, sample_app, sample_workspace
from local.slack.workspace import Workspace


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def section(kind: str, text: str) -> Json:
    return {"type": "section", "text": {"type": kind, "text": text}}


EVERYBODY = {MAYA.id, TOMAS.id, AISHA.id}


@pytest.mark.parametrize(
    ("text", "block", "pinged"),
    [
        (f"<@{MAYA.id}> look", None, {MAYA.id}),
        (f"<@{MAYA.id}|maya> look", None, {MAYA.id}),
        (f"<!subteam^{ON_CALL.id}> look", None, {MAYA.id, AISHA.id}),
        ("<!here> look", None, EVERYBODY),
        ("<!channel|@channel> look", None, EVERYBODY),
        ("<!everyone> look", None, EVERYBODY),
        ("x", section("mrkdwn", f"`<@{AISHA.id}>`"), {AISHA.id}),
        ("x", {"type": "markdown", "text": "<!here>"}, EVERYBODY),
        ("x", rich({"type": "user", "user_id": TOMAS.id}), {TOMAS.id}),
        ("x", rich({"type": "usergroup", "usergroup_id": ON_CALL.id}), {MAYA.id, AISHA.id}),
        ("x", rich({"type": "broadcast", "range": "channel"}), EVERYBODY),
        ("x", {"type": "table", "rows": [[rich({"type": "user", "user_id": TOMAS.id})]]}, {TOMAS.id}),
        # what pings nobody
        ("&lt;!channel&gt; &lt;@U01MAYA001&gt;", None, set()),
        ("@here @maya <!date^1^{date}|x> <https://x.y|<!here>", None, EVERYBODY),
        ("@here @maya @on-call", None, set()),
        ("<!unknown> <@nobody> <!subteam^S0NOBODY00>", None, set()),
        ("x", section("plain_text", "<!channel>"), set()),
        ("x", section("mrkdwn", "&lt;!channel&gt;"), set()),
        ("x", rich({"type": "text", "text": f"<@{MAYA.id}> <!channel>"}), set()),
        ("x", {"type": "table", "rows": [[{"type": "raw_text", "text": "<!channel>"}]]}, set()),
    ],
)
def test_only_slacks_own_tokens_ping(workspace: Workspace, text: str, block: Json | None, pinged: set[str]) -> None:
    workspace.messages.post(HUNTS, BOT.id, Content(text, (block,) if block else ()))
    assert {notified.user for notified in workspace.messages.notifications} == pinged


async def test_a_ping_reaches_members_only_and_never_its_author(workspace: Workspace) -> None:
    workspace.directory.leave(HUNTS, TOMAS.id)
    message = await workspace.say(MAYA.id, HUNTS, f"@tomas @here @channel-ops <@{AISHA.id}>")
    assert message.text == f"<@{TOMAS.id}> <!here> @channel-ops &lt;<@{AISHA.id}>&gt;".replace(
        f"<@{AISHA.id}>", f"@{AISHA.id}"
    )
    assert workspace.messages.notifications == [Notified(AISHA.id, HUNTS, message.ts, Ping.HERE)]
    assert workspace.notifications_of(MAYA.id) == []


def test_neither_edits_nor_private_lines_ping(workspace: Workspace) -> None:
    posted = workspace.messages.post(HUNTS, BOT.id, Content("quiet", ()))
    workspace.messages.change(posted, Content("<!channel>", ()))
    workspace.messages.post(HUNTS, BOT.id, Content("<!channel>", ()), ephemeral_to=MAYA.id)
    assert workspace.messages.notifications == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("lambda-perms since:24h", "lambda-perms since:24h"),
        ("assign @maya", f"assign <@{MAYA.id}|maya>"),
        ("in #security-hunts", f"in <#{HUNTS}|security-hunts>"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("see https://x.y/?a=1", "see <https://x.y/?a=1>"),
        ("mail maya@example.org @nobody", "mail maya@example.org @nobody"),
    ],
)
async def test_command_text_arrives_as_slack_escapes_it(
    workspace: Workspace, scripted: Any, typed: str, sent: str
) -> None:
    await workspace.run_command(MAYA.id, HUNTS, "/hunt", typed)
    assert scripted.payload["text"] == sent


async def test_a_command_carries_what_slack_sends(workspace: Workspace, scripted: Any) -> None:
    await workspace.run_command(MAYA.id, HUNTS, "/hunt", "list")
    sent = scripted.payload
    assert sent.pop("response_url").startswith(f"{workspace.base_url}/actions/")
    assert workspace.triggers.exchange(sent.pop("trigger_id")) == MAYA.id
    assert sent == {
        "token": workspace.app.verification_token,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": HUNTS,
        "channel_name": "security-hunts",
        "user_id": MAYA.id,
        "user_name": "maya",
        "command": "/hunt",
        "text": "list",
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
    }


@pytest.mark.parametrize(
    ("answer", "is_seen_by_all"),
    [({"text": "hi"}, False), ({"text": "hi", "response_type": "in_channel"}, True)],
)
async def test_a_direct_answer_is_private_unless_it_says_otherwise(
    workspace: Workspace, scripted: Any, answer: Json, is_seen_by_all: bool
) -> None:
    scripted.answers.append(answer)
    seen = await workspace.run_command(MAYA.id, QUIET, "/hunt")
    assert seen.message is not None
    assert seen.message in workspace.messages_for(MAYA.id, QUIET)
    assert (seen.message in workspace.messages_for(AISHA.id, QUIET)) is is_seen_by_all


@pytest.mark.parametrize(
    ("command", "thread_ts", "answer", "error"),
    [
        ("/dance", None, {}, "invalid_command"),
        ("/hunt", "1.000001", {}, "not_supported_in_threads"),
        ("/hunt", None, {"blocks": [{"type": "sparkle"}]}, "invalid_blocks"),
    ],
)
async def test_a_command_slack_cannot_run_says_so(
    workspace: Workspace, scripted: Any, command: str, thread_ts: str | None, answer: Json, error: str
) -> None:
    scripted.answers.append(answer)
    seen = await workspace.run_command(MAYA.id, HUNTS, command, thread_ts=thread_ts)
    assert (seen.outcome, seen.error) == (Outcome.FAILED, error)
    assert seen.notice.startswith(command)


async def test_a_private_line_is_its_readers_alone(workspace: Workspace, scripted: Any) -> None:
    aishas = workspace.subscribe(AISHA.id)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    content = Content("psst", ({"type": "actions", "block_id": "b", "elements": [button]},))
    line = workspace.messages.post(HUNTS, BOT.id, content, ephemeral_to=MAYA.id)
    with pytest.raises(SlackError, match="message_not_found"):
        await workspace.press(AISHA.id, HUNTS, line.ts, "go")
    await workspace.press(MAYA.id, HUNTS, line.ts, "go")
    assert scripted.payload["container"]["is_ephemeral"] is True
    assert "message" not in scripted.payload
    with pytest.raises(NoSuchElementError):
        workspace.dismiss(AISHA.id, HUNTS, line.ts)
    workspace.dismiss(MAYA.id, HUNTS, line.ts)
    assert workspace.messages_for(MAYA.id, HUNTS) == []
    await workspace.close()
    assert [change async for change in aishas] == []


async def test_a_pressed_button_quotes_its_message(workspace: Workspace, scripted: Any) -> None:
    button = {"type": "button", "action_id": "go", "value": "F-1", "text": {"type": "plain_text", "text": "Go"}}
    content = Content("F-1", ({"type": "actions", "block_id": "b", "elements": [button]},))
    posted = workspace.messages.post(HUNTS, BOT.id, content)
    await workspace.press(MAYA.id, HUNTS, posted.ts, "go")
    sent = scripted.payload
    action_ts = sent["actions"][0].pop("action_ts")
    assert sent["actions"] == [{"block_id": "b", **button}]
    assert float(action_ts) > float(posted.ts)
    assert (sent["message"]["ts"], sent["message"]["bot_id"]) == (posted.ts, workspace.app.bot_id)
    assert sent["channel"] == {"id": HUNTS, "name": "security-hunts"}
    assert sent["state"] == {"values": {}}
    assert (sent["is_enterprise_install"], sent["enterprise"]) == (False, None)


async def test_a_private_channel_does_not_exist_for_others(workspace: Workspace) -> None:
    workspace.directory.put_channel(Channel("C0PRIVATE0", "war-room", 0, MAYA.id, (MAYA.id,), is_private=True))
    aishas, mayas = workspace.subscribe(AISHA.id), workspace.subscribe(MAYA.id)
    message = await workspace.say(MAYA.id, "C0PRIVATE0", "here")
    workspace.messages.delete(message)
    assert "war-room" in [channel.name for channel in workspace.channels_of(MAYA.id)]
    assert "war-room" not in [channel.name for channel in workspace.channels_of(AISHA.id)]
    with pytest.raises(SlackError, match="channel_not_found"):
        workspace.messages_for(AISHA.id, "C0PRIVATE0")
    await workspace.close()
    assert [change async for change in aishas] == []
    gone = MessageDeleted("C0PRIVATE0", message.ts)
    assert [change async for change in mayas] == [MessagePosted(message), gone]


async def test_a_thread_reads_from_its_parent(workspace: Workspace) -> None:
    parent = await workspace.say(MAYA.id, HUNTS, "parent")
    reply = await workspace.say(AISHA.id, HUNTS, "reply", parent.ts)
    assert workspace.thread_for(TOMAS.id, HUNTS, parent.ts) == [parent, reply]
    assert workspace.messages_for(TOMAS.id, HUNTS) == [parent]
    with pytest.raises(SlackError, match="thread_not_found"):
        await workspace.say(MAYA.id, HUNTS, "nested", reply.ts)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("hello", ["message"]),
        ("@huntbot hello", ["message", "app_mention"]),
    ],
)
async def test_the_app_hears_the_messages_it_subscribed_to(clock: Any, said: str, heard: list[str]) -> None:
    events = frozenset({"message.channels", "app_mention"})
    workspace = sample_workspace(clock=clock, app=sample_app(bot_events=events))
    delivered: list[Json] = []

    class Listening:
        async def deliver(self, envelope: Any) -> Json:
            delivered.append(envelope.payload["event"])
            return {}

    workspace.delivery = Listening()
    message = await workspace.say(MAYA.id, HUNTS, said)
    assert [event["type"] for event in delivered] == heard
    assert {event["text"] for event in delivered} == {message.text}


def test_timestamps_only_grow(workspace: Workspace, clock: Any) -> None:
    first = workspace.mint.ts()
    clock.advance(-60)
    assert float(workspace.mint.ts()) > float(first)


def test_a_disabled_group_pings_nobody(workspace: Workspace) -> None:
    workspace.directory.put_usergroup(replace(ON_CALL, is_enabled=False))
    workspace.messages.post(HUNTS, BOT.id, Content(f"<!subteam^{ON_CALL.id}>", ()))
    assert workspace.messages.notifications == []
