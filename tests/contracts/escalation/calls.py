"""A finding that is escalated, and what becomes of it: what the targets are told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.escalation import Phase
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.message import EscalationCall, Link
from bot.domain.rows import Value
from bot.domain.triage import AuditEvent, Move, Resolution, State
from tests.unit.blocks.examples import ALICE, BOB, GRANTS, NOON, finding, hit

LINK = "https://acme.slack.example/archives/C0HUNTS000/p1772625600000100"

EVENTS: Mapping[Phase, AuditEvent] = {
    Phase.TRIGGER: AuditEvent(Move.ESCALATE, ALICE, NOON, State.OPEN, State.ESCALATED, note="please look"),
    Phase.ACKNOWLEDGE: AuditEvent(
        Move.ACKNOWLEDGE, BOB, NOON + timedelta(minutes=5), State.ESCALATED, State.ESCALATED
    ),
    Phase.RESOLVE: AuditEvent(
        Move.RESOLVE,
        BOB,
        NOON + timedelta(hours=1),
        State.ESCALATED,
        State.RESOLVED,
        resolution=Resolution.BENIGN,
        note="a test",
    ),
}


def call(
    phase: Phase = Phase.TRIGGER,
    columns: Mapping[str, Value] | None = None,
    of: Finding | None = None,
    hunt: Hunt = GRANTS,
    *,
    back: bool = True,
) -> EscalationCall:
    told = of or finding(face=hit(columns))
    event = EVENTS[phase]
    return EscalationCall(replace(told, state=event.after), hunt, event, Link(told.ref, LINK) if back else None)
