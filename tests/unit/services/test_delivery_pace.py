"""Delivery: how fast, and what wakes it."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.finding import FindingId
from bot.domain.intent import Mark
from bot.domain.message import Message
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import RunId
from bot.errors import (
    RateLimited,
)
from bot.services.delivery import LEASE
from tests.examples import SECURITY, asked, people, row, rows
from tests.house import open_house
from tests.stand_ins import START, RecordingWorkspace

F1 = FindingId(1)
HOME = ChannelId("C-HOME")
OTHER = ChannelId("C-OTHER")
ONE = rows(row("alice", "e-1"))


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
        assert house.slack.reads == 0


async def test_a_clock_that_is_set_back_closes_no_channel(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        for _ in range(2):
            await house.services.hunts.request(asked())
        assert await house.services.delivery.deliver_due() == 1
        house.clock.advance(-timedelta(days=1))

        assert await house.services.delivery.deliver_due() == 1


@dataclass
class HangingChannel(RecordingWorkspace):
    """One channel never answers; `reached` says that it was tried."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        if channel == SECURITY:
            self.reached.set()
            await asyncio.sleep(3600)
        return await super().post(channel, what, mark, thread)


async def test_a_channel_that_hangs_holds_up_no_other_and_has_one_message_under_way(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, slack=HangingChannel(), sleep=asyncio.sleep) as house:
        for channel in (SECURITY, SECURITY, OTHER, OTHER):
            await house.services.hunts.request(asked(channel=channel))
        delivering = asyncio.create_task(house.services.delivery.run())
        async with asyncio.timeout(5):
            while len(house.slack.messages) < 2:
                await asyncio.sleep(0.01)
                house.clock.advance(timedelta(milliseconds=100))
        attempts = [intent.attempts for run in (1, 2) for intent in await house.store.outbox.of_run(RunId(run))]
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering

        assert [post.channel for post in house.slack.messages] == [OTHER, OTHER]
        assert attempts == [1, 0]


async def test_what_is_under_way_at_the_end_is_given_back_at_once(tmp_path: Path) -> None:
    slack = HangingChannel()
    async with open_house(tmp_path, ONE, slack=slack, sleep=asyncio.sleep) as house:
        await house.services.hunts.request(asked())
        delivering = asyncio.create_task(house.services.delivery.run())
        await slack.reached.wait()
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering

        house.clock.advance(timedelta(seconds=1))
        [claim] = await house.store.outbox.claim(house.clock(), LEASE)
    assert claim.may_stand


async def test_waiting_ends_when_a_held_back_message_may_go(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        for _ in range(2):
            await house.services.hunts.request(asked())
        await house.services.delivery.deliver_due()
        await house.services.delivery.wait(0)  # what has gone out stirs the first

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
