"""The message in the escalation channel: who is called, about what, and the way back."""

from collections.abc import Iterator

from bot.blocks import actions, facts, rich, state, summary
from bot.blocks.finding import what
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import escaped, literal
from bot.domain.message import EscalationCall, EscalationFailed
from bot.domain.triage import State


def blocks(call: EscalationCall) -> tuple[Json, ...]:
    return fit(_parts(call))


def text(call: EscalationCall) -> str:
    said = escaped(summary.plain(call.hunt, call.finding.face))
    return f"{mention(call)}🚨 Escalated: {state.grade(call.finding.severity)} {call.finding.ref}: {said}."


def mention(call: EscalationCall) -> str:
    """The people on call, where Slack parses text; empty where no group is set."""
    return f"<!subteam^{call.on_call}> " if call.on_call else ""


def failed_text(failed: EscalationFailed) -> str:
    return _nobody_told(failed)


def failed_blocks(failed: EscalationFailed) -> tuple[Json, ...]:
    """What whoever escalated has to know at once: they must tell the people on call themselves."""
    who = failed.target or "Slack"
    why = [
        rich.words(f"{who} does not take it: "),
        rich.value(literal(failed.code)),
        rich.words(". huntbot goes on trying."),
    ]
    return (
        rich.section([rich.words(_nobody_told(failed), bold=True), rich.words(" Please tell them yourself.")], why),
    )


def _nobody_told(failed: EscalationFailed) -> str:
    ref = failed.call.finding.ref
    if failed.target is not None:
        return f"🚨 {failed.target} could not be told of {ref}."
    return f"🚨 Nobody on call was told of {ref}."


def _parts(call: EscalationCall) -> Iterator[Part]:
    finding = call.finding
    called = [rich.group(call.on_call), rich.words(" ")] if call.on_call else []
    by = [rich.words("Escalated by "), rich.person(call.event.by), rich.words(" "), rich.moment(call.event.at)]
    note = [rich.words(f"“{literal(call.event.note)}”")] if call.event.note else []
    yield Part(rich.header(f"🚨 {state.grade(finding.severity)} · {finding.ref}"))
    yield Part(rich.section([*called, *by], note, _moved_on(call), state.sleep(call.finding)))
    yield Part(what(finding, call.hunt, call.known_accounts))
    told = (*facts.who_and_when(finding), *facts.exactly(finding, call.hunt))
    yield Part(rich.section(*(fact.line for fact in told)), Keep.LONG)
    if ways := _ways_on(call):
        yield Part({"type": "actions", "elements": ways})


def _moved_on(call: EscalationCall) -> Line:
    """Who holds it, or what else became of it since the people on call were called."""
    if call.is_retired:
        return [rich.words("Escalated again since: a later message stands for this one.")]
    return state.held(call.finding) if call.finding.state is State.ESCALATED else state.standing(call.finding)


def _ways_on(call: EscalationCall) -> list[Json]:
    """Take it over from here, while nobody has; go to where it was found."""
    take_over: Json = {
        "type": "button",
        "text": rich.plain("Take over"),
        "action_id": actions.ACKNOWLEDGE,
        "value": str(call.finding.id),
        "style": "primary",
        "accessibility_label": f"Take over {call.finding.ref}",
    }
    ways = [take_over] if call.is_waiting else []
    if call.back is not None:
        label = rich.plain(f"Open {call.finding.ref}")
        ways.append(
            {
                "type": "button",
                "text": label,
                "action_id": actions.OPEN_LINK,
                "url": call.back.url,
                "accessibility_label": f"Open {call.finding.ref}, its message",
            }
        )
    return ways
