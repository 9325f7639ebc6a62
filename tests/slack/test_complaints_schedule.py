"""What users of other tools complain of: digests skipped, repeated or silent, hits told again. See the table."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.responder import UserId
from bot.domain.run import RunRequest, Trigger
from bot.errors import UnknownFinding
from local.slack.model import Message
from local.slack.sample import HUNTS, MAYA, sample_workspace
from local.slack.server import LocalSlack
from tests.postgres import Server
from tests.slack.house import Clock, House, Logs, open_house, shown

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RUNS = 288  # every five minutes for a day


def digest(cron: str, zone: str) -> dict[str, str]:
    return {
        "HUNTBOT_CHANNEL": HUNTS,
        "HUNTBOT_DIGEST_CRON": cron,
        "HUNTBOT_DIGEST_HUNTS": "grants",
        "HUNTBOT_TIMEZONE": zone,
    }


def digests(slack: LocalSlack) -> list[Message]:
    return [m for m in slack.workspace.messages_for(MAYA.id, HUNTS) if "🔔" in shown(m)]


@asynccontextmanager
async def set_to(at: datetime) -> AsyncIterator[tuple[Clock, LocalSlack]]:
    """A workspace that lives at that time."""
    clock = Clock()
    clock.ahead = at - clock()
    async with LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack:
        yield clock, slack


async def tick(house: House) -> None:
    await house.life.tick()
    await house.life.bot.background.drain(20)
    await house.at_rest()


@pytest.mark.complaint("agronholm/apscheduler#606", "#1051")
@pytest.mark.parametrize(
    ("cron", "zone", "night"),
    [
        ("0 0 * * *", "US/Pacific", "2026-11-01"),
        ("0 0 * * *", "US/Pacific", "2027-03-14"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25"),
        ("30 2 * * *", "Europe/Berlin", "2027-03-28"),
    ],
)
async def test_over_a_night_of_changed_clocks_a_daily_digest_comes_once_for_each_local_day(
    tmp_path: Path, cron: str, zone: str, night: str
) -> None:
    """agronholm/apscheduler#606: such a night skipped a day. #1051: a digest that came an hour off."""
    local, changed = ZoneInfo(zone), date.fromisoformat(night)
    start = datetime.combine(changed - DAY, datetime.min.time(), local) - 30 * MINUTE
    async with (
        set_to(start) as (clock, slack),
        open_house(slack, Logs(clock), clock, tmp_path, given=digest(cron, zone)) as house,
    ):
        hour = start
        while (wall := hour.astimezone(local)).date() <= changed + DAY:
            if wall.hour in {0, 1, 2, 3, 23}:
                for minute in (1, 31):
                    clock.ahead += max(hour.replace(minute=0) + minute * MINUTE - clock(), timedelta())
                    await tick(house)
            hour = (hour.astimezone(ZoneInfo("UTC")) + HOUR).astimezone(local)
        posted = [datetime.fromtimestamp(float(message.ts), local) for message in digests(slack)]

    assert Counter(at.date() for at in posted) == {changed + day * DAY: 1 for day in (-1, 0, 1)}
    due = timedelta(hours=int(cron.split()[1]), minutes=int(cron.split(maxsplit=1)[0]))
    walls = [at.replace(tzinfo=None) - datetime.combine(at.date(), datetime.min.time()) for at in posted]
    assert all(due <= wall <= due + 35 * MINUTE for wall in walls)  # 2:30 that is not there comes at 3:00


@pytest.mark.complaint("apscheduler#182", "Abilityai/trinity#158")
async def test_a_digest_that_was_due_while_the_bot_was_down_comes_once_and_says_that_it_is_late(
    tmp_path: Path,
) -> None:
    """apscheduler#182, Abilityai/trinity#158: what was due while it was down was dropped."""
    given, nine = digest("0 9 * * *", "UTC"), datetime(2027, 1, 12, 9, tzinfo=ZoneInfo("UTC"))
    async with set_to(nine - 10 * MINUTE) as (clock, slack):
        logs = Logs(clock)
        async with open_house(slack, logs, clock, tmp_path, given=given) as house:
            await tick(house)
        assert digests(slack) == []
        clock.ahead += nine + 20 * MINUTE - clock()
        async with open_house(slack, logs, clock, tmp_path, given=given) as house:
            for _ in range(3):
                await tick(house)
                clock.ahead += MINUTE
        [late] = digests(slack)

    assert "Late: it was due " in shown(late)
    [moment] = [
        e["fallback"] for b in late.blocks for s in b.get("elements", ()) for e in s.get("elements", ()) if _is_due(e)
    ]
    assert moment == "2027-01-12 09:00:00 UTC"


def _is_due(element: dict[str, object]) -> bool:
    return element.get("type") == "date" and element.get("timestamp") == 1_799_744_400


@pytest.mark.complaint("sentry#66044", "apscheduler#766")
async def test_three_replicas_and_one_due_time_are_one_digest(tmp_path: Path, postgres: Server) -> None:
    """sentry#66044: a summary at 16:03 and another at 17:02. apscheduler#766: N workers, N runs."""
    database = postgres.fresh_database()
    nine = datetime(2027, 1, 12, 9, tzinfo=ZoneInfo("UTC"))
    given = digest("0 9 * * *", "UTC") | {"DATABASE_URL": database}
    async with set_to(nine - 10 * MINUTE) as (clock, slack), AsyncExitStack() as stack:
        houses = []
        for name in ("one", "two", "three"):
            (tmp_path / name).mkdir()
            replica = open_house(slack, Logs(clock), clock, tmp_path / name, given=given)
            houses.append(await stack.enter_async_context(replica))
        await asyncio.gather(*map(tick, houses))
        clock.ahead += nine + MINUTE - clock()
        for _ in range(3):
            await asyncio.gather(*map(tick, houses))
        assert len(digests(slack)) == 1
        assert sum(house.logs.asked for house in houses) == 1
    postgres.drop(database)


TALLY_FILE = """
[hunt]
name = "Failed sign-ins"
uuid = "5b0a3c8e-61d2-4d0f-8a57-9e2f64c1d7a3"
query = ["FROM logs | STATS calls = COUNT(*), `@timestamp` = MAX(@timestamp) BY actor | LIMIT 1000"]

[huntbot]
slug = "tally"
summary = "{actor} failed to sign in"
fields = ["calls"]
"""


class Tally(Logs):
    """Logs whose answer is an aggregate: one row without an event of its own, whose number is larger each time."""

    calls = 0

    def answer(self) -> bytes:
        self.calls += 1
        columns = [("calls", "long"), ("@timestamp", "date"), ("actor", "keyword")]
        row = [self.calls, self.clock().isoformat(timespec="milliseconds"), "mallory"]
        named = [{"name": name, "type": kind} for name, kind in columns]
        return json.dumps({"took": 1, "is_partial": False, "columns": named, "values": [row]}).encode()


@pytest.mark.complaint("detection-rules#4250")
async def test_288_runs_of_a_query_that_aggregates_are_one_finding_whose_count_grows(
    slack: LocalSlack, clock: Clock, tmp_path: Path
) -> None:
    """detection-rules#4250: ES|QL that aggregates made a new alert at each run, every five minutes."""
    (tmp_path / "tally.toml").write_text(TALLY_FILE)
    async with open_house(slack, Tally(clock), clock, tmp_path) as house:
        await house.hunt(MAYA, "tally")
        await house.until(lambda: "Calls  1\n" in shown(house.card(MAYA)))
        hunts, began = house.life.bot.services.hunts, clock()
        for number in range(1, RUNS):
            at = began + number * 5 * MINUTE
            run = await hunts.request(RunRequest(Slug("tally"), Trigger.COMMAND, at, None, UserId(MAYA.id)))
            assert run is not None
            await hunts.work(run.id)
        await house.until(lambda: f"Calls  {RUNS}\n" in shown(house.card(MAYA)))
        await house.at_rest()

        assert len([said for said in house.said(MAYA) if "· F-" in said]) == 1
        assert (await house.life.bot.services.triage.get(FindingId(1))).is_open
        with pytest.raises(UnknownFinding):
            await house.life.bot.services.triage.get(FindingId(2))
