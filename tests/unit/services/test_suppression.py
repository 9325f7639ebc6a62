"""Suppression from end to end: hits that a rule hides make nothing, and come back when the rule is over or gone."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hunt import HuntShelf, Slug
from bot.domain.message import FindingCard
from bot.domain.rows import Rows
from bot.domain.run import Filter, Novelty, Receipt, Run
from bot.domain.severity import Severity
from bot.domain.suppression import Suppression, Suppressions
from bot.domain.triage import Move, State
from bot.errors import LogSearchUnavailable
from bot.ports.search import Param
from bot.services.search import search
from bot.services.suppression import LATE, SuppressionService
from tests.examples import ANNA, GRANTS, SHELF, asked, row, rows
from tests.house import House, cards, open_house
from tests.stand_ins import START, ManualClock, RecordingWorkspace, ScriptedLogs
from tests.storing import WINDOW

DAY = timedelta(days=1)


def hides(principal: str, ends_after: timedelta = 30 * DAY, up_to: Severity | None = None) -> Suppression:
    expires = START + ends_after
    return Suppression(GRANTS.slug, {"principal": principal}, "judged", "anna", expires, up_to)


def counted(run: Run) -> tuple[int, ...]:
    told = run.receipt
    assert told is not None
    return told.hits, told.new, told.known, told.suppressed, told.filtered


async def news(house: House, run: Run) -> Mapping[str, Novelty]:
    outcome = await house.store.runs.outcome(run.id)
    return {finding.face.text("principal") or "": novelty for finding, novelty in outcome.findings}


def drawn_cards(slack: RecordingWorkspace) -> list[int]:
    return [post.drawn for post in slack.messages if isinstance(post.what, FindingCard)]


async def test_a_hidden_hit_is_counted_and_makes_no_finding_and_no_card(tmp_path: Path) -> None:
    answer = rows(row("alice", "e-1"), row("ci-1", "e-2"), row("ci-2", "e-3"))
    async with open_house(tmp_path, answer, rules=Suppressions((hides("ci-*"),))) as house:
        run = await house.hunt()

        assert counted(run) == (3, 1, 0, 2, 0)
        assert await news(house, run) == {"alice": Novelty.BACKLOG}
        assert [card.finding.face.text("principal") for card in cards(house.slack)] == ["alice"]


async def test_rules_come_before_the_filter(tmp_path: Path) -> None:
    answer = rows(row("ci-alice", "e-1"), row("alice", "e-2"), row("bob", "e-3"))
    async with open_house(tmp_path, answer, rules=Suppressions((hides("ci-*"),))) as house:
        run = await house.hunt(asked(filter=Filter(principal="alice")))

    assert counted(run) == (3, 1, 0, 1, 1)


async def test_a_finding_whose_new_hits_are_hidden_stays_as_it_is(tmp_path: Path) -> None:
    first = rows(row("alice", "e-1"))
    more = rows(row("alice", "e-1", revoked_at="2026-11-02T08:30:00Z"), row("alice", "e-2", severity="critical"))
    slack, clock = RecordingWorkspace(), ManualClock()
    async with open_house(tmp_path, first, slack=slack, clock=clock) as house:
        run = await house.hunt()
        [(found, _)] = (await house.store.runs.outcome(run.id)).findings
        await house.services.triage.press(found.id, Move.ACKNOWLEDGE, ANNA)
        await house.deliver()
        before, drawn = await house.store.findings.get(found.id), drawn_cards(slack)
    async with open_house(tmp_path, more, slack=slack, clock=clock, rules=Suppressions((hides("alice"),))) as house:
        again = await house.hunt()

        assert counted(again) == (2, 0, 0, 2, 0)
        assert await house.store.findings.get(found.id) == before
        assert before.state is State.ACKNOWLEDGED
        assert drawn_cards(slack) == drawn


async def test_what_a_rule_hid_is_new_once_it_is_over(tmp_path: Path) -> None:
    rules = Suppressions((hides("ci", ends_after=timedelta(hours=1)),))
    async with open_house(tmp_path, rows(), rows(row("ci", "e-1")), rules=rules) as house:
        await house.hunt()
        hidden = await house.hunt()
        house.clock.advance(timedelta(hours=1))
        shown = await house.hunt()

        assert (counted(hidden), counted(shown)) == ((1, 0, 0, 1, 0), (1, 1, 0, 0, 0))
        assert await news(house, shown) == {"ci": Novelty.NEW}
        assert len(cards(house.slack)) == 1


async def test_what_a_rule_hid_is_new_once_it_is_removed(tmp_path: Path) -> None:
    slack, clock, answer = RecordingWorkspace(), ManualClock(), rows(row("ci", "e-1"))
    rules = Suppressions((hides("ci"),))
    async with open_house(tmp_path, rows(), answer, slack=slack, clock=clock, rules=rules) as house:
        await house.hunt()
        assert counted(await house.hunt()) == (1, 0, 0, 1, 0)
    async with open_house(tmp_path, answer, slack=slack, clock=clock) as house:
        shown = await house.hunt()

        assert await news(house, shown) == {"ci": Novelty.NEW}
        assert len(cards(slack)) == 1


PEOPLE = st.sampled_from(["alice", "ann", "bob", "*"])
ANSWERS = st.lists(st.tuples(PEOPLE, st.integers(0, 6), st.sampled_from(["low", "high", "critical"])), max_size=12)
RULES = st.lists(
    st.tuples(st.sampled_from(["a*", "bob", "al*e"]), st.sampled_from([-1, 1]), st.sampled_from([None, "low"])),
    max_size=3,
)


@given(ANSWERS, RULES, st.sampled_from([None, "a", "bob", "*"]))
async def test_every_hit_is_somewhere_in_the_receipt(
    answer: list[tuple[str, int, str]], rules: list[tuple[str, int, str | None]], wanted: str | None
) -> None:
    logs = ScriptedLogs([rows(*(row(name, f"e-{event}", severity=grade) for name, event, grade in answer))])
    judged = Suppressions(
        tuple(hides(name, days * DAY, Severity(grade) if grade else None) for name, days, grade in rules)
    )

    found = await search(logs, GRANTS, WINDOW, now=START, filter=Filter(principal=wanted), suppressions=judged)

    receipt: Receipt = found.receipt.counting(0, 0, is_baseline=False)
    assert receipt.hits == len({(name, event) for name, event, _ in answer})
    assert receipt.hits == receipt.new + receipt.known + receipt.suppressed + receipt.filtered
    assert receipt.known == len(found.hits)
    assert not any(rule.covers(hit) and not rule.is_over(START) for rule in judged.rules for hit in found.hits)


# --- held against the logs ------------------------------------------------------------------------


async def test_each_rule_is_held_against_the_logs_and_each_hunt_asked_once() -> None:
    logs = ScriptedLogs([rows(row("ci-1", "e-1"), row("ci-2", "e-2", severity="critical"), row("bob", "e-3"))])
    over = hides("bob", ends_after=-DAY)
    rules = Suppressions((hides("ci-*"), over, hides("nobody")))

    review = await SuppressionService(SHELF, logs, rules, (), ManualClock()).review()

    assert [(effect.hits, effect.findings, effect.worst) for effect in review.effects] == [
        (2, 2, Severity.CRITICAL),
        (1, 1, Severity.HIGH),
        (0, 0, None),
    ]
    assert review.effects[1].rule is over
    assert (review.window.start, review.window.end) == (START - 30 * DAY, START)
    assert len(logs.asked) == 1


async def test_an_answer_that_is_not_whole_says_at_least() -> None:
    logs = ScriptedLogs([rows(row("ci", "e-1"), is_partial=True)])
    review = await SuppressionService(SHELF, logs, Suppressions((hides("ci"),)), (), ManualClock()).review()
    assert review.effects[0].is_incomplete


async def test_a_hunt_that_can_not_be_asked_is_said_and_stops_no_other() -> None:
    other = replace(GRANTS, slug=Slug("other"))
    shelf = HuntShelf({GRANTS.slug: GRANTS, other.slug: other})
    logs = ScriptedLogs([LogSearchUnavailable("down"), rows(row("ci", "e-1"))])
    rules = Suppressions((hides("ci"), replace(hides("ci"), hunt=other.slug)))

    review = await SuppressionService(shelf, logs, rules, (), ManualClock()).review()

    assert [effect.fault for effect in review.effects] == ["Elasticsearch could not be asked: down.", None]
    assert [effect.hits for effect in review.effects] == [0, 1]


class SilentLogs:
    """A LogSearch that never answers."""

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        del text, params
        await asyncio.Event().wait()
        raise AssertionError


async def test_nobody_waits_for_ever() -> None:
    service = SuppressionService(SHELF, SilentLogs(), Suppressions((hides("ci"),)), (), ManualClock())
    review = await service.review(within_s=0.01)
    assert [effect.fault for effect in review.effects] == [LATE]
