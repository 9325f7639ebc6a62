"""Delivery: everything stands once, whatever Slack, the store or the process does."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from bot.adapters.sql.outbox import SqlOutbox
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, Lane, Mark
from bot.domain.message import (
    FindingCard,
    Message,
    RunAnswer,
    RunProgress,
    Standing,
)
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import Novelty
from bot.domain.triage import Move, Resolution
from bot.errors import (
    OutcomeUnknown,
    StoreError,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.services.delivery import LEASE
from tests.examples import ANNA, SECURITY, asked, people, row, rows
from tests.house import answer_in, kinds, open_house
from tests.stand_ins import START, RecordingWorkspace

F1 = FindingId(1)
HOME = ChannelId("C-HOME")
OTHER = ChannelId("C-OTHER")
ONE = rows(row("alice", "e-1"))


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
        assert house.slack.reads == (0 if isinstance(fault, WorkspaceUnavailable) else 1)


@pytest.mark.parametrize("lost", range(3))
async def test_what_arrived_without_an_answer_is_found_and_not_posted_again(tmp_path: Path, lost: int) -> None:
    """`lost` answers in a row: of the parent, then of cards in its thread."""
    async with open_house(tmp_path, people(7)) as house:
        house.slack.lost_answers.extend([OutcomeUnknown("timeout")] * (lost + 1))
        await house.hunt()

        assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 7}
        assert len({post.mark for post in house.slack.messages}) == 8


async def test_answer_after_answer_lost_still_ends_with_one_copy_of_each(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        house.slack.lost_answers.extend([OutcomeUnknown("timeout")] * 12)
        await house.hunt()

        assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 3}


@pytest.mark.parametrize("arrived", [False, True], ids=["before the send", "after the send"])
async def test_a_process_that_dies_between_store_and_settling_posts_once(tmp_path: Path, *, arrived: bool) -> None:
    async with open_house(tmp_path, ONE) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        [claim] = await house.store.outbox.claim(house.clock(), LEASE)
        if arrived:
            await house.slack.post(claim.intent.channel, RunProgress(run), claim.intent.mark)
        slack, clock = house.slack, house.clock
    async with open_house(tmp_path, ONE, slack=slack, clock=clock) as house:
        assert await house.services.delivery.deliver_due() == 0  # the dead one's lease still runs
        clock.advance(LEASE)
        await house.services.hunts.work(run.id)
        await house.deliver()

        assert kinds(slack.messages) == {RunAnswer: 1, FindingCard: 1}


class NeverAnswering(RecordingWorkspace):
    """Takes a message, and hangs before the answer."""

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        ts = await super().post(channel, what, mark, thread)
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

    async def claim(self, now: datetime, lease: timedelta, busy: Collection[Lane] = ()) -> Sequence[Claim]:
        self._fail("claim")
        return await super().claim(now, lease, busy)

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
