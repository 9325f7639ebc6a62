"""What a bot shows over HTTP: Slack's signed deliveries, /healthz and /metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from app.intake import Intake
from app.manifest import EVENTS_PATH
from app.metrics import CONTENT_TYPE_LATEST
from bot.errors import SettingsError

HEALTH_PATH = "/healthz"
METRICS_PATH = "/metrics"
_SHUTDOWN_S = 1.0

Health = Callable[[], Awaitable[dict[str, object]]]
Metrics = Callable[[], Awaitable[bytes]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def slack_face(app: AsyncApp, intake: Intake) -> web.Application:
    """Slack's deliveries; once the intake is closed they are answered 503, so that Slack sends them again."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != EVENTS_PATH:
            return await handler(request)
        with intake.taking() as is_taken:
            if is_taken:
                return await handler(request)
        return web.Response(status=503, text="stopping", headers={"Retry-After": "1", "Connection": "close"})

    face = app.web_app(path=EVENTS_PATH)
    face.middlewares.append(counted)
    return face


def show_health(face: web.Application, health: Health) -> None:
    """503 where the bot fails or stops: nothing is to be sent there."""

    async def healthz(_: web.Request) -> web.Response:
        found = await health()
        return web.json_response(found, status=200 if found["status"] == "ok" else 503)

    face.router.add_get(HEALTH_PATH, healthz)


def show_metrics(face: web.Application, metrics: Metrics) -> None:
    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    face.router.add_get(METRICS_PATH, numbers)


@asynccontextmanager
async def listening(face: web.Application, setting: str, host: str, port: int) -> AsyncIterator[int]:
    """Listen until the block ends; gives the port. `setting` names the port.

    Raises:
        SettingsError: the address can not be had.
    """
    runner = web.AppRunner(face, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await _bind(runner, setting, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _bind(runner: web.AppRunner, setting: str, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as fault:
        raise SettingsError(((setting, f"{host}:{port} can not be listened on: {fault.strerror}"),)) from fault
