"""What a bot shows over HTTP: Slack's signed deliveries, and /healthz for whoever watches it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from app.manifest import EVENTS_PATH
from bot.errors import SettingsError

HEALTH_PATH = "/healthz"
_SHUTDOWN_S = 3.0

Health = Callable[[], Awaitable[dict[str, object]]]


@asynccontextmanager
async def listening(app: AsyncApp, health: Health, host: str, port: int) -> AsyncIterator[int]:
    """Listen until the block ends, requests under way included; gives the port.

    Raises:
        SettingsError: the address can not be had.
    """
    runner = web.AppRunner(_web_app(app, health), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await _bind(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _bind(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as fault:
        raise SettingsError((("PORT", f"{host}:{port} can not be listened on: {fault.strerror}"),)) from fault


def _web_app(app: AsyncApp, health: Health) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        found = await health()
        return web.json_response(found, status=200 if found["status"] == "ok" else 503)

    face = app.web_app(path=EVENTS_PATH)
    face.router.add_get(HEALTH_PATH, healthz)
    return face
