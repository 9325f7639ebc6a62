"""Settings in, a bot out: the only file that knows every adapter, every service and both SDKs.

The demo and the tests compose the same bot; what differs is only what `settings` and `node_class` point at.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from elastic_transport import BaseAsyncNode
from elasticsearch import AsyncElasticsearch
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from app import shelf
from app.channels import Channels
from app.counted import CountedFindings, CountedRuns, CountedSlack
from app.digests import schedules
from app.metrics import Meter
from app.settings import Settings
from app.slack_client import check_bot_token, open_slack
from app.source import search_client
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.adapters.escalation import ChannelEscalation
from bot.adapters.slack import Identity
from bot.adapters.sql import SqlStore
from bot.domain.escalation import OnCall
from bot.domain.hunt import HuntShelf
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
    clock: Clock
    meter: Meter


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
        meter = Meter()
        workspace = CountedSlack(slack, identity.url, meter)
        channels = await Channels.resolve(settings, workspace, schedules(hunts, settings))
        store = await stack.enter_async_context(await SqlStore.open(settings.database_url.get_secret_value()))
        search = search_client(settings, node_class)
        stack.push_async_callback(search.close)
        services = _services(settings, clock, hunts, store, search, workspace, channels, meter)
        background = Background()
        app = _app(settings, slack, identity)
        handlers.register(app, services, background, clock=clock, is_member=workspace.is_member, link=workspace.link)
        yield Bot(app, services, background, slack, clock, meter)


def _services(
    settings: Settings,
    clock: Clock,
    hunts: HuntShelf,
    store: SqlStore,
    search: AsyncElasticsearch,
    workspace: Workspace,
    channels: Channels,
    meter: Meter,
) -> Services:
    findings, runs = CountedFindings(store.database, meter), CountedRuns(store.database, meter)
    homes = {slug: home for slug in hunts.hunts if (home := channels.home(slug)) is not None}
    hunting = HuntService(
        hunts,
        ElasticsearchLogs(search, settings.search_timeout_s),
        findings,
        runs,
        clock,
        settings.known_accounts,
        settings.ingest_delay,
        homes,
    )
    digests = DigestService(hunting, runs, findings, clock, channels.schedules)
    escalation = (
        ChannelEscalation(workspace, channels.escalation, settings.on_call_group) if channels.escalation else None
    )
    delivery = DeliveryService(store.outbox, findings, runs, digests, hunting, workspace, escalation, clock)
    return Services(hunting, TriageService(findings, clock, OnCall(channels.escalation)), digests, delivery)


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
