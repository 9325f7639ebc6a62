"""A bot in a life: real services, store, Slack adapter and Bolt app, each port watched for where the life ends."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import SlackWorkspace
from bot.adapters.sql import SqlStore
from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.outbox import SqlOutbox
from bot.adapters.sql.runs import SqlRuns
from bot.domain.hunt import Slug
from bot.domain.intent import Mark
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.schedule import Schedule
from bot.ports.workspace import Workspace
from bot.services import Services
from handlers.background import Background
from handlers.listeners import register
from tests.faults.clock import FastClock
from tests.faults.doom import Doom, Watched, WatchedDatabase
from tests.faults.logs import EndlessLogs, Happenings, shelf_of
from tests.faults.plugging import Ports, services_over
from tests.faults.target import HttpTarget


@dataclass(frozen=True, slots=True)
class Spec:
    """What a life is told when it is born."""

    exchange_port: int
    database_url: str
    api_url: str
    target_url: str
    token: str
    team_id: str
    bot_id: str
    bot_user_id: str
    clock: FastClock
    happenings: Happenings
    homes: Mapping[str, str]  # the channel of each hunt
    lease_s: float
    timeout_s: float  # of the machine's time
    schedules: Mapping[str, str] = field(default_factory=dict)  # cron
    on_call: str | None = None
    escalate_after_s: float | None = None
    tick_s: float = 30.0
    is_blind: bool = False  # reads no channel back: the control

    def plain(self) -> dict[str, Any]:
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**told, "clock": self.clock.plain(), "happenings": self.happenings.plain()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Spec":
        made = {
            "clock": FastClock.from_plain(plain["clock"]),
            "happenings": Happenings.from_plain(plain["happenings"]),
        }
        return cls(**{**plain, **made})


class Blind:
    """A Workspace that reads nothing back; everything else is the real one's."""

    def __init__(self, inner: Workspace) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        del channel, mark, since, thread
        return ()


@dataclass(frozen=True, slots=True)
class House:
    """A bot that is plugged together."""

    app: AsyncApp
    store: SqlStore
    services: Services
    background: Background
    doom: Doom


@asynccontextmanager
async def opened(spec: Spec) -> AsyncIterator[House]:
    doom = Doom()
    clock = spec.clock
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(await SqlStore.open(spec.database_url))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = AsyncWebClient(token=spec.token, base_url=spec.api_url, session=session, retry_handlers=[])
        slack = SlackWorkspace(client, "https://faults.slack.com/", spec.timeout_s)

        def database(port: str) -> Any:
            return WatchedDatabase(store.database, port, doom)

        def watched(inner: object, port: str) -> Any:
            return Watched(inner, port, doom)

        target = HttpTarget(session, spec.target_url, spec.timeout_s)
        ports = Ports(
            logs=watched(EndlessLogs(spec.happenings, clock, doom), "LogSearch"),
            findings=watched(SqlFindings(database("Findings")), "Findings"),
            runs=watched(SqlRuns(database("Runs")), "Runs"),
            outbox=watched(SqlOutbox(database("Outbox")), "Outbox"),
            bulks=store.bulks,
            homes=store.homes,
            exports=store.exports,
            retention=store.retention,
            workspace=watched(Blind(slack) if spec.is_blind else slack, "Workspace"),
            targets={target.name: watched(target, "EscalationTarget")},
        )
        services = services_over(
            ports,
            shelf_of(spec.homes),
            clock,
            clock.sleep,
            homes={Slug(slug): ChannelId(channel) for slug, channel in spec.homes.items()},
            schedules={Slug(slug): Schedule(cron, "UTC", spec.homes[slug]) for slug, cron in spec.schedules.items()},
            on_call=ChannelId(spec.on_call) if spec.on_call else None,
            escalate_after=None if spec.escalate_after_s is None else timedelta(seconds=spec.escalate_after_s),
            lease=timedelta(seconds=spec.lease_s),
        )
        background = Background()
        app = _app(spec, session)
        register(
            app, services, background, clock=clock, is_member=slack.is_member, link=slack.link, publish=slack.publish
        )
        yield House(app, store, services, background, doom)


def _app(spec: Spec, session: aiohttp.ClientSession) -> AsyncApp:
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=spec.team_id,
        bot_user_id=spec.bot_user_id,
        bot_id=spec.bot_id,
        bot_token=spec.token,
    )

    async def authorize() -> AuthorizeResult:
        return known

    client = AsyncWebClient(base_url=spec.api_url, session=session, retry_handlers=[])
    return AsyncApp(client=client, signing_secret="", authorize=authorize, raise_error_for_unhandled_request=True)
