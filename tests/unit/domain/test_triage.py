"""What may be done with a finding, who wins, and who is told what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.finding import Finding, press
from bot.domain.triage import AuditEvent, Move, Press, Resolution, State, who_was_first
from bot.errors import BadArgument
from tests.examples import ANNA, BEN, finding
from tests.stand_ins import START

PRESSES = (Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.REOPEN)


def asked(move: Move, by: str = ANNA, after_s: int = 0, note: str = "") -> Press:
    resolution = Resolution.BENIGN if move is Move.RESOLVE else None
    return Press(move, type(ANNA)(by), START + timedelta(seconds=after_s), resolution=resolution, note=note)


def after(*moves: Move) -> Finding:
    """A finding after presses by Anna, all of which are accepted."""
    pressed = finding()
    for move in moves:
        pressed, event = press(pressed, asked(move))
        assert event.accepted
    return pressed


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (after(), {Move.ACKNOWLEDGE: "acknowledged", Move.ESCALATE: "escalated", Move.RESOLVE: "resolved"}),
        (after(Move.ACKNOWLEDGE), {Move.ESCALATE: "escalated", Move.RESOLVE: "resolved"}),
        (after(Move.ESCALATE), {Move.ACKNOWLEDGE: "escalated", Move.RESOLVE: "resolved"}),
        (after(Move.ESCALATE, Move.ACKNOWLEDGE), {Move.RESOLVE: "resolved"}),
        (after(Move.ACKNOWLEDGE, Move.ESCALATE), {Move.ACKNOWLEDGE: "escalated", Move.RESOLVE: "resolved"}),
        (after(Move.RESOLVE), {Move.REOPEN: "open"}),
    ],
    ids=["open", "acknowledged", "escalated", "escalated and taken", "taken, then escalated", "resolved"],
)
def test_each_state_takes_exactly_its_presses(state: Finding, allowed: dict[Move, str]) -> None:
    outcomes = {move: press(state, asked(move, BEN)) for move in PRESSES}

    assert {move: moved.state.value for move, (moved, event) in outcomes.items() if event.accepted} == allowed


@pytest.mark.parametrize("move", [Move.RECUR, Move.WORSEN, Move.RECORDED, Move.REVOCATION_SEEN])
def test_what_only_a_run_does_nobody_can_press(move: Move) -> None:
    resolved = after(Move.RESOLVE)

    unchanged, event = press(resolved, Press(move, ANNA, START))

    assert (unchanged, event.accepted) == (resolved, False)


def test_acknowledging_twice_keeps_the_first_responder() -> None:
    taken, _ = press(finding(), asked(Move.ACKNOWLEDGE, ANNA))

    again, event = press(taken, asked(Move.ACKNOWLEDGE, BEN, after_s=1))

    assert again == taken
    assert again.owner == ANNA
    assert (event.by, event.accepted, event.before, event.after) == (
        *(BEN, False),
        *(State.ACKNOWLEDGED, State.ACKNOWLEDGED),
    )


def test_an_escalated_finding_is_taken_over_once() -> None:
    escalated = after(Move.ACKNOWLEDGE, Move.ESCALATE)

    taken, _ = press(escalated, asked(Move.ACKNOWLEDGE, BEN))
    again, event = press(taken, asked(Move.ACKNOWLEDGE, ANNA))

    assert (taken.state, taken.owner) == (State.ESCALATED, BEN)
    assert (again.owner, event.accepted) == (BEN, False)


def test_resolving_says_who_why_and_with_what_note() -> None:
    resolved, event = press(after(Move.ACKNOWLEDGE), asked(Move.RESOLVE, BEN, after_s=5, note="ours"))

    assert (resolved.owner, resolved.resolved_by, resolved.resolution) == (ANNA, BEN, Resolution.BENIGN)
    assert (resolved.resolution_note, resolved.resolved_at) == ("ours", START + timedelta(seconds=5))
    assert (event.note, event.resolution) == ("ours", Resolution.BENIGN)


def test_reopening_makes_it_nobodys() -> None:
    reopened, _ = press(after(Move.ESCALATE, Move.ACKNOWLEDGE, Move.RESOLVE), asked(Move.REOPEN, BEN, after_s=9))

    assert reopened == replace(
        finding(),
        opened_at=START + timedelta(seconds=9),
        pressed_severity=finding().severity,
        version=reopened.version,
    )


def test_every_accepted_press_is_a_new_version_and_a_refused_one_is_none() -> None:
    taken, _ = press(finding(), asked(Move.ACKNOWLEDGE))

    assert taken.version == finding().version + 1
    assert press(taken, asked(Move.ACKNOWLEDGE))[0].version == taken.version


@pytest.mark.parametrize(("move", "resolution"), [(Move.RESOLVE, None), (Move.ACKNOWLEDGE, Resolution.EXPECTED)])
def test_a_resolution_belongs_to_resolving(move: Move, resolution: Resolution | None) -> None:
    with pytest.raises(BadArgument, match="resolution"):
        Press(move, ANNA, START, resolution=resolution)


def event(move: Move, by: str, *, accepted: bool = True, state: State = State.OPEN) -> AuditEvent:
    return AuditEvent(move, type(ANNA)(by), START, state, state, accepted)


RECORDED = event(Move.RECORDED, "huntbot")
ACK_ANNA = event(Move.ACKNOWLEDGE, ANNA)


@pytest.mark.parametrize(
    ("history", "refused", "first"),
    [
        ([RECORDED, ACK_ANNA], Move.ACKNOWLEDGE, ACK_ANNA),
        ([RECORDED, ACK_ANNA, event(Move.ACKNOWLEDGE, BEN, accepted=False)], Move.ACKNOWLEDGE, ACK_ANNA),
        ([RECORDED, event(Move.RESOLVE, BEN)], Move.ACKNOWLEDGE, event(Move.RESOLVE, BEN)),
        ([RECORDED, event(Move.ESCALATE, BEN), ACK_ANNA], Move.ESCALATE, event(Move.ESCALATE, BEN)),
        (
            [RECORDED, ACK_ANNA, event(Move.RESOLVE, BEN), event(Move.REOPEN, BEN), event(Move.ACKNOWLEDGE, BEN)],
            Move.ACKNOWLEDGE,
            event(Move.ACKNOWLEDGE, BEN),
        ),
        ([RECORDED, ACK_ANNA, event(Move.RECUR, "huntbot")], Move.REOPEN, event(Move.RECUR, "huntbot")),
        ([], Move.REOPEN, None),
    ],
    ids=[
        "same move",
        "refused ones do not count",
        "closed",
        "escalated before taken",
        "since reopened",
        "by a run",
        "",
    ],
)
def test_the_loser_is_told_of_the_press_that_was_first(
    history: list[AuditEvent], refused: Move, first: AuditEvent | None
) -> None:
    assert who_was_first(history, event(refused, BEN, accepted=False)) == first


@pytest.mark.parametrize("refused", [Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE])
@pytest.mark.parametrize(
    "since",
    [(), (event(Move.REVOCATION_SEEN, "huntbot"),)],
    ids=["last of all", "before huntbot saw that it was taken back"],
)
def test_whoever_presses_on_what_is_closed_is_told_who_closed_it(
    refused: Move, since: tuple[AuditEvent, ...]
) -> None:
    closed = event(Move.RESOLVE, BEN)
    history = [RECORDED, ACK_ANNA, event(Move.ESCALATE, ANNA), closed, *since]

    assert who_was_first(history, event(refused, ANNA, accepted=False, state=State.RESOLVED)) == closed


def test_what_huntbot_only_saw_was_nobodys_press() -> None:
    history = [RECORDED, event(Move.REVOCATION_SEEN, "huntbot")]

    assert who_was_first(history, event(Move.REOPEN, BEN, accepted=False)) == RECORDED
