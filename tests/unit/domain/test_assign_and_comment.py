"""Giving a finding to somebody, saying something about it, and whose threads hear of either."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.announcing import announce_press
from bot.domain.bulk import Bulk, BulkId, Order, Tally, changeable, tallied
from bot.domain.escalation import NOBODY
from bot.domain.finding import Finding, FindingId, press
from bot.domain.intent import Intent, IntentKey, Kind
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.triage import Echo, EventId, Move, Press, Resolution, State, who_was_first
from bot.errors import BadArgument
from tests.examples import ANNA, BEN, SECURITY, finding
from tests.stand_ins import ON_CALL, START

OTHER = ChannelId("C-OTHER")
CARL = UserId("U-CARL")
LATER = START + timedelta(minutes=1)


def assign(to: UserId, by: UserId = ANNA, replaces: Finding | None = None) -> Press:
    return Press(Move.ASSIGN, by, LATER, assignee=to, replaces=replaces.taken_at if replaces else None)


def taken() -> Finding:
    return press(finding(), Press(Move.ACKNOWLEDGE, BEN, START))[0]


def escalated() -> Finding:
    return press(taken(), Press(Move.ESCALATE, BEN, START))[0]


def message(kind: Kind, channel: ChannelId) -> Intent:
    key = IntentKey(f"{kind.value}:{channel}")
    return Intent(key, kind, channel, START, finding=FindingId(1), ts=MessageTs("1.1"), drawn=1)


# --- giving it to somebody ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (finding(), State.ACKNOWLEDGED),
        (taken(), State.ACKNOWLEDGED),
        (escalated(), State.ESCALATED),
    ],
    ids=["open", "held", "escalated"],
)
def test_whoever_is_given_it_holds_it(before: Finding, after: State) -> None:
    given, event = press(before, assign(CARL, replaces=before))

    assert (given.owner, given.taken_at, given.state) == (CARL, LATER, after)
    assert given.is_taken_over == (after is State.ESCALATED)
    assert (event.accepted, event.assignee, event.by) == (True, CARL, ANNA)


def test_what_is_resolved_is_given_to_nobody() -> None:
    closed, _ = press(finding(), Press(Move.RESOLVE, BEN, START, resolution=Resolution.BENIGN))

    assert press(closed, assign(CARL))[1].accepted is False


def test_of_two_who_give_it_away_the_second_did_not_see_the_first() -> None:
    before = taken()
    given, first = press(before, assign(CARL, replaces=before))
    still, second = press(given, assign(BEN, by=BEN, replaces=before))

    assert (first.accepted, second.accepted, still) == (True, False, given)
    assert who_was_first([first, second], second) == first


def test_a_take_after_the_form_was_opened_bars_it_too() -> None:
    held, take = press(finding(), Press(Move.ACKNOWLEDGE, BEN, START))
    _, refused = press(held, assign(CARL))

    assert who_was_first([take, refused], refused) == take


@pytest.mark.parametrize(
    "took",
    [Press(Move.ACKNOWLEDGE, BEN, START), assign(BEN, by=BEN), assign(BEN)],
    ids=["acknowledged", "took it", "was given it"],
)
@pytest.mark.parametrize("by", [BEN, ANNA], ids=["by the holder", "by somebody else"])
def test_giving_it_to_whoever_holds_it_changes_nothing_and_says_since_when(took: Press, by: UserId) -> None:
    held, take = press(finding(), took)
    asleep, snooze = press(held, Press(Move.SNOOZE, CARL, LATER, until=LATER + timedelta(hours=1)))
    for before in (held, asleep):
        same, refused = press(before, assign(BEN, by=by, replaces=before))

        assert (same, refused.accepted) == (before, False)
        assert who_was_first([take, snooze, refused], refused) == take


def test_whoever_held_it_before_it_was_escalated_may_still_take_it_over() -> None:
    before = escalated()
    over, event = press(before, assign(BEN, by=BEN, replaces=before))

    assert (event.accepted, over.is_taken_over, over.taken_at) == (True, True, LATER)
    assert press(over, assign(BEN, by=BEN, replaces=over))[0] == over


@pytest.mark.parametrize("move", [Move.ACKNOWLEDGE, Move.COMMENT])
def test_an_assignee_belongs_to_assigning(move: Move) -> None:
    with pytest.raises(BadArgument, match="assign"):
        Press(move, ANNA, START, note="x", assignee=BEN)
    with pytest.raises(BadArgument, match="assign"):
        Press(Move.ASSIGN, ANNA, START)


# --- saying something ----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [finding(), taken(), escalated()])
def test_a_comment_does_nothing_but_stand_in_the_history(before: Finding) -> None:
    after, event = press(before, Press(Move.COMMENT, CARL, LATER, note="ours"))

    assert after == replace(before, version=before.version + 1)
    assert (event.accepted, event.note, event.before, event.after) == (True, "ours", before.state, before.state)


def test_an_empty_comment_is_none() -> None:
    with pytest.raises(BadArgument, match="write something"):
        Press(Move.COMMENT, CARL, START, note="  ")


# --- whose threads hear of it ----------------------------------------------------------------------------

CARDS = (message(Kind.FINDING, SECURITY), message(Kind.FINDING, OTHER), message(Kind.ESCALATION, ON_CALL))
COMMENT = Press(Move.COMMENT, ANNA, LATER, Place(SECURITY, MessageTs("1.2")), note="ours")


@pytest.mark.parametrize(
    ("asked", "channels"),
    [
        (COMMENT, {SECURITY, OTHER, ON_CALL}),
        (replace(COMMENT, echo=Echo.ELSEWHERE), {OTHER, ON_CALL}),
        (assign(CARL), {SECURITY, OTHER}),
        (Press(Move.ACKNOWLEDGE, ANNA, LATER), {SECURITY, OTHER}),
        (Press(Move.ACKNOWLEDGE, ANNA, LATER, echo=Echo.NOWHERE), set()),
    ],
    ids=["the form", "a reply", "assigned", "a press", "one of many"],
)
def test_the_threads_hear_of_it(asked: Press, channels: set[str]) -> None:
    after, event = press(finding(), asked)
    owed = announce_press(after, event, EventId(5), CARDS, NOBODY, asked.echo)

    assert {note.channel for note in owed.post if note.kind is Kind.NOTE} == channels
    assert bool(owed.redraw) == (asked.move is not Move.COMMENT)


@pytest.mark.parametrize(("to", "told"), [(CARL, [CARL]), (ANNA, [])], ids=["somebody else", "oneself"])
def test_whoever_is_given_what_stands_nowhere_is_told_alone(to: UserId, told: list[UserId]) -> None:
    after, event = press(finding(), assign(to))
    owed = announce_press(after, event, EventId(5), (), NOBODY)

    assert [note.only_for for note in owed.post] == told


# --- many at once --------------------------------------------------------------------------------------

BULK = Bulk(BulkId(7), ANNA, START, tuple(map(FindingId, (3, 1, 2))), Place(SECURITY))


def test_each_finding_has_a_press_of_its_own_that_comes_to_the_same_again() -> None:
    order = Order(Move.RESOLVE, Resolution.EXPECTED, "a drill")
    first, again = (BULK.press(FindingId(3), order, at) for at in (START, LATER))

    assert first == replace(again, at=START)
    assert (first.by, first.resolution, first.note, first.echo) == (
        ANNA,
        Resolution.EXPECTED,
        "a drill",
        Echo.NOWHERE,
    )
    assert len({BULK.press(finding_id, order, START).delivery for finding_id in BULK.shown}) == 3
    with pytest.raises(BadArgument, match="resolution"):
        BULK.press(FindingId(3), Order(Move.RESOLVE), START)


def test_ticks_of_other_pages_and_of_what_was_not_shown_do_not_get_in() -> None:
    first = BULK.after_page((FindingId(3), FindingId(1)), (FindingId(3),))
    second = first.after_page((FindingId(2),), (FindingId(2), FindingId(1), FindingId(99)))

    assert second.in_order == (FindingId(3), FindingId(2))
    assert second.after_page((FindingId(3), FindingId(1)), ()).in_order == (FindingId(2),)


def test_only_what_may_be_changed_is_offered() -> None:
    open_, held = finding(number=1), replace(taken(), id=FindingId(2))

    assert changeable((open_, held), Move.ACKNOWLEDGE) == (open_,)
    assert changeable((open_, held), Move.RESOLVE) == (open_, held)


def test_fates_are_counted() -> None:
    fates = {FindingId(1): True, FindingId(2): False, FindingId(3): None, FindingId(4): True}

    assert tallied(fates) == Tally(2, 1, 1)
    assert (tallied(fates) + Tally(1)).all == 5
