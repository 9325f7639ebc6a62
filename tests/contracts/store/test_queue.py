"""The contract of Findings, over every store there is: what waits, a page at a time."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql import SqlStore
from bot.adapters.sql.pressing import candidates, escalating, waking
from bot.adapters.sql.queueing import Place, count, page
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.queue import MOST_COUNTED, MOST_LOOKED_AT, Queued, Wanted
from bot.domain.run import Filter
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press, Queue
from tests.examples import ANNA, BEN, GRANTS, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, acknowledge, escalate, recorded, resolve, waiting

HOUR = timedelta(hours=1)


async def test_the_queue_is_worst_first_then_the_longest_waiting(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob", severity=Severity.CRITICAL)])
    await recorded(store, [hit("e-3", principal="carol")], asked(at=START - DAY))

    queue = await waiting(store)
    assert [finding.face.text("principal") for finding in queue] == ["bob", "carol", "alice"]
    await store.findings.press(queue[0].id, resolve(), NOBODY)
    assert await waiting(store, GRANTS.slug) == queue[1:]
    assert await waiting(store, Slug("another")) == ()


async def test_the_oldest_come_first_where_that_is_wanted(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob", severity=Severity.CRITICAL)])
    await recorded(store, [hit("e-3", principal="carol")], asked(at=START - DAY))

    oldest = await store.findings.queue(Wanted(Queue.UNTOUCHED, START, hunt=GRANTS.slug, oldest_first=True), 2)

    assert [finding.ref for finding in oldest.findings] == ["F-3", "F-1"]
    assert (oldest.total, oldest.is_more) == (3, False)


async def of_each_kind(store: SqlStore) -> None:
    """F-1 is Anna's, F-2 escalated, F-3 resolved, F-4 untouched, F-5 and F-6 asleep, one of them Anna's."""
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])
    presses = [acknowledge(), escalate(BEN), resolve(), None, None, acknowledge()]
    for number, press in enumerate(presses, 1):
        if press is not None:
            await store.findings.press(FindingId(number), press, NOBODY)
    for number in (5, 6):
        snooze = Press(Move.SNOOZE, BEN, START, until=START + HOUR)
        await store.findings.press(FindingId(number), snooze, NOBODY)


@pytest.mark.parametrize(
    ("which", "refs", "later"),
    [
        (Queue.OPEN, ["F-1", "F-2", "F-4"], ["F-1", "F-2", "F-4", "F-5", "F-6"]),
        (Queue.MINE, ["F-1"], ["F-1", "F-6"]),
        (Queue.UNTAKEN, ["F-2", "F-4"], ["F-2", "F-4", "F-5"]),
        (Queue.UNTOUCHED, ["F-4"], ["F-4", "F-5"]),
        (Queue.ESCALATED, ["F-2"], ["F-2"]),
        (Queue.SNOOZED, ["F-5", "F-6"], []),
    ],
)
async def test_each_queue_holds_what_it_says_and_what_sleeps_is_in_no_other(
    store: SqlStore, which: Queue, refs: list[str], later: list[str]
) -> None:
    await of_each_kind(store)

    for at, expected in ((START, refs), (START + HOUR, later)):
        for hunt in (None, GRANTS.slug):
            queued = await store.findings.queue(Wanted(which, at, ANNA, hunt), 10)
            assert [finding.ref for finding in queued.findings] == expected
            assert (queued.total, queued.is_more) == (len(expected), False)
    assert await store.findings.queue(Wanted(which, START, ANNA, Slug("another")), 10) == Queued()


async def test_a_page_is_as_long_as_asked_and_the_rest_is_counted(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(MOST_COUNTED)])
    full = await store.findings.queue(Wanted(Queue.OPEN, START), 3)
    await recorded(store, [hit("e-more", principal="more")])
    more = await store.findings.queue(Wanted(Queue.OPEN, START), 3)

    assert (len(full.findings), full.total, full.is_more) == (3, MOST_COUNTED, False)
    assert (len(more.findings), more.total, more.is_more) == (3, MOST_COUNTED, True)


async def _varied(store: SqlStore) -> None:
    """F-1 critical, F-2 to F-4 high, F-5 low, each of a principal of its own; F-6 critical, a day later."""
    grades = (Severity.CRITICAL, Severity.LOW, Severity.HIGH, Severity.HIGH, Severity.HIGH)
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}", severity=grade) for n, grade in enumerate(grades)])
    later = [hit("e-late", principal="late", severity=Severity.CRITICAL)]
    await recorded(store, later, asked(at=START + DAY))


ALL_DAY = START + 2 * DAY
AN_HOUR_LATER = START + HOUR


@pytest.mark.parametrize(
    ("narrowed", "refs"),
    [
        (Wanted(Queue.OPEN, ALL_DAY), {1, 2, 3, 4, 5, 6}),
        (Wanted(Queue.OPEN, ALL_DAY, severity=Severity.HIGH), {1, 2, 3, 4, 6}),
        (Wanted(Queue.OPEN, ALL_DAY, opened_until=AN_HOUR_LATER), {1, 2, 3, 4, 5}),
        (Wanted(Queue.OPEN, ALL_DAY, severity=Severity.CRITICAL, opened_until=AN_HOUR_LATER), {1}),
        (Wanted(Queue.UNTOUCHED, ALL_DAY, severity=Severity.CRITICAL), {1, 6}),
        (Wanted(Queue.OPEN, ALL_DAY, traits=Filter(principal="p")), {1, 2, 3, 4, 5}),
        (Wanted(Queue.OPEN, ALL_DAY, traits=Filter(principal="P4"), severity=Severity.HIGH), {4}),
        (Wanted(Queue.OPEN, ALL_DAY, traits=Filter(account="111122223333")), set()),
        (Wanted(Queue.SNOOZED, START, wakes_until=START + HOUR), set()),
    ],
)
async def test_a_queue_is_narrowed_and_counted_alike(store: SqlStore, narrowed: Wanted, refs: set[int]) -> None:
    await _varied(store)

    queued = await store.findings.queue(narrowed, 20)

    assert {finding.id for finding in queued.findings} == refs
    assert (queued.total, queued.is_more, queued.is_bounded) == (len(refs), False, False)
    order = [(-finding.severity.rank, finding.opened_at, finding.id) for finding in queued.findings]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "narrowed",
    [
        Wanted(Queue.OPEN, ALL_DAY),
        Wanted(Queue.OPEN, ALL_DAY, opened_until=START + DAY + HOUR),
        Wanted(Queue.OPEN, ALL_DAY, traits=Filter(principal="*")),
        Wanted(Queue.OPEN, ALL_DAY, traits=Filter(principal="p")),
    ],
    ids=["by index", "of each grade", "a principal that is none", "compared"],
)
async def test_pages_hold_everything_once_whatever_leaves_the_queue_between_them(
    store: SqlStore, narrowed: Wanted
) -> None:
    await _varied(store)
    whole = [finding.id for finding in (await store.findings.queue(narrowed, 20)).findings]
    seen: list[FindingId] = []
    after: FindingId | None = None
    while found := (await store.findings.queue(replace(narrowed, after=after), 2)).findings:
        seen += [finding.id for finding in found]
        after = seen[-1]
        await store.findings.press(after, resolve(), NOBODY)

    assert seen == whole


async def test_of_a_longer_queue_the_worst_are_compared_and_that_is_said(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(MOST_LOOKED_AT)])
    wanted = Wanted(Queue.OPEN, START, traits=Filter(principal=f"p{MOST_LOOKED_AT - 1}"))
    assert not (await store.findings.queue(wanted, 5)).is_bounded
    await recorded(store, [hit("e-more", principal="more", severity=Severity.CRITICAL)])

    queued = await store.findings.queue(wanted, 5)

    assert (queued.total, queued.is_bounded) == (0, True)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (page(Wanted(Queue.OPEN, START), 20), "findings_worst_first"),
        (page(Wanted(Queue.OPEN, START, hunt=GRANTS.slug), 20), "findings_of_hunt_worst_first"),
        (page(Wanted(Queue.MINE, START, ANNA), 20), "findings_of_owner"),
        (page(Wanted(Queue.UNTAKEN, START), 20), "findings_worst_first|findings_of_owner"),
        (page(Wanted(Queue.UNTOUCHED, START), 20), "findings_of_state"),
        (page(Wanted(Queue.UNTOUCHED, START, hunt=GRANTS.slug, oldest_first=True), 20), "findings_longest_waiting"),
        (page(Wanted(Queue.ESCALATED, START), 20), "findings_of_state"),
        (page(Wanted(Queue.OPEN, START, severity=Severity.HIGH), 20), "findings_worst_first"),
        (page(Wanted(Queue.OPEN, START, opened_until=START), 20), "findings_worst_first"),
        (page(Wanted(Queue.OPEN, START), 20, Place(-3, START, 7)), "findings_worst_first"),
        (page(Wanted(Queue.SNOOZED, START), 20), "ix_findings_snoozed_until"),
        (count(Wanted(Queue.OPEN, START)), "findings_worst_first"),
        (count(Wanted(Queue.MINE, START, ANNA)), "findings_of_owner"),
        (
            count(Wanted(Queue.UNTOUCHED, START, hunt=GRANTS.slug, oldest_first=True)),
            "findings_longest_waiting",
        ),
        (candidates(waking(START), 50), "ix_findings_snoozed_until"),
        (candidates(escalating(START - HOUR, START, NOBODY), 50), "findings_of_state"),
    ],
)
async def test_every_page_and_every_count_is_read_off_an_index(store: SqlStore, query: object, index: str) -> None:
    """So that it costs the same however many there are; a large table was measured apart."""
    await of_each_kind(store)
    async with store.database.write() as connection:
        assert re.search(index, await plan(connection, query))


async def plan(connection: AsyncConnection, query: object) -> str:
    """How the database goes about it; PostgreSQL is told that the table is not as small as it is."""
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres:
        for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            await connection.execute(text(f"SET LOCAL {way} = off"))
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    how = "EXPLAIN" if is_postgres else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row) for row in await connection.exec_driver_sql(f"{how} {compiled}"))
