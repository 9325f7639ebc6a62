"""The contract of Outbox, over every store there is."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.intent import Kind, Lane
from bot.domain.message import Standing
from bot.domain.responder import MessageTs
from bot.domain.run import Novelty, Receipt, RunId
from tests.examples import ANNA, SECURITY, asked, hit
from tests.stand_ins import START
from tests.storing import HOME, LEASE, WINDOW, acknowledge, delivered, news, recorded, resolve


async def test_an_intent_is_claimed_by_one(store: SqlStore) -> None:
    await store.runs.request(asked())

    claims = await asyncio.gather(*(store.outbox.claim(START, LEASE) for _ in range(10)))

    assert [len(claimed) for claimed in claims].count(1) == 1
    assert sum(map(len, claims)) == 1


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_may_not_settle(store: SqlStore) -> None:
    await store.runs.request(asked())
    [frozen] = await store.outbox.claim(START, LEASE)
    [taken] = await store.outbox.claim(START + LEASE, LEASE)

    assert (frozen.may_stand, taken.may_stand) == (False, True)
    assert not await store.outbox.settle(frozen, MessageTs("1.1"))
    assert await store.outbox.settle(taken, MessageTs("2.2"))
    [intent] = await store.outbox.of_run(RunId(1))
    assert (intent.ts, intent.drawn) == ("2.2", 1)


async def test_what_did_not_go_out_is_tried_again_from_then_on(store: SqlStore) -> None:
    await store.runs.request(asked())
    [claim] = await store.outbox.claim(START, LEASE)
    await store.outbox.put_back(claim, START + timedelta(seconds=5), may_stand=False)

    assert await store.outbox.claim(START + timedelta(seconds=4), LEASE) == ()
    [again] = await store.outbox.claim(START + timedelta(seconds=5), LEASE)
    assert (again.may_stand, again.intent.attempts) == (False, 1)


async def test_what_changes_while_it_is_drawn_is_drawn_again(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [claim] = await store.outbox.claim(START, LEASE)
    await store.runs.fail(run.id, "down", START)
    await store.outbox.settle(claim, MessageTs("1.1"))

    [redraw] = await store.outbox.claim(START, LEASE)

    assert (redraw.intent.ts, redraw.intent.wanted, redraw.intent.drawn) == ("1.1", 2, 1)


async def test_each_lane_gives_one_at_a_time_and_cards_come_last(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    [answer] = await store.outbox.claim(START, LEASE)
    assert answer.intent.kind is Kind.RUN

    closed = [Lane(SECURITY, is_redraw=False)]
    assert await store.outbox.claim(START, LEASE, closed) == ()
    await store.outbox.settle(answer, MessageTs("1.1"))
    [card] = await store.outbox.claim(START, LEASE)
    assert card.intent.finding == 1
    await store.outbox.settle(card, MessageTs("2.2"))
    await store.findings.press(FindingId(1), acknowledge(), NOBODY)

    redraw, note = await store.outbox.claim(START, LEASE)
    assert {redraw.intent.lane.is_redraw, note.intent.lane.is_redraw} == {True, False}
    assert {redraw.intent.kind, note.intent.kind} == {Kind.FINDING, Kind.NOTE}


async def test_a_threads_children_wait_until_their_parent_stands(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])

    out = await delivered(store)

    answers = [claim for claim in out if claim.intent.kind is Kind.RUN]
    cards = [claim for claim in out if claim.intent.kind is Kind.FINDING]
    assert out[0] is answers[0]
    assert (len(cards), {claim.thread_ts for claim in cards}) == (6, {"1.C-SECURITY"})
    assert out[-1].intent.kind is Kind.RUN  # once more, with links to the cards
    assert await store.findings.standings([FindingId(1), FindingId(404)]) == {
        FindingId(1): Standing(SECURITY, MessageTs("2.C-SECURITY"), MessageTs("1.C-SECURITY"))
    }


async def test_a_broken_route_is_marked_with_what_hangs_in_its_thread(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])
    [answer] = await store.outbox.claim(START, LEASE)

    await store.outbox.break_off(answer, "is_archived")

    assert (await store.outbox.waiting(), await store.outbox.broken()) == (0, 7)
    elsewhere = await recorded(store, [hit("e-1", principal="p1")], replace(asked(), channel=HOME))
    assert news(elsewhere) == {"F-2": Novelty.KNOWN}
    assert Counter(claim.intent.kind for claim in await delivered(store)) == {Kind.RUN: 2, Kind.FINDING: 1}


async def test_what_came_back_is_posted_anew_and_the_old_card_says_so_twice_at_most(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    await store.findings.press(found.id, resolve(), NOBODY)
    await delivered(store)

    await recorded(store, [hit("e-2", at=START + timedelta(seconds=1))], asked(at=START + timedelta(hours=1)))
    out = await delivered(store)

    old, new = await store.outbox.of_finding(found.id)
    retired = [claim for claim in out if claim.intent.key == old.key]
    assert 1 <= len(retired) <= 2
    assert out.index(retired[-1]) > next(at for at, claim in enumerate(out) if claim.intent.key == new.key)
    assert (await store.findings.standings([found.id]))[found.id].ts == new.ts


async def test_a_refused_channel_turns_an_answer_private(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [placeholder] = await store.outbox.claim(START, LEASE)

    await store.outbox.go_private(placeholder, ANNA)

    assert await store.outbox.claim(START, LEASE) == ()
    started = await store.runs.start(run.id, WINDOW, START)
    await store.findings.record(started, [hit("e-1")], Receipt(1, 0, 0), START, HOME)
    out = [(claim.intent.kind, claim.intent.channel, claim.intent.only_for) for claim in await delivered(store)]
    assert sorted(out, key=str) == sorted([(Kind.RUN, SECURITY, ANNA), (Kind.FINDING, HOME, None)], key=str)
