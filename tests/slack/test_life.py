"""A running bot over time: connections that Slack refreshes, a digest whose hour comes, a start after a stop."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.manifest import SCOPES
from app.running import Running
from app.serve import running
from app.settings import Purpose, read_settings
from local.cloudtrail import sample
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from local.slack.model import Outcome
from local.slack.sample import ESCALATIONS, HUNTS, MAYA, sample_app, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock
from tests.waiting import until

DIGEST_CRON = "0 9 * * *"


@dataclass
class Day:
    """A clock that a test moves, and logs told relative to it."""

    clock: Clock
    logs: Elasticsearch
    slack: LocalSlack
    folder: Path

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Running]:
        app = self.slack.credentials
        given = {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "HUNTBOT_SLACK_API_URL": self.slack.api_url,
            "ELASTICSEARCH_URL": "http://embedded:9200",
            "DATABASE_URL": f"sqlite:///{self.folder / 'huntbot.sqlite3'}",
            "HUNTBOT_CHANNEL": "#security-hunts",
            "HUNTBOT_ESCALATION_CHANNEL": ESCALATIONS,
            "HUNTBOT_DIGEST_CRON": DIGEST_CRON,
        }
        settings = read_settings(Purpose.SOCKET_MODE, given)
        async with running(settings, self.clock, node_class=node_class(self.logs), tick_s=0.2, drain_s=1) as life:
            yield life

    def said(self) -> str:
        return "\n".join(message.text for message in self.slack.workspace.messages_for(MAYA.id, HUNTS))

    def until_nine(self, days: int = 0) -> None:
        """Move to a minute after the next nine o'clock, in the zone the hunt file names: UTC."""
        now = self.clock()
        nine = now.replace(hour=9, minute=1, second=0, microsecond=0)
        self.clock.ahead += nine + timedelta(days=days + (nine <= now)) - now


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    clock = Clock()
    logs = from_records(sample.records(clock()), clock)
    workspace = sample_workspace(clock=time.time, app=sample_app(scopes=frozenset(SCOPES)))
    async with LocalSlack(workspace) as slack:
        yield Day(clock, logs, slack, tmp_path)


@pytest.mark.complaint("slackapi/bolt-python#1071")
async def test_no_command_is_lost_while_slack_refreshes_connections(day: Day) -> None:
    """slackapi/bolt-python#1071: a reconnect lost what was under way."""
    async with day.bot():
        outcomes = []
        for number in range(40):
            if number % 10 == 5:
                await day.slack.refresh_connections()
            outcomes.append((await day.slack.workspace.run_command(MAYA.id, HUNTS, "/hunt", "help")).outcome)
    assert outcomes == [Outcome.ACCEPTED] * 40


async def test_a_digest_comes_when_its_hour_does_and_once(day: Day) -> None:
    async with day.bot() as life:
        await life.tick()
        assert day.said() == ""
        day.until_nine()
        await until(lambda: "21 from the backlog" in day.said())
        for _ in range(3):
            await life.tick()
    assert day.said().count("from the backlog.") == 1


async def test_the_next_digest_says_what_happened_since(day: Day) -> None:
    async with day.bot() as life:
        await life.tick()
        day.until_nine()
        await until(lambda: "from the backlog" in day.said())
        day.logs.add_records([next(sample.news(day.clock))])
        day.until_nine()
        await until(lambda: "1 new" in day.said())


async def test_a_digest_that_was_due_while_the_bot_was_down_comes_after_the_start(day: Day) -> None:
    async with day.bot() as life:
        await life.tick()
    day.until_nine()
    async with day.bot():
        await until(lambda: "from the backlog" in day.said())


async def test_health_tells_a_clock_that_stands_still(day: Day) -> None:
    async with day.bot() as life:
        assert (await life.health())["status"] == "ok"
        life.ticked_at -= 60
        assert (await life.health())["faults"] == ["the clock does not tick"]
