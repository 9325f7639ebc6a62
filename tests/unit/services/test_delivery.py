"""Delivery: everything that ought to stand in Slack stands there once, whatever Slack or the process does."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from bot.adapters.sql.outbox import SqlOutbox
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, IntentKey, Lane
from bot.domain.message import (
    DigestPost,
    EscalationCall,
    FindingCard,
    HistoryNote,
    Message,
    RunAnswer,
    RunProgress,
    Standing,
)
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.rows import Rows
from bot.domain.run import Novelty, RunState, Trigger
from bot.domain.triage import Move, Resolution, State
from bot.errors import (
    LogSearchUnavailable,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    StoreError,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.services.delivery import LEASE, Backlog, DeliveryService
from tests.examples import ANNA, BEN, GRANTS, SECURITY, asked, row, rows
from tests.house import open_house
from tests.stand_ins import ON_CALL, START, Posted, RecordingWorkspace

F1 = FindingId(1)
HOME = ChannelId("C-HOME")
OTHER = ChannelId("C-OTHER")
ONE = rows(row("alice", "e-1"))


def people(count: int) -> Rows:
    return rows(*(row(f"p{n}", f"e-{n}") for n in range(count)))


def cards(slack: RecordingWorkspace, channel: str = SECURITY) -> list[FindingCard]:
    return [post.what for post in slack.in_channel(channel) if isinstance(post.what, FindingCard)]


def kinds(posts: Sequence[Posted]) -> Counter[type[Message]]:
    return Counter(type(post.what) for post in posts)


def answer_in(slack: RecordingWorkspace, channel: str = SECURITY) -> RunAnswer:
    [answer] = [post.what for post in slack.in_channel(channel) if isinstance(post.what, RunAnswer)]
    return answer


# ---- what comes where


async def test_a_placeholder_becomes_the_answer(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.deliver()
        [placeholder] = house.slack.messages
        assert isinstance(placeholder.what, RunProgress)

        await house.services.hunts.work(run.id)
        await house.deliver()

        answer, card = house.slack.messages
        assert (answer.ts, answer.thread, card.thread) == (placeholder.ts, None, None)
    assert isinstance(answer.what, RunAnswer)
    assert isinstance(card.what, FindingCard)
    assert card.what.novelty is Novelty.BACKLOG
    assert [link.url for link in answer.what.links] == [f"https://slack.example/archives/{SECURITY}/p{card.ts}"]


async def test_many_findings_hang_in_the_thread_of_the_answer(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(8)) as house:
        await house.hunt()

        answer, *rest = house.slack.messages
        assert isinstance(answer.what, RunAnswer)
        assert (answer.what.in_thread, len(answer.what.links)) == (True, 8)
    assert (len(rest), {post.thread for post in rest}) == (8, {answer.ts})


async def test_known_findings_get_a_line_and_no_message(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.hunt(asked(at=START + timedelta(hours=1)))

        assert kinds(house.slack.messages) == {RunAnswer: 2, FindingCard: 1}


async def test_a_failed_run_says_so_in_its_placeholder(tmp_path: Path) -> None:
    async with open_house(tmp_path, LogSearchUnavailable("down")) as house:
        await house.hunt()

        run = answer_in(house.slack).outcome.run
    assert run.state is RunState.FAILED
    assert "down" in (run.error or "")


async def test_a_press_redraws_the_card_and_tells_its_thread(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, ANNA)
        await house.deliver()

        _, card, note = house.slack.messages
    assert isinstance(card.what, FindingCard)
    assert isinstance(note.what, HistoryNote)
    assert (card.what.finding.owner, card.drawn) == (ANNA, 2)
    assert (note.what.event.by, note.thread) == (ANNA, card.ts)


async def test_many_changes_cost_one_redraw(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        for _ in range(5):
            await house.services.triage.press(F1, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
            await house.services.triage.press(F1, Move.REOPEN, ANNA)
        await house.deliver()

        [card] = house.slack.in_channel(SECURITY, FindingCard)
        assert card.drawn == 2


async def test_an_escalation_calls_the_people_on_call_once_with_a_way_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
        await house.services.triage.press(F1, Move.ESCALATE, BEN)
        house.slack.lost_answers.append(OutcomeUnknown("timeout"))
        await house.deliver()

        [call] = house.slack.in_channel(ON_CALL)
        [card] = house.slack.in_channel(SECURITY, FindingCard)
    assert isinstance(call.what, EscalationCall)
    assert (call.what.event.by, call.what.back and card.ts in call.what.back.url) == (ANNA, True)


async def test_what_came_back_is_posted_anew_and_the_two_cards_link_to_each_other(tmp_path: Path) -> None:
    back = rows(row("alice", "e-1"), row("alice", "e-2", at=START + timedelta(hours=2)))
    async with open_house(tmp_path, ONE, back) as house:
        await house.hunt(asked(channel=OTHER))
        await house.services.triage.press(F1, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
        house.clock.advance(timedelta(hours=3))
        await house.hunt()

        old, new = house.slack.in_channel(OTHER, FindingCard)
        [here] = house.slack.in_channel(SECURITY, FindingCard)
        assert isinstance(old.what, FindingCard)
        assert isinstance(new.what, FindingCard)
        assert isinstance(here.what, FindingCard)
    assert (old.what.is_retired, new.what.is_retired, here.what.is_retired) == (True, False, False)
    assert old.what.later is not None
    assert new.ts in old.what.later.url
    assert [card.earlier and old.ts in card.earlier.url for card in (new.what, here.what)] == [True, True]
    assert (new.what.novelty, new.what.finding.state) == (Novelty.RECURRED, State.OPEN)
    assert kinds(house.slack.in_channel(OTHER))[HistoryNote] == 2


async def test_a_private_run_answers_one_person_and_its_cards_go_home(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, homes={GRANTS.slug: HOME}) as house:
        await house.hunt(asked(is_private=True))

        [(channel, user, answer)] = house.slack.whispers
        assert (channel, user, type(answer)) == (SECURITY, ANNA, RunAnswer)
        assert kinds(house.slack.messages) == {FindingCard: 1}
        assert len(cards(house.slack, HOME)) == 1


async def test_a_channel_that_refuses_the_bot_makes_the_answer_private(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, ONE, homes={GRANTS.slug: HOME}) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt()
        assert [(user, type(answer)) for _, user, answer in house.slack.whispers] == [(ANNA, RunAnswer)]

        await house.hunt(asked(channel=OTHER))
        assert len(cards(house.slack, OTHER)) == 1  # not lost: the next public run posts it


async def test_a_digest_that_can_not_be_posted_is_kept_and_counted(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt(asked(Trigger.SCHEDULE, by=None))

        backlog = await house.services.delivery.backlog()
    assert (backlog.waiting, backlog.broken) == (0, 2)
    assert house.slack.whispers == []


# ---- pace


async def test_a_channel_takes_one_new_message_a_second(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.services.hunts.work(run.id)
        other = await house.services.hunts.request(asked(channel=OTHER))
        assert other is not None

        first = await house.services.delivery.deliver_due()
        second = await house.services.delivery.deliver_due()
        house.clock.advance(timedelta(seconds=1))
        third = await house.services.delivery.deliver_due()

        assert (first, second, third) == (2, 0, 1)
        assert [post.channel for post in house.slack.messages].count(OTHER) == 1


async def test_a_rate_limit_holds_back_that_channel_only(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.services.hunts.request(asked())
        house.slack.faults.append(RateLimited("ratelimited", retry_after_s=30))
        assert await house.services.delivery.deliver_due() == 0
        await house.services.hunts.request(asked(channel=OTHER))

        house.clock.advance(timedelta(seconds=29))
        assert await house.services.delivery.deliver_due() == 1
        house.clock.advance(timedelta(seconds=1))
        assert await house.services.delivery.deliver_due() == 1
        assert [post.channel for post in house.slack.messages] == [OTHER, SECURITY]
        assert house.slack.finds == 0


async def test_a_clock_that_is_set_back_closes_no_channel(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        for _ in range(2):
            await house.services.hunts.request(asked())
        assert await house.services.delivery.deliver_due() == 1
        house.clock.advance(-timedelta(days=1))

        assert await house.services.delivery.deliver_due() == 1


async def test_waiting_ends_when_a_held_back_message_may_go(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.services.hunts.request(asked())
        await house.services.delivery.deliver_due()

        await house.services.delivery.wait(5.0)

        assert house.clock() == START + timedelta(seconds=1)


async def test_a_nudge_ends_the_wait_and_the_task_delivers(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, sleep=asyncio.sleep) as house:
        delivering = asyncio.create_task(house.services.delivery.run())
        await asyncio.sleep(0.05)
        await house.services.hunts.request(asked())
        house.services.delivery.nudge()
        async with asyncio.timeout(2):
            while not house.slack.messages:  # noqa: ASYNC110 - the stand-in has no event
                await asyncio.sleep(0.01)
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering


# ---- faults


@pytest.mark.parametrize(
    "fault",
    [
        WorkspaceUnavailable("connection refused"),
        OutcomeUnknown("timeout"),
        WorkspaceError("internal_error"),
        KeyError("a bug in drawing"),
        TimeoutError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_what_did_not_arrive_is_posted_later_once(tmp_path: Path, fault: Exception) -> None:
    async with open_house(tmp_path, ONE) as house:
        house.slack.faults.append(fault)
        await house.hunt()

        assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 1}
        assert house.slack.finds == (0 if isinstance(fault, WorkspaceUnavailable) else 1)


@pytest.mark.parametrize("lost", range(3))
async def test_what_arrived_without_an_answer_is_found_and_not_posted_again(tmp_path: Path, lost: int) -> None:
    """`lost` answers in a row: of the parent, then of cards in its thread."""
    async with open_house(tmp_path, people(7)) as house:
        house.slack.lost_answers.extend([OutcomeUnknown("timeout")] * (lost + 1))
        await house.hunt()

        assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 7}
        assert len({post.key for post in house.slack.messages}) == 8


async def test_every_answer_lost_still_ends_with_one_copy_of_each(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        house.slack.lost_answers.extend([OutcomeUnknown("timeout")] * 100)
        await house.hunt()

        assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 3}


async def test_a_refused_message_is_marked_and_blocks_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.deliver()
        await house.services.hunts.work(run.id)
        await house.services.delivery.deliver_due()  # the answer is drawn
        house.slack.faults.append(MessageRejected("invalid_blocks"))
        await house.deliver()

        assert len(cards(house.slack)) == 2
        assert (await house.services.delivery.backlog()).broken == 1


async def test_a_card_that_somebody_deleted_is_given_up(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, ANNA)
        [card] = house.slack.in_channel(SECURITY, FindingCard)
        house.slack.messages.remove(card)
        await house.deliver()

        assert (await house.services.delivery.backlog()).broken == 1
        assert kinds(house.slack.messages) == {RunAnswer: 1, HistoryNote: 1}


@pytest.mark.parametrize("arrived", [False, True], ids=["before the send", "after the send"])
async def test_a_process_that_dies_between_store_and_settling_posts_once(tmp_path: Path, *, arrived: bool) -> None:
    async with open_house(tmp_path, ONE) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        [claim] = await house.store.outbox.claim(house.clock(), LEASE)
        if arrived:
            await house.slack.post(claim.intent.channel, RunProgress(run), claim.intent.key)
        slack, clock = house.slack, house.clock
    async with open_house(tmp_path, ONE, slack=slack, clock=clock) as house:
        assert await house.services.delivery.deliver_due() == 0  # the dead one's lease still runs
        clock.advance(LEASE)
        await house.services.hunts.work(run.id)
        await house.deliver()

        assert kinds(slack.messages) == {RunAnswer: 1, FindingCard: 1}


class NeverAnswering(RecordingWorkspace):
    """Takes a message, and hangs before the answer."""

    async def post(
        self, channel: ChannelId, what: Message, key: IntentKey, thread: MessageTs | None = None
    ) -> MessageTs:
        ts = await super().post(channel, what, key, thread)
        await asyncio.sleep(3600)
        return ts


async def test_a_delivery_that_is_cancelled_in_the_middle_is_found_after_the_restart(tmp_path: Path) -> None:
    hanging = NeverAnswering()
    async with open_house(tmp_path, ONE, slack=hanging) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        delivering = asyncio.create_task(house.services.delivery.deliver_due())
        while not hanging.messages:  # noqa: ASYNC110 - the stand-in has no event
            await asyncio.sleep(0.01)
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering
        clock = house.clock
    clock.advance(LEASE)
    slack = RecordingWorkspace(messages=hanging.messages)
    async with open_house(tmp_path, ONE, slack=slack, clock=clock) as house:
        await house.services.hunts.work(run.id)
        await house.deliver()

    assert kinds(slack.messages) == {RunAnswer: 1, FindingCard: 1}


class FailingOnce(SqlOutbox):
    """An outbox whose first claim fails, and whose first note of a failed delivery."""

    faults: ClassVar[list[str]]

    async def claim(self, now: datetime, lease: timedelta, closed: Collection[Lane] = ()) -> Sequence[Claim]:
        self._fail("claim")
        return await super().claim(now, lease, closed)

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        self._fail("put_back")
        await super().put_back(claim, not_before, may_stand=may_stand)

    def _fail(self, call: str) -> None:
        if call in self.faults:
            self.faults.remove(call)
            raise StoreError("disk full")


async def test_a_store_that_fails_stops_nothing_for_good(tmp_path: Path) -> None:
    FailingOnce.faults = ["claim", "put_back"]
    async with open_house(tmp_path, ONE, outbox=FailingOnce) as house:
        await house.services.hunts.request(asked())
        house.slack.faults.append(WorkspaceUnavailable("refused"))

        assert await house.services.delivery.deliver_due() == 0
        assert await house.services.delivery.deliver_due() == 0
        house.clock.advance(LEASE)
        assert await house.services.delivery.deliver_due() == 1


async def test_a_card_that_is_overtaken_before_it_was_posted_is_not_posted(tmp_path: Path) -> None:
    back = rows(row("alice", "e-1"), row("alice", "e-2", at=START + timedelta(minutes=30)))
    async with open_house(tmp_path, ONE, back) as house:
        for _ in range(2):
            run = await house.services.hunts.request(asked(at=house.clock()))
            assert run is not None
            await house.services.hunts.work(run.id)
            await house.services.delivery.deliver_due()  # the answer
            await house.store.outbox.claim(house.clock(), LEASE)  # and the process dies: the card may stand
            await house.services.triage.press(F1, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
            house.clock.advance(timedelta(hours=1))
        await house.deliver()

        [card] = house.slack.in_channel(SECURITY, FindingCard)
        assert isinstance(card.what, FindingCard)
        assert (card.what.is_retired, card.what.novelty) == (False, Novelty.RECURRED)
        assert (await house.services.delivery.backlog()).broken == 0


async def test_a_message_goes_without_links_where_slack_gives_none(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, slack=Linkless()) as house:
        await house.hunt()

        assert answer_in(house.slack).links == ()


class Linkless(RecordingWorkspace):
    """Gives no permalinks."""

    async def link(self, standing: Standing) -> str:
        raise WorkspaceUnavailable(standing.ts)


async def test_without_people_on_call_an_escalation_is_counted_as_undelivered(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
        parts = (house.store.outbox, house.store.findings, house.store.runs)
        nobody = DeliveryService(
            *parts, house.services.digests, house.services.hunts, house.slack, None, house.clock, house.clock.sleep
        )
        await nobody.settle(60)

        assert await nobody.backlog() == Backlog(waiting=0, broken=1)


async def test_a_digest_links_to_the_cards_it_names(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(2)) as house:
        await house.hunt(asked(Trigger.DIGEST))

        [digest] = [post.what for post in house.slack.messages if isinstance(post.what, DigestPost)]
    assert {link.finding_ref for link in digest.links} == {"F-1", "F-2"}
