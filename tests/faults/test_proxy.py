"""The bad network does to a request what its plan says, and keeps the log of what its peer took."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.calls import ask
from bot.errors import OutcomeUnknown, RateLimited, WorkspaceError
from tests.faults.proxy import Act, Proxy

PATIENCE_S = 0.3


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a peer that takes everything."""

    async def take(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "ts": "1.1", "said": await request.json()})

    app = web.Application()
    app.router.add_post("/api/chat.postMessage", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Proxy(f"http://127.0.0.1:{runner.addresses[0][1]}", hang_s=PATIENCE_S * 2) as made:
        yield made
    await runner.cleanup()


@pytest.mark.parametrize(
    ("act", "raises", "is_taken"),
    [
        (Act.PASS, None, True),
        (Act.TRICKLE, None, True),
        (Act.DROP, OutcomeUnknown, False),
        (Act.LIMIT, RateLimited, False),
        (Act.ERROR, OutcomeUnknown, False),
        (Act.DROP_ANSWER, OutcomeUnknown, True),
        (Act.LATE_ERROR, OutcomeUnknown, True),
        (Act.CUT, OutcomeUnknown, True),
        (Act.HANG, OutcomeUnknown, True),
        (Act.KILL, OutcomeUnknown, True),
    ],
    ids=lambda value: value.name if isinstance(value, Act) else "",
)
async def test_each_fault_is_what_slacks_client_makes_of_it(
    proxy: Proxy, act: Act, raises: type[WorkspaceError] | None, is_taken: bool
) -> None:
    killed: list[str] = []
    proxy.plan = lambda _request: act
    proxy.killed = lambda: killed.append("the client")
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-1", base_url=f"{proxy.url}/api/", session=session, retry_handlers=[])

        async def post() -> object:
            return await ask(client.api_call("chat.postMessage", json={"text": "once"}), PATIENCE_S)

        if raises is None:
            assert await post()
        else:
            with pytest.raises(raises):
                await post()
    assert [taken.asked for taken in proxy.taken] == [{"text": "once"}] * is_taken
    assert all(taken.is_accepted for taken in proxy.taken)
    assert killed == ["the client"] * (act is Act.KILL)
    await asyncio.sleep(0)
