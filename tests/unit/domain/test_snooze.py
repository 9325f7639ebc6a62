"""Putting a finding off: until when, who wins, and how it comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.finding import press, wake
from bot.domain.merging import seen_again
from bot.domain.responder import HUNTBOT
from bot.domain.severity import Severity
from bot.domain.snooze import Snooze, snoozed_until
from bot.domain.triage import AuditEvent, Move, Press, Resolution, State, by_itself, who_was_first
from bot.errors import BadArgument
from tests.examples import ANNA, BEN, finding, hit
from tests.stand_ins import START

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("choice", "now", "zone", "until"),
    [
        (Snooze.ONE_HOUR, "2026-11-02T09:00:00", "UTC", "2026-11-02T10:00:00"),
        (Snooze.FOUR_HOURS, "2026-11-02T09:00:00", "Asia/Tokyo", "2026-11-02T13:00:00"),
        (Snooze.THREE_DAYS, "2026-11-02T09:00:00", "UTC", "2026-11-05T09:00:00"),
        (Snooze.ONE_WEEK, "2026-11-02T09:00:00", "UTC", "2026-11-09T09:00:00"),
        (Snooze.TOMORROW, "2026-11-02T09:00:00", "UTC", "2026-11-03T09:00:00"),
        (Snooze.TOMORROW, "2026-11-02T09:00:00", "Europe/Berlin", "2026-11-03T08:00:00"),
        (Snooze.TOMORROW, "2026-11-02T23:30:00", "Europe/Berlin", "2026-11-04T08:00:00"),  # already the 3rd there
        (Snooze.TOMORROW, "2026-03-28T12:00:00", "Europe/Berlin", "2026-03-29T07:00:00"),  # summer time by then
        (Snooze.TOMORROW, "2026-11-01T03:00:00", "America/New_York", "2026-11-01T14:00:00"),  # winter time by then
    ],
)
def test_a_length_is_meant_as_people_mean_it(choice: Snooze, now: str, zone: str, until: str) -> None:
    at, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, until))

    assert snoozed_until(choice, at, ZoneInfo(zone)) == end


def snooze(by: str = ANNA, hours: int = 4, *, replaces: datetime | None = None, at: datetime = START) -> Press:
    return Press(Move.SNOOZE, type(ANNA)(by), at, until=at + hours * HOUR, replaces=replaces)


ACKNOWLEDGE, ESCALATE, RESOLVE, REOPEN = (
    Press(move, BEN, START, resolution=Resolution.BENIGN if move is Move.RESOLVE else None)
    for move in (Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.REOPEN)
)


@pytest.mark.parametrize(
    ("before", "state"),
    [((), State.OPEN), ((ACKNOWLEDGE,), State.ACKNOWLEDGED), ((ESCALATE,), State.ESCALATED)],
)
def test_a_snoozed_finding_keeps_its_state_until_it_wakes_open_and_nobodys(
    before: tuple[Press, ...], state: State
) -> None:
    was = finding()
    for asked in before:
        was, _ = press(was, asked)

    asleep, event = press(was, snooze())
    awake, woken = wake(asleep, START + 4 * HOUR)

    assert (event.accepted, event.before, event.after, event.until) == (True, state, state, START + 4 * HOUR)
    assert (asleep.state, asleep.owner, asleep.snoozed_by) == (state, was.owner, ANNA)
    assert (woken.move, woken.by, woken.before, woken.after) == (Move.WAKE, HUNTBOT, state, State.OPEN)
    assert awake == replace(finding(), opened_at=START + 4 * HOUR, version=asleep.version + 1)


def test_what_is_resolved_can_not_be_put_off() -> None:
    closed, _ = press(finding(), RESOLVE)

    assert press(closed, snooze())[1].accepted is False


@pytest.mark.parametrize("asked", [ACKNOWLEDGE, ESCALATE, RESOLVE])
def test_any_other_press_ends_it(asked: Press) -> None:
    moved, event = press(press(finding(), snooze())[0], asked)

    assert (event.accepted, moved.snoozed_until, moved.snoozed_by) == (True, None, None)


def test_a_worse_event_ends_it() -> None:
    asleep, _ = press(finding(), snooze())
    worse = hit("e-2", severity=Severity.CRITICAL)

    merged = seen_again(asleep, {asleep.face.id: asleep.face}, [worse], START + HOUR).finding

    assert (merged.state, merged.snoozed_until) == (State.OPEN, None)


def test_of_two_who_snooze_at_once_one_wins() -> None:
    asleep, _ = press(finding(), snooze(ANNA))

    same, event = press(asleep, snooze(BEN, hours=1))

    assert (same, event.accepted) == (asleep, False)


def test_whoever_saw_a_snooze_may_change_it() -> None:
    asleep, _ = press(finding(), snooze(ANNA))

    longer, event = press(asleep, snooze(BEN, hours=9, replaces=asleep.snoozed_until))

    assert (event.accepted, longer.snoozed_by, longer.snoozed_until) == (True, BEN, START + 9 * HOUR)


def test_a_snooze_that_somebody_ended_meanwhile_is_not_begun_again() -> None:
    asleep, first = press(finding(), snooze(ANNA))
    taken, second = press(asleep, ACKNOWLEDGE)

    _, late = press(taken, snooze(ANNA, replaces=asleep.snoozed_until))

    assert not late.accepted
    assert who_was_first([first, second, late], late) == second


def test_what_happened_after_a_refusal_is_not_what_was_first() -> None:
    taken, first = press(finding(), ACKNOWLEDGE)
    _, late = press(taken, replace(ACKNOWLEDGE, by=ANNA))
    _, closed = press(taken, RESOLVE)

    assert who_was_first([first, late, closed], late) == first


@pytest.mark.parametrize(
    ("move", "until"),
    [(Move.SNOOZE, None), (Move.SNOOZE, START), (Move.SNOOZE, START - HOUR), (Move.ACKNOWLEDGE, START + HOUR)],
)
def test_a_snooze_and_only_a_snooze_has_an_end_that_is_to_come(move: Move, until: datetime | None) -> None:
    with pytest.raises(BadArgument, match="until"):
        Press(move, ANNA, START, until=until)


@pytest.mark.parametrize(
    ("waited", "says"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=15), "15 minutes"),
        (HOUR, "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=36), "36 hours"),
    ],
)
def test_huntbots_own_escalation_says_how_long_nobody_came(waited: timedelta, says: str) -> None:
    escalated, event = press(finding(), by_itself(waited, START))

    assert (escalated.state, escalated.escalated_by) == (State.ESCALATED, HUNTBOT)
    assert event == AuditEvent(
        Move.ESCALATE,
        HUNTBOT,
        START,
        State.OPEN,
        State.ESCALATED,
        note=f"nobody acknowledged it within {says}",
    )
