"""The contract of Findings, over every store there is: presses."""

import asyncio
from collections import Counter

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY, OnCall
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.intent import Kind
from bot.domain.responder import MessageTs, Place
from bot.domain.run import RunId
from bot.domain.severity import Severity
from bot.domain.triage import EventId, Move, Press
from bot.errors import StoreError, UnknownFinding
from tests.examples import ANNA, BEN, GRANTS, SECURITY, asked, hit
from tests.stand_ins import ON_CALL, START
from tests.storing import DAY, acknowledge, delivered, recorded, resolve


async def test_of_a_hundred_presses_one_wins_and_all_are_remembered(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings

    outcomes = await asyncio.gather(
        *(store.findings.press(found.id, acknowledge(f"U-{n}"), NOBODY) for n in range(100))
    )

    [winner] = [event.by for _, event in outcomes if event.accepted]
    assert {finding.owner for finding, _ in outcomes} == {winner}
    assert (await store.findings.get(found.id)).owner == winner
    history = await store.findings.history(found.id)
    assert Counter(event.accepted for event in history if event.move is Move.ACKNOWLEDGE) == {True: 1, False: 99}


async def test_presses_on_many_findings_at_once_are_each_stored(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(40)])

    presses = [(FindingId(1 + n % 40), acknowledge(f"U-{n}")) for n in range(200)]
    outcomes = await asyncio.gather(*(store.findings.press(finding, asked, NOBODY) for finding, asked in presses))

    assert [finding.id for finding, _ in outcomes] == [finding for finding, _ in presses]
    assert sum(event.accepted for _, event in outcomes) == 40
    for finding in await store.findings.unresolved():
        assert len(await store.findings.history(finding.id)) == 6


async def test_a_press_on_nothing_is_refused_alone(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    ids = [FindingId(1), FindingId(404), FindingId(1)]

    first, unknown, second = await asyncio.gather(
        *(store.findings.press(finding, acknowledge(f"U-{n}"), NOBODY) for n, finding in enumerate(ids)),
        return_exceptions=True,
    )

    assert isinstance(unknown, UnknownFinding)
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert (first[1].accepted, second[1].accepted, second[0].owner) == (True, False, "U-0")


async def test_a_press_is_remembered_with_its_place_and_note(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await store.findings.press(found.id, acknowledge(BEN, after_s=3), NOBODY)

    closed, event = await store.findings.press(found.id, resolve("our own <deploy>"), NOBODY)

    assert (await store.findings.history(found.id))[1].place == Place(SECURITY, MessageTs("1.1"))
    assert (await store.findings.history(found.id))[-1] == event
    assert await store.findings.get(found.id) == closed
    assert (closed.owner, closed.resolved_by, closed.resolution_note) == (BEN, ANNA, "our own <deploy>")


async def test_a_press_owes_a_redraw_a_note_and_an_escalation(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)

    await store.findings.press(found.id, Press(Move.ESCALATE, ANNA, START), OnCall(ON_CALL))
    await store.findings.press(found.id, Press(Move.ESCALATE, BEN, START), OnCall(ON_CALL))

    assert Counter((c.intent.kind, c.intent.channel) for c in await delivered(store)) == {
        (Kind.FINDING, SECURITY): 1,
        (Kind.NOTE, SECURITY): 1,
        (Kind.ESCALATION, ON_CALL): 1,
    }


async def test_what_is_not_there_is_refused_by_name(store: SqlStore) -> None:
    missing = FindingId(404)
    for call in (store.findings.get(missing), store.findings.history(missing), store.findings.hits(missing)):
        with pytest.raises(UnknownFinding, match="F-404"):
            await call
    with pytest.raises(UnknownFinding, match="F-404"):
        await store.findings.press(missing, acknowledge(), NOBODY)
    with pytest.raises(StoreError):
        await store.runs.get(RunId(404))
    with pytest.raises(StoreError):
        await store.findings.event(EventId(404))


async def test_the_queue_is_worst_first_then_the_longest_waiting(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob", severity=Severity.CRITICAL)])
    await recorded(store, [hit("e-3", principal="carol")], asked(at=START - DAY))

    queue = await store.findings.unresolved()
    assert [finding.face.text("principal") for finding in queue] == ["bob", "carol", "alice"]
    await store.findings.press(queue[0].id, resolve(), NOBODY)
    assert await store.findings.unresolved(GRANTS.slug) == queue[1:]
    assert await store.findings.unresolved(Slug("another")) == []
