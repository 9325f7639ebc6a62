"""The services over any ports, as compose plugs them together: for a life, and for the machine that plays one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.blocks import summary
from bot.domain.access import Roster
from bot.domain.escalation import OnCall, TargetName
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.responder import ChannelId
from bot.domain.retention import Keep
from bot.domain.run import Trigger
from bot.domain.schedule import Schedule
from bot.domain.suppression import NO_RULES, Suppressions
from bot.ports.desk import Bulks, Exports, Homes
from bot.ports.escalation import EscalationTarget
from bot.ports.findings import Findings
from bot.ports.outbox import Outbox
from bot.ports.record import Retention
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
from bot.services.delivery import LEASE
from bot.services.drafting import Drafting
from local.slack.sample import TEAM
from tests.stand_ins import KnownPeople


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that services reach."""

    logs: LogSearch
    findings: Findings
    runs: Runs
    outbox: Outbox
    bulks: Bulks
    homes: Homes
    exports: Exports
    retention: Retention
    workspace: Workspace
    targets: Mapping[TargetName, EscalationTarget]


def services_over(
    ports: Ports,
    shelf: HuntShelf,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
    *,
    homes: Mapping[Slug, ChannelId],
    schedules: Mapping[Slug, Schedule],
    on_call: ChannelId | None,
    escalate_after: timedelta | None,
    suppressions: Suppressions = NO_RULES,
    fallback: ChannelId | None = None,
    lease: timedelta = LEASE,
) -> Services:
    asking = (shelf, ports.logs, ports.findings, ports.runs)
    pivots = PivotService(*asking, ports.outbox, clock)
    checks = CheckService(*asking, clock)
    hunts = HuntService(
        *(*asking, clock),
        homes=homes,
        suppressions=suppressions,
        lease=lease,
        errands={Trigger.PIVOT: pivots.work, Trigger.CHECK: checks.work},
    )
    digests = DigestService(hunts, ports.runs, ports.findings, clock, schedules)
    drafting = Drafting(ports.outbox, ports.findings, ports.runs, digests, hunts, ports.workspace, ports.bulks)
    delivery = DeliveryService(
        ports.outbox, ports.runs, drafting, ports.workspace, ports.targets, clock, sleep, fallback, lease
    )
    people_on_call = OnCall(on_call, tuple(ports.targets))
    return Services(
        hunts=hunts,
        triage=TriageService(ports.findings, clock, people_on_call, escalate_after),
        digests=digests,
        delivery=delivery,
        suppressions=SuppressionService(shelf, ports.logs, suppressions, (), clock),
        retention=RetentionService(ports.retention, Keep(), clock),
        access=AccessService(KnownPeople(TEAM.id), Roster(), clock),
        evidence=EvidenceService(ports.logs),
        pivots=pivots,
        checks=checks,
        bulks=BulkService(ports.bulks, ports.findings, ports.runs, clock, people_on_call),
        homes=HomeService(ports.homes, ports.findings, ports.runs, clock),
        exports=ExportService(ports.exports, ports.runs, shelf, ports.workspace, clock, summary.filled),
    )
