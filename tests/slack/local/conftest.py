"""A workspace, its server and an app on it, for the tests of the local Slack."""

import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.delivery import Envelope
from local.slack.errors import UndeliveredError
from local.slack.model import Json
from local.slack.sample import sample_workspace
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace


@dataclass
class Clock:
    """Real time that can be moved forward."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds


@dataclass
class ScriptedApp:
    """An app that answers each payload with the next scripted acknowledgement, ``{}`` after those."""

    answers: list[Json | UndeliveredError] = field(default_factory=list)
    heard: list[Envelope] = field(default_factory=list)

    async def deliver(self, envelope: Envelope) -> Json:
        self.heard.append(envelope)
        answer: Json | UndeliveredError = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, UndeliveredError):
            raise answer
        return answer

    @property
    def payload(self) -> Json:
        return self.heard[-1].payload


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's SDK sends loopback through a proxy when the environment names one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secret() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):024x}"


@pytest.fixture
def workspace(clock: Clock, secret: Callable[[], str]) -> Workspace:
    return sample_workspace(clock=clock, secret=secret, retry_delays_s=(0.01, 0.01))


@pytest.fixture
def scripted(workspace: Workspace) -> ScriptedApp:
    app = ScriptedApp()
    workspace.delivery = app
    return app


@pytest.fixture
async def slack(workspace: Workspace) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(workspace) as slack:
        yield slack


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def web(slack: LocalSlack, http: aiohttp.ClientSession) -> AsyncWebClient:
    """The official client, unchanged: only its address and token are ours."""
    client = AsyncWebClient(slack.credentials.bot_token, base_url=slack.api_url, session=http, retry_handlers=[])
    client.proxy = None
    return client


@pytest.fixture
async def bolt(web: AsyncWebClient, workspace: Workspace) -> AsyncApp:
    """The official framework, unchanged; who it is authorized as is known, as in production."""
    app = workspace.app

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team.id,
            bot_token=app.bot_token,
            bot_id=app.bot_id,
            bot_user_id=app.bot_user_id,
        )

    return AsyncApp(client=web, authorize=authorize, signing_secret=app.signing_secret)


Connect = Callable[[AsyncApp, int], Awaitable[None]]


@pytest.fixture
async def connect(slack: LocalSlack) -> AsyncIterator[Connect]:
    """Lets an app join over so many Socket Mode connections."""
    handlers: list[AsyncSocketModeHandler] = []

    async def join(app: AsyncApp, count: int) -> None:
        for _ in range(count):
            handler = AsyncSocketModeHandler(app, slack.credentials.app_token, web_client=app.client, ping_interval=1)
            handlers.append(handler)
            await handler.connect_async()  # type: ignore[no-untyped-call]
        await slack.sockets.wait_for_connections(count)

    yield join
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]
