"""A private answer over Slack's response URL: one request, whatever becomes of it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.domain.responder import MessageTs
from handlers.reply import Aside, whisper


@dataclass
class ResponseUrl:
    """Slack's side; `refuses_blocks` answers 400 to them, `drops` cuts the connection after it took the request."""

    url: str = ""
    refuses_blocks: bool = False
    drops: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        if self.drops and request.transport is not None:
            request.transport.abort()
        refused = self.refuses_blocks and self.asked[-1]["blocks"]
        return web.Response(status=400 if refused else 200, text="invalid_blocks" if refused else "ok")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's SDK sends loopback through a proxy when the environment names one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[ResponseUrl]:
    there = ResponseUrl()
    app = web.Application()
    app.router.add_post("/respond", there.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}/respond"
    yield there
    await runner.cleanup()


@pytest.fixture
def aside(slack: ResponseUrl) -> Callable[[MessageTs | None], Aside]:
    return lambda thread: Aside(AsyncRespond(response_url=slack.url), thread)


async def test_an_answer_is_for_one_person_and_stays_in_its_thread(
    slack: ResponseUrl, aside: Callable[[MessageTs | None], Aside]
) -> None:
    await whisper(aside(MessageTs("1.1")), "hello", [{"type": "divider"}])
    await whisper(aside(None), "hello")

    in_thread, in_channel = slack.asked
    assert in_thread == {
        "text": "hello",
        "blocks": [{"type": "divider"}],
        "response_type": "ephemeral",
        "replace_original": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "thread_ts": "1.1",
    }
    assert "thread_ts" not in in_channel


async def test_refused_blocks_are_said_in_words(
    slack: ResponseUrl, aside: Callable[[MessageTs | None], Aside]
) -> None:
    slack.refuses_blocks = True
    await whisper(aside(None), "hello", [{"type": "divider"}])

    assert [asked["blocks"] for asked in slack.asked] == [[{"type": "divider"}], []]


async def test_an_answer_whose_connection_broke_is_not_sent_again(
    slack: ResponseUrl, aside: Callable[[MessageTs | None], Aside]
) -> None:
    slack.drops = True
    with pytest.raises(aiohttp.ClientError):
        await whisper(aside(None), "hello")

    assert len(slack.asked) == 1
