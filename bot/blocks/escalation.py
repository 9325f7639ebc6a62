"""The message in the escalation channel: who is called, about what, and the way back."""

from collections.abc import Iterator

from bot.blocks import actions, facts, rich, state, summary
from bot.blocks.finding import what
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json
from bot.blocks.text import escaped, literal
from bot.domain.message import EscalationCall, EscalationFailed


def blocks(call: EscalationCall) -> tuple[Json, ...]:
    return fit(_parts(call))


def text(call: EscalationCall) -> str:
    mention = f"<!subteam^{call.on_call}> " if call.on_call else ""
    said = escaped(summary.say(call.hunt, call.finding.face))
    return f"{mention}🚨 Escalated: {state.grade(call.finding.severity)} {call.finding.ref}: {said}"


def failed_text(failed: EscalationFailed) -> str:
    return f"{failed.call.finding.ref}: nobody on call was told."


def failed_blocks(failed: EscalationFailed) -> tuple[Json, ...]:
    """What whoever escalated has to know at once: they must tell the people on call themselves."""
    said = f"🚨 Nobody on call was told of {failed.call.finding.ref}. "
    why = [rich.words("Slack does not take the message: "), rich.value(literal(failed.code))]
    return (rich.section([rich.words(said, bold=True), rich.words("Please tell them yourself.")], why),)


def _parts(call: EscalationCall) -> Iterator[Part]:
    finding = call.finding
    mention = [rich.group(call.on_call), rich.words(" ")] if call.on_call else []
    by = [rich.words("Escalated by "), rich.person(call.event.by), rich.words(" "), rich.moment(call.event.at)]
    note = [rich.words(f"“{literal(call.event.note)}”")] if call.event.note else []
    yield Part(rich.header(f"🚨 {state.grade(finding.severity)} · {finding.ref}"))
    yield Part(rich.section([*mention, *by], note))
    yield Part(what(finding, call.hunt))
    yield Part(rich.section(*(fact.line for fact in facts.of_finding(finding))), Keep.LONG)
    yield Part(_ways_on(call))


def _ways_on(call: EscalationCall) -> Json:
    """Take it over from here, or go to where it was found."""
    take_over: Json = {
        "type": "button",
        "text": rich.plain("Take over"),
        "action_id": actions.ACKNOWLEDGE,
        "value": str(call.finding.id),
        "style": "primary",
        "accessibility_label": f"Take over {call.finding.ref}",
    }
    if call.back is None:
        return {"type": "actions", "elements": [take_over]}
    back: Json = {
        "type": "button",
        "text": rich.plain(f"Open {call.finding.ref}"),
        "action_id": actions.OPEN_LINK,
        "url": call.back.url,
    }
    return {"type": "actions", "elements": [take_over, back]}
