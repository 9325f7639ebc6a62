"""The demo of one test: the whole bot, Elasticsearch and Slack embedded, and a clock that the test puts forward."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.demo import FIRST_HUNT
from app.running import Running
from app.serve import running
from app.settings import Purpose, Settings, read_settings
from local.cloudtrail import sample
from local.cloudtrail.record import Record
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from local.slack.page.routes import page_of
from local.slack.sample import ESCALATIONS, HUNTS, IVO, LEADS, ON_CALL, RESPONDERS, sample_workspace
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.slack.house import Clock

DIGEST_CRON = "*/2 * * * *"


@dataclass(frozen=True)
class Demo:
    """What people see is at `page_url`; `logs` take new events, `clock` is everybody's."""

    page_url: str
    logs: Elasticsearch
    clock: Clock
    life: Running
    workspace: Workspace
    news: Iterator[Record]

    def something_happens(self) -> None:
        """The next of the events that keep arriving in the demo; first: anyone may call payments-api by its URL."""
        self.logs.add_records([next(self.news)])

    def nothing_is_open(self) -> None:
        """Modals that somebody left open would lie over the page of whoever comes next."""
        for user in self.workspace.directory.users:
            for view in self.workspace.modals_of(user.id):
                self.workspace.views.close(view)

    async def the_next_digest_is_due(self) -> None:
        """Two minutes on, by the schedule and the tick that the demo has."""
        self.clock.ahead += timedelta(minutes=2)
        await self.life.tick()

    async def everything_is_posted(self) -> None:
        """A channel takes one message a second: those seconds pass quickly."""
        delivery = self.life.bot.services.delivery
        async with asyncio.timeout(20):
            while (await delivery.backlog()).waiting or await self.life.bot.services.hunts.unfinished():
                self.clock.ahead += timedelta(seconds=1)
                delivery.nudge()
                await asyncio.sleep(0.02)


@asynccontextmanager
async def demonstrating(folder: Path) -> AsyncIterator[Demo]:
    """`app.demo` with another clock, and its store in `folder`."""
    clock = Clock()
    logs = from_records(sample.records(clock()), clock)
    workspace = sample_workspace(clock=lambda: clock().timestamp(), onlookers=(IVO,))
    async with LocalSlack(workspace, routes=[page_of(workspace)]) as slack:
        settings = _settings(slack, folder)
        async with running(settings, clock, node_class=node_class(logs), tick_s=3600) as life:
            yield Demo(slack.page_url, logs, clock, life, workspace, sample.news(clock))


def _settings(slack: LocalSlack, folder: Path) -> Settings:
    return read_settings(
        Purpose.SOCKET_MODE,
        {
            "SLACK_BOT_TOKEN": slack.credentials.bot_token,
            "SLACK_APP_TOKEN": slack.credentials.app_token,
            "HUNTBOT_SLACK_API_URL": slack.api_url,
            "ELASTICSEARCH_URL": "http://embedded:9200",
            "DATABASE_URL": f"sqlite:///{folder / 'huntbot.db'}",
            "HUNTBOT_CHANNEL": HUNTS,
            "HUNTBOT_ESCALATION_CHANNEL": ESCALATIONS,
            "HUNTBOT_ON_CALL_GROUP": ON_CALL.id,
            "HUNTBOT_LEADS": LEADS.id,
            "HUNTBOT_RESPONDERS": RESPONDERS.id,
            "HUNTBOT_VIEWERS": IVO.id,
            "HUNTBOT_KIBANA_URL": "https://kibana.example.com/s/soc",
            "HUNTBOT_DIGEST_CRON": DIGEST_CRON,
            "HUNTBOT_DIGEST_HUNTS": FIRST_HUNT,
        },
    )
