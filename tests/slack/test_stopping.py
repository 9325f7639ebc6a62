"""The end of a process: what was taken is acknowledged, and what hangs holds it up for no longer than it may."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import pytest

from app.http_face import HEALTH_PATH
from bot.blocks import actions
from bot.domain.finding import FindingId
from local.slack.faults import DelayAnswer
from local.slack.model import Outcome
from local.slack.sample import HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.postgres import Server
from tests.processes import started
from tests.slack.house import Clock, Logs, composed, open_house
from tests.slack.own_process import environment, is_up, sample_logs, stand_ins
from tests.waiting import until

FOREVER = DelayAnswer(120)


@asynccontextmanager
async def busy(folder: Path) -> AsyncIterator[None]:
    """Somebody else writes to the store meanwhile."""
    other = sqlite3.connect(folder / "huntbot.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("over_http", [False, True], ids=["socket mode", "signed http"])
async def test_a_press_that_was_taken_before_the_stop_is_stored_and_acknowledged(
    tmp_path: Path, *, over_http: bool
) -> None:
    clock = Clock()
    workspace = sample_workspace(clock=lambda: clock().timestamp())
    async with LocalSlack(workspace) as slack:
        async with AsyncExitStack() as stack:
            opened = open_house(slack, Logs(clock), clock, tmp_path, over_http=over_http)
            house = await stack.enter_async_context(opened)
            card, life = await house.find_one(MAYA), house.life
            async with busy(tmp_path):
                pressing = asyncio.create_task(house.press(MAYA, card, actions.ACKNOWLEDGE))
                await until(lambda: life.intake.under_way == 1)
                stopping = asyncio.create_task(stack.aclose())
                await until(lambda: not life.intake.is_open)
                if over_http:
                    assert (await house.hunt(TOMAS, "list")).error == "dispatch_unknown_error"
                    assert await health(life.port) == (503, "stopping")
                assert not stopping.done()
            assert (await pressing).outcome is Outcome.ACCEPTED
            await stopping
        async with composed(slack, Logs(clock), clock, tmp_path) as bot:
            assert (await bot.services.triage.show(FindingId(1))).finding.owner == MAYA.id


async def health(port: int | None) -> tuple[int, str]:
    async with aiohttp.ClientSession() as web, web.get(f"http://127.0.0.1:{port}{HEALTH_PATH}") as answer:
        return answer.status, (await answer.json())["status"]


@dataclass
class Line:
    """A stretch of network before a server: it carries bytes until it is told to hang."""

    host: str
    port: int
    url: str = ""
    carries: asyncio.Event = field(default_factory=asyncio.Event)
    held: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def opened(self) -> int:
        return len(self.held)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                await self.carries.wait()
                writer.write(piece)
                await writer.drain()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.port)
        try:
            await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        finally:
            back.close()
            writer.close()

    async def close(self) -> None:
        for task in self.held:
            task.cancel()
        await asyncio.gather(*self.held, return_exceptions=True)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """The same URL, led through a line that can hang."""
    parts = urlsplit(url)
    line = Line(parts.hostname or "", parts.port or 0)
    line.carries.set()
    server = await asyncio.start_server(line.accept, "127.0.0.1", 0)
    user = f"{parts.username}@" if parts.username else ""
    line.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    try:
        yield line
    finally:
        server.close()
        await line.close()


async def test_it_ends_in_time_with_0_though_elasticsearch_slack_and_the_store_hang(
    postgres: Server, tmp_path: Path
) -> None:
    database = postgres.fresh_database()
    async with stand_ins(sample_logs()) as (slack, url), line_to(url) as logs, line_to(database) as store:
        given = environment(slack, logs.url, tmp_path) | {"DATABASE_URL": store.url}
        async with started(tmp_path, "serve", given=given) as process:
            await is_up(slack)
            logs.carries.clear()
            slack.workspace.faults.add("chat.postMessage", *[FOREVER] * 20)
            seen = await slack.workspace.run_command(MAYA.id, HUNTS, "/hunt", "lambda-perms")
            assert seen.outcome is Outcome.ACCEPTED
            await until(lambda: logs.opened > 0)
            store.carries.clear()
            process.send_signal(signal.SIGTERM)
            asked_at = time.monotonic()
            _, errors = await asyncio.wait_for(process.communicate(), 25)
            assert process.returncode == 0, errors.decode()
            assert time.monotonic() - asked_at < 20
    postgres.drop(database)


async def test_a_start_that_hangs_ends_as_soon_as_it_is_asked_to(tmp_path: Path) -> None:
    async with stand_ins(sample_logs()) as (slack, url):
        slack.workspace.faults.add("auth.test", FOREVER)
        async with started(tmp_path, "serve", given=environment(slack, url, tmp_path)) as process:
            await until(lambda: any(call.method == "auth.test" for call in slack.workspace.calls))
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 0, errors.decode()


async def test_whoever_asks_twice_waits_for_nothing(tmp_path: Path) -> None:
    async with stand_ins(sample_logs()) as (slack, url), line_to(url) as logs:
        serving = started(tmp_path, "serve", given=environment(slack, logs.url, tmp_path))
        async with serving as process:
            await is_up(slack)
            logs.carries.clear()
            await slack.workspace.run_command(MAYA.id, HUNTS, "/hunt", "lambda-perms")
            await until(lambda: logs.opened > 0)
            process.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(process.wait(), 0.5)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 2) == -signal.SIGTERM
