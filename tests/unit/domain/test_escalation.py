"""Who hears of what: phases of an escalation, and targets as routes."""

import pytest

from bot.domain.escalation import NOBODY, OnCall, Phase, TargetName, hears, phase_of, route_of, target_of
from bot.domain.responder import ChannelId
from bot.domain.triage import Move

PAGER, HOOK, GONE = TargetName("pagerduty"), TargetName("webhook"), TargetName("apprise-mailto")
ON_CALL = OnCall(ChannelId("C-ONCALL"), (PAGER, HOOK))

PHASES = {
    Move.ESCALATE: Phase.TRIGGER,
    Move.ACKNOWLEDGE: Phase.ACKNOWLEDGE,
    Move.ASSIGN: Phase.ACKNOWLEDGE,
    Move.RESOLVE: Phase.RESOLVE,
}


@pytest.mark.parametrize("move", Move)
def test_a_target_is_told_of_these_moves_and_of_no_other(move: Move) -> None:
    assert phase_of(move) is PHASES.get(move)


@pytest.mark.parametrize(
    ("move", "called", "expected"),
    [
        (Move.ESCALATE, (), (PAGER, HOOK)),
        (Move.ESCALATE, (PAGER,), (PAGER, HOOK)),
        (Move.ACKNOWLEDGE, (), ()),
        (Move.ACKNOWLEDGE, (PAGER,), (PAGER,)),
        (Move.ASSIGN, (PAGER,), (PAGER,)),
        (Move.COMMENT, (PAGER,), ()),
        (Move.RESOLVE, (HOOK, PAGER), (PAGER, HOOK)),
        (Move.RESOLVE, (GONE,), ()),
        (Move.SNOOZE, (PAGER, HOOK), ()),
        (Move.REOPEN, (PAGER, HOOK), ()),
    ],
)
def test_all_hear_of_an_escalation_and_those_that_were_called_of_what_follows(
    move: Move, called: tuple[TargetName, ...], expected: tuple[TargetName, ...]
) -> None:
    assert hears(move, ON_CALL, called) == expected


def test_a_target_is_a_route_and_no_channel_of_slack_is_a_target() -> None:
    assert target_of(route_of(PAGER)) == PAGER
    assert target_of(ChannelId("C0123ABCD")) is None


@pytest.mark.parametrize(
    ("on_call", "is_nobody"), [(NOBODY, True), (OnCall(ChannelId("C-1")), False), (OnCall(None, (PAGER,)), False)]
)
def test_nobody_is_on_call_where_there_is_neither_channel_nor_target(on_call: OnCall, *, is_nobody: bool) -> None:
    assert on_call.is_nobody is is_nobody
