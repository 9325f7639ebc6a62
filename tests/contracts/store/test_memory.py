"""The contract of memory, over every store there is: which verdict is told of a finding, and said again."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.intent import Kind
from bot.domain.memory import OVERTAKEN, SameAgain, Verdict
from bot.domain.responder import Place, UserId
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Move, Press, Resolution, State
from bot.errors import UnknownFinding
from tests.examples import ANNA, BEN, SECURITY, hit
from tests.stand_ins import START
from tests.storing import delivered, recorded

HOUR = timedelta(hours=1)


def grant(event_id: str, *, by: str = "ci", at: datetime = START - HOUR, severity: Severity = Severity.HIGH) -> Hit:
    """`alice` was granted something on `pay`: findings of one grantee and function, told apart by who granted it."""
    made = hit(event_id, principal=by, at=at, severity=severity)
    return replace(made, columns={"principal": "alice", "function": "pay", "outcome": "granted"})


async def found(store: SqlStore, *hits: Hit) -> list[Finding]:
    """In the order in which they were first recorded."""
    outcome = await recorded(store, hits)
    return sorted((finding for finding, _ in outcome.findings), key=lambda finding: finding.id)


async def press(
    store: SqlStore,
    finding: FindingId,
    move: Move = Move.RESOLVE,
    resolution: Resolution | None = Resolution.BENIGN,
    *,
    by: UserId = BEN,
    note: str = "our own deploy",
    after: timedelta = HOUR,
) -> Finding:
    asked = Press(move, by, START + after, resolution=resolution, note=note)
    pressed, event = await store.findings.press(finding, asked, NOBODY)
    assert event.accepted
    return pressed


async def again(
    store: SqlStore, finding: FindingId, verdict: EventId, delivery: str | None = None
) -> tuple[Finding, AuditEvent]:
    asked = SameAgain(verdict, ANNA, START + 3 * HOUR, Place(SECURITY), delivery)
    return await store.findings.press(finding, asked, NOBODY)


async def told(store: SqlStore, finding: FindingId) -> Verdict:
    verdict = await store.findings.verdict(finding)
    assert verdict is not None
    return verdict


async def test_a_finding_is_told_how_the_same_was_resolved(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1", by="ci"), grant("e-2", by="mallory"))
    await press(store, first.id)

    verdict = await told(store, second.id)

    assert (verdict.ref, verdict.by, verdict.at) == ("F-1", BEN, START + HOUR)
    assert (verdict.resolution, verdict.note, verdict.severity) == (
        Resolution.BENIGN,
        "our own deploy",
        Severity.HIGH,
    )
    assert (await store.findings.event(verdict.event)).move is Move.RESOLVE


async def test_what_is_not_the_same_is_not_told(store: SqlStore) -> None:
    other = grant("e-2", by="mallory")
    other = replace(other, columns={**other.columns, "function": "ship"})
    first, second = await found(store, grant("e-1"), other)
    await press(store, first.id)

    assert await store.findings.verdict(second.id) is None


async def test_what_nobody_resolved_is_no_verdict(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id, Move.ACKNOWLEDGE, None, note="")
    await press(store, first.id, Move.COMMENT, None, note="looks fine")

    assert await store.findings.verdict(second.id) is None
    assert await store.findings.verdict(first.id) is None


async def test_of_several_the_latest_is_told(store: SqlStore) -> None:
    first, second, third = await found(store, grant("e-1"), grant("e-2", by="bob"), grant("e-3", by="mallory"))
    await press(store, first.id, after=2 * HOUR, note="the later one")
    await press(store, second.id, after=HOUR, note="the earlier one")

    assert (await told(store, third.id)).note == "the later one"
    assert (await told(store, second.id)).ref == "F-1"


async def test_a_verdict_that_somebody_took_back_is_told_no_more(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id)
    await press(store, first.id, Move.REOPEN, None, note="")

    assert await store.findings.verdict(second.id) is None
    assert await store.findings.verdict(first.id) is None


async def test_a_finding_that_came_back_is_told_what_was_said_of_it(store: SqlStore) -> None:
    [first] = await found(store, grant("e-1"))
    await press(store, first.id)
    [back] = await found(store, grant("e-1"), grant("e-2", at=START + 2 * HOUR))

    verdict = await told(store, back.id)

    assert back.state is State.OPEN
    assert (verdict.ref, verdict.note, verdict.severity) == ("F-1", "our own deploy", Severity.HIGH)


async def test_how_bad_it_was_then_stays_known_when_it_has_got_worse(store: SqlStore) -> None:
    [first] = await found(store, grant("e-1"))
    await press(store, first.id)
    [worse] = await found(store, grant("e-2", severity=Severity.CRITICAL, at=START - 2 * HOUR))

    assert (worse.state, worse.severity) == (State.OPEN, Severity.CRITICAL)
    assert (await told(store, worse.id)).severity is Severity.HIGH


async def test_a_finding_of_an_older_huntbot_is_remembered_once_it_is_seen_again(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    async with store.database.write() as connection:
        await connection.exec_driver_sql("UPDATE findings SET memory_key = ''")
    await press(store, first.id)
    assert await store.findings.verdict(second.id) is None

    await found(store, grant("e-1"), grant("e-2", by="mallory"))

    assert (await told(store, second.id)).ref == "F-1"


async def test_of_no_finding_nothing_is_told(store: SqlStore) -> None:
    with pytest.raises(UnknownFinding):
        await store.findings.verdict(FindingId(9))


# --- said again -----------------------------------------------------------------------------------


async def test_the_same_is_said_again_with_one_press(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id)
    verdict = await told(store, second.id)

    after, event = await again(store, second.id, verdict.event)

    assert (after.state, after.resolution, after.resolved_by) == (State.RESOLVED, Resolution.BENIGN, ANNA)
    assert after.resolution_note == event.note == "the same as F-1: our own deploy"
    assert (await store.findings.history(second.id))[-1] == event
    assert (await told(store, first.id)).ref == "F-2"  # which now says the same of it


async def test_a_verdict_that_is_not_the_latest_any_more_is_not_said_again(store: SqlStore) -> None:
    first, second, third = await found(store, grant("e-1"), grant("e-2", by="bob"), grant("e-3", by="mallory"))
    await press(store, first.id)
    seen = await told(store, third.id)
    await press(store, second.id, resolution=Resolution.MALICIOUS, after=2 * HOUR)

    after, event = await again(store, third.id, seen.event)

    assert (after.state, event.accepted, event.note) == (State.OPEN, False, OVERTAKEN)
    assert (await store.findings.history(third.id))[-1] == event


FORGED = [0, 1, 999_999]


@pytest.mark.parametrize("forged", FORGED)
async def test_a_forged_press_changes_nothing(store: SqlStore, forged: int) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id)

    after, event = await again(store, second.id, EventId(forged))

    assert (after.state, event.accepted) == (State.OPEN, False)


async def test_of_two_who_say_it_again_one_wins(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id)
    verdict = (await told(store, second.id)).event

    presses = await asyncio.gather(*(again(store, second.id, verdict, f"d-{n}") for n in range(4)))

    assert sorted(event.accepted for _, event in presses) == [False, False, False, True]
    assert not any(event.note for _, event in presses if not event.accepted)  # they are told who was first


async def test_a_press_that_slack_delivers_twice_is_said_once(store: SqlStore) -> None:
    first, second = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    await press(store, first.id)
    verdict = (await told(store, second.id)).event

    events = [(await again(store, second.id, verdict, "d-1"))[1] for _ in range(2)]

    assert [event.accepted for event in events] == [True, True]
    assert [event.move for event in await store.findings.history(second.id)] == [Move.RECORDED, Move.RESOLVE]


async def test_the_cards_of_what_is_alike_say_so_at_once(store: SqlStore) -> None:
    first, _ = await found(store, grant("e-1"), grant("e-2", by="mallory"))
    unlike = replace(grant("e-3", by="bob"), columns={"principal": "bob", "function": "pay"})
    await found(store, unlike)
    await delivered(store)

    await press(store, first.id)
    resolved = [claim.intent for claim in await delivered(store)]
    await press(store, first.id, Move.REOPEN, None, note="")
    reopened = [claim.intent for claim in await delivered(store)]

    for out in (resolved, reopened):
        assert sorted(i.finding or 0 for i in out if i.kind is Kind.FINDING) == [1, 2]
