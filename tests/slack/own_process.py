"""`huntbot serve` as a process of its own beside the two stand-ins: only its environment differs from production."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.manifest import SCOPES
from local.cloudtrail import sample
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.over_http import serving
from local.slack.model import Outcome
from local.slack.sample import ESCALATIONS, HUNTS, MAYA, sample_app, sample_workspace
from local.slack.server import LocalSlack

API_KEY = "c2VjcmV0LWtleS1vZi1odW50Ym90"


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the stand-ins of these tests live in real time


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def sample_logs() -> Elasticsearch:
    return from_records(sample.records(now()), now, api_key=API_KEY)


@asynccontextmanager
async def stand_ins(logs: Elasticsearch, request_url: str | None = None) -> AsyncIterator[tuple[LocalSlack, str]]:
    workspace = sample_workspace(clock=time.time, app=sample_app(scopes=frozenset(SCOPES)))
    async with serving(logs) as url, LocalSlack(workspace, request_url=request_url) as slack:
        yield slack, url


def environment(slack: LocalSlack, elasticsearch: str, folder: Path) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.credentials.bot_token,
        "SLACK_APP_TOKEN": slack.credentials.app_token,
        "SLACK_SIGNING_SECRET": slack.credentials.signing_secret,
        "HUNTBOT_SLACK_API_URL": slack.api_url,
        "ELASTICSEARCH_URL": elasticsearch,
        "ELASTICSEARCH_API_KEY": API_KEY,
        "DATABASE_URL": f"sqlite:///{folder / 'huntbot.sqlite3'}",
        "HUNTBOT_CHANNEL": "#security-hunts",
        "HUNTBOT_ESCALATION_CHANNEL": ESCALATIONS,
        "HUNTBOT_HOST": "127.0.0.1",
        # What would lead the SDKs astray: a proxy that is not there, and an OAuth app that is not ours.
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "not-ours",
    }


async def until(holds: Callable[[], Awaitable[bool]], every_s: float = 0.1, within_s: float = 40) -> None:
    """Ask again and again, as a person does who looks at the channel."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - the bot is another process
            await asyncio.sleep(every_s)


def said(slack: LocalSlack) -> str:
    return "\n".join(message.text for message in slack.workspace.messages_for(MAYA.id, HUNTS))


async def is_up(slack: LocalSlack, text: str = "help") -> None:
    """A person tries until the bot answers."""

    async def is_answered() -> bool:
        return (await slack.workspace.run_command(MAYA.id, HUNTS, "/hunt", text)).outcome is Outcome.ACCEPTED

    await until(is_answered)


async def hunts_once_it_is_up(slack: LocalSlack) -> None:
    """A person hunts as soon as the bot answers, and reads the receipt."""

    async def is_read() -> bool:
        return "hits = " in said(slack)

    await is_up(slack, "lambda-perms severity:critical")
    await until(is_read)


async def stopped(process: asyncio.subprocess.Process) -> list[dict[str, object]]:
    """Ask it to stop as a supervisor does; its log."""
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, errors.decode()
    return [json.loads(line) for line in errors.decode().splitlines()]
