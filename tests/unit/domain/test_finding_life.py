"""A finding's life, whatever comes in whatever order: runs and presses, checked against what must always hold."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.finding import press, read_ref, wake
from bot.domain.hit import Hit, HitId, face_of
from bot.domain.merging import seen_again
from bot.domain.run import Novelty
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press, Resolution, State
from tests.examples import ANNA, BEN, finding, hit
from tests.stand_ins import START

HITS = st.builds(
    lambda number, severity, hours: hit(f"e-{number}", severity=severity, at=START + timedelta(hours=hours)),
    st.integers(0, 6),
    st.sampled_from(Severity),
    st.integers(-3, 40),
)


class FindingLife(RuleBasedStateMachine):
    """One finding, its hits, and a clock that moves an hour with every step."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.hits: dict[HitId, Hit] = {(first := hit()).id: first}
        self.finding = finding([first])

    def _tick(self) -> None:
        self.now += timedelta(hours=1)

    @rule(
        move=st.sampled_from([Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.REOPEN]),
        by=st.sampled_from([ANNA, BEN]),
    )
    def somebody_presses(self, move: Move, by: str) -> None:
        self._tick()
        before = self.finding
        resolution = Resolution.BENIGN if move is Move.RESOLVE else None
        self.finding, event = press(before, Press(move, type(ANNA)(by), self.now, resolution=resolution))
        assert event.accepted == before.allows(move)
        assert (event.before, event.after) == (before.state, self.finding.state)
        assert event.accepted or self.finding == before
        again, repeated = press(self.finding, Press(move, BEN, self.now, resolution=resolution))
        assert not repeated.accepted
        assert again == self.finding

    @rule(by=st.sampled_from([ANNA, BEN]), hours=st.integers(1, 30), has_looked=st.booleans())
    def somebody_snoozes(self, by: str, hours: int, has_looked: bool) -> None:
        self._tick()
        before = self.finding
        asked = Press(
            Move.SNOOZE,
            type(ANNA)(by),
            self.now,
            until=self.now + timedelta(hours=hours),
            replaces=before.snoozed_until if has_looked else None,
        )
        self.finding, event = press(before, asked)
        saw_it = has_looked or before.snoozed_until is None
        assert event.accepted == (saw_it and before.state is not State.RESOLVED)
        assert (self.finding.state, self.finding.owner) == (before.state, before.owner)

    @precondition(lambda self: self.finding.snoozed_until is not None)
    @rule()
    def the_snooze_ends(self) -> None:
        self._tick()
        self.finding, event = wake(self.finding, self.now)
        assert (self.finding.state, self.finding.owner, event.after) == (State.OPEN, None, State.OPEN)

    @rule(seen=st.lists(HITS, min_size=1, max_size=4, unique_by=lambda seen: seen.id))
    def a_run_returns_it(self, seen: list[Hit]) -> None:
        self._tick()
        before = self.finding
        known = dict(self.hits)
        merged = seen_again(before, known, seen, self.now)
        self.hits |= {each.id: each for each in seen}
        self.finding = merged.finding
        if merged.novelty is Novelty.KNOWN:
            assert (merged.finding.state, merged.finding.owner) == (before.state, before.owner)
        else:
            assert (merged.finding.state, merged.finding.owner) == (State.OPEN, None)
        if merged.novelty is Novelty.RECURRED:
            assert before.resolved_at is not None
            assert any(each.id not in known and each.at > before.resolved_at for each in seen)

    @precondition(lambda self: len(self.hits) > 1)
    @rule()
    def the_next_run_returns_the_same(self) -> None:
        self._tick()
        first = seen_again(self.finding, self.hits, list(self.hits.values()), self.now)
        again = seen_again(first.finding, self.hits, list(self.hits.values()), self.now)
        assert first.novelty is not Novelty.RECURRED
        assert (again.is_changed, again.events) == (False, ())

    @invariant()
    def it_shows_its_hits(self) -> None:
        assert self.finding.face == face_of(self.hits.values())
        assert self.finding.count == len(self.hits)
        assert self.finding.first_seen <= self.finding.face.at <= self.finding.last_seen
        assert read_ref(self.finding.ref) == self.finding.id

    @invariant()
    def its_fields_agree_with_its_state(self) -> None:
        state = self.finding.state
        assert (state is State.RESOLVED) == (self.finding.resolved_at is not None)
        assert (self.finding.resolution is None) == (self.finding.resolved_by is None)
        assert state is not State.ACKNOWLEDGED or self.finding.owner is not None
        assert state is not State.RESOLVED or self.finding.snoozed_until is None
        assert (self.finding.snoozed_until is None) == (self.finding.snoozed_by is None)
        assert state is not State.ESCALATED or self.finding.escalated_by is not None


TestFindingLife = FindingLife.TestCase
TestFindingLife.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
