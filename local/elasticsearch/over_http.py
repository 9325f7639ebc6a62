"""The embedded Elasticsearch on a socket, for any client that speaks HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from local.elasticsearch.app import Elasticsearch
from local.elasticsearch.exchange import Request

_LARGEST_BODY_BYTES = 16 * 2**20
_SHUTDOWN_S = 1.0


def web_app(application: Elasticsearch) -> web.Application:
    """An aiohttp application: every path goes to the embedded Elasticsearch."""

    async def handle(incoming: web.Request) -> web.StreamResponse:
        if application.faults.is_unreachable and incoming.transport is not None:
            incoming.transport.abort()
        request = Request.of(incoming.method, incoming.raw_path, incoming.headers, await incoming.read())
        response = await application.answer(request)
        return web.Response(
            status=response.status, body=response.encoded(request), headers=response.all_headers(request)
        )

    served = web.Application(client_max_size=_LARGEST_BODY_BYTES)
    served.router.add_route("*", "/{path:.*}", handle)
    return served


@asynccontextmanager
async def serving(application: Elasticsearch, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address, with the port chosen when `port` is 0.

    Raises:
        OSError: the address is taken or not to be had.
    """
    runner = web.AppRunner(
        web_app(application),
        access_log=None,
        handler_cancellation=True,  # a client that has gone away needs no answer
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound = runner.addresses[0]
        yield f"http://{host}:{bound[1]}"
    finally:
        await runner.cleanup()
