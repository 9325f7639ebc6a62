"""Where a finding stands, in words: on its card, in lists, in its history, and to whoever pressed second."""

from collections.abc import Mapping

from bot.blocks import rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, literal
from bot.domain.finding import Finding
from bot.domain.run import Novelty
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, Move, Resolution, State

# Shape and word beside colour: told apart in greyscale and by a screen reader.
SEVERITY_SIGNS: Mapping[Severity, str] = {
    Severity.CRITICAL: "🛑",
    Severity.HIGH: "🔺",
    Severity.MEDIUM: "🔶",
    Severity.LOW: "🔹",
    Severity.INFO: "▫️",
}
NOVELTY_WORDS: Mapping[Novelty, str] = {
    Novelty.BACKLOG: "from the backlog",
    Novelty.NEW: "new",
    Novelty.RECURRED: "recurred",
    Novelty.WORSENED: "worsened",
    Novelty.KNOWN: "known",
}
RESOLUTION_WORDS: Mapping[Resolution, str] = {
    Resolution.MALICIOUS: "malicious",
    Resolution.BENIGN: "benign",
    Resolution.EXPECTED: "expected",
    Resolution.REVOKED: "revoked",
}
_STATE_SIGNS: Mapping[State, str] = {
    State.OPEN: "⚪",
    State.ACKNOWLEDGED: "👀",
    State.ESCALATED: "🚨",
    State.RESOLVED: "✅",
}
_DEEDS: Mapping[Move, str] = {
    Move.RECORDED: "recorded it",
    Move.ACKNOWLEDGE: "acknowledged it",
    Move.ESCALATE: "escalated it",
    Move.RESOLVE: "resolved it",
    Move.REOPEN: "reopened it",
    Move.SNOOZE: "snoozed it",
    Move.ASSIGN: "took it",
    Move.COMMENT: "wrote",
    Move.WAKE: "opened it again: its snooze is over",
    Move.RECUR: "reopened it: it happened again after it was resolved",
    Move.WORSEN: "reopened it: it is worse than when it was last looked at",
    Move.REVOCATION_SEEN: "saw that it was taken back",
}
_REFUSED: Mapping[Move, str] = {
    Move.ACKNOWLEDGE: "wanted to acknowledge it",
    Move.ESCALATE: "wanted to escalate it",
    Move.RESOLVE: "wanted to resolve it",
    Move.REOPEN: "wanted to reopen it",
    Move.SNOOZE: "wanted to snooze it",
    Move.ASSIGN: "wanted to assign it",
    Move.COMMENT: "wanted to write about it",
}


def grade(severity: Severity) -> str:
    """`🛑 CRITICAL`."""
    return f"{SEVERITY_SIGNS[severity]} {severity.value.upper()}"


def grades(number_of: Mapping[Severity, int]) -> str:
    """`🛑 2 critical, 🔺 5 high`: the worst first, without what there is none of."""
    told = [(grade, number_of.get(grade, 0)) for grade in Severity]
    return ", ".join(f"{SEVERITY_SIGNS[grade]} {number:,} {grade.value}" for grade, number in told if number)


def in_a_word(finding: Finding) -> str:
    """For a line of a list, naming nobody: a list must not ping who holds what it lists."""
    if finding.state is State.RESOLVED and finding.resolution is not None:
        return f"resolved, {RESOLUTION_WORDS[finding.resolution]}"
    return f"{finding.state.value}{', snoozed' if finding.snoozed_until else ''}"


def standing(finding: Finding) -> list[Json]:
    """The line of a card that says its state, who brought it there and who holds it."""
    return [rich.words(f"{_STATE_SIGNS[finding.state]} "), *_STANDING[finding.state](finding)]


def held(finding: Finding) -> list[Json]:
    """Who holds what was escalated; whoever did before may do no more than know of it."""
    nobody = "Nobody has taken it over yet" if finding.waits_for_takeover else ""
    if finding.owner is None:
        return [rich.words(nobody or "Nobody holds it")]
    return [rich.words("Held by "), *_holder(finding), *([rich.words(f". {nobody}")] if nobody else [])]


def sleep(finding: Finding) -> list[Json]:
    """The line of a card that says who put it off and until when; empty where nobody did."""
    if finding.snoozed_until is None:
        return []
    by = [rich.words(" by "), rich.person(finding.snoozed_by)] if finding.snoozed_by else []
    return [rich.words("💤 Snoozed"), *by, rich.words(" until "), rich.moment(finding.snoozed_until, rich.MINUTES)]


def deed(event: AuditEvent) -> list[Json]:
    """What an event was, as a sentence with its actor: `@alice resolved it as benign: known deployer`."""
    return [rich.person(event.by), rich.words(" "), *done(event)]


def done(event: AuditEvent) -> list[Json]:
    """The same without its actor."""
    note = [rich.words(f": {literal(event.note, LONG_CAP)}")] if event.note else []
    if not event.accepted:
        return [rich.words(f"{_REFUSED.get(event.move, 'tried to change it')}, in vain"), *note]
    if event.assignee is not None and event.assignee != event.by:
        return [rich.words("gave it to "), rich.person(event.assignee), *note]
    as_what = f" as {RESOLUTION_WORDS[event.resolution]}" if event.resolution else ""
    until = [rich.words(" until "), rich.moment(event.until, rich.MINUTES)] if event.until else []
    return [rich.words(f"{_DEEDS[event.move]}{as_what}"), *until, *note]


def deed_in_text(event: AuditEvent) -> str:
    """The same without naming anybody: for a notification that must ping nobody."""
    return _DEEDS[event.move] if event.assignee in {None, event.by} else "gave it to somebody"


def _open(finding: Finding) -> list[Json]:
    return [rich.words("Open, nobody has it. Waiting since "), rich.moment(finding.opened_at, rich.MINUTES)]


def _acknowledged(finding: Finding) -> list[Json]:
    return [rich.words("Acknowledged by "), *_holder(finding)]


def _escalated(finding: Finding) -> list[Json]:
    by = [rich.words(" by "), rich.person(finding.escalated_by)] if finding.escalated_by else []
    at = [rich.words(" "), rich.moment(finding.escalated_at, rich.MINUTES)] if finding.escalated_at else []
    return [rich.words("Escalated"), *by, *at, rich.words(". "), *held(finding)]


def _resolved(finding: Finding) -> list[Json]:
    as_what = f" as {RESOLUTION_WORDS[finding.resolution]}" if finding.resolution else ""
    by = [rich.words(" by "), rich.person(finding.resolved_by)] if finding.resolved_by else []
    at = [rich.words(" "), rich.moment(finding.resolved_at, rich.MINUTES)] if finding.resolved_at else []
    note = [rich.words(f"\n“{literal(finding.resolution_note, LONG_CAP)}”")] if finding.resolution_note else []
    return [rich.words(f"Resolved{as_what}"), *by, *at, *note]


def _holder(finding: Finding) -> list[Json]:
    if finding.owner is None:
        return [rich.words("nobody")]
    at = [rich.words(" "), rich.moment(finding.taken_at, rich.MINUTES)] if finding.taken_at else []
    return [rich.person(finding.owner), *at]


_STANDING = {
    State.OPEN: _open,
    State.ACKNOWLEDGED: _acknowledged,
    State.ESCALATED: _escalated,
    State.RESOLVED: _resolved,
}
