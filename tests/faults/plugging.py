"""The services over any ports, as compose plugs them together: for a life, and for the machine that plays one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.access import Roster
from bot.domain.escalation import OnCall, TargetName
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.responder import ChannelId
from bot.domain.retention import Keep
from bot.domain.schedule import Schedule
from bot.domain.suppression import NO_RULES, Suppressions
from bot.ports import Clock, EscalationTarget, Findings, LogSearch, Outbox, Retention, Runs, Workspace
from bot.services import (
    AccessService,
    DeliveryService,
    DigestService,
    EvidenceService,
    HuntService,
    RetentionService,
    Services,
    SuppressionService,
    TriageService,
)
from bot.services.delivery import LEASE
from bot.services.drafting import Drafting
from tests.stand_ins import KnownPeople


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that services reach."""

    logs: LogSearch
    findings: Findings
    runs: Runs
    outbox: Outbox
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
    hunts = HuntService(
        shelf, ports.logs, ports.findings, ports.runs, clock, homes=homes, suppressions=suppressions, lease=lease
    )
    digests = DigestService(hunts, ports.runs, ports.findings, clock, schedules)
    drafting = Drafting(ports.outbox, ports.findings, ports.runs, digests, hunts, ports.workspace)
    delivery = DeliveryService(
        ports.outbox, ports.runs, drafting, ports.workspace, ports.targets, clock, sleep, fallback, lease
    )
    triage = TriageService(ports.findings, clock, OnCall(on_call, tuple(ports.targets)), escalate_after)
    rules = SuppressionService(shelf, ports.logs, suppressions, (), clock)
    access = AccessService(KnownPeople(), Roster(), clock)
    retention = RetentionService(ports.retention, Keep(), clock)
    return Services(hunts, triage, digests, delivery, rules, retention, access, EvidenceService(ports.logs))
