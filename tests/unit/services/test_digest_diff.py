"""What a digest tells beside its findings: who fell silent, what ages and wakes, and what follows in its thread."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.digest import Digest
from bot.domain.finding import FindingId
from bot.domain.hunt import HuntShelf
from bot.domain.message import DigestPost, DigestSheet, RunAnswer
from bot.domain.rows import Rows
from bot.domain.schedule import Schedule
from bot.domain.source import Source
from bot.domain.triage import Move
from bot.errors import LogSearchError, LogSearchUnavailable, QueryRejected
from bot.ports.search import Param
from bot.services.listening import listen
from tests.examples import ANNA, GRANTS, SECURITY, people, row, rows
from tests.house import House, open_house
from tests.stand_ins import COUNTING, START, heard

DAILY = {GRANTS.slug: Schedule("0 10 * * *", "UTC", SECURITY)}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def next_digest(house: House, after: timedelta = DAY) -> Digest:
    await house.services.digests.due()
    house.clock.advance(after)
    for run in await house.services.digests.due():
        await house.services.hunts.work(run)
    await house.deliver()
    return posts(house)[-1].digest


def posts(house: House) -> list[DigestPost]:
    return [post.what for post in house.slack.in_channel(SECURITY) if isinstance(post.what, DigestPost)]


def sheets(house: House) -> list[DigestSheet]:
    return [post.what for post in house.slack.in_channel(SECURITY) if isinstance(post.what, DigestSheet)]


async def test_each_digest_asks_whether_the_logs_speak_and_keeps_what_it_heard(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), schedules=DAILY) as house:
        spoken = await next_digest(house)
        house.logs.events = 0
        silent = await next_digest(house)

    assert spoken.run is not None
    assert spoken.run.receipt is not None
    [source] = spoken.run.receipt.sources
    assert (source.index, source.events) == ("logs", 1_000)
    assert (spoken.aside.hushed, silent.is_quiet) == ((), False)
    assert [hush.source.index for hush in silent.aside.hushed] == ["logs"]


@pytest.mark.parametrize(("found", "sources"), [(rows(), 1), (people(1), 0)], ids=["nothing", "something"])
async def test_a_run_that_was_typed_asks_where_it_found_nothing(tmp_path: Path, found: Rows, sources: int) -> None:
    async with open_house(tmp_path, found) as house:
        run = await house.hunt()

    assert run.receipt is not None
    assert len(run.receipt.sources) == sources
    [answer] = [post.what for post in house.slack.messages if isinstance(post.what, RunAnswer)]
    assert answer.outcome.run.receipt == run.receipt


class Deaf:
    """Logs that fail at what is asked of them first, or only where accounts are asked for."""

    def __init__(self, fault: LogSearchError, *, only_places: bool = False) -> None:
        self._fault = fault
        self._only_places = only_places

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        assert COUNTING in text
        if " BY " in text or not self._only_places:
            raise self._fault
        return heard(7, str(params["_tend"]))


@pytest.mark.parametrize(
    ("logs", "events"),
    [
        (Deaf(LogSearchUnavailable("down")), None),
        (Deaf(QueryRejected("Unknown column [cloud.account.id]"), only_places=True), 7),
    ],
    ids=["the logs are down", "no accounts in this index"],
)
async def test_what_can_not_be_asked_is_unknown_and_fails_nothing(
    tmp_path: Path, logs: Deaf, events: int | None
) -> None:
    async with open_house(tmp_path) as house:
        window = await house.services.hunts.digest_window(GRANTS)
    [source] = await listen(logs, GRANTS, window)
    assert (source.events, source.places) == (events, ())


async def test_a_hunt_that_reads_no_index_has_no_sources(tmp_path: Path) -> None:
    bare = replace(GRANTS, query="ROW a = 1")
    async with open_house(tmp_path, shelf=HuntShelf({bare.slug: bare})) as house:
        window = await house.services.hunts.digest_window(bare)
        assert await house.services.hunts.listen(bare, window) == ()
    assert Source("logs").is_silent is False


async def test_what_waits_ages_and_what_sleeps_wakes_before_the_next_digest(tmp_path: Path) -> None:
    found = rows(row("alice", "e-1"), row("bob", "e-2"), row("carol", "e-3"))
    async with open_house(tmp_path, found, schedules=DAILY) as house:
        await next_digest(house)
        for finding, until in ((1, DAY + HOUR / 2), (2, 90 * HOUR)):
            await house.services.triage.press(FindingId(finding), Move.SNOOZE, ANNA, until=house.clock() + until)
        second = await next_digest(house)
        house.clock.advance(3 * DAY)
        later = await next_digest(house)

    assert [finding.ref for finding in second.untouched.findings] == ["F-3"]
    assert {age.days: queued.total for age, queued in second.aside.aging.items()} == {3: 0, 1: 1}
    assert [finding.ref for finding in second.aside.waking.findings] == ["F-1"]
    assert second.aside.next_at is not None
    assert second.aside.next_at.hour == 10
    assert later.longest is not None
    assert later.aside.aging[3 * DAY].total >= 1


async def test_pages_follow_the_digest_once_and_show_findings_as_they_are(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(40), schedules=DAILY) as house:
        await next_digest(house)
        await house.services.triage.press(FindingId(12), Move.ACKNOWLEDGE, ANNA)
        await house.deliver()

    [post] = posts(house)
    assert (post.has_pages, post.in_thread) == (True, True)
    assert [(sheet.page.first, sheet.page.last, sheet.page.of) for sheet in sheets(house)] == [
        (11, 35, 40),
        (36, 40, 40),
    ]
    assert [finding.id for finding in sheets(house)[0].findings] == list(range(11, 36))
    [parent] = [posted.ts for posted in house.slack.messages if isinstance(posted.what, DigestPost)]
    assert {p.thread for p in house.slack.messages if isinstance(p.what, DigestSheet)} == {parent}


async def test_a_digest_that_a_person_asked_for_has_its_pages_too(tmp_path: Path) -> None:
    """Its message is there as a placeholder before there is anything to page."""
    async with open_house(tmp_path, people(12)) as house:
        run = await house.services.digests.request_now(GRANTS.slug, SECURITY, ANNA, "delivery-1")
        assert run is not None
        await house.deliver()
        await house.services.hunts.work(run.id)
        await house.deliver()

    assert [(sheet.page.first, sheet.page.last) for sheet in sheets(house)] == [(11, 12)]


async def test_a_digest_for_one_persons_eyes_has_no_thread(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(12)) as house:
        run = await house.services.digests.request_now(GRANTS.slug, SECURITY, ANNA, "delivery-1", is_private=True)
        assert run is not None
        await house.services.hunts.work(run.id)
        await house.deliver()

    [(_, _, post)] = house.slack.whispers
    assert isinstance(post, DigestPost)
    assert (post.has_pages, sheets(house)) == (False, [])


async def test_a_page_whose_channel_closed_waits_for_it_and_turns_nothing_private(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(12)) as house:
        run = await house.services.digests.request_now(GRANTS.slug, SECURITY, ANNA, "delivery-1")
        assert run is not None
        await house.services.hunts.work(run.id)
        await house.services.delivery.deliver_due()  # the digest itself
        house.slack.broken.add(SECURITY)
        house.clock.advance(timedelta(seconds=2))
        await house.services.delivery.deliver_due()
        assert house.slack.whispers == []
        house.slack.broken.clear()
        house.clock.advance(2 * HOUR)
        await house.deliver()

    assert len(sheets(house)) == 1


async def test_times_are_counted_in_the_zone_of_the_digest(tmp_path: Path) -> None:
    zone = {GRANTS.slug: Schedule("0 10 * * *", "Pacific/Auckland", SECURITY)}
    async with open_house(tmp_path, people(1), schedules=zone) as house:
        told = await next_digest(house)

    assert told.aside.daily is not None
    assert told.aside.daily.days[-1] > START.date()
    assert told.aside.daily.total == 1
