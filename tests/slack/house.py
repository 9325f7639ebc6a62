"""A whole bot beside a whole workspace: what is scripted is Elasticsearch, at the edge of the network."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import elastic_transport
from elastic_transport import ApiResponseMeta, BaseAsyncNode, HttpHeaders

from app.compose import Bot, compose
from app.manifest import EVENTS_PATH
from app.running import Running
from app.serve import running
from app.settings import Purpose, Settings, read_settings
from bot.blocks import actions
from local.slack.delivery_http import SignedHttp
from local.slack.model import Message, Seen, User, View
from local.slack.sample import ESCALATIONS, HUNTS, ON_CALL
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.stand_ins import COUNTING
from tests.unit.blocks.examples import read

HUNT_FILE = """
[hunt]
author = "us"
description = "Who was given what"
uuid = "2f6c2c1e-8a54-4a0e-9c55-1f4f3b1f7a10"
name = "Grants on functions"
license = "Apache-2.0"
language = ["ES|QL"]
query = ["FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend | LIMIT 1000"]

[huntbot]
slug = "grants"
identity = ["account", "function", "principal"]
summary = "{principal} may {action} on {function}"
fields = ["actor", "source_ip"]
"""

_COLUMNS: Mapping[str, str] = {
    "@timestamp": "date",
    "event_id": "keyword",
    "severity": "keyword",
    "reason": "keyword",
    "principal": "keyword",
    "action": "keyword",
    "function": "keyword",
    "account": "keyword",
    "actor": "keyword",
    "source_ip": "keyword",
    "revoked_at": "date",
    "revoked_by": "keyword",
}


@dataclass
class Clock:
    """Real time that a test moves forward, for the bot and for Slack alike."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - this is the clock of these tests


class _Answer(NamedTuple):
    meta: ApiResponseMeta
    body: bytes


@dataclass
class Logs:
    """Elasticsearch's side: the rows it answers, and whether it can be reached."""

    clock: Clock
    rows: list[dict[str, str | None]] = field(default_factory=list)
    is_down: bool = False
    events: int = 1_000  # how many there are in any window, whatever the hunt finds in them
    asked: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)  # cleared: it thinks until it is set

    def __post_init__(self) -> None:
        self.answers.set()

    def happen(self, principal: str, event_id: str, **columns: str | None) -> None:
        """One more grant, a minute ago."""
        usual = {
            "@timestamp": (self.clock() - timedelta(minutes=1)).isoformat(timespec="milliseconds"),
            "event_id": event_id,
            "severity": "high",
            "reason": "it can be called from elsewhere",
            "principal": principal,
            "action": "lambda:InvokeFunction",
            "function": "pay",
            "account": "111122223333",
            "actor": "arn:aws:iam::111122223333:role/deploy",
            "source_ip": "198.51.100.7",
        }
        self.rows.append({**usual, **columns})

    def node_class(self) -> type[BaseAsyncNode]:
        logs = self

        class Scripted(BaseAsyncNode):
            async def perform_request(  # type: ignore[override]
                self, method: str, target: str, body: bytes | None = None, **_: Any
            ) -> _Answer:
                del method, target
                is_counting = COUNTING.encode() in (body or b"")
                logs.asked += not is_counting
                await logs.answers.wait()
                if logs.is_down:
                    raise elastic_transport.ConnectionError("connection refused")
                headers = HttpHeaders({"x-elastic-product": "Elasticsearch", "content-type": "application/json"})
                said = logs.count() if is_counting else logs.answer()
                return _Answer(ApiResponseMeta(200, "1.1", headers, 0.0, self.config), said)

            async def close(self) -> None:  # type: ignore[override]
                return

        return Scripted

    def count(self) -> bytes:
        """How many events arrived, and when the latest did."""
        columns = [{"name": "events", "type": "long"}, {"name": "latest", "type": "date"}]
        latest = (self.clock() - timedelta(minutes=1)).isoformat() if self.events else None
        return json.dumps({"took": 1, "columns": columns, "values": [[self.events, latest]]}).encode()

    def answer(self) -> bytes:
        columns = [{"name": name, "type": kind} for name, kind in _COLUMNS.items()]
        values = [[row.get(name) for name in _COLUMNS] for row in self.rows]
        return json.dumps({"took": 3, "is_partial": False, "columns": columns, "values": values}).encode()


@dataclass
class House:
    """The bot `life` in the workspace `slack`; people act through the methods here."""

    slack: Workspace
    logs: Logs
    clock: Clock
    life: Running

    async def hunt(self, who: User, text: str, channel: str = HUNTS) -> Seen:
        return await self.slack.run_command(who.id, channel, "/hunt", text)

    async def press(self, who: User, message: Message, action_id: str, chosen: str | None = None) -> Seen:
        return await self.slack.press(who.id, message.channel, message.ts, action_id, chosen=chosen)

    async def until(self, holds: Callable[[], Any], *, time_passes: bool = True, within_s: float = 20) -> Any:
        """Wait until it holds and give what it gave; meanwhile the seconds between two messages pass quickly."""
        async with asyncio.timeout(within_s):
            while not (found := holds()):
                if time_passes:
                    self.clock.ahead += timedelta(seconds=1)
                    self.life.bot.services.delivery.nudge()
                await asyncio.sleep(0.02)
        return found

    async def at_rest(self, within_s: float = 20) -> None:
        """Until everything that Slack shows is known to stand, and nothing waits."""
        async with asyncio.timeout(within_s):
            while (await self.life.bot.services.delivery.backlog()).waiting:
                self.clock.ahead += timedelta(seconds=1)
                self.life.bot.services.delivery.nudge()
                await asyncio.sleep(0.02)

    async def waiting(self, number: int, within_s: float = 20) -> None:
        """Until so many messages wait for Slack."""
        async with asyncio.timeout(within_s):
            while (await self.life.bot.services.delivery.backlog()).waiting != number:  # noqa: ASYNC110 - the store has no event to wait for
                await asyncio.sleep(0.02)

    async def resolve_form(self, who: User, card: Message) -> View:
        """Choose Resolve… on F-1's card; the form that opens while its trigger lives."""
        await self.press(who, card, actions.MORE, "resolve:1")
        forms: Sequence[View] = await self.until(lambda: self.slack.modals_of(who.id), time_passes=False)
        return forms[-1]

    def happens_later(self, principal: str, event_id: str) -> None:
        """The same again, after whatever was pressed until now."""
        self.clock.ahead += timedelta(minutes=5)
        self.logs.happen(principal, event_id)

    def again(self, message: Message) -> Message:
        """The message as it stands now."""
        return self.slack.messages.get(message.channel, message.ts)

    def said(self, who: User, channel: str = HUNTS) -> Sequence[str]:
        """What the person reads in a channel, their own private lines included."""
        return [read(list(message.blocks)) or message.text for message in self.slack.messages_for(who.id, channel)]

    def privately(self, who: User, channel: str = HUNTS) -> Sequence[str]:
        mine = [m for m in self.slack.messages_for(who.id, channel) if m.ephemeral_to == who.id]
        return [read(list(message.blocks)) or message.text for message in mine]

    def card(self, who: User, ref: str = "F-1", channel: str = HUNTS) -> Message | None:
        """The live message of a finding: the one with its buttons."""
        shown = [m for m in self.slack.messages_for(who.id, channel) if m.ephemeral_to is None]
        return next((m for m in reversed(shown) if _is_card(m, ref)), None)

    def thread(self, who: User, message: Message) -> Sequence[str]:
        replies = self.slack.thread_for(who.id, message.channel, message.ts)[1:]
        return [read(list(reply.blocks)) for reply in replies]

    async def find_one(self, who: User, principal: str = "alice", channel: str = HUNTS) -> Message:
        """The card of a first finding, in one go."""
        self.logs.happen(principal, "e-1")
        await self.hunt(who, "grants", channel)
        card: Message = await self.until(lambda: self.card(who, channel=channel))
        return card


def shown(message: Message | None) -> str:
    return read(list(message.blocks)) if message else ""


def _is_card(message: Message, ref: str) -> bool:
    has_menu = any(block["type"] == "actions" for block in message.blocks)
    return has_menu and f"· {ref}" in shown(message)


@asynccontextmanager
async def open_house(
    slack: LocalSlack,
    logs: Logs,
    clock: Clock,
    folder: Path,
    *,
    over_http: bool = False,
    escalates: bool = True,
    given: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """The bot as `serve` runs it, against this workspace; the store in `folder` outlives it. `given`: settings."""
    settings, nodes = _settings(slack, folder, escalates=escalates, given=given), logs.node_class()
    bot = running(settings, clock, over_http=over_http, node_class=nodes, tick_s=3600, drain_s=3)
    async with AsyncExitStack() as after_the_bot, bot as life:
        if over_http:
            url = f"http://127.0.0.1:{life.port}{EVENTS_PATH}"
            signed = SignedHttp(slack.credentials, url, slack.workspace.mint.clock, 3.0)
            after_the_bot.push_async_callback(signed.close)
            slack.workspace.delivery = signed
        yield House(slack.workspace, logs, clock, life)


@asynccontextmanager
async def composed(slack: LocalSlack, logs: Logs, clock: Clock, folder: Path) -> AsyncIterator[Bot]:
    """The same bot, at rest: nothing delivers, and it ends without a drain as a crash does."""
    async with compose(_settings(slack, folder), clock, logs.node_class()) as bot:
        yield bot


def _settings(
    slack: LocalSlack, folder: Path, *, escalates: bool = True, given: Mapping[str, str] | None = None
) -> Settings:
    (folder / "grants.toml").write_text(HUNT_FILE)
    environment = {
        "SLACK_BOT_TOKEN": slack.credentials.bot_token,
        "SLACK_APP_TOKEN": slack.credentials.app_token,
        "SLACK_SIGNING_SECRET": slack.credentials.signing_secret,
        "HUNTBOT_SLACK_API_URL": slack.api_url,
        "ELASTICSEARCH_URL": "http://scripted:9200",
        "DATABASE_URL": f"sqlite:///{folder / 'huntbot.db'}",
        "HUNTBOT_HUNTS": str(folder),
        **({"HUNTBOT_ESCALATION_CHANNEL": ESCALATIONS} if escalates else {}),
        "HUNTBOT_ON_CALL_GROUP": ON_CALL.id,
        "HUNTBOT_HOST": "127.0.0.1",
        "PORT": "0",
        **(given or {}),
    }
    return read_settings(Purpose.ANYTHING, environment)
