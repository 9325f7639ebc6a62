"""Presses in the store: each compared and set, with its event and what it owes, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.audit import append_once
from bot.adapters.sql.mapping import event_from, finding_from, finding_values, select_findings
from bot.adapters.sql.messages import load_messages
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.remembering import cards_alike, load_verdict
from bot.adapters.sql.tables import events, findings
from bot.domain.announcing import Announcement, announce_press, announce_wake
from bot.domain.escalation import NOBODY, OnCall
from bot.domain.finding import Finding, FindingId, press, ref, refuse, wake
from bot.domain.intent import Intent
from bot.domain.memory import SameAgain, say_again
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, Echo, EventId, Press, Refusal, State, by_itself
from bot.domain.triage import Move as Judged
from bot.errors import StoreBusy, UnknownFinding

Moved = tuple[Finding, AuditEvent]
Owed = Callable[[Finding, AuditEvent, EventId, Sequence[Intent]], Announcement]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press as it came in, or the refusal of one; whoever is on call hears of an escalation."""

    finding: FindingId
    asked: Press | Refusal | SameAgain
    on_call: OnCall = NOBODY


@dataclass(frozen=True, slots=True)
class Move:
    """What nobody pressed and happens by itself: to which findings, what, and what it owes."""

    which: tuple[ColumnElement[bool], ...]
    make: Callable[[Finding], Moved]
    owes: Owed


async def take(connection: AsyncConnection, pressed: Pressed) -> Moved:
    """One press. Raises UnknownFinding before anything is written."""
    before = await load_finding(connection, pressed.finding)
    match await _meant(connection, before, pressed.asked):
        case Press() as asked:
            after, event = press(before, asked)
        case Refusal() as refused:
            after, event = before, refuse(before, refused)

    echo = pressed.asked.echo if isinstance(pressed.asked, Press) else Echo.EVERYWHERE

    def owes(moved: Finding, done: AuditEvent, event_id: EventId, messages: Sequence[Intent]) -> Announcement:
        return announce_press(moved, done, event_id, messages, pressed.on_call, echo)

    if await _store(connection, before, (after, event), owes):
        return after, event
    return before, await _answered(connection, pressed.asked.delivery)


async def _meant(
    connection: AsyncConnection, finding: Finding, asked: Press | Refusal | SameAgain
) -> Press | Refusal:
    """What is said again is read here, where nobody changes it meanwhile."""
    if isinstance(asked, SameAgain):
        return say_again(finding, await load_verdict(connection, finding), asked)
    return asked


async def load_finding(connection: AsyncConnection, finding: FindingId) -> Finding:
    """Raises UnknownFinding."""
    row = (await connection.execute(select_findings().where(findings.c.id == finding))).mappings().first()
    if row is None:
        raise UnknownFinding(ref(finding))
    return finding_from(row)


def waking(at: datetime) -> Move:
    """Snoozes that end."""
    return Move((findings.c.snoozed_until <= at,), lambda finding: wake(finding, at), announce_wake)


def escalating(opened_until: datetime, at: datetime, on_call: OnCall) -> Move:
    """Critical findings that waited for too long."""
    asked = by_itself(at - opened_until, at)
    overdue = (
        findings.c.rank == -Severity.CRITICAL.rank,
        findings.c.opened_at <= opened_until,
        findings.c.state == State.OPEN,
        findings.c.owner.is_(None),
        ~findings.c.from_backlog,
        findings.c.snoozed_until.is_(None),  # a snooze that ended opens it anew first
    )

    def owes(moved: Finding, done: AuditEvent, event_id: EventId, messages: Sequence[Intent]) -> Announcement:
        return announce_press(moved, done, event_id, messages, on_call)

    return Move(overdue, lambda finding: press(finding, asked), owes)


def candidates(move: Move, limit: int) -> Select[int]:
    return select(findings.c.id).where(*move.which).order_by(findings.c.opened_at, findings.c.id).limit(limit)


async def carry_out(connection: AsyncConnection, move: Move, ids: Sequence[FindingId]) -> Sequence[FindingId]:
    """Move those of `ids` that still are to be moved; which they were."""
    still = select_findings().where(findings.c.id.in_(ids), *move.which).order_by(findings.c.opened_at, findings.c.id)
    found = [finding_from(row) for row in (await connection.execute(still)).mappings()]
    for before in found:
        await _store(connection, before, move.make(before), move.owes)
    return [before.id for before in found]


async def _answered(connection: AsyncConnection, delivery: str | None) -> AuditEvent:
    """What became of this press when it was delivered before."""
    row = (await connection.execute(select(events).where(events.c.delivery == delivery))).mappings().one()
    return event_from(row)


async def _store(connection: AsyncConnection, before: Finding, moved: Moved, owes: Owed) -> bool:
    """Write what became of a finding; False, and nothing, where this delivery was taken before."""
    after, event = moved
    event_id = await append_once(connection, before.id, event)
    if event_id is None:
        return False
    if event.accepted:
        await _compare_and_set(connection, before, after)
        messages = (await load_messages(connection, [before.id])).get(before.id, ())
        await announce(connection, owes(after, event, event_id, messages), event.at)
        if event.move in {Judged.RESOLVE, Judged.REOPEN}:
            await announce(connection, Announcement(redraw=tuple(await cards_alike(connection, after))), event.at)
    return True


async def _compare_and_set(connection: AsyncConnection, before: Finding, after: Finding) -> None:
    unchanged = (findings.c.id == before.id, findings.c.version == before.version)
    result = await connection.execute(update(findings).where(*unchanged).values(finding_values(after)))
    if result.rowcount != 1:
        raise StoreBusy(f"{before.ref} changed at the same moment. Nothing was stored: please try again.")
