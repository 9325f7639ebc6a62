"""What a listener owes Slack whatever happens in it: it never raises, and acknowledges what it should."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadArgument, StoreBusy
from handlers.background import Background
from handlers.errors import UNEXPECTED, fails_unforeseen, guarded, told

COMMAND = {"command": "/hunt", "text": "", "user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": "t.1"}


def app(listener: Callable[[AsyncArgs], Awaitable[None]]) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0")

    bolt = AsyncApp(client=AsyncWebClient("xoxb-1"), authorize=authorize, signing_secret="s", name="test")
    bolt.command("/hunt")(guarded(listener))
    return bolt


async def status(listener: Callable[[AsyncArgs], Awaitable[None]]) -> int:
    answer = await app(listener).async_dispatch(AsyncBoltRequest(mode="socket_mode", body=COMMAND))
    return int(answer.status)


@pytest.mark.parametrize("delay_s", [0, 0.002, 0.005, 0.015])
async def test_a_fault_after_the_acknowledgement_does_not_lose_it(delay_s: float) -> None:
    async def listener(args: AsyncArgs) -> None:
        await args.ack()
        await asyncio.sleep(delay_s)
        raise RuntimeError("a fault of ours")

    assert await status(listener) == 200


async def test_what_failed_before_it_is_not_acknowledged() -> None:
    def raising(error: Exception) -> Callable[[AsyncArgs], Awaitable[None]]:
        async def listener(_: AsyncArgs) -> None:
            raise error

        return listener

    # Bolt waits three seconds for an acknowledgement and then answers 404; both at once, to wait only once.
    both = await asyncio.gather(status(raising(StoreBusy("too slow"))), status(raising(RuntimeError("ours"))))
    assert list(both) == [404, 404]


async def failing(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(BadArgument("since", "write 24h"), "since: write 24h"), (RuntimeError("a secret"), UNEXPECTED)],
)
async def test_whoever_waits_is_told_and_no_more_than_they_may_know(error: Exception, sentence: str) -> None:
    heard: list[str] = []

    async def tell(said: str) -> None:
        heard.append(said)

    await told(failing(error), tell)

    assert heard == [sentence]


async def test_only_what_nobody_foresaw_is_kept_back() -> None:
    assert await fails_unforeseen(failing(RuntimeError("a fault of ours")))
    with pytest.raises(StoreBusy):
        await fails_unforeseen(failing(StoreBusy("too slow")))


async def test_background_work_is_held_until_it_ends() -> None:
    background, done = Background(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    background.spawn(work(), "work")

    assert await background.drain(1) == 0
    assert done.is_set()


async def test_background_work_that_takes_too_long_is_cut_and_counted() -> None:
    background = Background()
    background.spawn(_forever(), "endless")

    assert await background.drain(0.01) == 1
    assert await background.drain(0.01) == 0


async def test_background_failures_are_logged_with_their_name(caplog: pytest.LogCaptureFixture) -> None:
    background = Background()
    background.spawn(failing(RuntimeError("a fault of ours")), "run 7")
    with caplog.at_level(logging.ERROR):
        await background.drain(1)
        await asyncio.sleep(0)

    assert "run 7 failed" in caplog.text
    assert "a fault of ours" in caplog.text


async def _forever() -> None:
    await asyncio.Event().wait()
