"""A line of a finding's history in its thread, and the private line to whoever pressed second."""

from collections.abc import Sequence

from bot.blocks import rich, state
from bot.blocks.rich import Json, Line
from bot.domain.finding import Finding
from bot.domain.message import HistoryNote
from bot.domain.responder import HUNTBOT, UserId
from bot.domain.triage import AuditEvent


def blocks(note: HistoryNote) -> tuple[Json, ...]:
    """The finding is named: in a thread of many, nobody could tell whose history it is."""
    return (rich.section([rich.words(f"{note.finding.ref}  ", bold=True), *line(note.event)]),)


def text(note: HistoryNote) -> str:
    """A sentence that pings nobody."""
    who = "huntbot" if note.event.by == HUNTBOT else "somebody"
    return f"{note.finding.ref}: {who} {state.deed_in_text(note.event)}."


def line(event: AuditEvent) -> Line:
    return [rich.moment(event.at), rich.words("  "), *state.deed(event)]


def full_line(event: AuditEvent) -> Line:
    """With the states it led from and to, where it changed any."""
    led = f" ({event.before.value} → {event.after.value})" if event.before is not event.after else ""
    return [*line(event), *([rich.words(led)] if led else [])]


def too_late(finding: Finding, first: AuditEvent | None, you: UserId) -> Sequence[Line]:
    """Who was first and when; a person's own earlier press is told as such."""
    now = state.standing(finding)
    if first is None and finding.is_with(you):
        return [[rich.words(f"{finding.ref}  ", bold=True), rich.words("You hold it already.")], now]
    if first is None:
        return [[rich.words(f"{finding.ref} can not be changed that way now.")], now]
    who = (
        [rich.words("You "), *state.done(first), rich.words(" already, ")]
        if first.by == you
        else [rich.person(first.by), rich.words(" was first: "), *state.done(first), rich.words(", ")]
    )
    return [[rich.words(f"{finding.ref}  ", bold=True), *who, rich.moment(first.at)], now]


def too_late_blocks(finding: Finding, first: AuditEvent | None, you: UserId) -> tuple[Json, ...]:
    return (rich.section(*too_late(finding, first, you)),)
