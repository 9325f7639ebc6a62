"""The workspace on a loopback port: Web API, Socket Mode, response URLs, and whatever pages are hung in."""

from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

from aiohttp import web

from local.slack import permalinks
from local.slack.delivery_http import SignedHttp
from local.slack.file_routes import FileRoutes
from local.slack.model import App
from local.slack.responses import ResponseEndpoint
from local.slack.socket_mode import SocketMode, socket_url
from local.slack.web_api import WebApi
from local.slack.workspace import Workspace

ACK_TIMEOUT_S = 3.0
"""Source: https://docs.slack.dev/interactivity/handling-user-interaction (acknowledgment response)."""

_LOOPBACK = "127.0.0.1"
_SHUTDOWN_S = 1.0
_BODY_LIMIT = 4 * 1024 * 1024

Routes = Callable[[web.Application], None]


class LocalSlack:
    """``async with LocalSlack(workspace) as slack``: serves while inside.

    Args:
        workspace: what is served; on leaving, its live feeds end.
        port: 0 takes a free one. Only 127.0.0.1 is ever bound.
        request_url: payloads go there by signed HTTP; without it, over Socket Mode.
        routes: each gets the application before it starts, to add pages of its own.
        ack_timeout_s: how long Slack waits for an acknowledgement.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        port: int = 0,
        request_url: str | None = None,
        routes: Iterable[Routes] = (),
        ack_timeout_s: float = ACK_TIMEOUT_S,
    ) -> None:
        self.workspace = workspace
        self.sockets = SocketMode(workspace.app, workspace.mint, ack_timeout_s)
        self.http = (
            SignedHttp(workspace.app, request_url, workspace.mint.clock, ack_timeout_s) if request_url else None
        )
        self._port = port
        self._routes = tuple(routes)
        self._runner: web.AppRunner | None = None

    @property
    def credentials(self) -> App:
        """Bot token, app token and signing secret of the installed app."""
        return self.workspace.app

    @property
    def host(self) -> str:
        """``127.0.0.1:PORT``."""
        return f"{_LOOPBACK}:{self._port}"

    @property
    def api_url(self) -> str:
        """The ``base_url`` for Slack's SDKs."""
        return f"http://{self.host}/api/"

    @property
    def page_url(self) -> str:
        return f"http://{self.host}/"

    async def refresh_connections(self) -> None:
        await self.sockets.refresh_connections()

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        app = web.Application(middlewares=[self._only_from_here], client_max_size=_BODY_LIMIT)
        WebApi(self.workspace, lambda: socket_url(self.host, self.credentials, self.sockets.ticket)).register(app)
        ResponseEndpoint(self.workspace).register(app)
        FileRoutes(self.workspace).register(app)
        self.sockets.register(app)
        permalinks.register(app)
        for add_routes in self._routes:
            add_routes(app)
        self._runner = await self._listen(app)
        self._port = self._runner.addresses[0][1]
        self.workspace.base_url = f"http://{self.host}"
        self.workspace.delivery = self.http or self.sockets

    async def stop(self) -> None:
        await self.workspace.close()
        await self.sockets.close()
        if self.http is not None:
            await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _listen(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, _LOOPBACK, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        return runner

    @web.middleware
    async def _only_from_here(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuses names that were rebound to loopback, and pages of other origins."""
        ours = {self.host, f"localhost:{self._port}"}
        origin = request.headers.get("Origin")
        if request.host not in ours or (origin is not None and origin.removeprefix("http://") not in ours):
            raise web.HTTPForbidden(text="this workspace answers only to its own address")
        return await handler(request)
