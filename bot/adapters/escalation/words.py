"""What people on call read, at night and on a phone: plain text, the same for every target.

Values from a log come through `literal`, as everywhere: nothing hidden is in them, and no line is broken by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.blocks import facts, rich, state, summary
from bot.blocks.rich import Line
from bot.blocks.text import LONG_CAP, VALUE_CAP, literal
from bot.domain.escalation import Phase
from bot.domain.hit import Hit
from bot.domain.message import EscalationCall
from bot.domain.responder import HUNTBOT
from bot.domain.triage import AuditEvent

_ACCOUNT = ("account", "cloud.account.id")  # our hunts' name for it, and Elastic's
_REGION = ("region", "cloud.region")

_BECAME: Mapping[Phase, str] = {
    Phase.TRIGGER: "escalated",
    Phase.ACKNOWLEDGE: "taken over",
    Phase.RESOLVE: "resolved",
}


def title(call: EscalationCall, phase: Phase) -> str:
    """`CRITICAL F-42 escalated`: our own words only, for places that may make more than text of a title."""
    return f"{_name(call)} {_BECAME[phase]}"


def headline(call: EscalationCall) -> str:
    """`CRITICAL F-42: anyone (*) may invoke payments-api. Nothing narrows it.`: all of it in one line."""
    why = f". {reason(call)}" if call.finding.face.reason else ""
    return f"{_name(call)}: {what(call)}{why}"


def page(call: EscalationCall, phase: Phase) -> str:
    """The whole message, the most telling first; what follows a call says only what became of it."""
    lines = _called(call) if phase is Phase.TRIGGER else (deed(call.event), what(call))
    back = (call.back.url,) if call.back else ()
    return "\n".join((*lines, *back))


def what(call: EscalationCall) -> str:
    """The hunt's sentence."""
    return summary.say(call.hunt, call.finding.face, VALUE_CAP)


def reason(call: EscalationCall) -> str:
    """Why the hunt thinks it is as bad as that; empty where it does not say."""
    return literal(call.finding.face.reason or "", LONG_CAP)


def deed(event: AuditEvent) -> str:
    """`Slack user U0123ABCD resolved it as benign: a test (2026-11-25 03:00:00 UTC)`."""
    who = event.by if event.by == HUNTBOT else f"Slack user {event.by}"
    return f"{who} {_plain(state.done(event))} ({rich.utc(event.at)})"


def details(call: EscalationCall) -> Mapping[str, str]:
    """How far it reaches, who, from where, when, and the hunt's own columns: label and value, as on the card."""
    told = (
        *facts.of_finding(call.finding, known_accounts=call.known_accounts),
        *facts.further(call.finding, call.hunt),
    )
    return {fact.label: _plain(fact.told) for fact in told}


def account(hit: Hit) -> str | None:
    """The AWS account, where the hunt says it."""
    return _first(hit, _ACCOUNT)


def place(hit: Hit) -> str | None:
    """`111122223333/eu-central-1`; None where the hunt says neither."""
    return "/".join(part for part in (account(hit), _first(hit, _REGION)) if part) or None


def instant(at: datetime) -> str:
    """`2026-11-25T03:00:00.000Z`, for programs."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _name(call: EscalationCall) -> str:
    return f"{call.finding.severity.value.upper()} {call.finding.ref}"


def _called(call: EscalationCall) -> Iterator[str]:
    yield what(call)
    if call.finding.face.reason:
        yield reason(call)
    yield from (f"{label}: {value}" for label, value in details(call).items())
    yield f"Hunt: {literal(call.hunt.name)}"
    yield deed(call.event)


def _first(hit: Hit, columns: Sequence[str]) -> str | None:
    return next((literal(text) for column in columns if (text := hit.text(column))), None)


def _plain(line: Line) -> str:
    """Rich text without its styles; an instant in UTC, for nobody's client makes local time of it here."""
    return "".join(str(element.get("text") or element.get("fallback") or "") for element in line)
