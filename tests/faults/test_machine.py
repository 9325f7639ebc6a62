"""Anything in any order, by hypothesis: after every step, and at rest, the house is in order."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.adapters.sql.tables import findings, runs
from bot.domain.audit import verify
from bot.domain.finding import FindingId
from bot.domain.intent import Kind, Progress
from bot.domain.queue import Wanted
from bot.domain.responder import UserId
from bot.domain.run import RunId
from bot.domain.triage import OPENINGS, AuditEvent, Move, Queue, Resolution, State
from bot.errors import OutcomeUnknown, RateLimited, WorkspaceUnavailable
from bot.services.delivery import LEASE
from bot.services.triage import Pressed
from tests.examples import ANNA, BEN, SECURITY
from tests.faults.played import OTHER, Played
from tests.faults.stores import postgres_stores
from tests.postgres import Server

PRINCIPALS = st.sampled_from(["alice", "bob", "noisy"])
SEVERITIES = st.sampled_from(["low", "high", "critical"])
PEOPLE = st.sampled_from([ANNA, BEN])
MOVES = st.sampled_from([Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.REOPEN])
CHANNELS = st.sampled_from([SECURITY, OTHER])
WAITS = st.sampled_from([timedelta(seconds=1), LEASE * 2, timedelta(hours=2), timedelta(days=1)])
FAULTS = st.lists(st.sampled_from(["not reached", "no answer", "limit", "answer lost"]), max_size=3)


class Machine(RuleBasedStateMachine):
    """Rules are what people, clocks, logs, networks and power cuts do."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(prefix="huntbot-machine-")
        self.house = Played(self.url())
        self._deliveries = count(1)
        self.pressed: list[tuple[FindingId, Move, UserId, str]] = []

    def url(self) -> str:
        return f"sqlite:///{Path(self._folder.name)}/huntbot.db"

    def teardown(self) -> None:
        try:
            self._at_rest()
        finally:
            self.house.close()
            self._folder.cleanup()

    # --- what happens ---

    @initialize()
    def something_is_found(self) -> None:
        self.house.logs.happen("alice", "high")
        self.house.clock.advance(timedelta(minutes=1))
        self.house.do(self.house.hunt())

    @rule(principal=PRINCIPALS, severity=SEVERITIES)
    def it_happens(self, principal: str, severity: str) -> None:
        """New, again, or worse than before."""
        self.house.logs.happen(principal, severity)
        self.house.clock.advance(timedelta(minutes=1))

    @rule(channel=CHANNELS)
    def a_hunt_is_run(self, channel: str) -> None:
        self.house.do(self.house.hunt(OTHER if channel == OTHER else SECURITY))

    @rule(data=st.data(), move=MOVES, who=PEOPLE)
    def somebody_presses(self, data: st.DataObject, move: Move, who: UserId) -> None:
        finding, delivery = self._any_finding(data), f"d-{next(self._deliveries)}"
        reason = Resolution.BENIGN if move is Move.RESOLVE else None
        self.house.do(self.house.services.triage.press(finding, move, who, resolution=reason, delivery=delivery))
        if reason is None:
            self.pressed.append((finding, move, who, delivery))

    @rule(data=st.data(), move=st.sampled_from([Move.ACKNOWLEDGE, Move.ESCALATE]))
    def two_press_at_once(self, data: st.DataObject, move: Move) -> None:
        finding = self._any_finding(data)
        before = self.house.do(self.house.store.findings.get(finding))
        first, second = self.house.do(self._both(finding, move))
        assert first.won + second.won == int(before.allows(move))
        assert first.won or second.won or first.first is not None
        for won, lost in ((first, second), (second, first)):
            if won.won:
                assert lost.first is not None
                assert lost.first.by == won.event.by

    @precondition(lambda self: self.pressed)
    @rule(data=st.data())
    def a_press_is_delivered_again(self, data: st.DataObject) -> None:
        finding, move, who, delivery = data.draw(st.sampled_from(self.pressed))
        before = self._history(finding)
        again = self.house.do(self.house.services.triage.press(finding, move, who, delivery=delivery))
        assert self._history(finding) == before
        assert again.event in before
        assert again.event.by == who

    @rule(data=st.data(), who=PEOPLE, hours=st.integers(1, 30))
    def it_is_snoozed(self, data: st.DataObject, who: UserId, hours: int) -> None:
        until = self.house.clock() + timedelta(hours=hours)
        self.house.do(self.house.services.triage.press(self._any_finding(data), Move.SNOOZE, who, until=until))

    @rule()
    def it_ticks(self) -> None:
        self.house.do(self.house.tick())

    @rule(faults=FAULTS)
    def messages_go_out(self, faults: Sequence[str]) -> None:
        self._trouble(faults)
        self.house.do(self.house.services.delivery.deliver_due())

    @rule()
    def the_process_dies_with_what_it_holds(self) -> None:
        self.house.do(self.house.store.outbox.claim(self.house.clock(), LEASE))
        self.house.restart()

    @rule(wait=WAITS)
    def time_passes(self, wait: timedelta) -> None:
        self.house.clock.advance(wait)

    @rule(back=st.sampled_from([timedelta(minutes=5), timedelta(days=1)]))
    def the_clock_is_set_back(self, back: timedelta) -> None:
        self.house.clock.advance(-back)

    @rule(channel=CHANNELS)
    def a_channel_is_archived_or_comes_back(self, channel: str) -> None:
        self.house.slack.broken ^= {channel}

    @rule()
    def the_rules_are_changed(self) -> None:
        self.house.is_suppressed = not self.house.is_suppressed
        self.house.restart()

    # --- what holds ---

    @invariant()
    def the_chain_verifies(self) -> None:
        chain, tip = self.house.do(self.house.chain())
        assert verify(chain, tip).fault is None

    @invariant()
    def every_history_tells_the_state_and_one_winner(self) -> None:
        for finding in self._findings():
            stored = self.house.do(self.house.store.findings.get(finding))
            state, won = State.OPEN, Counter[Move]()
            for event in (each for each in self._history(finding) if each.accepted):
                assert event.before is state
                if event.move in OPENINGS:
                    won.clear()
                if event.move is Move.ESCALATE:
                    won.pop(Move.ACKNOWLEDGE, None)
                won[event.move] += 1
                state = event.after
                assert won[Move.ACKNOWLEDGE] <= 1
                assert won[Move.ESCALATE] <= 1
                assert won[Move.RESOLVE] <= 1
            assert stored.state is state

    @invariant()
    def nothing_stands_twice(self) -> None:
        """No process is frozen here, so not even for a moment."""
        copies = Counter(post.mark for post in self.house.slack.messages)
        assert all(times == 1 for times in copies.values())

    @invariant()
    def receipts_add_up(self) -> None:
        for run in self.house.ids(runs):
            receipt = self.house.do(self.house.store.runs.get(RunId(run))).receipt
            if receipt is not None:
                assert receipt.hits == receipt.new + receipt.known + receipt.suppressed + receipt.filtered

    @invariant()
    def nothing_snoozed_is_in_the_queue(self) -> None:
        now = self.house.clock()
        queued = self.house.do(self.house.store.findings.queue(Wanted(Queue.OPEN, now), 100)).findings
        assert all(each.snoozed_until is None or each.snoozed_until <= now for each in queued)

    @invariant()
    def every_open_finding_has_one_card_a_channel(self) -> None:
        for finding in self._findings():
            cards = self.house.do(self.house.store.outbox.of_finding(finding))
            live = Counter(card.channel for card in cards if card.progress is Progress.ALIVE)
            assert all(times == 1 for times in live.values())
            assert cards

    # --- at rest ---

    def _at_rest(self) -> None:
        """Slack is well again, and everything is delivered."""
        house = self.house
        house.slack.broken.clear()
        house.slack.faults.clear()
        house.slack.lost_answers.clear()
        house.do(house.tick())
        house.clock.advance(timedelta(days=1))
        house.do(house.tick())
        assert house.do(house.settle()) == 0
        standing = {intent.mark: intent for intent in house.intents() if intent.ts is not None}
        assert Counter(post.mark for post in house.slack.messages) == Counter(list(standing))
        assert all(intent.drawn == intent.wanted for intent in standing.values())
        calls = [intent.mark for intent in house.intents() if intent.kind is Kind.CALL]
        assert Counter(list(house.target.heard)) == Counter(calls)

    # --- inside ---

    async def _both(self, finding: FindingId, move: Move) -> tuple[Pressed, Pressed]:
        press = self.house.services.triage.press
        return await asyncio.gather(press(finding, move, ANNA), press(finding, move, BEN))

    def _trouble(self, faults: Sequence[str]) -> None:
        slack = self.house.slack
        named = {
            "not reached": WorkspaceUnavailable("refused"),
            "no answer": OutcomeUnknown("timeout"),
            "limit": RateLimited("ratelimited", 3.0),
        }
        slack.faults.extend(named[fault] for fault in faults if fault in named)
        slack.lost_answers.extend(OutcomeUnknown("timeout") for fault in faults if fault == "answer lost")

    def _any_finding(self, data: st.DataObject) -> FindingId:
        return data.draw(st.sampled_from(self._findings()))

    def _findings(self) -> Sequence[FindingId]:
        return [FindingId(number) for number in self.house.ids(findings)]

    def _history(self, finding: FindingId) -> Sequence[AuditEvent]:
        return self.house.do(self.house.store.findings.history(finding))


def play(machine: type[Machine], share: int) -> None:
    """As many plays as the profile has examples, divided; `--hypothesis-profile=long` has many."""
    some = max(1, settings().max_examples // share)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=some, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_whatever_happens_in_whatever_order_the_house_stays_in_order() -> None:
    play(Machine, 10)


def test_the_same_holds_on_postgresql(postgres: Server) -> None:
    template = asyncio.run(postgres_stores(postgres))

    class OnPostgres(Machine):
        def url(self) -> str:
            return template.fresh()

    play(OnPostgres, 50)
