"""Who is called, on a real socket: it keeps what it was sent and answers as a test scripts it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Received:
    """One request, as it came; its headers are found in any case."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to say; `drops` cuts the connection after the request was read, `after_s` is how long it thinks."""

    status: int = 202
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drops: bool = False
    after_s: float = 0.0
    trickles: bool = False


@dataclass
class Peer:
    """`answers` are given in order; when they are used up everything is taken."""

    answers: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    url: str = ""
    port: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.method == "POST":
            self.received.append(Received(request.headers, body))
        answer = self.answers.pop(0) if self.answers else Answer()
        await asyncio.sleep(answer.after_s)
        if answer.drops:
            assert request.transport is not None
            request.transport.close()
        if answer.trickles:
            return await _trickled(request, answer)
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))


async def _trickled(request: web.Request, answer: Answer) -> web.StreamResponse:
    """A status at once, then a body that goes on for as long as somebody reads it."""
    stream = web.StreamResponse(status=answer.status)
    await stream.prepare(request)
    while not (request.transport is None or request.transport.is_closing()):
        await stream.write(b"x" * 1_000)
        await asyncio.sleep(0.01)
    return stream


@asynccontextmanager
async def listening(*answers: Answer, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A peer on a free port of this machine, gone on leaving."""
    peer = Peer(list(answers))
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", peer.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        peer.port = runner.addresses[0][1]
        peer.url = f"{'https' if tls else 'http'}://127.0.0.1:{peer.port}/called"
        yield peer
    finally:
        await runner.cleanup()
