"""A bad network: an HTTP proxy on loopback that does to each request what its plan says."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

PIECES = 20  # of a trickled answer
_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


class Act(Enum):
    """What becomes of one request. From TRICKLE on the peer has taken it, whatever the client learns."""

    PASS = "pass"
    DROP = "connection reset, the peer never saw it"
    LIMIT = "429 with Retry-After"
    ERROR = "503, the peer never saw it"
    TRICKLE = "answered a few bytes at a time"
    DROP_ANSWER = "taken, connection reset"
    LATE_ERROR = "taken, 500"
    CUT = "taken, half of the JSON"
    HANG = "taken, no answer for longer than the client waits"
    KILL = "taken, and the client is killed before it reads the answer"


_UNSEEN = frozenset({Act.DROP, Act.LIMIT, Act.ERROR})


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `method` is the last part of its path, such as `chat.postMessage`."""

    method: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that the peer answered: `asked` and `answered` are JSON, empty where they were none."""

    method: str
    asked: Mapping[str, Any]
    status: int
    answered: Mapping[str, Any]
    act: Act

    @property
    def is_accepted(self) -> bool:
        return self.status < 300 and bool(self.answered.get("ok", True))


Plan = Callable[[Request], Act]


def smooth(_request: Request) -> Act:
    """The plan of a good day."""
    return Act.PASS


class Proxy:
    """`async with Proxy(upstream) as proxy`: what comes to `proxy.url` goes on to `upstream`, as `proxy.plan` says.

    Args:
        upstream: where the peer is, such as http://127.0.0.1:8080 .
        retry_after_s: what a LIMIT asks for.
        hang_s: how long a HANG lasts, longer than the client's patience.
        killed: ends the client whose request is to be its last.
    """

    def __init__(
        self,
        upstream: str,
        *,
        plan: Plan = smooth,
        retry_after_s: int = 3,
        hang_s: float = 5.0,
        killed: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan = plan
        self.killed = killed
        self.taken: list[Taken] = []
        self._upstream = upstream.rstrip("/")
        self._retry_after_s = retry_after_s
        self._hang_s = hang_s
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = Request(request.path.rpartition("/")[2], await request.read(), request.headers)
        act = self.plan(asked)
        if act in _UNSEEN:
            return self._unseen(request, act)
        status, headers, body = await self._forward(request, asked)
        self.taken.append(Taken(asked.method, _json(asked.body), status, _json(body), act))
        return await self._answered(request, act, web.Response(status=status, headers=headers, body=body))

    def _unseen(self, request: web.Request, act: Act) -> web.Response:
        if act is Act.DROP:
            return _reset(request)
        if act is Act.LIMIT:
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(self._retry_after_s)})
        return web.Response(status=503, text="Service Unavailable")

    async def _forward(self, request: web.Request, asked: Request) -> tuple[int, Mapping[str, str], bytes]:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        url = f"{self._upstream}{request.path_qs}"
        async with self._session.request(request.method, url, data=asked.body, headers=headers) as answer:
            body = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            return answer.status, kept, body

    async def _answered(self, request: web.Request, act: Act, answer: web.Response) -> web.StreamResponse:
        """The way back of what the peer has taken."""
        match act:
            case Act.DROP_ANSWER:
                return _reset(request)
            case Act.LATE_ERROR:
                return web.Response(status=500, text="Internal Server Error")
            case Act.CUT:
                half = _bytes(answer)[: len(_bytes(answer)) // 2]
                return web.Response(status=answer.status, body=half, content_type="application/json")
            case Act.HANG:
                await asyncio.sleep(self._hang_s)
            case Act.KILL:
                self.killed()
                return _reset(request)
            case Act.TRICKLE:
                return await _trickled(request, answer)
            case _:
                pass
        return answer


async def _trickled(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = _bytes(answer)
    stream = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    step = max(1, len(body) // PIECES)
    with suppress(ConnectionError):  # the client may die meanwhile
        await stream.prepare(request)
        for at in range(0, len(body), step):
            await stream.write(body[at : at + step])
            await asyncio.sleep(0.005)
    return stream


def _reset(request: web.Request) -> web.Response:
    """Breaks the connection: nothing of the response it returns is ever sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _bytes(answer: web.Response) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b""


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
