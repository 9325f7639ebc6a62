"""Socket Mode: up to ten WebSocket connections, each payload to one of them, acknowledged by id.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from local.slack.delivery import Envelope
from local.slack.errors import UndeliveredError
from local.slack.mint import Mint
from local.slack.model import App, Json

CONNECTION_LIMIT = 10
TICKET_LIFE_S = 30.0
_HOST = "applink-local"


@dataclass(eq=False, slots=True)
class Connection:
    """One open socket; a draining one was told to go and gets nothing new."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    is_draining: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """Hands out tickets, keeps the connections, and delivers over them in turn.

    ``is_muted`` makes connections that look alive and carry nothing: pings are answered, envelopes never
    sent, nor a ``hello`` on a new one.
    """

    def __init__(self, app: App, mint: Mint, ack_timeout_s: float) -> None:
        self._app = app
        self._mint = mint
        self.ack_timeout_s = ack_timeout_s
        self._tickets: dict[str, float] = {}
        self._connections: list[Connection] = []
        self._turn = 0
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._opened = asyncio.Event()
        self.is_muted = False
        self.unacknowledged: list[Envelope] = []

    @property
    def connection_count(self) -> int:
        return len(self._live)

    def register(self, app: web.Application) -> None:
        app.router.add_get("/link/", self.handle)

    def ticket(self) -> str:
        """A ticket for one connection, good for half a minute."""
        ticket = self._mint.secret()
        self._tickets[ticket] = self._mint.now()
        return ticket

    async def deliver(self, envelope: Envelope) -> Json:
        """Sends to the next connection in turn; the acknowledgement may come over any."""
        acknowledged = self._waiting[envelope.id] = asyncio.get_running_loop().create_future()
        try:
            await self._send(json.dumps(_frame(envelope)))
            return await asyncio.wait_for(acknowledged, self.ack_timeout_s)
        except TimeoutError:
            self.unacknowledged.append(envelope)
            raise UndeliveredError("operation_timeout") from None
        finally:
            self._waiting.pop(envelope.id, None)

    async def refresh_connections(self, timeout_s: float = 10.0) -> None:
        """Renews every connection as Slack does, one after the other.

        Each is told ``refresh_requested``; the next one's turn comes when the client has closed the
        old socket and opened another.
        """
        for connection in self._live:
            self._opened.clear()
            connection.is_draining = True
            await connection.socket.send_str(json.dumps(_goodbye("refresh_requested")))
            async with asyncio.timeout(timeout_s):
                await connection.closed.wait()
                await self._opened.wait()

    async def wait_for_connections(self, count: int, timeout_s: float = 5.0) -> None:
        async with asyncio.timeout(timeout_s):
            while len(self._live) < count:
                self._opened.clear()
                await self._opened.wait()

    def abort_connections(self) -> None:
        """Breaks every connection without a goodbye, as a network does."""
        for connection in self._connections:
            connection.is_draining = True
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        for connection in tuple(self._connections):
            connection.is_draining = True
            with contextlib.suppress(ConnectionError):
                await connection.socket.close(code=WSCloseCode.GOING_AWAY)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        born = self._tickets.pop(request.query.get("ticket", ""), None)
        if born is None or self._mint.now() - born > TICKET_LIFE_S:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        if len(self._live) >= CONNECTION_LIMIT:
            await socket.send_str(json.dumps(_goodbye("too_many_websockets")))
            await socket.close()
            return socket
        await self._serve(Connection(socket, request.transport))
        return socket

    async def _send(self, frame: str) -> None:
        """One connection gets the frame; one that broke just now passes it on to the next."""
        while live := self._live:
            self._turn += 1
            if self.is_muted:
                return
            try:
                await live[self._turn % len(live)].socket.send_str(frame)
            except ConnectionError:
                live[self._turn % len(live)].is_draining = True
            else:
                return
        raise UndeliveredError("dispatch_failed")

    @property
    def _live(self) -> list[Connection]:
        return [c for c in self._connections if not c.is_draining and not c.socket.closed]

    async def _serve(self, connection: Connection) -> None:
        self._connections.append(connection)
        try:
            if not self.is_muted:
                await connection.socket.send_str(json.dumps(self._hello()))
            self._opened.set()
            async for frame in connection.socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledge(frame.data)
        finally:
            self._connections.remove(connection)
            connection.closed.set()

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(answer.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._live),
            "connection_info": {"app_id": self._app.id},
            "debug_info": {"host": _HOST, "build_number": 1, "approximate_connection_time": 18060},
        }


def socket_url(host: str, app: App, ticket: Callable[[], str]) -> str:
    return f"ws://{host}/link/?ticket={ticket()}&app_id={app.id}"


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}


def _frame(envelope: Envelope) -> Json:
    frame: Json = {
        "envelope_id": envelope.id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.accepts_response,
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
    return frame
