"""What a line of history says; whoever pressed second is told who was first, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks import rich
from bot.blocks.history import line, too_late_blocks
from bot.domain.responder import HUNTBOT
from bot.domain.triage import AuditEvent, Move, State, by_itself
from tests.unit.blocks.examples import ALICE, BOB, NOON, event, finding, read

SNOOZED = replace(event(Move.SNOOZE, BOB, "in a change window"), until=NOON + timedelta(hours=4))
OVERDUE = by_itself(timedelta(minutes=15), NOON)


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (event(Move.ACKNOWLEDGE, BOB), "<@U0BOB00000> was first: acknowledged it, 2026-03-04 12:00:00 UTC"),
        (event(Move.RESOLVE, BOB, "known"), "<@U0BOB00000> was first: resolved it: known, 2026-03-04 12:00:00 UTC"),
        (SNOOZED, "was first: snoozed it until 2026-03-04 16:00:00 UTC: in a change window, 2026-03-04 12:00:00 UTC"),
        (event(Move.ACKNOWLEDGE, ALICE), "F-42  You acknowledged it already, 2026-03-04 12:00:00 UTC"),
        (None, "F-42 can not be changed that way now."),
    ],
)
def test_the_loser_is_told_who_was_first(first: AuditEvent | None, says: str) -> None:
    assert says in read(too_late_blocks(finding(), first, ALICE))


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (event(Move.RESOLVE, BOB, "known"), "<@U0BOB00000> resolved it: known"),
        (SNOOZED, "<@U0BOB00000> snoozed it until 2026-03-04 16:00:00 UTC: in a change window"),
        (event(Move.WAKE, HUNTBOT), "huntbot opened it again: its snooze is over"),
        (
            AuditEvent(OVERDUE.move, OVERDUE.by, NOON, State.OPEN, State.ESCALATED, note=OVERDUE.note),
            "huntbot escalated it: nobody acknowledged it within 15 minutes",
        ),
        (
            replace(event(Move.ESCALATE, BOB, "not of this workspace"), accepted=False),
            "<@U0BOB00000> wanted to escalate it, in vain: not of this workspace",
        ),
    ],
)
def test_a_line_of_history_says_who_did_what(told: AuditEvent, says: str) -> None:
    assert read([rich.section(line(told))]) == f"2026-03-04 12:00:00 UTC  {says}\n"
