"""The contract of Outbox, over every store there is: claims, and what becomes of them."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY, OnCall, Phase, TargetName, phase_of, route_of
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, Kind, Lane, Progress
from bot.domain.message import Standing
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import Receipt, RunId
from tests.examples import ANNA, SECURITY, asked, hit
from tests.postgres import Server
from tests.stand_ins import START
from tests.storing import HOME, LEASE, WINDOW, acknowledge, delivered, escalate, recorded, resolve

F1 = FindingId(1)
POSTS, REDRAWS = Lane(SECURITY, is_redraw=False), Lane(SECURITY, is_redraw=True)
PAGER = TargetName("pager")
SECOND = timedelta(seconds=1)
HALF = timedelta(seconds=0.5)


async def settled(store: SqlStore, claim: Claim, ts: str, at: datetime = START) -> bool:
    return await store.outbox.settle(claim, MessageTs(ts), at, LEASE)


async def test_an_intent_is_claimed_by_one(store: SqlStore) -> None:
    await store.runs.request(asked())

    claims = await asyncio.gather(*(store.outbox.claim(START, LEASE) for _ in range(10)))

    assert sorted(map(len, claims)) == [0] * 9 + [1]


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_may_not_settle(store: SqlStore) -> None:
    await store.runs.request(asked())
    [frozen] = await store.outbox.claim(START, LEASE)
    [taken] = await store.outbox.claim(START + LEASE, LEASE)

    assert (frozen.may_stand, taken.may_stand) == (False, True)
    assert (frozen.intent.tried_at, taken.intent.tried_at) == (START, START)
    assert await settled(store, taken, "2.2", START + LEASE)
    assert not await settled(store, frozen, "1.1", START + LEASE)
    [intent] = await store.outbox.of_run(RunId(1))
    assert (intent.ts, intent.drawn, intent.wanted) == ("2.2", 1, 2)  # to be drawn again: the late one may be older
    assert await store.outbox.stands_at(intent.key) == "2.2"


async def test_what_may_stand_twice_is_suspect_a_lease_later_and_drawn_once_more(store: SqlStore) -> None:
    await store.runs.request(asked())
    await store.outbox.claim(START, LEASE)
    later = START + LEASE
    [taken] = await store.outbox.claim(later, LEASE)
    await settled(store, taken, "2.2", later)

    assert await store.outbox.suspects(later + LEASE - SECOND) == []
    [suspect] = await store.outbox.suspects(later + LEASE)
    assert (suspect.ts, suspect.tried_at, suspect.mark) == ("2.2", START, taken.intent.mark)
    assert await store.outbox.waiting() == 0
    await store.outbox.cleared(suspect)

    assert await store.outbox.suspects(later + LEASE) == []
    [redraw] = await store.outbox.claim(later + LEASE, LEASE)
    assert (redraw.intent.ts, redraw.may_stand) == ("2.2", False)


async def test_what_never_was_in_doubt_is_no_suspect(store: SqlStore) -> None:
    await store.runs.request(asked())
    [claim] = await store.outbox.claim(START, LEASE)
    await store.outbox.put_back(claim, START, may_stand=False)  # a clear no
    [again] = await store.outbox.claim(START + SECOND, LEASE)
    await settled(store, again, "1.1")

    assert await store.outbox.suspects(START + 10 * LEASE) == []


async def test_whoever_does_not_know_and_lost_the_lease_makes_it_suspect(store: SqlStore) -> None:
    await store.runs.request(asked())
    [frozen] = await store.outbox.claim(START, LEASE)
    [taken] = await store.outbox.claim(START + LEASE, LEASE)
    await settled(store, taken, "2.2", START + LEASE)
    [suspect] = await store.outbox.suspects(START + 2 * LEASE)
    await store.outbox.cleared(suspect)
    thawed = START + 10 * LEASE

    await store.outbox.put_back(frozen, thawed, may_stand=True)

    [again] = await store.outbox.suspects(thawed)
    assert (again.key, again.tried_at) == (taken.intent.key, START)


async def test_what_did_not_go_out_is_tried_again_from_then_on(store: SqlStore) -> None:
    await store.runs.request(asked())
    [claim] = await store.outbox.claim(START, LEASE)
    await store.outbox.put_back(claim, START + 5 * SECOND, may_stand=False)

    assert await store.outbox.claim(START + 4 * SECOND, LEASE) == ()
    [again] = await store.outbox.claim(START + 5 * SECOND, LEASE)
    assert (again.may_stand, again.intent.attempts) == (False, 1)


async def test_what_changes_while_it_is_drawn_is_drawn_again(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [claim] = await store.outbox.claim(START, LEASE)
    await store.runs.fail(run, "down", START)
    await settled(store, claim, "1.1")

    [redraw] = await store.outbox.claim(START, LEASE)

    assert (redraw.intent.ts, redraw.intent.wanted, redraw.intent.drawn) == ("1.1", 2, 1)


async def test_twenty_changes_are_one_redraw(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    for second in range(20):
        await store.findings.press(found.id, acknowledge(after_s=second), NOBODY)
        await store.findings.press(found.id, resolve(), NOBODY)

    out = [claim.intent.kind for claim in await delivered(store)]

    assert out.count(Kind.FINDING) == 1


async def test_each_lane_gives_one_at_a_time_and_cards_come_last(store: SqlStore) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    [answer] = await store.outbox.claim(START, LEASE)
    assert answer.intent.kind is Kind.RUN
    await settled(store, answer, "1.1")
    [card] = await store.outbox.claim(START + SECOND, LEASE)
    assert card.intent.finding == 1
    await settled(store, card, "2.2", START + SECOND)
    await store.findings.press(F1, acknowledge(), NOBODY)

    redraw, note = await store.outbox.claim(START + 2 * SECOND, LEASE)

    assert {redraw.intent.lane, note.intent.lane} == {POSTS, REDRAWS}
    assert {redraw.intent.kind, note.intent.kind} == {Kind.FINDING, Kind.NOTE}


@pytest.mark.parametrize(("is_redraw", "pace"), [(False, SECOND), (True, HALF)], ids=["posts", "redraws"])
async def test_a_lane_opens_again_after_its_pace(store: SqlStore, pace: timedelta, *, is_redraw: bool) -> None:
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    if is_redraw:
        await delivered(store)
        for finding in (F1, FindingId(2)):
            await store.findings.press(finding, acknowledge(), NOBODY)
    lane, at = Lane(SECURITY, is_redraw=is_redraw), START + timedelta(days=2)
    assert lane in [claim.intent.lane for claim in await store.outbox.claim(at, LEASE)]

    just_before = await store.outbox.claim(at + pace - timedelta(milliseconds=1), LEASE)
    then = await store.outbox.claim(at + pace, LEASE)

    assert lane not in [claim.intent.lane for claim in just_before]
    assert lane in [claim.intent.lane for claim in then]


async def test_a_lane_that_slack_shut_and_one_that_is_busy_give_nothing(store: SqlStore) -> None:
    await store.runs.request(asked())
    await store.outbox.shut(POSTS, START + 30 * SECOND)

    assert await store.outbox.claim(START + 29 * SECOND, LEASE) == ()
    assert await store.outbox.next_due(START) == START + 30 * SECOND
    assert await store.outbox.claim(START + 30 * SECOND, LEASE, [POSTS]) == ()
    assert len(await store.outbox.claim(START + 30 * SECOND, LEASE, [REDRAWS])) == 1


async def test_a_clock_that_was_set_back_holds_nothing_up(store: SqlStore) -> None:
    await store.runs.request(asked())
    fast = START + timedelta(days=1)
    await store.outbox.claim(fast, LEASE)  # and the process dies
    await store.outbox.shut(POSTS, fast + timedelta(minutes=5))

    [taken] = await store.outbox.claim(START, LEASE)
    assert taken.may_stand
    await store.outbox.break_route(taken, "is_archived", fast, None)
    [again] = await store.outbox.claim(START + SECOND, LEASE)
    await settled(store, again, "1.1", fast)

    assert [intent.ts for intent in await store.outbox.suspects(START)] == ["1.1"]


async def test_a_threads_children_wait_until_their_parent_stands(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])

    out = await delivered(store)

    answers = [claim for claim in out if claim.intent.kind is Kind.RUN]
    cards = [claim for claim in out if claim.intent.kind is Kind.FINDING]
    assert out[0] is answers[0]
    assert (len(cards), {claim.thread_ts for claim in cards}) == (6, {"1.C-SECURITY"})
    assert out[-1].intent.kind is Kind.RUN  # once more, with links to the cards
    assert await store.findings.standings([F1, FindingId(404)]) == {
        F1: Standing(SECURITY, MessageTs("2.C-SECURITY"), MessageTs("1.C-SECURITY"))
    }


async def test_a_message_that_is_gone_is_given_up_and_kept(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await delivered(store)
    await store.findings.press(F1, acknowledge(), NOBODY)
    claims = await store.outbox.claim(START + timedelta(days=2), LEASE)
    [card] = [claim for claim in claims if claim.intent.kind is Kind.FINDING]

    await store.outbox.break_off(card, "message_not_found")

    [intent] = await store.outbox.of_finding(F1)
    assert intent.progress is Progress.BROKEN
    assert (await store.outbox.backlog(START)).broken == 1
    again = await recorded(store, [hit("e-1")], asked(at=START + timedelta(hours=1)))
    assert [claim.intent.kind for claim in await delivered(store)].count(Kind.FINDING) == 1
    assert (await store.findings.standings([found.id for found, _ in again.findings])).keys() == {F1}


async def test_a_card_whose_thread_is_gone_is_posted_in_the_channel_itself(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(6)])
    [answer] = await store.outbox.claim(START, LEASE)
    await settled(store, answer, "1.1")
    [card] = await store.outbox.claim(START + SECOND, LEASE)
    assert card.thread_ts == "1.1"

    await store.outbox.detach(card)

    [again] = await store.outbox.claim(START + 2 * SECOND, LEASE)
    assert (again.intent.key, again.thread_ts, again.may_stand) == (card.intent.key, None, False)


async def test_what_came_back_is_posted_anew_and_the_old_card_says_so_twice_at_most(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await delivered(store)
    await store.findings.press(found.id, resolve(), NOBODY)
    await delivered(store)

    await recorded(store, [hit("e-2", at=START + SECOND)], asked(at=START + timedelta(hours=1)))
    out = await delivered(store)

    old, new = await store.outbox.of_finding(found.id)
    retired = [claim for claim in out if claim.intent.key == old.key]
    assert 1 <= len(retired) <= 2
    assert out.index(retired[-1]) > next(at for at, claim in enumerate(out) if claim.intent.key == new.key)
    assert (await store.findings.standings([found.id]))[found.id].ts == new.ts


async def test_what_is_overtaken_before_it_was_posted_waits_no_longer(store: SqlStore) -> None:
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    await store.findings.press(found.id, resolve(), NOBODY)
    await recorded(store, [hit("e-2", at=START + SECOND)], asked(at=START + timedelta(hours=1)))

    out = await delivered(store)

    old, new = await store.outbox.of_finding(found.id)
    assert (old.progress, old.ts, new.ts is None) == (Progress.RETIRED, None, False)
    assert [claim.intent.key for claim in out if claim.intent.kind is Kind.FINDING] == [new.key]


async def test_a_refused_channel_turns_an_answer_private(store: SqlStore) -> None:
    run = await store.runs.request(asked())
    assert run
    [placeholder] = await store.outbox.claim(START, LEASE)

    await store.outbox.go_private(placeholder, ANNA)

    assert await store.outbox.claim(START + SECOND, LEASE) == ()
    started = await store.runs.start(run, WINDOW, START)
    await store.findings.record(started, [hit("e-1")], Receipt(1, 0, 0), START, HOME)
    out = [(claim.intent.kind, claim.intent.channel, claim.intent.only_for) for claim in await delivered(store)]
    assert sorted(out, key=str) == sorted([(Kind.RUN, SECURITY, ANNA), (Kind.FINDING, HOME, None)], key=str)


async def test_the_calls_of_one_finding_go_in_order_and_those_of_another_do_not_wait(store: SqlStore) -> None:
    on_call = OnCall(None, (PAGER,))
    found = (await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])).findings
    await delivered(store)
    first, second = (finding.id for finding, _ in found)
    for press in (escalate(), acknowledge()):
        await store.findings.press(first, press, on_call)
    await store.findings.press(second, escalate(), on_call)
    at = START + timedelta(days=3)

    async def call(now: datetime) -> Claim:
        claims = await store.outbox.claim(now, LEASE)
        [claim] = [claim for claim in claims if claim.intent.channel == route_of(PAGER)]
        return claim

    trigger = await call(at)
    await store.outbox.put_back(trigger, at + 10 * SECOND, may_stand=False)
    other = await call(at + SECOND)
    await store.outbox.settle(other, None, at, LEASE)
    again = await call(at + 10 * SECOND)
    await store.outbox.settle(again, None, at, LEASE)
    last = await call(at + 11 * SECOND)

    assert [claim.intent.finding for claim in (trigger, other, again, last)] == [first, second, first, first]
    event = await store.findings.event(last.intent.event) if last.intent.event else None
    assert event
    assert phase_of(event.move) is Phase.ACKNOWLEDGE


async def test_the_only_process_gives_back_what_a_dead_one_held(store: SqlStore) -> None:
    await store.runs.request(asked())
    await store.outbox.claim(START, LEASE)

    await store.outbox.release()

    [taken] = await store.outbox.claim(START + SECOND, LEASE)
    assert taken.may_stand


async def test_the_next_moment_is_that_of_the_first_lane_that_opens(store: SqlStore) -> None:
    assert await store.outbox.next_due(START) is None
    for _ in range(2):
        await store.runs.request(asked())
    assert await store.outbox.next_due(START) == START

    [claim] = await store.outbox.claim(START, LEASE)
    assert await store.outbox.next_due(START) == START + POSTS.pace
    [other] = await store.outbox.claim(START + SECOND, LEASE)
    assert await store.outbox.next_due(START + SECOND) == START + LEASE
    await store.outbox.put_back(claim, START + 20 * SECOND, may_stand=False)
    assert await store.outbox.next_due(START + SECOND) == START + 20 * SECOND
    await settled(store, other, "1.1")
    assert await store.outbox.waiting() == 1


async def test_the_backlog_says_how_much_waits_and_since_when(store: SqlStore) -> None:
    assert (await store.outbox.backlog(START)).since is None
    [(found, _)] = (await recorded(store, [hit("e-1")])).findings
    backlog = await store.outbox.backlog(START)
    assert (backlog.waiting, backlog.since) == (2, START)

    await delivered(store)
    assert (await store.outbox.backlog(START)).since is None
    await store.findings.press(found.id, acknowledge(after_s=90), NOBODY)

    backlog = await store.outbox.backlog(START)
    assert (backlog.waiting, backlog.since) == (2, START + timedelta(seconds=90))


async def test_two_processes_share_lanes_leases_and_rate_limits(postgres: Server) -> None:
    url = postgres.fresh_database()
    async with await SqlStore.open(url) as one, await SqlStore.open(url) as other:
        channels = [ChannelId(f"C-{number}") for number in range(8)]
        for channel in channels * 3:
            await one.runs.request(asked(channel=channel))
        await other.outbox.shut(Lane(channels[0], is_redraw=False), START + timedelta(seconds=60))
        taken: list[tuple[datetime, Claim]] = []
        for tenth in range(100):
            now = START + tenth * timedelta(milliseconds=100)
            claims = await asyncio.gather(*(store.outbox.claim(now, LEASE) for store in (one, other)))
            taken.extend((now, claim) for claimed in claims for claim in claimed)

    assert len({claim.intent.key for _, claim in taken}) == len(taken) == 3 * 7
    for channel in channels:
        times = [at for at, claim in taken if claim.intent.channel == channel]
        assert all(later - earlier >= SECOND for earlier, later in pairwise(times))
    postgres.drop(url)
