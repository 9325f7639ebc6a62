"""The call to the people on call: whom it names, what it offers, how it tells what became of the finding."""

from dataclasses import replace
from typing import Any

import pytest

from bot.blocks.draw import draw
from bot.domain.escalation import TargetName
from bot.domain.finding import Finding
from bot.domain.message import EscalationCall, EscalationFailed, Link
from bot.domain.triage import Move, Resolution, State
from tests.unit.blocks.examples import ALICE, BOB, GRANTS, NOON, event, finding, read

BACK = Link("F-42", "https://acme.slack.com/archives/C1/p1")
WAITING = replace(finding(), state=State.ESCALATED, escalated_by=BOB, escalated_at=NOON)


def call(shown: Finding = WAITING, **changes: Any) -> EscalationCall:
    made = EscalationCall(shown, GRANTS, event(Move.ESCALATE, BOB), BACK, on_call="S0ONCALL00")
    return replace(made, **changes)


def offered(shown: EscalationCall) -> list[str]:
    """The labels of its buttons."""
    actions: list[Any] = [block["elements"] for block in draw(shown).blocks if block["type"] == "actions"]
    return [str(element["text"]["text"]) for elements in actions for element in elements]


def test_a_call_names_the_people_on_call_and_leads_back() -> None:
    drawn = draw(call())

    assert "<!subteam^S0ONCALL00> Escalated by <@U0BOB00000>" in read(drawn.blocks)
    assert drawn.text.startswith("<!subteam^S0ONCALL00> 🚨 Escalated: 🛑 CRITICAL F-42: anyone may invoke pay")
    assert drawn.bare == "<!subteam^S0ONCALL00> 🚨 Escalated: F-42 🛑 CRITICAL: see /hunt show F-42"
    assert offered(call()) == ["Take over", "Open F-42"]


HELD = "Held by <@U0ALICE000> 2026-03-04 12:00:00 UTC"


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (WAITING, "\nNobody has taken it over yet\n"),
        (replace(WAITING, owner=ALICE, taken_at=NOON), f"\n{HELD}. Nobody has taken it over yet\n"),
        (replace(WAITING, owner=ALICE, taken_at=NOON, is_taken_over=True), f"\n{HELD}\n"),
        (replace(WAITING, snoozed_by=BOB, snoozed_until=NOON), "💤 Snoozed by <@U0BOB00000> until"),
    ],
    ids=["nobody has it", "held since before", "taken over", "snoozed"],
)
def test_a_call_says_once_who_escalated_and_who_holds_it(shown: Finding, says: str) -> None:
    blocks = draw(call(shown)).blocks
    told = "\n".join(read(block) for block in blocks)

    assert says in f"\n{told}\n"
    assert told.count("Escalated") == 1


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (call(replace(WAITING, owner=ALICE, taken_at=NOON, is_taken_over=True)), "<@U0ALICE000>"),
        (
            call(
                replace(
                    *(WAITING,),
                    state=State.RESOLVED,
                    resolved_by=ALICE,
                    resolved_at=NOON,
                    resolution=Resolution.MALICIOUS,
                )
            ),
            "esolved",
        ),
        (call(replace(WAITING, state=State.OPEN, escalated_by=None, escalated_at=None)), "Open"),
        (call(is_retired=True), "Escalated again since"),
    ],
    ids=["taken over", "resolved", "opened again", "escalated again"],
)
def test_a_call_that_nobody_has_to_take_over_says_why_and_offers_only_the_way_back(
    shown: EscalationCall, says: str
) -> None:
    assert says in read(draw(shown).blocks)
    assert offered(shown) == ["Open F-42"]


def test_a_call_without_a_way_back_that_was_taken_over_has_no_empty_row_of_buttons() -> None:
    taken = call(replace(WAITING, owner=ALICE, taken_at=NOON, is_taken_over=True), back=None)

    assert [block["type"] for block in draw(taken).blocks].count("actions") == 0


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (None, "Nobody on call was told of F-42. Please tell them yourself."),
        (TargetName("pagerduty"), "pagerduty could not be told of F-42. Please tell them yourself."),
    ],
)
def test_whoever_escalated_is_told_who_was_not(target: TargetName | None, says: str) -> None:
    told = read(draw(EscalationFailed(call(), "is_archived", target)).blocks)

    assert says in told
    assert "is_archived" in told
