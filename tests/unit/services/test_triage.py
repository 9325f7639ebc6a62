"""Triage: presses, what a finding shows, the queues."""

from pathlib import Path

import pytest

from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.responder import Place
from bot.domain.triage import Move, Queue, Resolution, State
from bot.errors import BadArgument, UnknownFinding
from bot.services import TriageService
from tests.examples import ANNA, BEN, GRANTS, SECURITY, row, rows
from tests.house import House, open_house

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
        page = await house.services.triage.queue(which, ANNA, 20)

        assert [finding.ref for finding in page.findings] == refs
