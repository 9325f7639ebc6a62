"""The contract of Bulks, over every store there is: offered, requested once, taken up by one at a time, told once."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.bulk import LEASE, OFFER_FOR, Bulk, BulkId, BulkState, Order, Tally
from bot.domain.finding import FindingId
from bot.domain.intent import Intent, Kind
from bot.domain.responder import MessageTs, Place
from bot.domain.triage import Move, Resolution
from bot.errors import BadArgument
from tests.examples import ANNA, SECURITY, hit
from tests.stand_ins import START
from tests.storing import delivered, recorded

IDS = tuple(map(FindingId, (3, 1, 2)))
ORDER = Order(Move.RESOLVE, Resolution.BENIGN, "ours")


async def offered(store: SqlStore, place: Place = Place(SECURITY)) -> Bulk:
    return await store.bulks.offer(Bulk(BulkId(0), ANNA, START, IDS, place))


async def told(store: SqlStore) -> Collection[Intent]:
    return [claim.intent for claim in await delivered(store) if claim.intent.kind is Kind.BULK]


async def test_what_was_shown_is_kept_in_its_order_with_what_was_ticked(store: SqlStore) -> None:
    bulk = await offered(store)
    await store.bulks.tick(bulk.id, IDS[:2], IDS[:1])
    await store.bulks.tick(bulk.id, IDS[2:], [*IDS[2:], FindingId(99)])

    kept = await store.bulks.get(bulk.id)

    assert (kept.by, kept.at, kept.place, kept.shown) == (ANNA, START, Place(SECURITY), IDS)
    assert kept.in_order == (IDS[0], IDS[2])
    assert (await store.bulks.tick(bulk.id, IDS[:2], ())).in_order == (IDS[2],)


async def test_it_is_requested_once(store: SqlStore) -> None:
    bulk = await offered(store)
    assert await store.bulks.left(START) == []

    first = await store.bulks.request(bulk.id, ORDER, IDS[:2], START)
    again = await store.bulks.request(bulk.id, Order(Move.ACKNOWLEDGE), IDS, START)

    assert first == again
    assert (first.state, first.order, first.chosen) == (BulkState.REQUESTED, ORDER, IDS[:2])
    assert await store.bulks.left(START) == [bulk.id]


async def test_one_process_at_a_time_works_on_it_and_another_once_it_says_nothing(store: SqlStore) -> None:
    bulk = await offered(store)
    await store.bulks.request(bulk.id, ORDER, IDS, START)

    assert await store.bulks.take(bulk.id, START, LEASE) is not None
    assert await store.bulks.take(bulk.id, START + LEASE / 2, LEASE) is None
    await store.bulks.keep(bulk.id, START + LEASE / 2, LEASE)
    assert await store.bulks.left(START + LEASE) == []
    assert await store.bulks.take(bulk.id, START + 2 * LEASE, LEASE) is not None


async def test_a_lease_of_a_clock_that_ran_ahead_holds_nothing_up(store: SqlStore) -> None:
    bulk = await offered(store)
    await store.bulks.request(bulk.id, ORDER, IDS, START)
    await store.bulks.take(bulk.id, START + timedelta(days=9), LEASE)

    assert await store.bulks.left(START) == [bulk.id]


async def test_its_end_is_told_once_and_only_then(store: SqlStore) -> None:
    bulk = await offered(store)
    await store.bulks.request(bulk.id, ORDER, IDS, START)
    assert await told(store) == []

    for tally in (Tally(2, 1), Tally(0, 3)):
        await store.bulks.finish(bulk.id, tally, START)

    [answer] = await told(store)
    assert (answer.bulk, answer.channel, answer.only_for, answer.thread_of) == (bulk.id, SECURITY, ANNA, None)
    assert (await store.bulks.get(bulk.id)).tally == Tally(2, 1)
    assert await store.bulks.take(bulk.id, START, LEASE) is None


async def test_asked_for_in_a_message_that_all_can_see_it_is_told_in_its_thread(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    answer = next(c.intent for c in await delivered(store) if c.intent.kind is Kind.RUN)
    stands = await store.outbox.stands_at(answer.key)
    bulk = await offered(store, Place(SECURITY, stands))
    await store.bulks.request(bulk.id, ORDER, IDS, START)
    await store.bulks.finish(bulk.id, Tally(3), START)

    [said] = await told(store)
    assert (said.only_for, said.thread_of) == (None, answer.key)


async def test_in_the_home_tab_it_is_told_in_ones_own_conversation(store: SqlStore) -> None:
    bulk = await offered(store, Place())
    await store.bulks.request(bulk.id, ORDER, IDS, START)
    await store.bulks.finish(bulk.id, Tally(3), START)

    [said] = await told(store)
    assert (str(said.channel), said.only_for) == (ANNA, ANNA)


async def test_a_form_that_nobody_submitted_is_forgotten_and_a_request_is_not(store: SqlStore) -> None:
    bulk, requested = await offered(store), await offered(store)
    await store.bulks.request(requested.id, ORDER, IDS, START)

    await store.bulks.offer(Bulk(BulkId(0), ANNA, START + 2 * OFFER_FOR, IDS))

    assert (await store.bulks.get(requested.id)).state is BulkState.REQUESTED
    for gone in (store.bulks.get(bulk.id), store.bulks.request(bulk.id, ORDER, IDS, START)):
        with pytest.raises(BadArgument, match="open it again"):
            await gone


async def test_a_message_is_known_by_its_place(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    cards = {c.intent.kind: await store.outbox.stands_at(c.intent.key) for c in await delivered(store)}
    card, answer = cards[Kind.FINDING], cards[Kind.RUN]
    assert card is not None
    assert answer is not None

    assert await store.findings.at(SECURITY, card) == FindingId(1)
    assert await store.findings.at(SECURITY, answer) is None
    assert await store.findings.at(SECURITY, MessageTs("9.9")) is None
