"""What reaches the app from outside a socket: signed HTTP and response URLs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web as aiohttp_web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from local.slack.delivery import Envelope
from local.slack.delivery_http import SignedHttp, signature
from local.slack.errors import UndeliveredError
from local.slack.model import Outcome
from local.slack.sample import AISHA, HUNTS, MAYA
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace

Serve = Callable[[aiohttp_web.Application], Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves an application on a free port of loopback and gives its address."""
    runners = []

    async def start(app: aiohttp_web.Application) -> str:
        runner = aiohttp_web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await aiohttp_web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def sender(workspace: Workspace, url: str, ack_timeout_s: float = 3.0) -> SignedHttp:
    return SignedHttp(workspace.app, url, workspace.mint.clock, ack_timeout_s)


def command(workspace: Workspace) -> Envelope:
    user, channel = workspace.user(MAYA.id), workspace.channel(HUNTS)
    return Envelope("e1", "slash_commands", workspace.payloads.slash_command(user, channel, "/hunt", "a & b"))


async def test_bolt_takes_commands_actions_and_events_over_signed_http(
    bolt: AsyncApp, serve: Serve, workspace: Workspace
) -> None:
    heard: list[str] = []
    is_opened = asyncio.Event()

    @bolt.command("/hunt")
    async def hunt(ack: Any, body: dict[str, Any]) -> None:
        heard.append(f"command {body['text']}")
        await ack("On it.")

    @bolt.shortcut("hunt_now")
    async def shortcut(ack: Any) -> None:
        heard.append("shortcut")
        await ack()

    @bolt.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        heard.append(f"event {event['user']}")
        is_opened.set()

    url = await serve(bolt.web_app("/slack/events"))
    http = sender(workspace, f"{url}/slack/events")
    workspace.delivery = http
    try:
        assert await http.verify("a challenge")
        seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt", "list")
        assert seen.message is not None
        assert seen.message.text == "On it."
        assert (await workspace.shortcut(MAYA.id, "hunt_now")).outcome is Outcome.ACCEPTED
        assert (await workspace.open_home(AISHA.id)).outcome is Outcome.ACCEPTED
        async with asyncio.timeout(3):
            await is_opened.wait()  # Bolt acknowledges an event before its listener runs
    finally:
        await http.close()
    assert heard == ["command list", "shortcut", f"event {AISHA.id}"]


@pytest.mark.parametrize(
    ("skew_s", "signed_with", "error"),
    [
        (0, "local-workspace-signing-secret", None),
        (-301, "local-workspace-signing-secret", "dispatch_unknown_error"),
        (0, "a forger's guess", "dispatch_unknown_error"),
    ],
)
async def test_bolt_believes_only_fresh_and_true_signatures(
    bolt: AsyncApp,
    serve: Serve,
    workspace: Workspace,
    clock: Any,
    skew_s: int,
    signed_with: str,
    error: str | None,
) -> None:
    @bolt.command("/hunt")
    async def hunt(ack: Any) -> None:
        await ack()

    url = await serve(bolt.web_app("/slack/events"))
    app = replace(workspace.app, signing_secret=signed_with)
    http = SignedHttp(app, f"{url}/slack/events", lambda: clock() + skew_s, ack_timeout_s=3.0)
    outcome = None
    try:
        await http.deliver(command(workspace))
    except UndeliveredError as refused:
        outcome = refused.code
    finally:
        await http.close()
    assert outcome == error


async def test_a_repetition_says_so_in_its_headers(serve: Serve, workspace: Workspace) -> None:
    seen: list[Any] = []

    async def hear(request: aiohttp_web.Request) -> aiohttp_web.Response:
        seen.append((dict(request.headers), await request.text()))
        return aiohttp_web.json_response({"text": "ok"})

    app = aiohttp_web.Application()
    app.router.add_post("/", hear)
    http = sender(workspace, await serve(app))
    event = Envelope("e1", "events_api", {"type": "event_callback"}).again(2, "http_timeout")
    assert await http.deliver(event) == {"text": "ok"}
    await http.close()
    ((headers, body),) = seen
    assert (headers["X-Slack-Retry-Num"], headers["X-Slack-Retry-Reason"]) == ("2", "http_timeout")
    timestamp = headers["X-Slack-Request-Timestamp"]
    assert headers["X-Slack-Signature"] == signature(workspace.app.signing_secret, timestamp, body)


def test_the_signature_is_the_one_slacks_sdk_expects() -> None:
    body, timestamp = "command=%2Fhunt&text=caf%C3%A9", "1795000000"
    verifier = SignatureVerifier("a secret")
    assert signature("a secret", timestamp, body) == verifier.generate_signature(timestamp=timestamp, body=body)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("slow", "operation_timeout"),
        ("broken", "dispatch_unknown_error"),
        ("garbled", "dispatch_unknown_error"),
        ("nobody", "dispatch_failed"),
    ],
)
async def test_an_app_that_fails_over_http_is_told_to_the_person(
    serve: Serve, workspace: Workspace, answer: str, error: str
) -> None:
    async def fail(_request: aiohttp_web.Request) -> aiohttp_web.Response:
        if answer == "slow":
            await asyncio.sleep(1)
        if answer == "garbled":
            return aiohttp_web.Response(text="{", content_type="application/json")
        return aiohttp_web.Response(status=500)

    app = aiohttp_web.Application()
    app.router.add_post("/", fail)
    url = await serve(app)
    http = sender(workspace, "http://127.0.0.1:9" if answer == "nobody" else url, 0.1 if answer == "slow" else 3.0)
    workspace.delivery = http
    seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt")
    await http.close()
    assert (seen.outcome, seen.error) == (Outcome.FAILED, error)


async def test_serving_with_a_request_url_delivers_by_http(
    serve: Serve, workspace: Workspace, bolt: AsyncApp
) -> None:
    @bolt.command("/hunt")
    async def hunt(ack: Any) -> None:
        await ack("over HTTP")

    url = await serve(bolt.web_app("/slack/events"))
    async with LocalSlack(workspace, request_url=f"{url}/slack/events"):
        seen = await workspace.run_command(MAYA.id, HUNTS, "/hunt")
    assert seen.message is not None
    assert seen.message.text == "over HTTP"


# --- response URLs ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("slack")
async def test_a_response_url_works_five_times(workspace: Workspace, http: aiohttp.ClientSession) -> None:
    hook = AsyncWebhookClient(workspace.response_urls.issue(HUNTS, MAYA.id), session=http)
    statuses = [(await hook.send(text=str(n))).status_code for n in range(6)]
    assert statuses == [200] * 5 + [404]
    lines = workspace.messages_for(MAYA.id, HUNTS)
    assert [(line.text, line.ephemeral_to) for line in lines] == [(str(n), MAYA.id) for n in range(5)]


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(("waited_s", "status"), [(1799, 200), (1801, 404)])
async def test_a_response_url_lives_half_an_hour(
    workspace: Workspace, http: aiohttp.ClientSession, clock: Any, waited_s: int, status: int
) -> None:
    url = workspace.response_urls.issue(HUNTS, MAYA.id)
    clock.advance(waited_s)
    assert (await AsyncWebhookClient(url, session=http).send(text="late")).status_code == status


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"text": "new"}, ["old", "new"]),
        ({"text": "new", "replace_original": True}, ["new"]),
        ({"delete_original": True}, []),
        ({"text": "new", "response_type": "in_channel"}, ["old", "new"]),
    ],
)
async def test_a_response_can_replace_or_delete_the_message_it_came_from(
    workspace: Workspace, http: aiohttp.ClientSession, web: AsyncWebClient, body: dict[str, Any], texts: list[str]
) -> None:
    ts = (await web.chat_postMessage(channel=HUNTS, text="old"))["ts"]
    url = workspace.response_urls.issue(HUNTS, MAYA.id, ts)
    assert (await AsyncWebhookClient(url, session=http).send_dict(body)).body == "ok"
    assert [message.text for message in workspace.messages_for(MAYA.id, HUNTS)] == texts
    is_public = body.get("response_type") == "in_channel"
    assert ("new" in [m.text for m in workspace.messages_for(AISHA.id, HUNTS)]) is (
        is_public or "replace_original" in body
    )


@pytest.mark.usefixtures("slack")
async def test_a_slash_commands_response_replaces_nothing(workspace: Workspace, http: aiohttp.ClientSession) -> None:
    hook = AsyncWebhookClient(workspace.response_urls.issue(HUNTS, MAYA.id), session=http)
    await hook.send(text="one")
    await hook.send(text="two", replace_original=True)
    await hook.send(delete_original=True)
    assert [message.text for message in workspace.messages_for(MAYA.id, HUNTS)] == ["one", "two"]


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(
    ("body", "error"),
    [("{", "invalid_payload"), ("[]", "invalid_payload"), ("{}", "no_text"), ('{"blocks":[{}]}', "invalid_blocks")],
)
async def test_a_response_slack_cannot_read_is_refused(
    workspace: Workspace, http: aiohttp.ClientSession, body: str, error: str
) -> None:
    async with http.post(workspace.response_urls.issue(HUNTS, MAYA.id), data=body) as response:
        assert (response.status, (await response.json())["error"]) == (400, error)
