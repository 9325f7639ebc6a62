"""One Socket Mode connection, and what was heard on it.

The SDK's client pings, and reconnects when pongs stay away, when the socket closes and when Slack says `disconnect`.
It takes no notice of a peer that answers pings and sends nothing else, nor of a new socket on which no `hello` comes.
Source: slack_sdk/socket_mode/aiohttp (3.48), https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from app.intake import Intake

CLOSE_TIMEOUT_S = 2.0  # the SDK waits ten seconds for a peer that does not answer

Seconds = Callable[[], float]


class Connection:
    """`heard_at` is when the last envelope came (`hello` and `disconnect` are some, pongs are none)."""

    def __init__(self, app: AsyncApp, app_token: str, intake: Intake, monotonic: Seconds) -> None:
        self._handler = _Counted(app, app_token, intake)
        self._monotonic = monotonic
        self._greeted_on: object = None
        self._greeted = asyncio.Event()
        self.is_doubted = False
        self.heard_at = monotonic()
        self._client.on_message_listeners.append(self._hear)

    async def open(self, within_s: float) -> None:
        """Connect and hear Slack's `hello`. Raises TimeoutError; the SDK by itself would try for ever."""
        async with asyncio.timeout(within_s):
            await self._handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
            await self._greeted.wait()

    async def is_up(self) -> bool:
        """Whether Slack greeted on the socket that is open now, and nobody doubts that it still speaks."""
        is_greeted = self._greeted_on is not None and self._greeted_on is self._client.current_session
        return is_greeted and not self.is_doubted and await self._client.is_connected()

    async def close(self) -> None:
        """Say goodbye; a peer that does not answer is left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._handler.close_async()  # type: ignore[no-untyped-call] # the same
        for task in (
            self._client.message_processor,
            self._client.current_session_monitor,
            self._client.message_receiver,
        ):
            if task is not None:
                task.cancel()  # after a goodbye that took too long they would go on for ever
        await self._client.aiohttp_client_session.close()

    @property
    def _client(self) -> SocketModeClient:
        return self._handler.client

    async def _hear(self, message: WSMessage) -> None:
        self.heard_at = self._monotonic()
        self.is_doubted = False
        if self._greeted_on is not self._client.current_session and _is_hello(message.data):
            self._greeted_on = self._client.current_session
            self._greeted.set()


class _Counted(AsyncSocketModeHandler):
    """A request counts until its acknowledgement went out; one that may not be taken is left for another process."""

    def __init__(self, app: AsyncApp, app_token: str, intake: Intake) -> None:
        super().__init__(app, app_token)
        self._intake = intake

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override] # as Bolt's own
        with self._intake.taking() as is_taken:
            if is_taken:
                await super().handle(client, req)


def _is_hello(text: str) -> bool:
    try:
        return bool(json.loads(text).get("type") == "hello")
    except (ValueError, AttributeError):
        return False
