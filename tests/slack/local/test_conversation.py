"""An unchanged Bolt app in the local workspace: command, post, button, modal, update."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.model import MessageChanged, MessagePosted, Outcome, ViewOpened
from local.slack.sample import AISHA, HUNTS, MAYA, QUIET
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace

Connect = Callable[[AsyncApp, int], Awaitable[None]]

FINDING: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*F-1* may be invoked by anyone"}},
    {
        "type": "actions",
        "block_id": "triage",
        "elements": [
            {
                "type": "button",
                "action_id": "resolve",
                "value": "F-1",
                "text": {"type": "plain_text", "text": "Resolve"},
            },
            {
                "type": "overflow",
                "action_id": "more",
                "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}],
            },
        ],
    },
]
NOTE_FORM = {
    "type": "modal",
    "callback_id": "note",
    "title": {"type": "plain_text", "text": "Resolve F-1"},
    "submit": {"type": "plain_text", "text": "Resolve"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def triage_bot(bolt: AsyncApp) -> list[dict[str, Any]]:
    """A small bot of the shape ours has; what it heard is in the list it gives back."""
    heard: list[dict[str, Any]] = []

    @bolt.command("/hunt")
    async def hunt(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack("On it.")
        heard.append(body)
        await client.chat_postMessage(channel=body["channel_id"], text="F-1", blocks=FINDING)

    @bolt.action("resolve")
    async def resolve(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        heard.append(body)
        form = NOTE_FORM | {"private_metadata": body["container"]["message_ts"]}
        await client.views_open(trigger_id=body["trigger_id"], view=form)

    @bolt.action("more")
    async def more(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        heard.append(body)
        await respond(text="Snoozed", replace_original=False)

    @bolt.view("note")
    async def note(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        why = body["view"]["state"]["values"]["why"]["text"]["value"]
        if why == "?":
            await ack(response_action="errors", errors={"why": "Say a little more"})
            return
        await ack()
        heard.append(body)
        ts = body["view"]["private_metadata"]
        text = f"F-1 resolved: {why}"
        await client.chat_update(channel=HUNTS, ts=ts, text=text, blocks=[])

    return heard


def acknowledging_bot(bolt: AsyncApp) -> list[dict[str, Any]]:
    """A bot that hears commands and does no more."""
    heard: list[dict[str, Any]] = []

    @bolt.command("/hunt")
    async def hunt(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        heard.append(body)

    return heard


async def changes_until(changes: Any, kind: type) -> Any:
    async with asyncio.timeout(5):
        async for change in changes:
            if isinstance(change, kind):
                return change
    raise AssertionError(f"the feed ended without {kind.__name__}")


async def test_a_finding_goes_from_command_to_resolution(
    bolt: AsyncApp, connect: Connect, workspace: Workspace
) -> None:
    heard = triage_bot(bolt)
    await connect(bolt, 2)
    changes = workspace.subscribe(AISHA.id)

    seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt", "lambda-perms")
    assert seen.outcome is Outcome.ACCEPTED
    assert seen.message is not None
    assert (seen.message.text, seen.message.ephemeral_to) == ("On it.", MAYA.id)

    posted = (await changes_until(changes, MessagePosted)).message  # Aisha did not see the ephemeral line
    assert posted.text == "F-1"

    mayas = workspace.subscribe(MAYA.id)
    assert (await workspace.press(MAYA.id, HUNTS, posted.ts, "resolve")).outcome is Outcome.ACCEPTED
    modal = (await changes_until(mayas, ViewOpened)).view
    assert workspace.modals_of(MAYA.id) == (modal,)

    refused = await workspace.submit_view(MAYA.id, modal.id, {"why": {"text": "?"}})
    assert (refused.outcome, refused.errors) == (Outcome.ERRORS, {"why": "Say a little more"})
    accepted = await workspace.submit_view(MAYA.id, modal.id, {"why": {"text": "our own test"}})
    assert accepted.outcome is Outcome.CLOSED
    assert workspace.modals_of(MAYA.id) == ()

    changed = (await changes_until(changes, MessageChanged)).message
    assert (changed.text, changed.blocks, changed.ts) == ("F-1 resolved: our own test", (), posted.ts)
    assert [body.get("type", "slash") for body in heard] == ["slash", "block_actions", "view_submission"]


async def test_an_overflow_choice_carries_its_option_and_a_response_url(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, web: AsyncWebClient
) -> None:
    heard = triage_bot(bolt)
    await connect(bolt, 1)
    ts = (await web.chat_postMessage(channel=HUNTS, text="F-1", blocks=FINDING))["ts"]
    mayas = workspace.subscribe(MAYA.id)

    await workspace.press(MAYA.id, HUNTS, ts, "more", "triage", "snooze")
    line = (await changes_until(mayas, MessagePosted)).message

    (action,) = heard[0]["actions"]
    assert action["selected_option"]["value"] == "snooze"
    assert heard[0]["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": HUNTS,
        "is_ephemeral": False,
    }
    assert (line.text, line.ephemeral_to) == ("Snoozed", MAYA.id)
    assert "Snoozed" not in [message.text for message in workspace.messages_for(AISHA.id, HUNTS)]


async def test_commands_alternate_between_connections(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    acknowledging_bot(bolt)
    await connect(bolt, 2)
    assert slack.sockets.connection_count == 2
    seen = [await workspace.run_command(MAYA.id, QUIET, "/hunt") for _ in range(4)]
    assert {one.outcome for one in seen} == {Outcome.ACCEPTED}


async def test_nobody_connected_is_told_to_the_person(workspace: Workspace, slack: LocalSlack) -> None:
    assert slack.sockets.connection_count == 0
    seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt")
    assert (seen.outcome, seen.error) == (Outcome.FAILED, "dispatch_failed")
    assert seen.notice == "/hunt failed: huntbot is not connected (dispatch_failed)"


async def test_a_listener_that_never_acknowledges_times_out(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    @bolt.command("/hunt")
    async def silent() -> None:
        return

    await connect(bolt, 1)
    slack.sockets.ack_timeout_s = 0.1
    seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt")
    assert (seen.outcome, seen.error) == (Outcome.FAILED, "operation_timeout")
    assert "huntbot did not respond in time" in seen.notice
    assert len(slack.sockets.unacknowledged) == 1


async def test_a_muted_connection_looks_alive_and_carries_nothing(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    heard = acknowledging_bot(bolt)
    await connect(bolt, 1)
    slack.sockets.is_muted = True
    slack.sockets.ack_timeout_s = 0.1
    assert (await workspace.run_command(MAYA.id, QUIET, "/hunt")).error == "operation_timeout"
    assert (slack.sockets.connection_count, heard) == (1, [])
    slack.sockets.is_muted = False
    slack.sockets.ack_timeout_s = 3
    assert (await workspace.run_command(MAYA.id, QUIET, "/hunt")).outcome is Outcome.ACCEPTED


async def test_two_connections_lose_no_command_over_refreshes(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    acknowledging_bot(bolt)
    await connect(bolt, 2)
    outcomes: list[Outcome] = []

    async def keep_typing() -> None:
        while True:
            outcomes.append((await workspace.run_command(MAYA.id, QUIET, "/hunt")).outcome)

    typing = asyncio.create_task(keep_typing())
    while len(outcomes) < 20:
        await slack.refresh_connections()
        await asyncio.sleep(0.02)
    typing.cancel()
    await asyncio.gather(typing, return_exceptions=True)
    assert set(outcomes) == {Outcome.ACCEPTED}


async def test_a_client_comes_back_after_its_connection_was_cut(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    acknowledging_bot(bolt)
    await connect(bolt, 1)
    slack.sockets.abort_connections()
    assert (await workspace.run_command(MAYA.id, QUIET, "/hunt")).error == "dispatch_failed"
    await slack.sockets.wait_for_connections(1)
    assert (await workspace.run_command(MAYA.id, QUIET, "/hunt")).outcome is Outcome.ACCEPTED


async def test_an_envelope_can_be_delivered_twice(bolt: AsyncApp, connect: Connect, workspace: Workspace) -> None:
    heard = acknowledging_bot(bolt)
    await connect(bolt, 1)
    await workspace.run_command(MAYA.id, QUIET, "/hunt")
    await workspace.redeliver(workspace.envelopes[-1])
    first, second = heard
    assert first["trigger_id"] == second["trigger_id"]


async def test_an_unacknowledged_event_is_sent_again_with_its_attempt(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack
) -> None:
    attempts: list[tuple[str, str]] = []
    done = asyncio.Event()

    @bolt.middleware
    async def slow_at_first(req: Any, next: Any) -> Any:  # noqa: A002 - Bolt passes arguments by these names
        attempts.append((req.headers.get("x-slack-retry-num", ["0"])[0], req.body["event_id"]))
        if len(attempts) == 1:
            await asyncio.sleep(0.3)
        return await next()

    @bolt.event("app_home_opened")
    async def opened() -> None:
        if len(attempts) > 1:
            done.set()

    await connect(bolt, 1)
    slack.sockets.ack_timeout_s = 0.1
    seen = await workspace.open_home(MAYA.id)
    assert seen.error == "operation_timeout"
    async with asyncio.timeout(3):
        await done.wait()
    (first, event_id), (second, same_id) = attempts[:2]
    assert (first, second, event_id) == ("0", "1", same_id)


async def test_the_workspace_outlives_its_server(
    bolt: AsyncApp, connect: Connect, workspace: Workspace, slack: LocalSlack, web: AsyncWebClient
) -> None:
    acknowledging_bot(bolt)
    await connect(bolt, 1)
    await web.chat_postMessage(channel=HUNTS, text="before")
    await slack.stop()
    async with LocalSlack(workspace, port=int(slack.host.split(":")[1])) as again:
        await again.sockets.wait_for_connections(1)
        assert (await workspace.run_command(MAYA.id, QUIET, "/hunt")).outcome is Outcome.ACCEPTED
        history = await web.conversations_history(channel=HUNTS)
    assert [message["text"] for message in history["messages"]] == ["before"]


async def test_an_eleventh_connection_is_sent_away(
    workspace: Workspace, slack: LocalSlack, web: AsyncWebClient
) -> None:
    assert web.session is not None
    app_token = slack.credentials.app_token
    opened = []
    for _ in range(11):
        url = (await web.apps_connections_open(app_token=app_token))["url"]
        socket = await web.session.ws_connect(url)
        opened.append((socket, await socket.receive_json()))
    assert [frame["type"] for _, frame in opened] == ["hello"] * 10 + ["disconnect"]
    assert opened[-1][1]["reason"] == "too_many_websockets"
    for socket, _ in opened:
        await socket.close()
    assert workspace.delivery is slack.sockets


@pytest.mark.parametrize(("wait_s", "status"), [(0, 101), (31, 403)])
async def test_a_ticket_opens_one_connection_for_half_a_minute(
    slack: LocalSlack, web: AsyncWebClient, clock: Any, wait_s: float, status: int
) -> None:
    assert web.session is not None
    url = (await web.apps_connections_open(app_token=slack.credentials.app_token))["url"]
    clock.advance(wait_s)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    first = await web.session.get(url.replace("ws://", "http://"), headers=upgrade)
    assert first.status == status
    again = await web.session.get(url.replace("ws://", "http://"), headers=upgrade)
    assert again.status == 403
    first.close()
    again.close()
