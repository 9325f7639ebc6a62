"""Socket Mode connections, watched: refreshed, broken, mute."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.web.async_client import AsyncWebClient

from app.intake import Intake
from app.sockets import GIVE_UP_AFTER_S, QUIET_S, REPLACE_AFTER_S, Sockets
from bot.errors import WorkspaceUnavailable
from local.slack.model import Outcome, Seen
from local.slack.sample import HUNTS, MAYA, sample_app, sample_workspace
from local.slack.server import LocalSlack
from tests.waiting import until

PATIENCE_S = 0.3


@dataclass
class Line:
    """Two ends and what is between them; `now` is moved by the tests, `says` is what the bot does with a command."""

    slack: LocalSlack
    sockets: Sockets
    app: AsyncApp
    intake: Intake
    passed_s: list[float] = field(default_factory=lambda: [0.0])

    def pass_time(self, seconds: float) -> None:
        self.passed_s[0] += seconds

    async def type(self) -> Seen:
        return await self.slack.workspace.run_command(MAYA.id, HUNTS, "/hunt", "help")


async def at_once(args: AsyncArgs) -> None:
    await args.ack()


@asynccontextmanager
async def line(
    listener: Callable[[AsyncArgs], Awaitable[None]] = at_once, connections: int = 2
) -> AsyncIterator[Line]:
    workspace = sample_workspace(clock=time.time, app=sample_app())
    async with LocalSlack(workspace, ack_timeout_s=1.0) as slack:
        token = slack.credentials.bot_token

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id=workspace.team.id, bot_token=token)

        client = AsyncWebClient(base_url=slack.api_url)
        app = AsyncApp(client=client, authorize=authorize, signing_secret="s", name="test")
        app.command("/hunt")(listener)
        passed_s, intake = [0.0], Intake()
        ends = (app, slack.credentials.app_token, intake, lambda: passed_s[0])
        sockets = Sockets(*ends, connections=connections, patience_s=PATIENCE_S)
        await sockets.open()
        try:
            yield Line(slack, sockets, app, intake, passed_s)
        finally:
            await sockets.close()


async def lost_at_refreshes(talk: Line, refreshes: int = 5) -> int:
    """People who type without a pause while Slack renews every connection, one after the other."""
    typed: list[asyncio.Task[Seen]] = []
    renewing = asyncio.create_task(_renew(talk, refreshes))
    while not renewing.done():
        typed.append(asyncio.create_task(talk.type()))
        await asyncio.sleep(0.001)
    await renewing
    outcomes = [seen.outcome for seen in await asyncio.gather(*typed)]
    assert Outcome.ACCEPTED in outcomes
    return outcomes.count(Outcome.FAILED)


async def _renew(talk: Line, times: int) -> None:
    for _ in range(times):
        await talk.slack.refresh_connections()
        await asyncio.sleep(0.01)


async def test_two_connections_lose_nothing_while_slack_renews_them() -> None:
    async with line() as talk:
        assert await lost_at_refreshes(talk) == 0


async def test_one_connection_would_lose_commands_then() -> None:
    async with line(connections=1) as talk:
        assert await lost_at_refreshes(talk) > 0


async def test_a_quiet_connection_is_exchanged_for_one_that_is_greeted_and_nothing_is_lost() -> None:
    async with line() as talk:
        talk.pass_time(QUIET_S + 1)
        checking = asyncio.create_task(talk.sockets.check())
        while not checking.done():
            assert (await talk.type()).outcome is Outcome.ACCEPTED
        await checking
        assert talk.sockets.quiet_s == 0
        await until(lambda: talk.slack.sockets.connection_count == 2)
        assert await talk.sockets.is_connected()


async def test_a_peer_that_answers_pings_and_sends_nothing_is_found_mute_and_given_up() -> None:
    async with line() as talk:
        talk.slack.sockets.is_muted = True
        await talk.sockets.check()
        assert await talk.sockets.is_connected()  # it was heard ten minutes ago or less
        talk.pass_time(QUIET_S + 1)
        await talk.sockets.check()
        assert not await talk.sockets.is_connected()
        await talk.sockets.check()  # from here on it counts as down
        talk.pass_time(GIVE_UP_AFTER_S + 1)
        with pytest.raises(WorkspaceUnavailable, match="five minutes"):
            await talk.sockets.check()


async def test_a_peer_that_speaks_again_in_time_is_up_again() -> None:
    async with line() as talk:
        talk.slack.sockets.is_muted = True
        talk.pass_time(QUIET_S + 1)
        await talk.sockets.check()
        talk.slack.sockets.is_muted = False
        talk.pass_time(REPLACE_AFTER_S + 1)
        await talk.sockets.check()
        assert await talk.sockets.is_connected()
        talk.pass_time(GIVE_UP_AFTER_S + 1)
        await talk.sockets.check()
        assert (await talk.type()).outcome is Outcome.ACCEPTED


async def test_a_start_without_a_greeting_says_so() -> None:
    async with line() as talk:
        talk.slack.sockets.is_muted = True
        ends = (talk.app, talk.slack.credentials.app_token, talk.intake, time.monotonic)
        other = Sockets(*ends, patience_s=PATIENCE_S)
        with pytest.raises(WorkspaceUnavailable, match="no Socket Mode connection"):
            await other.open()
        await other.close()


async def test_what_was_taken_is_acknowledged_after_the_intake_closed_and_what_comes_later_is_not() -> None:
    going_on = asyncio.Event()

    async def slowly(args: AsyncArgs) -> None:
        await going_on.wait()
        await args.ack()

    async with line(slowly) as talk:
        first = asyncio.create_task(talk.type())
        await until(lambda: talk.intake.under_way == 1)
        closing = asyncio.create_task(talk.intake.close(5))
        await asyncio.sleep(0)
        second = asyncio.create_task(talk.type())
        await asyncio.sleep(0.05)
        going_on.set()
        assert (await first).outcome is Outcome.ACCEPTED
        assert await closing == 0
        assert (await second).error == "operation_timeout"
