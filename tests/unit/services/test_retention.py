"""Forgetting once a day: when it is due, and that what is kept for good is never touched."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.finding import FindingId
from bot.domain.retention import Keep, Purged, Turn
from bot.domain.run import Novelty
from bot.domain.triage import Move, Resolution
from bot.errors import UnknownFinding
from bot.services import RetentionService
from tests.examples import ANNA, row, rows
from tests.house import House, open_house
from tests.stand_ins import START, ManualClock

DAY = timedelta(days=1)
KEEP = Keep(resolved=90 * DAY)
FOUND = rows(row("alice", "e-1"))


async def found_and_resolved(house: House) -> FindingId:
    run = await house.hunt()
    [(finding, _)] = (await house.store.runs.outcome(run.id)).findings
    await house.services.triage.press(finding.id, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
    await house.deliver()
    return finding.id


async def live(house: House, days: int) -> list[Purged]:
    """Days pass, and the tick asks as they do; what each purge took."""
    asked = [await house.services.retention.purge_if_due()]
    for _ in range(days):
        house.clock.advance(DAY)
        asked.append(await house.services.retention.purge_if_due())
    return [purged for purged in asked if purged is not None]


async def test_what_is_past_its_time_is_purged_once_a_day_also_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_house(tmp_path, FOUND, clock=clock, keep=KEEP) as house:
        finding = await found_and_resolved(house)
        early = await live(house, 89)
        clock.advance(DAY - timedelta(minutes=5))
        too_early = await house.services.retention.purge_if_due()
    async with open_house(tmp_path, FOUND, clock=clock, keep=KEEP) as house:
        still_too_early = await house.services.retention.purge_if_due()
        clock.advance(2 * DAY)
        second = await house.services.retention.purge_if_due()
        with pytest.raises(UnknownFinding):
            await house.store.findings.get(finding)

    assert early == [Purged()] * 89
    assert (too_early, still_too_early) == (None, None)
    assert second == Purged(findings=1, hits=1, events=2)


async def test_without_a_setting_nothing_ever_goes(tmp_path: Path) -> None:
    async with open_house(tmp_path, FOUND) as house:
        finding = await found_and_resolved(house)
        house.clock.advance(4000 * DAY)

        assert await house.services.retention.purge_if_due() is None
        assert (await house.store.findings.get(finding)).id == finding


async def test_what_went_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_house(tmp_path, FOUND, keep=KEEP) as house:
        await found_and_resolved(house)
        await live(house, 89)
        house.clock.advance(DAY)
        with caplog.at_level(logging.INFO, logger="bot.services.retention"):
            await house.services.retention.purge_if_due()

    assert caplog.messages == ["purged: 1 findings, 1 hits, 2 events; 0 rows of old runs and messages"]


async def test_a_clock_that_leaps_to_another_century_and_back_takes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, FOUND, keep=KEEP) as house:
        finding = await found_and_resolved(house)
        await live(house, 3)
        true = house.clock.now
        house.clock.now = true.replace(year=2200)
        for _ in range(20):
            assert await house.services.retention.purge_if_due() is None
            house.clock.advance(timedelta(hours=1))
        house.clock.now = true + timedelta(hours=20)
        back = await live(house, 2)

        assert (await house.store.findings.get(finding)).id == finding
    assert back == [Purged(), Purged()]
    assert [message.partition(",")[0] for message in caplog.messages] == ["the clock leapt"] * 2


async def test_after_a_long_rest_purging_goes_on_a_day_later(tmp_path: Path) -> None:
    async with open_house(tmp_path, FOUND, keep=KEEP) as house:
        await found_and_resolved(house)
        await live(house, 1)
        house.clock.advance(200 * DAY)
        assert await live(house, 1) == [Purged(findings=1, hits=1, events=2)]


class Slow:
    """A Retention that needs three calls; it notes the turns it was asked for."""

    def __init__(self) -> None:
        self.left = 2
        self.finished: list[datetime] = []

    async def take_turn(self, at: datetime, lease: timedelta) -> Turn:
        del at, lease
        return Turn.NOT_NOW if self.finished else Turn.MINE

    async def finish_turn(self, at: datetime) -> None:
        self.finished.append(at)

    async def purge(
        self,
        hits_before: datetime | None,
        resolved_before: datetime | None,
        at: datetime,
        within: timedelta | None = None,
    ) -> Purged:
        del hits_before, resolved_before, at
        assert within is not None
        self.left -= 1
        return Purged(hits=1, is_all=self.left < 0)


async def test_a_purge_that_ran_out_of_time_is_not_over() -> None:
    slow, clock = Slow(), ManualClock()
    service = RetentionService(slow, KEEP, clock)
    for _ in range(4):
        await service.purge_if_due()
        clock.advance(timedelta(seconds=90))

    assert slow.finished == [START + timedelta(seconds=180)]


async def test_a_finding_that_was_purged_is_new_when_it_is_seen_again(tmp_path: Path) -> None:
    async with open_house(tmp_path, FOUND, keep=KEEP) as house:
        await found_and_resolved(house)
        await live(house, 92)
        run = await house.hunt()
        [(finding, novelty)] = (await house.store.runs.outcome(run.id)).findings

    assert (finding.ref, novelty) == ("F-2", Novelty.NEW)
