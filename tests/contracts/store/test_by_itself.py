"""The contract of Findings, over every store there is: what happens by itself, once, however many ask."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY, OnCall, TargetName
from bot.domain.finding import Finding, FindingId
from bot.domain.intent import Kind, Progress
from bot.domain.responder import HUNTBOT
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press, State
from tests.examples import ANNA, BEN, SECURITY, hit
from tests.stand_ins import ON_CALL, START
from tests.storing import acknowledge, delivered, escalate, recorded, resolve

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
EVERYBODY = OnCall(ON_CALL, (TargetName("pagerduty"),))


def snooze(hours: int = 1) -> Press:
    return Press(Move.SNOOZE, ANNA, START, until=START + hours * HOUR, note="in a change window")


async def critical(store: SqlStore, count: int = 1) -> list[Finding]:
    """New ones, after a first run; opened a minute after START."""
    await recorded(store, [])
    hits = [hit(f"e-{n}", principal=f"p{n}", severity=Severity.CRITICAL) for n in range(count)]
    return [finding for finding, _ in (await recorded(store, hits)).findings]


# --- a snooze's end ------------------------------------------------------------------------------


async def test_what_was_snoozed_is_opened_and_posted_anew_when_its_time_has_come(store: SqlStore) -> None:
    [found] = await critical(store)
    await delivered(store)
    await store.findings.press(found.id, acknowledge(BEN), NOBODY)
    await store.findings.press(found.id, snooze(), NOBODY)
    await delivered(store)

    assert await store.findings.wake(START + HOUR - timedelta(seconds=1)) == []
    assert await store.findings.wake(START + HOUR) == [found.id]

    woken = await store.findings.get(found.id)
    assert (woken.state, woken.owner, woken.snoozed_until, woken.opened_at) == (State.OPEN, None, None, START + HOUR)
    event = (await store.findings.history(found.id))[-1]
    assert (event.move, event.by, event.before, event.after) == (
        *(Move.WAKE, HUNTBOT),
        *(State.ACKNOWLEDGED, State.OPEN),
    )
    old, new = await store.outbox.of_finding(found.id)
    assert (old.progress, new.progress, new.channel, new.run) == (
        *(Progress.RETIRED, Progress.ALIVE),
        *(SECURITY, old.run),
    )
    out = Counter(claim.intent.kind for claim in await delivered(store))
    assert (out[Kind.NOTE], out[Kind.FINDING] >= 2) == (1, True)
    assert (await store.findings.standings([found.id]))[found.id].ts == (await store.outbox.stands_at(new.key))


async def test_of_many_who_wake_the_same_each_wakes_once(store: SqlStore) -> None:
    found = await critical(store, 120)
    for finding in found:
        await store.findings.press(finding.id, snooze(), NOBODY)

    woken = await asyncio.gather(*(store.findings.wake(START + 2 * HOUR) for _ in range(4)))

    assert sorted(finding for some in woken for finding in some) == sorted(finding.id for finding in found)
    assert await store.findings.wake(START + 3 * HOUR) == []
    history = await store.findings.history(found[0].id)
    assert [event.move for event in history] == [Move.RECORDED, Move.SNOOZE, Move.WAKE]


@pytest.mark.parametrize("ended_by", [acknowledge(BEN), resolve(), escalate(BEN)])
async def test_what_somebody_took_up_meanwhile_does_not_wake(store: SqlStore, ended_by: Press) -> None:
    [found] = await critical(store)
    await store.findings.press(found.id, snooze(), NOBODY)
    await store.findings.press(found.id, ended_by, NOBODY)

    assert await store.findings.wake(START + 2 * HOUR) == []


async def test_a_snoozed_finding_that_a_run_returns_sleeps_on(store: SqlStore) -> None:
    [found] = await critical(store)
    await store.findings.press(found.id, snooze(), NOBODY)

    await recorded(store, [hit("e-0", principal="p0", severity=Severity.CRITICAL)])

    assert (await store.findings.get(found.id)).snoozed_until == START + HOUR


# --- nobody came ---------------------------------------------------------------------------------


async def test_what_nobody_acknowledged_in_time_is_escalated_by_huntbot(store: SqlStore) -> None:
    [found] = await critical(store)
    await delivered(store)
    due = found.opened_at + QUARTER

    assert await store.findings.escalate_overdue(due - QUARTER - timedelta(seconds=1), due, EVERYBODY) == []
    assert await store.findings.escalate_overdue(due - QUARTER, due, EVERYBODY) == [found.id]
    assert await store.findings.escalate_overdue(due, due + QUARTER, EVERYBODY) == []

    escalated = await store.findings.get(found.id)
    assert (escalated.state, escalated.escalated_by, escalated.escalated_at) == (State.ESCALATED, HUNTBOT, due)
    event = (await store.findings.history(found.id))[-1]
    assert (event.by, event.note) == (HUNTBOT, "nobody acknowledged it within 15 minutes")
    assert Counter(claim.intent.kind for claim in await delivered(store)) == {
        Kind.FINDING: 1,
        Kind.NOTE: 1,
        Kind.ESCALATION: 1,
        Kind.CALL: 1,
    }


async def test_however_many_look_for_what_is_overdue_it_is_escalated_once(store: SqlStore) -> None:
    found = await critical(store, 60)
    later = START + HOUR

    looked = await asyncio.gather(
        *(store.findings.escalate_overdue(later - QUARTER, later, EVERYBODY) for _ in range(4))
    )

    assert sorted(finding for some in looked for finding in some) == sorted(finding.id for finding in found)
    moves = Counter(event.move for event in await store.findings.history(found[0].id))
    assert moves == {Move.RECORDED: 1, Move.ESCALATE: 1}


@pytest.mark.parametrize(
    "pressed",
    [
        (acknowledge(),),
        (escalate(),),
        (resolve(),),
        (snooze(hours=9),),
        (snooze(hours=1),),  # over by then, but not woken: it waits for its own time
    ],
    ids=["taken", "escalated", "resolved", "asleep", "about to wake"],
)
async def test_what_somebody_has_seen_to_is_not_overdue(store: SqlStore, pressed: tuple[Press, ...]) -> None:
    [found] = await critical(store)
    for asked in pressed:
        await store.findings.press(found.id, asked, NOBODY)

    assert await store.findings.escalate_overdue(START + 5 * HOUR, START + 6 * HOUR, EVERYBODY) == []


async def test_neither_the_backlog_nor_what_is_less_than_critical_escalates_by_itself(store: SqlStore) -> None:
    await recorded(store, [hit("e-1", severity=Severity.CRITICAL)])  # the first run: from the backlog
    await recorded(store, [hit("e-2", principal="bob", severity=Severity.HIGH)])

    assert await store.findings.escalate_overdue(START + HOUR, START + 2 * HOUR, EVERYBODY) == []


async def test_what_wakes_is_waited_for_anew(store: SqlStore) -> None:
    [found] = await critical(store)
    await store.findings.press(found.id, snooze(), NOBODY)
    woken_at = START + HOUR
    await store.findings.wake(woken_at)

    assert await store.findings.escalate_overdue(woken_at - QUARTER, woken_at, EVERYBODY) == []
    assert await store.findings.escalate_overdue(woken_at, woken_at + QUARTER, EVERYBODY) == [found.id]
    assert (await store.findings.get(FindingId(found.id))).escalated_by == HUNTBOT
