"""Digests: when they are due, once, and what they say."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.sql.runs import SqlRuns
from bot.domain.digest import Digest
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.message import DigestPost
from bot.domain.queue import Asked
from bot.domain.responder import ChannelId
from bot.domain.run import Run, RunRequest, RunState, Trigger
from bot.domain.schedule import Schedule
from bot.domain.triage import Move, Queue, Resolution
from bot.errors import LogSearchUnavailable, StoreError, UnknownHunt
from bot.services import DigestService
from tests.examples import ANNA, GRANTS, SECURITY, row, rows
from tests.house import House, open_house
from tests.stand_ins import START

DAILY = {GRANTS.slug: Schedule("0 10 * * *", "UTC", SECURITY)}
HOUR = timedelta(hours=1)


async def work_due(house: House) -> None:
    for run in await house.services.digests.due():
        await house.services.hunts.work(run)
    await house.deliver()


def digests_in(house: House) -> list[Digest]:
    return [post.what.digest for post in house.slack.in_channel(SECURITY) if isinstance(post.what, DigestPost)]


async def test_a_due_time_runs_once_even_when_ticks_meet(tmp_path: Path) -> None:
    async with open_house(tmp_path, schedules=DAILY) as house:
        assert await house.services.digests.due() == []
        house.clock.advance(HOUR)
        ticks = await asyncio.gather(*(house.services.digests.due() for _ in range(5)))
        house.clock.advance(HOUR)
        later = await house.services.digests.due()

    assert sum(map(len, ticks)) == 1
    assert later == []


class FullAfterOne(SqlRuns):
    """Takes one request, then has no room."""

    async def request(self, asked: RunRequest) -> Run | None:
        if await self.unfinished():
            raise StoreError("disk full")
        return await super().request(asked)


async def test_what_was_requested_before_the_store_failed_is_worked(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        runs = FullAfterOne(house.store.database)
        two = {GRANTS.slug: DAILY[GRANTS.slug], Slug("other"): DAILY[GRANTS.slug]}
        digests = DigestService(house.services.hunts, runs, house.store.findings, house.clock, two)
        await digests.due()
        house.clock.advance(HOUR)

        assert (len(await digests.due()), digests.schedules) == (1, two)
        with pytest.raises(StoreError, match="disk full"):
            await digests.due()


async def test_a_schedule_that_is_new_does_not_begin_with_the_past(tmp_path: Path) -> None:
    async with open_house(tmp_path, schedules=DAILY) as house:
        house.clock.advance(3 * HOUR)
        assert await house.services.digests.due() == []
        house.clock.advance(timedelta(days=1))
        assert len(await house.services.digests.due()) == 1


async def test_a_digest_comes_when_it_has_something_to_say_and_says_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), schedules=DAILY) as house:
        await house.services.digests.due()
        house.clock.advance(HOUR)
        [run] = await house.services.digests.due()
        await house.deliver()
        assert house.slack.messages == []
        await house.services.hunts.work(run)
        await house.deliver()

        [digest] = digests_in(house)

    assert [finding.ref for finding in digest.backlog.findings] == ["F-1"]
    assert (digest.new.total, digest.since, digest.run and digest.run.state) == (0, None, RunState.DONE)


async def test_the_next_ones_say_what_is_new_what_came_back_and_what_waits(tmp_path: Path) -> None:
    old, new = row("alice", "e-1"), row("bob", "e-2")
    again = row("alice", "e-3", at=START + 30 * HOUR)
    async with open_house(
        tmp_path, rows(old), rows(old, new), rows(old, new, again), rows(old, new, again), schedules=DAILY
    ) as house:
        await house.services.digests.due()
        house.clock.advance(HOUR)
        await work_due(house)
        await house.services.triage.press(FindingId(1), Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
        for _ in range(3):
            house.clock.advance(24 * HOUR)
            await work_due(house)
        first, second, third, fourth = digests_in(house)

    def refs(digest: Digest) -> dict[str, list[str]]:
        headings = {"new": digest.new, "recurred": digest.recurred, "untouched": digest.untouched}
        return {name: [finding.ref for finding in page.findings] for name, page in headings.items() if page.total}

    assert refs(first) == {}
    assert refs(second) == {"new": ["F-2"]}
    assert refs(third) == {"recurred": ["F-1"], "untouched": ["F-2"]}
    assert refs(fourth) == {"untouched": ["F-2", "F-1"]}
    assert fourth.waiting(fourth.untouched.findings[0]) > timedelta(days=1)


async def test_what_sleeps_is_not_said_to_wait(tmp_path: Path) -> None:
    both = rows(row("alice", "e-1"), row("bob", "e-2"))
    async with open_house(tmp_path, both, schedules=DAILY) as house:
        await house.services.digests.due()
        house.clock.advance(HOUR)
        await work_due(house)
        await house.services.triage.press(FindingId(1), Move.SNOOZE, ANNA, until=house.clock() + 30 * HOUR)
        for _ in range(2):
            house.clock.advance(24 * HOUR)
            await work_due(house)
        _, asleep, awake = digests_in(house)

    assert [finding.ref for finding in asleep.untouched.findings] == ["F-2"]
    assert [finding.ref for finding in awake.untouched.findings] == ["F-1", "F-2"]


async def test_a_failed_one_says_so_and_the_next_one_remembers(tmp_path: Path) -> None:
    down = LogSearchUnavailable("down")
    async with open_house(tmp_path, down, rows(), schedules=DAILY) as house:
        await house.services.digests.due()
        for _ in range(2):
            house.clock.advance(24 * HOUR)
            await work_due(house)
        failed, caught_up = digests_in(house)

    assert failed.run is not None
    assert failed.run.state is RunState.FAILED
    assert failed.failed == caught_up.failed == (failed.run,)
    assert caught_up.run is not None
    assert caught_up.run.state is RunState.DONE


async def test_a_person_may_ask_for_one_now(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        run = await house.services.digests.request_now(GRANTS.slug, SECURITY, ANNA, "delivery-1")
        again = await house.services.digests.request_now(GRANTS.slug, SECURITY, ANNA, "delivery-1")
        assert run is not None
        await house.services.hunts.work(run.id)
        await house.deliver()
        with pytest.raises(UnknownHunt):
            await house.services.digests.request_now(Slug("x"), SECURITY, ANNA, None)

    assert again is None
    assert run.request.trigger is Trigger.DIGEST
    assert len(digests_in(house)) == 1


async def test_a_dry_run_says_the_same_and_leaves_no_trace(tmp_path: Path) -> None:
    old, new = row("alice", "e-1"), row("bob", "e-2")
    async with open_house(tmp_path, rows(old), rows(old, new)) as house:
        await house.hunt()
        posted = list(house.slack.messages)
        dry = await house.services.digests.dry_run(GRANTS.slug)
        again = await house.services.digests.dry_run(GRANTS.slug)
        await house.deliver()

        assert house.slack.messages == posted
        assert (await house.services.triage.queue(Asked(Queue.OPEN), ANNA, 10)).total == 1
    assert dry == again
    assert [finding.ref for finding in dry.new.findings] == ["F-new"]
    assert [finding.ref for finding in dry.backlog.findings] == ["F-1"]


async def test_a_dry_run_tells_the_channel_of_the_schedule_what_that_does_not_know(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), schedules=DAILY) as house:
        elsewhere = await house.services.digests.request_now(GRANTS.slug, ChannelId("C-ELSEWHERE"), ANNA)
        assert elsewhere is not None
        await house.services.hunts.work(elsewhere.id)
        dry = await house.services.digests.dry_run(GRANTS.slug)

    assert (dry.since, [finding.ref for finding in dry.backlog.findings]) == (None, ["F-1"])


async def test_a_dry_run_fails_as_the_logs_do(tmp_path: Path) -> None:
    async with open_house(tmp_path, LogSearchUnavailable("down")) as house:
        with pytest.raises(LogSearchUnavailable):
            await house.services.digests.dry_run(GRANTS.slug)
        with pytest.raises(UnknownHunt):
            await house.services.digests.dry_run(Slug("x"))
