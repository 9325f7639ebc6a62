"""Digests by a clock that stops, jumps and comes back: no storm of them, and no silence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.sql.runs import SqlRuns
from bot.domain.digest import Digest
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.message import DigestPost
from bot.domain.run import MOST_MISSED, Run, RunRequest, RunState
from bot.domain.schedule import Schedule
from bot.errors import LogSearchUnavailable, StoreError
from bot.services import DigestService
from tests.examples import GRANTS, SECURITY, row, rows
from tests.house import House, open_house
from tests.stand_ins import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

DAILY = Schedule("0 10 * * *", "UTC", SECURITY)  # START is at nine
SIX_HOURLY = replace(DAILY, cron="0 */6 * * *")
HOURLY = replace(DAILY, cron="0 * * * *")
MINUTELY = replace(DAILY, cron="* * * * *")


def of(schedule: Schedule) -> Mapping[Slug, Schedule]:
    return {GRANTS.slug: schedule}


async def tick(house: House, at: datetime | None = None) -> list[Run]:
    """What the clock's handler does; the runs that came of it."""
    if at is not None:
        house.clock.now = at
    done = [await house.services.hunts.work(run) for run in await house.services.digests.due()]
    return [run for run in done if run is not None]


async def tick_through(house: House, length: timedelta, every: timedelta = 3 * HOUR) -> list[datetime]:
    """The due times that were told while the clock went on evenly."""
    told = []
    until = house.clock() + length
    while house.clock() < until:
        house.clock.advance(every)
        told += [run.request.due_at for run in await tick(house) if run.request.due_at]
    return told


def digests_in(house: House) -> list[Digest]:
    return [post.what.digest for post in house.slack.in_channel(SECURITY) if isinstance(post.what, DigestPost)]


@pytest.mark.parametrize(
    ("schedule", "away", "caught_up", "missed", "skipped"),
    [
        (HOURLY, HOUR, START + HOUR, 0, 0),
        (HOURLY, 5 * HOUR + HOUR / 2, START + 5 * HOUR, 4, 0),
        (HOURLY, 24 * HOUR, START + 24 * HOUR, 23, 0),
        (HOURLY, 27 * HOUR, START + 27 * HOUR, 23, 3),
        (DAILY, 10 * DAY, START + 9 * DAY + HOUR, 0, 9),
        (MINUTELY, 5 * 365 * DAY, START + 5 * 365 * DAY, 1439, MOST_MISSED),
        (replace(DAILY, cron="0 10 2 * *"), 3 * DAY, None, 0, 1),
    ],
    ids=[
        "nothing was missed",
        "the latest stands for four more",
        "a whole day is caught up",
        "what is older than a day is passed over",
        "nine days are passed over in one row",
        "five years of minutes are counted to a thousand",
        "a monthly one that is three days old is passed over",
    ],
)
async def test_what_was_missed_is_one_digest_and_what_is_too_old_one_row(
    tmp_path: Path, schedule: Schedule, away: timedelta, caught_up: datetime | None, missed: int, skipped: int
) -> None:
    async with open_house(tmp_path, schedules=of(schedule)) as house:
        await tick(house)
        clock = house.clock
    clock.advance(away)
    async with open_house(tmp_path, schedules=of(schedule), clock=clock) as house:
        told = [(run.request.due_at, run.request.missed) for run in await tick(house)]
        again = await tick(house)
        rows_ = await house.store.runs.skipped_since(GRANTS.slug, None, clock())

    assert told == ([] if caught_up is None else [(caught_up, missed)])
    assert [row.request.missed for row in rows_] == ([skipped] if skipped else [])
    assert again == []


async def test_the_next_digest_tells_what_was_passed_over_until_one_is_done(tmp_path: Path) -> None:
    down = LogSearchUnavailable("down")
    async with open_house(tmp_path, rows(), down, rows(), rows(), schedules=of(DAILY)) as house:
        await tick(house)
        await tick(house, START + HOUR)
        await tick(house, START + 5 * DAY + 2 * HOUR)
        await tick_through(house, 2 * DAY, DAY)
        await house.deliver()
        on_time, failed, done, after = digests_in(house)

    assert failed.run is not None
    assert failed.run.state is RunState.FAILED
    assert [sum(row.request.missed for row in digest.skipped) for digest in (on_time, failed, done, after)] == [
        *(0, 4, 4, 0)
    ]
    [row] = done.skipped
    assert row.request.window is not None
    assert (row.request.window.start, row.request.window.end) == (START + DAY + HOUR, START + 4 * DAY + 2 * HOUR)


@pytest.mark.parametrize("ahead", [DAY, 10 * DAY, START.replace(year=2200) - START], ids=["a day", "ten", "2200"])
async def test_a_clock_that_runs_ahead_for_a_while_causes_no_storm_and_no_silence(
    tmp_path: Path, ahead: timedelta
) -> None:
    async with open_house(tmp_path, schedules=of(SIX_HOURLY)) as house:
        await tick(house)
        before = await tick_through(house, 9 * HOUR)
        house.clock.advance(ahead)
        meanwhile = await tick_through(house, 6 * HOUR)
        house.clock.advance(-ahead)
        after = await tick_through(house, 30 * HOUR)
        skipped = await house.store.runs.skipped_since(GRANTS.slug, None, house.clock() + 300 * 365 * DAY)

    assert before == [START + 3 * HOUR, START + 9 * HOUR]
    assert 1 <= len(meanwhile) <= 2, "one that catches up with the jump, one that came due meanwhile"
    assert after == [START + n * HOUR for n in (15, 21, 27, 33, 39, 45)]
    assert skipped == []


async def test_a_clock_that_is_wrong_from_the_start_silences_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path, schedules=of(SIX_HOURLY)) as house:
        await tick(house, START.replace(year=2200))
        await tick(house, START)
        told = await tick_through(house, 12 * HOUR)

    assert told == [START + 3 * HOUR, START + 9 * HOUR]


async def test_what_is_found_after_a_clock_ran_ahead_is_searched_for_and_told(tmp_path: Path) -> None:
    """The run of the wrong clock moves no mark, and counts as finished before what comes next."""
    event = row("alice", "e-1", at=START + 20 * HOUR)
    brief = replace(GRANTS, window=HOUR, query=GRANTS.query.replace(", revoked_at", ""))
    shelf = HuntShelf({GRANTS.slug: brief})
    async with open_house(tmp_path, rows(), rows(), rows(event), shelf=shelf, schedules=of(DAILY)) as house:
        await tick(house)
        [right] = await tick(house, START + HOUR)
        [wrong] = await tick(house, START + 3 * DAY)
        [next_one] = await tick(house, START + DAY + HOUR)
        await house.deliver()
        digest = digests_in(house)[-1]

    assert right.window is not None
    assert wrong.window is not None
    assert next_one.window is not None
    assert next_one.window.start <= right.window.end < wrong.window.end
    assert [finding.face.id for finding in digest.new.findings] == ["e-1"]


async def test_a_clock_that_falls_behind_and_is_put_right_causes_no_storm_and_no_silence(tmp_path: Path) -> None:
    async with open_house(tmp_path, schedules=of(SIX_HOURLY)) as house:
        await tick(house)
        await tick_through(house, 33 * HOUR)
        house.clock.advance(-DAY)
        behind = await tick_through(house, 6 * HOUR)
        house.clock.advance(DAY)
        after = await tick_through(house, 12 * HOUR)

    assert len(behind) <= 2
    assert after == [START + n * HOUR for n in (39, 45, 51)][-len(after) :]
    assert len(after) >= 2


class Failing(SqlRuns):
    """Has no room for a run, or for what is passed over, for as long as `fails` names it."""

    fails: frozenset[str] = frozenset()

    async def request(self, asked: RunRequest) -> Run | None:
        if "request" in self.fails:
            raise StoreError("disk full")
        return await super().request(asked)

    async def skip(self, asked: RunRequest, at: datetime) -> bool:
        if "skip" in self.fails:
            raise StoreError("disk full")
        return await super().skip(asked, at)


@pytest.mark.parametrize("half", ["skip", "request"])
async def test_a_tick_that_fails_halfway_is_made_up_for_by_the_next(tmp_path: Path, half: str) -> None:
    async with open_house(tmp_path, schedules=of(HOURLY)) as house:
        await tick(house)
        store = Failing(house.store.database)
        digests = DigestService(house.services.hunts, store, house.store.findings, house.clock, of(HOURLY))
        house.clock.advance(30 * HOUR)
        store.fails = frozenset({half})
        for _ in range(3):
            with pytest.raises(StoreError):
                await digests.due()
            house.clock.advance(timedelta(minutes=10))
        store.fails = frozenset()
        [run] = await digests.due()
        request = (await house.store.runs.get(run)).request
        skipped = await house.store.runs.skipped_since(GRANTS.slug, None, house.clock())

    assert (request.due_at, request.missed) == (START + 30 * HOUR, 23)
    assert sum(row.request.missed for row in skipped) == 6


async def test_a_loop_that_stalls_for_hours_tells_all_of_it_once(tmp_path: Path) -> None:
    event = row("alice", "e-1", at=START + 2 * HOUR)
    async with open_house(tmp_path, rows(), rows(event), schedules=of(HOURLY)) as house:
        await tick(house)
        on_time = await tick(house, START + HOUR)
        late = await tick(house, START + 4 * HOUR + timedelta(minutes=59))
        after = await tick(house, START + 5 * HOUR)
        await house.deliver()
        _, stalled, last = digests_in(house)

    assert [run.request.missed for run in (*on_time, *late, *after)] == [0, 2, 0]
    assert (stalled.missed, stalled.new.total, last.new.total) == (2, 1, 0)
