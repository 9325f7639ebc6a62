"""The demo: the bot as it is in production, with a Slack and an Elasticsearch of its own on this machine.

What differs from `huntbot serve` is only what the settings and `node_class` point at, and that events keep coming.
"""

import asyncio
import logging
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clock import now
from app.running import Running
from app.serve import running
from app.settings import Purpose, Settings, read_settings, shield_from_environment
from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.domain.hunt import Slug, Window
from bot.domain.schedule import Schedule
from bot.services.search import Search, search
from local.cloudtrail import sample
from local.cloudtrail.record import Record
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from local.slack.page.routes import page_of
from local.slack.sample import ESCALATIONS, HUNTS, IVO, LEADS, ON_CALL, RESPONDERS, sample_workspace
from local.slack.server import LocalSlack

PORT = 8787
FIRST_HUNT = Slug("lambda-perms")
NEWS_AFTER_S = 20.0
NEWS_EVERY_S = 45.0
TICK_S = 5.0
MOST_RECORDS = 2_000  # a day of events; older ones go, as they do where logs are kept for so long
ELASTICSEARCH_URL = "http://embedded:9200"  # a name for the client; nothing is looked up or connected to

log = logging.getLogger("huntbot.demo")


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is going: the page's address, the bot, the logs it hunts in, and the latest records of those."""

    page_url: str
    life: Running
    logs: Elasticsearch
    first_digest: datetime
    records: deque[Record]

    async def first_hunt(self) -> Search:
        """The hunt as the terminal runs it, over the same logs; it stores nothing, so that Slack starts empty."""
        hunt = self.life.bot.services.hunts.shelf.find(FIRST_HUNT)
        client = open_client(ELASTICSEARCH_URL, node_class=node_class(self.logs))
        try:
            return await search(ElasticsearchLogs(client), hunt, Window.back_from(now(), hunt.window), now=now())
        finally:
            await client.close()

    async def until(self, asked: asyncio.Event) -> None:
        """Events keep arriving until somebody asks to stop."""
        events = asyncio.create_task(self._keep_happening(), name="events")
        try:
            await self.life.until(asked)
        finally:
            events.cancel()

    async def _keep_happening(self) -> None:
        """Events arrive while somebody watches, so that the next digest has news."""
        await asyncio.sleep(NEWS_AFTER_S)
        for record in sample.news(now):
            self.records.append(record)
            self.logs.hold_records(self.records)
            log.info("an event arrived", extra={"event": record["eventName"]})
            await asyncio.sleep(NEWS_EVERY_S)


@asynccontextmanager
async def demonstrating(port: int | None = None) -> AsyncIterator[Demo]:
    """Start everything on 127.0.0.1 with a database that goes when the demo does.

    Raises:
        OSError: the port that was asked for is taken.
    """
    records = deque(sample.records(now()), MOST_RECORDS)
    logs = from_records(records, now)
    digests = digests_after(now())
    with tempfile.TemporaryDirectory(prefix="huntbot-demo-") as folder:
        async with _workspace(port) as slack:
            settings = _settings(slack, Path(folder), digests)
            shield_from_environment(settings)
            async with running(settings, now, node_class=node_class(logs), tick_s=TICK_S) as life:
                yield Demo(slack.page_url, life, logs, digests.next_after(now()), records)


@asynccontextmanager
async def _workspace(port: int | None) -> AsyncIterator[LocalSlack]:
    """At the port asked for, or at the usual one, or at any that is free where the usual one is taken."""
    for candidate in (PORT, 0) if port is None else (port,):
        workspace = sample_workspace(clock=time.time, onlookers=(IVO,))
        slack = LocalSlack(workspace, port=candidate, routes=[page_of(workspace)])
        try:
            await slack.start()
        except OSError:
            await slack.stop()
            if candidate != PORT or port is not None:
                raise
            continue
        try:
            yield slack
        finally:
            await slack.stop()
        return


def digests_after(start: datetime) -> Schedule:
    """Every other minute, the first after one to two: until then somebody has found the buttons."""
    return Schedule(f"{start.minute % 2}-59/2 * * * *")


def _settings(slack: LocalSlack, folder: Path, digests: Schedule) -> Settings:
    """What an operator would put in the environment."""
    app = slack.credentials
    return read_settings(
        Purpose.SOCKET_MODE,
        {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "ELASTICSEARCH_URL": ELASTICSEARCH_URL,
            "DATABASE_URL": f"sqlite:///{folder / 'huntbot.sqlite3'}",
            "HUNTBOT_SLACK_API_URL": slack.api_url,
            "HUNTBOT_CHANNEL": HUNTS,
            "HUNTBOT_ESCALATION_CHANNEL": ESCALATIONS,
            "HUNTBOT_ON_CALL_GROUP": ON_CALL.id,
            "HUNTBOT_LEADS": LEADS.id,
            "HUNTBOT_RESPONDERS": RESPONDERS.id,
            "HUNTBOT_VIEWERS": IVO.id,
            "HUNTBOT_DIGEST_CRON": digests.cron,
            "HUNTBOT_DIGEST_HUNTS": FIRST_HUNT,
        },
    )
