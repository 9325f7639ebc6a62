"""A tiny app on the other side of the local workspace: enough of every kind of reply to try the page."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.server import LocalSlack
from tests.browser.scripted_blocks import Json, about, finding, form, gallery, home, search

CSV: Final = "finding,severity,function\nF-1,critical,pay\nF-2,high,refund\n"
PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)  # one pixel


@asynccontextmanager
async def scripted_app(slack: LocalSlack) -> AsyncIterator[list[Json]]:
    """The app, connected by Socket Mode; gives the list of forms it was sent."""
    client = AsyncWebClient(slack.credentials.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, authorize=_authorize(slack), raise_error_for_unhandled_request=False)
    forms = _Forms()
    app.command("/hunt")(_hunt)
    app.action("ack")(_acknowledge)
    app.action("close")(_close)
    app.action("more")(_more)
    app.action("owner")(_owner)
    app.action("note")(_note)
    app.action("retitle")(_retitle)
    app.action("deeper")(_deeper)
    app.action("who")(_who)
    app.options("who")(_offer)
    app.options("roles")(_offer)
    app.shortcut("huntbot_triage")(_triage)
    app.shortcut("huntbot_hunt")(_search)
    app.view("search")(forms.keep)
    app.view("note")(forms.save)
    app.event("app_home_opened")(_home_opened)
    handler = AsyncSocketModeHandler(app, slack.credentials.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
    try:
        yield forms.saved
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # the same


def _authorize(slack: LocalSlack) -> Any:
    app = slack.credentials

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=slack.workspace.team.id,
            bot_id=app.bot_id,
            bot_user_id=app.bot_user_id,
            bot_token=app.bot_token,
        )

    return authorize


async def _hunt(ack: AsyncAck, command: Json, client: AsyncWebClient) -> None:
    channel = command["channel_id"]
    match command["text"]:
        case "quiet":
            return  # never acknowledged: the person should be told
        case "help":
            await ack("Try `/hunt lambda-perms`")
        case "gallery":
            await ack()
            for blocks in gallery():
                await client.chat_postMessage(channel=channel, text="everything", blocks=blocks)
        case "export":
            await ack()
            await client.files_upload_v2(
                channel=channel,
                initial_comment="The whole run",
                file_uploads=[
                    {"filename": "run.csv", "content": CSV},
                    {"filename": "run.ndjson", "content": '{"finding": "F-1"}\n'},
                    {"filename": "chart.png", "content": PNG, "alt_txt": "findings a day"},
                ],
            )
        case "hostile":
            await ack()
            text = "&lt;script&gt;alert(1)&lt;/script&gt; <javascript:alert(1)|x> &lt;!channel&gt;"
            await client.chat_postMessage(channel=channel, text=text)
        case _:
            await ack()
            posted = await client.chat_postMessage(channel=channel, text="F-1", blocks=finding("Open"))
            await client.chat_postMessage(channel=channel, thread_ts=posted["ts"], text="3 events, first seen today")


async def _acknowledge(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    blocks = finding(f"Acknowledged by <@{body['user']['id']}>:")
    await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="F-1", blocks=blocks)


async def _close(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.chat_delete(channel=body["channel"]["id"], ts=body["message"]["ts"])


async def _more(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    text = f"You chose {_chosen(body)}"
    await client.chat_postEphemeral(channel=body["channel"]["id"], user=body["user"]["id"], text=text)


async def _owner(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    text = f"Severity is now {_chosen(body)}"
    await client.chat_postMessage(channel=body["channel"]["id"], thread_ts=body["message"]["ts"], text=text)


async def _note(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=form())


async def _retitle(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.views_update(view_id=body["view"]["id"], view=form("A better title"))


async def _home_opened(event: Json, client: AsyncWebClient) -> None:
    await client.views_publish(user_id=event["user"], view=home(event["user"]))


async def _deeper(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.views_push(trigger_id=body["trigger_id"], view=about())


async def _offer(ack: AsyncAck, payload: Json) -> None:
    names = [f"role/{payload['value']}-{number}" for number in (1, 2)]
    await ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in names])


async def _who(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.chat_postMessage(channel=body["channel"]["id"], text=f"{_chosen(body)} owns it")


async def _triage(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    where, who = body["channel"]["id"], body["user"]["id"]
    await client.chat_postEphemeral(channel=where, user=who, text=f"About {body['message']['text']}")


async def _search(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=search())


def _chosen(body: Json) -> str:
    return str(body["actions"][0]["selected_option"]["value"])


class _Forms:
    """The forms that were sent; one that holds a password is sent back."""

    def __init__(self) -> None:
        self.saved: list[Json] = []

    async def keep(self, ack: AsyncAck, view: Json) -> None:
        await ack()
        self.saved.append(view["state"]["values"])

    async def save(self, ack: AsyncAck, view: Json) -> None:
        values = view["state"]["values"]
        if "password" in values["text"]["text"]["value"]:
            await ack(response_action="errors", errors={"text": "No secrets, please."})
            return
        await ack()
        self.saved.append(values)
