"""Settings in, a bot out: the only file that knows every adapter, every service and both SDKs.

The demo and the tests compose the same bot; what differs is only what `settings` and `node_class` point at.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from elastic_transport import BaseAsyncNode
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app import shelf
from app.channels import Channels
from app.counted import CountedFindings, CountedRuns, CountedSlack, CountedTarget
from app.digests import schedules
from app.escalation import open_targets
from app.metrics import Meter
from app.settings import Settings
from app.slack_client import check_bot_token, open_slack
from app.source import search_client
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.adapters.slack import Identity, SlackPeople
from bot.adapters.sql import SqlStore
from bot.adapters.suppression_file import load_suppressions
from bot.blocks import summary
from bot.domain.access import Roster
from bot.domain.escalation import OnCall, TargetName
from bot.domain.hunt import HuntShelf
from bot.domain.kibana import Discover
from bot.domain.retention import SHORTEST, Keep
from bot.domain.run import Trigger
from bot.ports.escalation import EscalationTarget
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock, LogSearch
from bot.ports.workspace import Workspace
from bot.services import (
    AccessService,
    BulkService,
    CheckService,
    DeliveryService,
    DigestService,
    EvidenceService,
    ExportService,
    HomeService,
    HuntService,
    PivotService,
    RetentionService,
    Services,
    SuppressionService,
    TriageService,
)
from bot.services.drafting import Drafting
from bot.services.remembered import Remembered
from handlers.background import Background
from handlers.home import HomeTabs
from handlers.listeners import register

AT_ONCE = timedelta(seconds=5)  # commands that come together ask once whether huntbot is a member of the channel

_log = logging.getLogger("huntbot")


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that was plugged together, at rest: app/serve.py sets it going."""

    app: AsyncApp
    services: Services
    background: Background
    homes: HomeTabs
    slack: AsyncWebClient
    clock: Clock
    meter: Meter


@asynccontextmanager
async def compose(
    settings: Settings, clock: Clock, node_class: type[BaseAsyncNode] | None = None
) -> AsyncIterator[Bot]:
    """A bot that is ready to start; on leaving, what it opened is closed in reverse order.

    Raises:
        SettingsError: Slack refuses the bot token, or something that the settings name is not there.
        WorkspaceError: Slack can not be reached.
        StoreError: the store can not be opened; StoreLocked where another process serves from it.
    """
    hunts, faults = shelf.load(settings.hunts)
    rules, bad_rules = load_suppressions(settings.suppressions, hunts)
    for fault in (*faults, *bad_rules):
        _log.error("not loaded: %s", fault)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(open_slack(settings))
        identity, meter = await check_bot_token(slack), Meter()
        access = AccessService(SlackPeople(slack, identity.team_id), _roster(settings), clock)
        workspace = CountedSlack(slack, identity.url, meter, access.is_shared)
        channels = await Channels.resolve(settings, workspace, schedules(hunts, settings))
        reach = await _reach(stack, settings, clock, workspace, access, channels, meter)
        search = search_client(settings, node_class)
        stack.push_async_callback(search.close)
        logs = ElasticsearchLogs(search, settings.search_timeout_s)
        suppressions = SuppressionService(hunts, logs, rules, bad_rules, reach.clock, settings.known_accounts)
        services = _services(settings, hunts, logs, reach, suppressions)
        background, app = Background(), _app(settings, slack, identity)
        homes = register(
            *(app, services, background),
            clock=reach.clock,
            is_member=Remembered(workspace.is_member, clock, fresh=AT_ONCE, stale=AT_ONCE).get,
            link=workspace.link,
            publish=workspace.publish,
            timezone=settings.timezone,
            discover=_discover(settings),
        )
        stack.callback(homes.stop)
        yield Bot(app, services, background, homes, slack, reach.clock, meter)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What the services reach, and the time by which all processes of one store act."""

    workspace: Workspace
    access: AccessService
    channels: Channels
    targets: Mapping[TargetName, EscalationTarget]
    store: SqlStore
    findings: Findings
    runs: Runs
    clock: Clock


async def _reach(
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    workspace: Workspace,
    access: AccessService,
    channels: Channels,
    meter: Meter,
) -> _Reach:
    targets = await stack.enter_async_context(open_targets(settings, clock))
    store = await stack.enter_async_context(await SqlStore.open(settings.database_url.get_secret_value()))
    return _Reach(
        workspace=workspace,
        access=access,
        channels=channels,
        targets={name: CountedTarget(target, meter) for name, target in targets.items()},
        store=store,
        findings=CountedFindings(store.database, meter),
        runs=CountedRuns(store.database, meter),
        clock=store.in_step(clock),
    )


def _services(
    settings: Settings, hunts: HuntShelf, logs: LogSearch, reach: _Reach, suppressions: SuppressionService
) -> Services:
    findings, runs, clock, channels = reach.findings, reach.runs, reach.clock, reach.channels
    homes = {slug: home for slug in hunts.hunts if (home := channels.home(slug)) is not None}
    known = settings.known_accounts
    pivots = PivotService(hunts, logs, findings, runs, reach.store.outbox, clock, known)
    checks = CheckService(hunts, logs, findings, runs, clock, known)
    hunting = HuntService(
        hunts,
        logs,
        findings,
        runs,
        clock,
        known,
        settings.ingest_delay,
        homes,
        suppressions=suppressions.rules,
        errands={Trigger.PIVOT: pivots.work, Trigger.CHECK: checks.work},
    )
    zone = ZoneInfo(settings.timezone)
    digests = DigestService(hunting, runs, findings, clock, channels.schedules, timezone=zone)
    on_call = OnCall(channels.escalation, tuple(reach.targets))
    return Services(
        hunts=hunting,
        triage=TriageService(findings, clock, on_call, settings.escalate_after),
        digests=digests,
        delivery=_delivery(settings, hunting, digests, reach),
        suppressions=suppressions,
        retention=RetentionService(reach.store.retention, _keep(settings, hunts), clock),
        access=reach.access,
        evidence=EvidenceService(logs),
        pivots=pivots,
        checks=checks,
        bulks=BulkService(reach.store.bulks, findings, runs, clock, on_call),
        homes=HomeService(reach.store.homes, findings, runs, clock),
        exports=ExportService(reach.store.exports, runs, hunts, reach.workspace, clock, summary.filled),
    )


def _roster(settings: Settings) -> Roster:
    return Roster(settings.viewers, settings.responders, settings.leads)


def _discover(settings: Settings) -> Discover | None:
    return Discover(settings.kibana_url, settings.known_accounts) if settings.kibana_url else None


def _keep(settings: Settings, hunts: HuntShelf) -> Keep:
    """As long as is set, and no shorter than the hunt looks back that looks back the farthest."""
    farthest = max((hunt.window for hunt in hunts.hunts.values()), default=SHORTEST)
    return Keep(settings.keep_hits, settings.keep_resolved).no_less_than(farthest)


def _delivery(settings: Settings, hunting: HuntService, digests: DigestService, reach: _Reach) -> DeliveryService:
    outbox, runs, workspace = reach.store.outbox, reach.runs, reach.workspace
    drafting = Drafting(
        *(outbox, reach.findings, runs, digests, hunting, workspace, reach.store.bulks),
        settings.on_call_group,
        _discover(settings),
    )
    return DeliveryService(
        outbox, runs, drafting, workspace, reach.targets, reach.clock, fallback=reach.channels.fallback
    )


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
