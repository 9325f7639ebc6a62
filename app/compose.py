"""Settings in, a bot out: the only file that knows every adapter, every service and both SDKs.

The demo and the tests compose the same bot; what differs is only what `settings` and `node_class` point at.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from elastic_transport import BaseAsyncNode
from elasticsearch import AsyncElasticsearch
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from app import shelf
from app.digests import schedules
from app.settings import Settings
from app.slack_client import check_bot_token, open_slack
from app.source import search_client
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.adapters.escalation import ChannelEscalation
from bot.adapters.slack import Identity, SlackWorkspace
from bot.adapters.sql import SqlStore
from bot.domain.escalation import OnCall
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.responder import ChannelId
from bot.domain.schedule import Schedule
from bot.errors import RouteBroken, SettingsError
from bot.ports import Clock, Workspace
from bot.services import DeliveryService, DigestService, HuntService, Services, TriageService
from handlers.background import Background

_log = logging.getLogger("huntbot")


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that was plugged together, at rest: app/serve.py sets it going."""

    app: AsyncApp
    services: Services
    background: Background
    slack: AsyncWebClient


@asynccontextmanager
async def compose(
    settings: Settings, clock: Clock, node_class: type[BaseAsyncNode] | None = None
) -> AsyncIterator[Bot]:
    """A bot that is ready to start; on leaving, what it opened is closed in reverse order.

    Raises:
        SettingsError: Slack refuses the bot token, or a channel that the settings name is not there.
        WorkspaceError: Slack can not be reached.
        StoreError: the store can not be opened; StoreLocked where another process serves from it.
    """
    hunts, faults = shelf.load(settings.hunts)
    for fault in faults:
        _log.error("hunt file not loaded: %s", fault)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(open_slack(settings))
        identity = await check_bot_token(slack)
        workspace = SlackWorkspace(slack, identity.url)
        channels = await _Channels.resolve(settings, workspace, schedules(hunts, settings))
        store = await stack.enter_async_context(await SqlStore.open(settings.database_url.get_secret_value()))
        search = search_client(settings, node_class)
        stack.push_async_callback(search.close)
        services = _services(settings, clock, hunts, store, search, workspace, channels)
        background = Background()
        app = _app(settings, slack, identity)
        handlers.register(app, services, background, clock=clock, is_member=workspace.is_member, link=workspace.link)
        yield Bot(app, services, background, slack)


@dataclass(frozen=True, slots=True)
class _Channels:
    """Where things go, by id: Slack's names are for people and may change."""

    default: ChannelId | None
    escalation: ChannelId | None
    schedules: Mapping[Slug, Schedule]

    @classmethod
    async def resolve(cls, settings: Settings, workspace: Workspace, wanted: Mapping[Slug, Schedule]) -> "_Channels":
        default = await _setting_channel(workspace, "HUNTBOT_CHANNEL", settings.channel)
        escalation = await _setting_channel(workspace, "HUNTBOT_ESCALATION_CHANNEL", settings.escalation_channel)
        found: dict[Slug, Schedule] = {}
        for slug, schedule in wanted.items():
            channel = await _digest_channel(workspace, slug, schedule, default)
            if channel is not None:
                found[slug] = replace(schedule, channel=channel)
        return cls(default, escalation, found)

    def home(self, slug: Slug) -> ChannelId | None:
        schedule = self.schedules.get(slug)
        return ChannelId(schedule.channel) if schedule and schedule.channel else self.default


async def _setting_channel(workspace: Workspace, name: str, channel: str | None) -> ChannelId | None:
    if channel is None:
        return None
    try:
        return await workspace.channel_id(channel)
    except RouteBroken as fault:
        cure = f"there is no channel {channel} that huntbot can see; if it is private, invite huntbot to it"
        raise SettingsError(((name, cure),)) from fault


async def _digest_channel(
    workspace: Workspace, slug: Slug, schedule: Schedule, default: ChannelId | None
) -> ChannelId | None:
    """A hunt file's channel that is not there costs that hunt its digest, and nobody else theirs."""
    if schedule.channel is None:
        if default is None:
            _log.warning("no digest of %s: neither its hunt file nor HUNTBOT_CHANNEL names a channel", slug)
        return default
    try:
        return await workspace.channel_id(schedule.channel)
    except RouteBroken:
        _log.error("no digest of %s: there is no channel %s that huntbot can see", slug, schedule.channel)
        return None


def _services(
    settings: Settings,
    clock: Clock,
    hunts: HuntShelf,
    store: SqlStore,
    search: AsyncElasticsearch,
    workspace: Workspace,
    channels: _Channels,
) -> Services:
    homes = {slug: home for slug in hunts.hunts if (home := channels.home(slug)) is not None}
    hunting = HuntService(
        hunts,
        ElasticsearchLogs(search, settings.search_timeout_s),
        store.findings,
        store.runs,
        clock,
        settings.known_accounts,
        settings.ingest_delay,
        homes,
    )
    digests = DigestService(hunting, store.runs, store.findings, clock, channels.schedules)
    escalation = (
        ChannelEscalation(workspace, channels.escalation, settings.on_call_group) if channels.escalation else None
    )
    delivery = DeliveryService(
        store.outbox, store.findings, store.runs, digests, hunting, workspace, escalation, clock
    )
    return Services(hunting, TriageService(store.findings, clock, OnCall(channels.escalation)), digests, delivery)


def _app(settings: Settings, slack: AsyncWebClient, identity: Identity) -> AsyncApp:
    """Bolt's app; `authorize` answers from the one auth.test of the start, or a cold burst would make hundreds."""
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team_id,
        bot_user_id=identity.user_id,
        bot_id=identity.bot_id,
        bot_token=slack.token,
    )

    async def authorize() -> AuthorizeResult:
        return known

    secret = settings.slack_signing_secret
    return AsyncApp(
        name="huntbot",
        client=AsyncWebClient(  # without the token: `authorize` gives it, and Bolt warns of two
            base_url=slack.base_url, timeout=slack.timeout, session=slack.session, retry_handlers=[]
        ),
        signing_secret=secret.get_secret_value() if secret else "",
        authorize=authorize,
        raise_error_for_unhandled_request=True,
    )
