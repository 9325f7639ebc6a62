"""Whoever pressed second is told who was first, and when."""

import pytest

from bot.blocks.history import too_late_blocks
from bot.domain.triage import AuditEvent, Move
from tests.unit.blocks.examples import ALICE, BOB, event, finding, read


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (event(Move.ACKNOWLEDGE, BOB), "<@U0BOB00000> was first: acknowledged it, 2026-03-04 12:00:00 UTC"),
        (event(Move.RESOLVE, BOB, "known"), "<@U0BOB00000> was first: resolved it: known, 2026-03-04 12:00:00 UTC"),
        (event(Move.ACKNOWLEDGE, ALICE), "F-42  You acknowledged it already, 2026-03-04 12:00:00 UTC"),
        (None, "F-42 can not be changed that way now."),
    ],
)
def test_the_loser_is_told_who_was_first(first: AuditEvent | None, says: str) -> None:
    assert says in read(too_late_blocks(finding(), first, ALICE))
