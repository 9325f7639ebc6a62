"""The contract of Findings, over every store there is: presses."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY, OnCall, TargetName
from bot.domain.finding import FindingId
from bot.domain.intent import Kind
from bot.domain.responder import MessageTs, Place, UserId
from bot.domain.run import RunId
from bot.domain.triage import EventId, Move, Press, Refusal
from bot.errors import StoreError, UnknownFinding
from tests.examples import ANNA, BEN, SECURITY, hit
from tests.stand_ins import ON_CALL, START
from tests.storing import DAY, acknowledge, delivered, recorded, resolve, waiting


async def test_of_forty_presses_at_once_one_wins_and_all_are_remembered(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings

    outcomes = await asyncio.gather(
        *(store.findings.press(found.id, acknowledge(f"U-{n}"), NOBODY) for n in range(40))
    )

    [winner] = [event.by for _, event in outcomes if event.accepted]
    assert {finding.owner for finding, _ in outcomes} == {winner}
    assert (await store.findings.get(found.id)).owner == winner
    history = await store.findings.history(found.id)
    assert Counter(event.accepted for event in history if event.move is Move.ACKNOWLEDGE) == {True: 1, False: 39}


async def test_presses_on_many_findings_at_once_are_each_stored(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(20)])

    presses = [(FindingId(1 + n % 20), acknowledge(f"U-{n}")) for n in range(60)]
    outcomes = await asyncio.gather(*(store.findings.press(finding, asked, NOBODY) for finding, asked in presses))

    assert [finding.id for finding, _ in outcomes] == [finding for finding, _ in presses]
    assert sum(event.accepted for _, event in outcomes) == 20
    for finding in await waiting(store):
        assert len(await store.findings.history(finding.id)) == 4


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


async def test_a_press_that_comes_again_is_answered_as_the_first_time_and_stored_once(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    won = replace(acknowledge(), delivery="1.2.a")
    lost = replace(acknowledge(BEN, after_s=1), delivery="1.2.b")
    _, first = await store.findings.press(found.id, won, NOBODY)
    _, second = await store.findings.press(found.id, lost, NOBODY)
    closed, _ = await store.findings.press(found.id, resolve(), NOBODY)
    history = await store.findings.history(found.id)
    await delivered(store)

    again = [await store.findings.press(found.id, replace(asked, at=START + DAY), NOBODY) for asked in (won, lost)]

    assert again == [(closed, first), (closed, second)]
    assert (first.accepted, second.accepted, first.delivery) == (True, False, "1.2.a")
    assert await store.findings.history(found.id) == history
    assert await store.outbox.waiting() == 0


async def test_of_one_press_delivered_many_times_at_once_one_counts(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    asked = replace(acknowledge(), delivery="1.2.a")

    outcomes = await asyncio.gather(*(store.findings.press(found.id, asked, NOBODY) for _ in range(20)))

    assert {event.accepted for _, event in outcomes} == {True}
    assert len(await store.findings.history(found.id)) == 2


async def test_what_a_stranger_tried_is_remembered_once_and_changes_nothing(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    tried = Refusal(Move.RESOLVE, UserId("U-EVE"), START, Place(SECURITY), "not of this workspace", "1.2.e")

    refused = [await store.findings.refuse(found.id, tried) for _ in range(2)]

    assert refused[0] == refused[1] == (await store.findings.history(found.id))[-1]
    assert (refused[0].accepted, refused[0].note, refused[0].by) == (False, "not of this workspace", "U-EVE")
    assert len(await store.findings.history(found.id)) == 2
    assert await store.findings.get(found.id) == found
    assert await store.outbox.waiting() == 0


async def test_whoever_was_called_hears_of_it_in_order(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    on_call = OnCall(ON_CALL, (TargetName("pagerduty"),))
    escalating = Press(Move.ESCALATE, ANNA, START)
    for asked in (escalating, acknowledge(BEN), resolve()):
        await store.findings.press(found.id, asked, on_call)

    calls = [claim.intent for claim in await delivered(store) if claim.intent.kind is Kind.CALL]
    heard = [(await store.findings.event(call.event)).move for call in calls if call.event is not None]

    assert [call.channel for call in calls] == ["target:pagerduty"] * 3
    assert heard == [Move.ESCALATE, Move.ACKNOWLEDGE, Move.RESOLVE]


async def test_what_is_not_there_is_refused_by_name(store: SqlStore) -> None:
    missing = FindingId(404)
    for call in (store.findings.get(missing), store.findings.history(missing), store.findings.hits(missing)):
        with pytest.raises(UnknownFinding, match="F-404"):
            await call
    with pytest.raises(UnknownFinding, match="F-404"):
        await store.findings.press(missing, acknowledge(), NOBODY)
    with pytest.raises(UnknownFinding, match="F-404"):
        await store.findings.refuse(missing, Refusal(Move.RESOLVE, ANNA, START, Place(), "not of this workspace"))
    with pytest.raises(StoreError):
        await store.runs.get(RunId(404))
    with pytest.raises(StoreError):
        await store.findings.event(EventId(404))
