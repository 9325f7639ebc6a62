"""How long findings wait until a person does something."""

from datetime import timedelta

import pytest

from bot.domain.finding import FindingId
from bot.domain.responder import HUNTBOT, UserId
from bot.domain.response import Happened, waited
from bot.domain.triage import Move
from tests.examples import ANNA
from tests.stand_ins import START


def at(minute: int, move: Move, by: UserId = ANNA, finding: int = 1) -> Happened:
    return Happened(FindingId(finding), move, by, START + timedelta(minutes=minute))


def recorded(minute: int, finding: int = 1) -> Happened:
    return at(minute, Move.RECORDED, HUNTBOT, finding)


@pytest.mark.parametrize(
    ("events", "minutes"),
    [
        ([], []),
        ([recorded(0)], []),
        ([recorded(0), at(5, Move.ACKNOWLEDGE)], [5]),
        *(([recorded(0), at(5, move)], [5]) for move in (Move.ESCALATE, Move.RESOLVE, Move.SNOOZE, Move.ASSIGN)),
        ([recorded(0), at(2, Move.COMMENT), at(5, Move.ACKNOWLEDGE)], [5]),
        ([recorded(0), at(3, Move.ESCALATE, HUNTBOT), at(9, Move.ACKNOWLEDGE)], [9]),
        ([recorded(0), at(4, Move.WORSEN, HUNTBOT), at(9, Move.ACKNOWLEDGE)], [9]),
        ([recorded(0), at(5, Move.ACKNOWLEDGE), at(7, Move.RESOLVE)], [5]),
        ([recorded(0), at(5, Move.RESOLVE), at(20, Move.RECUR, HUNTBOT), at(21, Move.ACKNOWLEDGE)], [5, 1]),
        ([recorded(0), at(5, Move.SNOOZE), at(60, Move.WAKE, HUNTBOT), at(63, Move.ACKNOWLEDGE)], [5, 3]),
        ([at(5, Move.ACKNOWLEDGE)], []),
        ([recorded(0), recorded(1, 2), at(2, Move.ACKNOWLEDGE, finding=2), at(9, Move.ACKNOWLEDGE)], [1, 9]),
    ],
    ids=[
        "nothing",
        "nobody yet",
        "acknowledged",
        *("escalated", "resolved", "snoozed", "assigned"),
        "a comment is no answer",
        "nor is what huntbot does",
        "worse while it waits",
        "the first answer counts",
        "it came back",
        "its snooze ended",
        "opened before the stretch",
        "two of them",
    ],
)
def test_a_clock_runs_from_the_opening_to_the_first_answer(events: list[Happened], minutes: list[int]) -> None:
    found = waited(events)
    if not minutes:
        assert found is None
        return
    assert found is not None
    assert (found.count, found.mean) == (len(minutes), timedelta(minutes=sum(minutes)) / len(minutes))


def test_the_median_stands_beside_the_mean() -> None:
    events = [recorded(0, n) for n in range(3)]
    events += [at(minute, Move.ACKNOWLEDGE, finding=n) for n, minute in enumerate((1, 2, 600))]

    found = waited(events, is_capped=True)

    assert found is not None
    assert (found.median, found.mean) == (timedelta(minutes=2), timedelta(minutes=201))
    assert found.is_capped


def test_a_clock_that_was_set_back_makes_nobody_answer_before_they_were_asked() -> None:
    found = waited([recorded(9), at(5, Move.ACKNOWLEDGE)])
    assert found is not None
    assert found.mean == timedelta()
