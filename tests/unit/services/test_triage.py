"""Triage: presses, what a finding shows, the queues."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.escalation import NOBODY, OnCall
from bot.domain.finding import FindingId
from bot.domain.message import EscalationCall
from bot.domain.queue import Asked
from bot.domain.responder import HUNTBOT, Place
from bot.domain.severity import Severity
from bot.domain.triage import Move, Queue, Resolution, State
from bot.errors import BadArgument, UnknownFinding
from bot.services import TriageService
from tests.examples import ANNA, BEN, GRANTS, SECURITY, row, rows
from tests.house import House, cards, open_house
from tests.stand_ins import ON_CALL, START

FIRST, SECOND, THIRD = FindingId(1), FindingId(2), FindingId(3)


async def test_the_second_is_told_who_was_first(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        triage = house.services.triage

        won = await triage.press(FIRST, Move.ACKNOWLEDGE, ANNA, Place(SECURITY))
        lost = await triage.press(FIRST, Move.ACKNOWLEDGE, BEN)

    assert (won.won, won.first, won.finding.owner) == (True, None, ANNA)
    assert (lost.won, lost.first, lost.finding.owner) == (False, won.event, ANNA)


async def test_an_escalation_without_a_channel_says_that_it_calls_nobody(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("bob", "e-2"))) as house:
        await house.hunt()
        without_a_channel = TriageService(house.store.findings, house.clock, NOBODY)

        unheard = await without_a_channel.press(FIRST, Move.ESCALATE, ANNA)
        heard = await house.services.triage.press(SECOND, Move.ESCALATE, ANNA)

    assert (unheard.finding.state, unheard.calls_nobody) == (State.ESCALATED, True)
    assert (heard.finding.state, heard.calls_nobody) == (State.ESCALATED, False)


async def test_a_finding_shows_everything_that_is_known(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("alice", "e-2"))) as house:
        await house.hunt()
        await house.services.triage.press(FIRST, Move.RESOLVE, ANNA, resolution=Resolution.REVOKED, note="gone")

        shown = await house.services.triage.show(FIRST)

    assert (shown.finding.state, shown.hunt, len(shown.hits)) == (State.RESOLVED, GRANTS.slug, 2)
    assert [event.move for event in shown.history] == [Move.RECORDED, Move.RESOLVE]
    assert shown.standing is not None
    assert shown.standing.channel == SECURITY


async def test_what_can_not_be_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        with pytest.raises(UnknownFinding, match="F-9"):
            await house.services.triage.show(FindingId(9))
        with pytest.raises(UnknownFinding, match="F-9"):
            await house.services.triage.press(FindingId(9), Move.ACKNOWLEDGE, ANNA)
        with pytest.raises(BadArgument, match="malicious, benign, expected, revoked"):
            await house.services.triage.press(FindingId(9), Move.RESOLVE, ANNA)


async def four_findings(house: House) -> None:
    """F-1 is Anna's, F-2 escalated, F-3 resolved, F-4 untouched."""
    await house.hunt()
    await house.services.triage.press(FIRST, Move.ACKNOWLEDGE, ANNA)
    await house.services.triage.press(SECOND, Move.ESCALATE, BEN)
    await house.services.triage.press(THIRD, Move.RESOLVE, BEN, resolution=Resolution.BENIGN)


@pytest.mark.parametrize(
    ("which", "refs"),
    [
        (Queue.OPEN, ["F-1", "F-2", "F-4"]),
        (Queue.MINE, ["F-1"]),
        (Queue.UNTAKEN, ["F-2", "F-4"]),
        (Queue.UNTOUCHED, ["F-4"]),
        (Queue.ESCALATED, ["F-2"]),
        (Queue.SNOOZED, []),
    ],
)
async def test_a_queue_holds_what_it_says(tmp_path: Path, which: Queue, refs: list[str]) -> None:
    async with open_house(tmp_path, rows(*(row(f"p{n}", f"e-{n}") for n in range(4)))) as house:
        await four_findings(house)
        page = await house.services.triage.queue(Asked(which), ANNA, 20)

        assert [finding.ref for finding in page.findings] == refs


HOUR = timedelta(hours=1)


async def test_what_was_snoozed_is_posted_anew_once_and_is_not_called_new(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        triage = house.services.triage
        slept = await triage.press(FIRST, Move.SNOOZE, ANNA, note="later", until=START + HOUR)
        await house.deliver()
        assert await triage.wake() == []
        house.clock.advance(HOUR)

        assert (slept.won, await triage.wake(), await triage.wake()) == (True, [FIRST], [])
        await house.deliver()

        old, new = cards(house.slack)
    assert (old.is_retired, new.is_retired, new.is_woken, new.novelty) == (True, False, True, None)
    assert (new.finding.state, new.finding.snoozed_until) == (State.OPEN, None)
    assert old.later is not None
    assert new.earlier is not None


async def test_the_loser_of_two_snoozes_is_told_of_the_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        triage = house.services.triage

        won = await triage.press(FIRST, Move.SNOOZE, ANNA, until=START + HOUR)
        lost = await triage.press(FIRST, Move.SNOOZE, BEN, until=START + 9 * HOUR)
        changed = await triage.press(FIRST, Move.SNOOZE, BEN, until=START + 9 * HOUR, replaces=START + HOUR)

    assert (lost.won, lost.first, changed.won) == (False, won.event, True)
    assert changed.finding.snoozed_until == START + 9 * HOUR


async def test_what_nobody_took_in_time_is_escalated_by_huntbot_and_said_so(tmp_path: Path) -> None:
    answers = rows(), rows(row("alice", "e-1", severity="critical"), row("bob", "e-2"))
    async with open_house(tmp_path, *answers) as house:
        await house.hunt()
        await house.hunt()
        on_call = OnCall(ON_CALL)
        minutes = timedelta(minutes=15)
        never = TriageService(house.store.findings, house.clock, on_call)
        in_time = TriageService(house.store.findings, house.clock, on_call, minutes)
        assert await in_time.escalate_overdue() == []
        house.clock.advance(minutes)

        assert await never.escalate_overdue() == ()
        assert [len(await in_time.escalate_overdue()) for _ in range(2)] == [1, 0]
        await house.deliver()

        [call] = [post.what for post in house.slack.in_channel(ON_CALL, EscalationCall)]
    assert isinstance(call, EscalationCall)
    assert (call.event.by, call.event.note) == (HUNTBOT, "nobody acknowledged it within 15 minutes")
    assert call.finding.severity is Severity.CRITICAL


async def test_a_press_that_comes_again_is_answered_as_the_first_time(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        triage = house.services.triage

        first = [
            await triage.press(FIRST, Move.ACKNOWLEDGE, who, delivery=name) for who, name in ((ANNA, "a"), (BEN, "b"))
        ]
        await triage.press(FIRST, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
        again = [
            await triage.press(FIRST, Move.ACKNOWLEDGE, who, delivery=name) for who, name in ((ANNA, "a"), (BEN, "b"))
        ]

    assert [(p.event, p.first) for p in again] == [(p.event, p.first) for p in first]
    assert [p.won for p in again] == [True, False]


async def test_a_stranger_changes_nothing_and_is_remembered(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()

        event = await house.services.triage.refuse(FIRST, Move.ESCALATE, BEN, Place(SECURITY), "a stranger", "d")

        shown = await house.services.triage.show(FIRST)
    assert (shown.finding.state, shown.history[-1]) == (State.OPEN, event)
    assert (event.accepted, event.note, event.place) == (False, "a stranger", Place(SECURITY))
