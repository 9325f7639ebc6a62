"""Delivery by several processes: one pace, and one copy whatever freezes, dies or answers late."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from bot.domain.finding import FindingId
from bot.domain.intent import Mark
from bot.domain.message import FindingCard, Message, RunAnswer, RunProgress
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.triage import Move, Resolution
from bot.errors import OutcomeUnknown, RateLimited, WorkspaceUnavailable
from bot.services.delivery import LEASE
from tests.examples import ANNA, BEN, SECURITY, asked, people, row, rows
from tests.house import deliverer, kinds, open_house
from tests.stand_ins import ManualClock, RecordingWorkspace

F1 = FindingId(1)
ONE = rows(row("alice", "e-1"))
SECOND = timedelta(seconds=1)


@dataclass
class TimedWorkspace(RecordingWorkspace):
    """Notes when each message was posted, by the house's clock."""

    clock: ManualClock = field(default_factory=ManualClock)
    posted_at: list[datetime] = field(default_factory=list)

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        self.posted_at.append(self.clock())
        return await super().post(channel, what, mark, thread)


async def test_two_processes_keep_one_pace_and_post_each_message_once(tmp_path: Path) -> None:
    clock = ManualClock()
    slack = TimedWorkspace(clock=clock)
    async with open_house(tmp_path, people(9), slack=slack, clock=clock) as house:
        await house.hunt(asked())
        processes = [house.services.delivery, deliverer(house), deliverer(house)]
        for _ in range(6):
            await house.services.hunts.request(asked(channel=ChannelId("C-BUSY")))
        busy_from = len(slack.posted_at)
        while await house.store.outbox.waiting():
            await asyncio.gather(*(process.deliver_due() for process in processes))
            clock.advance(timedelta(milliseconds=100))

        times = slack.posted_at[busy_from:]
    assert len(times) == 6
    assert all(later - earlier >= SECOND for earlier, later in pairwise(times))
    assert len({post.mark for post in slack.messages}) == len(slack.messages) == 16


async def test_a_rate_limit_met_by_one_holds_back_the_others(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        for _ in range(2):
            await house.services.hunts.request(asked())
        house.slack.faults.append(RateLimited("ratelimited", 30.0))
        assert await house.services.delivery.deliver_due() == 0
        other = deliverer(house)

        house.clock.advance(timedelta(seconds=29))
        assert await other.deliver_due() == 0
        house.clock.advance(SECOND)
        assert await other.deliver_due() == 1


@dataclass
class FreezingWorkspace(RecordingWorkspace):
    """The first that posts (or redraws) is frozen between its last check and the send, until it is thawed."""

    freezes_redraws: bool = False
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)
    removals: list[Exception] = field(default_factory=list)

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        if not self.freezes_redraws:
            await self._freeze()
        return await super().post(channel, what, mark, thread)

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None:
        if self.freezes_redraws:
            await self._freeze()
        await super().redraw(channel, ts, what, mark)

    async def remove(self, channel: ChannelId, ts: MessageTs) -> None:
        if self.removals:
            raise self.removals.pop()
        await super().remove(channel, ts)

    async def _freeze(self) -> None:
        if not self.frozen.is_set():
            self.frozen.set()
            await self.thawed.wait()


async def test_a_copy_posted_after_the_lease_was_lost_is_taken_back(tmp_path: Path) -> None:
    slack = FreezingWorkspace()
    async with open_house(tmp_path, ONE, slack=slack) as house:
        await house.services.hunts.request(asked())
        freezing = asyncio.create_task(house.services.delivery.deliver_due())
        await slack.frozen.wait()
        house.clock.advance(LEASE)
        assert await deliverer(house).deliver_due() == 1
        [first] = slack.messages

        slack.thawed.set()
        await freezing

        assert [post.ts for post in slack.messages] == [first.ts]
        assert len(slack.removed) == 1


async def test_a_copy_that_can_not_be_taken_back_at_once_is_found_by_the_read_back(tmp_path: Path) -> None:
    slack = FreezingWorkspace(removals=[WorkspaceUnavailable("refused")])
    async with open_house(tmp_path, ONE, slack=slack) as house:
        await house.services.hunts.request(asked())
        freezing = asyncio.create_task(house.services.delivery.deliver_due())
        await slack.frozen.wait()
        house.clock.advance(LEASE)
        await deliverer(house).deliver_due()
        slack.thawed.set()
        await freezing
        assert len(slack.messages) == 2

        house.clock.advance(2 * LEASE)
        await house.services.delivery.deliver_due()

        assert len(slack.messages) == len(slack.removed) == 1


async def test_a_redraw_that_comes_late_is_drawn_over(tmp_path: Path) -> None:
    """What the frozen one draws is older than what stands."""
    quick = RecordingWorkspace()
    async with open_house(tmp_path, ONE, slack=quick) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, ANNA)
        house.clock.advance(SECOND)
        slack = FreezingWorkspace(messages=quick.messages, last_ts=quick.last_ts + 1_000, freezes_redraws=True)
        slow = deliverer(house, slack)
        freezing = asyncio.create_task(slow.deliver_due())
        await slack.frozen.wait()
        house.clock.advance(LEASE)
        await house.services.triage.press(F1, Move.RESOLVE, BEN, resolution=Resolution.BENIGN)
        await deliverer(house, slack).deliver_due()
        slack.thawed.set()
        await freezing
        await deliverer(house, slack).settle(600)

        [card] = slack.in_channel(SECURITY, FindingCard)
    assert isinstance(card.what, FindingCard)
    assert card.what.finding.resolved_by == BEN


@dataclass
class LateHistory(RecordingWorkspace):
    """Slack that takes a message, answers nothing, and shows it in the channel's history only later."""

    hidden_reads: int = 1

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        found = await super().copies(channel, mark, since, thread)
        return () if self.reads <= self.hidden_reads else found


async def test_a_copy_that_the_history_shows_late_is_removed_a_lease_later(tmp_path: Path) -> None:
    slack = LateHistory(lost_answers=[OutcomeUnknown("timeout")])
    async with open_house(tmp_path, ONE, slack=slack) as house:
        await house.services.hunts.request(asked())
        await house.deliver()
        assert len(slack.messages) == 2

        house.clock.advance(LEASE)
        await house.services.delivery.deliver_due()

        [stands] = slack.messages
        assert isinstance(stands.what, RunProgress)
        [intent] = await house.store.outbox.of_run(stands.what.run.id)
        assert (intent.ts, stands.drawn) == (stands.ts, 2)  # drawn once more, for the late one may have been newer


class SlowHistory(RecordingWorkspace):
    """Reading the channel back takes nearly all of the lease."""

    clock: ManualClock

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        found = await super().copies(channel, mark, since, thread)
        if self.reads == 1:
            self.clock.advance(LEASE - timedelta(seconds=8))
        return found


async def test_nothing_is_sent_that_may_end_after_the_lease(tmp_path: Path) -> None:
    slack = SlowHistory(faults=[OutcomeUnknown("timeout")])
    async with open_house(tmp_path, ONE, slack=slack) as house:
        slack.clock = house.clock
        await house.services.hunts.request(asked())
        await house.services.delivery.deliver_due()
        house.clock.advance(timedelta(seconds=5))

        assert await house.services.delivery.deliver_due() == 1
        assert (len(slack.messages), slack.reads) == (1, 2)  # sent by the second claim, not by the first


async def test_after_every_fault_both_processes_are_at_rest_with_one_copy_of_each(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        run = await house.services.hunts.request(asked())
        assert run
        await house.services.hunts.work(run.id)
        house.slack.lost_answers.extend([OutcomeUnknown("timeout")] * 12)
        processes = [house.services.delivery, deliverer(house)]
        for _ in range(400):
            await asyncio.gather(*(process.deliver_due() for process in processes))
            house.clock.advance(SECOND)

        assert await house.store.outbox.waiting() == 0
        assert await house.store.outbox.suspects(house.clock() + LEASE) == []
    assert kinds(house.slack.messages) == {RunAnswer: 1, FindingCard: 3}
