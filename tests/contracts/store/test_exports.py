"""The contract of Exports, over every store there is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.adapters.sql.exports import PAGE
from bot.domain.escalation import NOBODY
from bot.domain.export import LEASE, MOST_EVENTS, REMEMBERED, ExportRequest, ExportState, FileFormat
from bot.domain.finding import FindingId
from bot.domain.queue import Asked
from bot.domain.responder import MessageTs
from bot.domain.run import RunId
from bot.domain.severity import Severity
from bot.domain.triage import Queue
from tests.examples import ANNA, GRANTS, SECURITY, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, acknowledge, recorded, resolve

OPEN = ExportRequest(FileFormat.CSV, ANNA, START, SECURITY, queue=Asked(), delivery="T1")
OF_RUN = ExportRequest(
    *(FileFormat.NDJSON, ANNA, START, SECURITY, SECURITY, MessageTs("1.1"), RunId(1)), hunt=GRANTS.slug
)


async def refs(store: SqlStore, request: ExportRequest) -> list[str]:
    return [each.finding.ref async for page in store.exports.pages(request, START) for each in page]


async def test_a_delivery_is_taken_once(store: SqlStore) -> None:
    first = await store.exports.request(OPEN)
    assert first is not None
    assert await store.exports.request(OPEN) is None
    another = await store.exports.request(replace(OPEN, delivery="T2"))
    assert another is not None
    assert await store.exports.left(START) == [first.id, another.id]


NARROW = Asked(*(Queue.MINE, Severity.HIGH, timedelta(days=2), GRANTS.slug, "111122223333", 'a "b" c'))


@pytest.mark.parametrize("request_", [OPEN, OF_RUN, replace(OPEN, queue=NARROW)], ids=["queue", "run", "narrowed"])
async def test_it_is_taken_up_as_it_was_asked_for_by_one_process_at_a_time(
    store: SqlStore, request_: ExportRequest
) -> None:
    stored = await store.exports.request(request_)
    assert stored is not None

    taken = await store.exports.take(stored.id, START)

    assert taken is not None
    assert (taken.request, taken.tries) == (request_, 1)
    assert await store.exports.take(stored.id, START + timedelta(minutes=1)) is None
    assert await store.exports.left(START) == []
    again = await store.exports.take(stored.id, START + LEASE)
    assert again is not None
    assert again.tries == 2
    await store.exports.end(taken, ExportState.DONE)  # it was taken up by another since
    assert await store.exports.left(START + 2 * LEASE) == [stored.id]
    await store.exports.end(again, ExportState.DONE)
    assert await store.exports.left(START + 2 * LEASE) == []
    assert await store.exports.take(stored.id, START + 2 * LEASE) is None


async def test_what_is_put_back_waits_and_a_lone_process_forgets_who_worked(store: SqlStore) -> None:
    stored = await store.exports.request(OPEN)
    assert stored is not None
    taken = await store.exports.take(stored.id, START)
    assert taken is not None
    await store.exports.put_back(taken, START + timedelta(minutes=1))
    assert await store.exports.left(START) == []
    assert await store.exports.left(START + timedelta(minutes=1)) == [1]
    await store.outbox.release()
    assert await store.exports.left(START) == [1]


async def test_what_is_over_is_forgotten_after_a_month(store: SqlStore) -> None:
    stored = await store.exports.request(OPEN)
    assert stored is not None
    taken = await store.exports.take(stored.id, START)
    assert taken is not None
    await store.exports.end(taken, ExportState.DONE)

    await store.exports.request(replace(OPEN, delivery="T2", at=START + REMEMBERED))
    assert await store.exports.request(OPEN) is None
    await store.exports.request(replace(OPEN, delivery="T3", at=START + 2 * REMEMBERED))
    assert await store.exports.request(OPEN) is not None


async def test_a_queue_comes_worst_first_with_the_events_of_each_the_latest_first(store: SqlStore) -> None:
    critical = hit("e-2", principal="bob", severity=Severity.CRITICAL)
    await recorded(store, [hit("e-0", at=START - DAY), hit("e-1"), critical, hit("e-3", principal="carol")])
    await store.findings.press(FindingId(3), resolve(), NOBODY)
    await store.findings.press(FindingId(2), acknowledge(), NOBODY)

    [page] = [page async for page in store.exports.pages(OPEN, START)]

    assert [(each.finding.ref, each.events) for each in page] == [("F-1", ("e-2",)), ("F-2", ("e-1", "e-0"))]
    assert await refs(store, replace(OPEN, queue=Asked(Queue.MINE))) == ["F-2"]
    assert await refs(store, replace(OPEN, queue=Asked(principal="bo"))) == ["F-1"]
    assert await refs(store, replace(OPEN, queue=Asked(severity=Severity.CRITICAL))) == ["F-1"]
    assert await refs(store, replace(OPEN, queue=Asked(principal="nobody"))) == []


async def test_a_run_gives_what_it_returned_resolved_or_not(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    await recorded(store, [hit("e-2", principal="bob"), hit("e-3", principal="carol")], asked(dedupe_key="2"))
    await store.findings.press(FindingId(2), resolve(), NOBODY)

    assert await refs(store, OF_RUN) == ["F-1", "F-2"]
    assert await refs(store, replace(OF_RUN, run=RunId(2))) == ["F-2", "F-3"]


async def test_many_come_in_pages_each_once(store: SqlStore) -> None:
    many = [hit(f"e-{n}", principal=f"p{n}", severity=list(Severity)[n % 5]) for n in range(2 * PAGE + 3)]
    await recorded(store, many)

    pages = [len(page) async for page in store.exports.pages(OPEN, START)]
    found = await refs(store, replace(OF_RUN, run=RunId(1)))

    assert pages == [PAGE, PAGE, 3]
    assert len(found) == len(set(found)) == 2 * PAGE + 3


async def test_of_one_finding_the_latest_events_are_named(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n:05}", at=START - timedelta(seconds=n)) for n in range(MOST_EVENTS + 5)])

    [[only]] = [page async for page in store.exports.pages(OPEN, START)]

    assert (only.finding.count, len(only.events)) == (MOST_EVENTS + 5, MOST_EVENTS)
    assert (only.events[0], only.events[-1]) == ("e-00000", f"e-{MOST_EVENTS - 1:05}")
