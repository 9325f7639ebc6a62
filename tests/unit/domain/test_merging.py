"""What the hits of a run make of a finding."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.domain.finding import UNSAVED, Finding, press, ref
from bot.domain.hit import Hit, face_of
from bot.domain.merging import Merged, by_finding, found, seen_again
from bot.domain.responder import HUNTBOT
from bot.domain.run import Novelty
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press, Resolution, State
from tests.examples import ANNA, GRANTS, finding, hit
from tests.stand_ins import START

LATER = START + timedelta(days=1)
BEFORE_RESOLUTION = START - timedelta(minutes=1)
AFTER_RESOLUTION = START + timedelta(hours=1)


def after_run(before: Finding, stored: Sequence[Hit], seen: Sequence[Hit]) -> Merged:
    return seen_again(before, {known.id: known for known in stored}, seen, LATER)


def resolved(*stored: Hit) -> Finding:
    return press(finding(stored), Press(Move.RESOLVE, ANNA, START, resolution=Resolution.EXPECTED))[0]


def test_hits_are_grouped_by_what_they_are_about() -> None:
    groups = by_finding([hit("1"), hit("2", principal="bob"), hit("3")])

    assert [[member.id for member in group] for group in groups.values()] == [["1", "3"], ["2"]]


@pytest.mark.parametrize(("from_backlog", "novelty"), [(True, Novelty.BACKLOG), (False, Novelty.NEW)])
def test_a_finding_is_found_with_all_its_hits(*, from_backlog: bool, novelty: Novelty) -> None:
    first, last = hit("1", at=START - timedelta(days=3)), hit("2", at=START, severity=Severity.LOW)

    merged = found(GRANTS.slug, [first, last], START, from_backlog=from_backlog)

    made = merged.finding
    assert (made.id, made.face, made.first_seen, made.last_seen, made.count) == (UNSAVED, first, first.at, last.at, 2)
    assert (made.state, made.opened_at, made.from_backlog) == (State.OPEN, START, from_backlog)
    assert (merged.novelty, merged.unseen) == (novelty, 2)
    assert [(event.move, event.by) for event in merged.events] == [(Move.RECORDED, HUNTBOT)]
    assert ref(made.id) == "F-new"


@pytest.mark.parametrize(
    ("hits", "face"),
    [
        ([hit("1", severity=Severity.LOW), hit("2", severity=Severity.CRITICAL)], "2"),
        ([hit("1", at=START), hit("2", at=START - timedelta(hours=1))], "1"),
        ([hit("1", severity=Severity.INFO, at=LATER), hit("2", severity=Severity.LOW, at=START)], "2"),
        ([hit("1", at=START), hit("2", at=START)], "2"),
    ],
    ids=["the most severe", "then the latest", "severity before time", "else stable"],
)
def test_the_face_is_the_most_severe_hit_then_the_latest(hits: list[Hit], face: str) -> None:
    assert face_of(hits).id == face
    assert face_of(reversed(hits)).id == face


def test_the_same_events_again_change_nothing() -> None:
    before = resolved(hit("1"))

    merged = after_run(before, [hit("1")], [hit("1")])

    assert (merged.finding, merged.novelty, merged.events) == (before, Novelty.KNOWN, ())
    assert (merged.unseen, merged.is_changed) == (0, False)


@pytest.mark.parametrize(
    ("at", "novelty", "state"),
    [
        (BEFORE_RESOLUTION, Novelty.KNOWN, State.RESOLVED),
        (START, Novelty.KNOWN, State.RESOLVED),
        (AFTER_RESOLUTION, Novelty.RECURRED, State.OPEN),
    ],
)
def test_a_resolved_finding_recurs_only_by_an_unseen_hit_later_than_its_resolution(
    at: datetime, novelty: Novelty, state: State
) -> None:
    merged = after_run(resolved(hit("1")), [hit("1")], [hit("1"), hit("2", at=at)])

    assert (merged.novelty, merged.finding.state, merged.finding.count) == (novelty, state, 2)
    assert merged.is_changed


def test_a_seen_hit_does_not_make_it_recur_however_late_it_is() -> None:
    late = hit("1", at=AFTER_RESOLUTION)

    assert after_run(resolved(late), [late], [late]).novelty is Novelty.KNOWN


def test_a_recurred_finding_is_open_and_nobodys() -> None:
    merged = after_run(resolved(hit("1")), [hit("1")], [hit("2", at=AFTER_RESOLUTION)])

    again = merged.finding
    assert (again.owner, again.resolved_at, again.resolved_by, again.resolution) == (None, None, None, None)
    assert (again.opened_at, again.from_backlog) == (LATER, False)
    assert [(event.move, event.before, event.after) for event in merged.events] == [
        (Move.RECUR, State.RESOLVED, State.OPEN)
    ]


@pytest.mark.parametrize("move", [Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE])
def test_a_hit_more_severe_than_at_the_last_press_worsens_it(move: Move) -> None:
    resolution = Resolution.BENIGN if move is Move.RESOLVE else None
    before, _ = press(finding([hit("1")]), Press(move, ANNA, START, resolution=resolution))

    merged = after_run(before, [hit("1")], [hit("2", severity=Severity.CRITICAL, at=BEFORE_RESOLUTION)])

    assert (merged.novelty, merged.finding.state, merged.finding.owner) == (Novelty.WORSENED, State.OPEN, None)
    assert merged.finding.severity is Severity.CRITICAL


def test_it_is_worsened_once() -> None:
    before, _ = press(finding([hit("1")]), Press(Move.ACKNOWLEDGE, ANNA, START))
    worse = hit("2", severity=Severity.CRITICAL)
    once = after_run(before, [hit("1")], [worse]).finding

    again = after_run(once, [hit("1"), worse], [worse])

    assert (again.novelty, again.is_changed) == (Novelty.KNOWN, False)


def test_what_nobody_pressed_is_not_worsened() -> None:
    merged = after_run(finding([hit("1")]), [hit("1")], [hit("2", severity=Severity.CRITICAL)])

    assert (merged.novelty, merged.finding.severity) == (Novelty.KNOWN, Severity.CRITICAL)


def test_a_removal_seen_since_is_noted_once() -> None:
    taken_back = hit("1", revoked_at="2026-11-02T09:30:00Z")
    before = finding([hit("1")])

    merged = after_run(before, [hit("1")], [taken_back])
    again = after_run(merged.finding, [taken_back], [taken_back])

    assert (merged.finding.is_revoked, merged.finding.face, merged.is_changed) == (True, taken_back, True)
    assert [(event.move, event.note) for event in merged.events] == [
        (Move.REVOCATION_SEEN, "by ops at 2026-11-02T09:30:00Z")
    ]
    assert (again.events, again.is_changed) == ((), False)


@pytest.mark.parametrize(
    ("hits", "is_revoked"),
    [
        ([hit("1", revoked_at="t"), hit("2")], False),
        ([hit("1", revoked_at="t"), hit("2", revoked_at="t")], True),
        ([hit("1", revoked_at="t"), hit("2", outcome="attempted")], True),
        ([hit("1", outcome="attempted")], False),
    ],
    ids=["one stands", "all taken back", "attempts grant nothing", "nothing was granted"],
)
def test_a_finding_is_revoked_only_when_every_granted_hit_is(hits: list[Hit], *, is_revoked: bool) -> None:
    assert finding(hits).is_revoked is is_revoked
