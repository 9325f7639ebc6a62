"""The two apps that are measured, each a process of its own: huntbot as `serve --http` runs it, and a bare Bolt app.

    python -m bench.surface_apps huntbot|bare

The first line on stdin is a `Place` in JSON; the answer is the port. Each further line is answered once nothing is
worked on any more that was acknowledged; the end of stdin ends the process.
"""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from elastic_transport import ApiResponseMeta, BaseAsyncNode, HttpHeaders
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from app.clock import now
from app.http_face import listening
from app.manifest import EVENTS_PATH
from app.serve import running
from app.settings import Purpose, read_settings, shield_from_environment
from bench.surface_messages import hit
from bot.blocks import actions
from local.slack.sample import HUNTS

HUNTBOT, BARE = "huntbot", "bare"
_HOST = "127.0.0.1"
_REST_S = 120.0
_START_S = 60.0


@dataclass(frozen=True)
class Place:
    """Where an app works: Slack and what it takes there, a folder of its own, how many findings the logs hold."""

    api_url: str
    bot_token: str
    signing_secret: str
    folder: str
    findings: int


@dataclass(frozen=True)
class Serving:
    """An app in this process: where it listens, and how to wait until it has nothing to do."""

    port: int
    rest: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Peer:
    """The same seen from outside."""

    url: str
    process: asyncio.subprocess.Process

    async def rest(self) -> None:
        """Until what was acknowledged is worked off, messages that wait for their turn aside."""
        await _ask(self.process, "rest", _REST_S)


@asynccontextmanager
async def started(name: str, place: Place) -> AsyncIterator[Peer]:
    """An app in a process of its own, until the block ends. Raises RuntimeError where it does not come up."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.surface_apps", name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    try:
        port = await _ask(process, json.dumps(asdict(place)), _START_S)
        yield Peer(f"http://{_HOST}:{port}{EVENTS_PATH}", process)
    finally:
        if process.returncode is None:
            await _let_end(process)


async def _ask(process: asyncio.subprocess.Process, line: str, within_s: float) -> str:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("an app without its two pipes")
    process.stdin.write(f"{line}\n".encode())
    async with asyncio.timeout(within_s):
        answer = await process.stdout.readline()
    if not answer:
        raise RuntimeError("an app ended before it was asked to; what it wrote above says why")
    return answer.decode().strip()


async def _let_end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_REST_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


class _Answer(NamedTuple):
    meta: ApiResponseMeta
    body: bytes


def _logs(findings: int) -> type[BaseAsyncNode]:
    """An Elasticsearch that answers at once: so many grants, a minute old, and nothing of what else is asked."""
    hits = [hit(number, now() - timedelta(minutes=1)) for number in range(1, findings + 1)]
    rows = [{"@timestamp": seen.at.isoformat(timespec="milliseconds"), **seen.columns} for seen in hits]
    names = list(rows[0] if rows else {"@timestamp": None})
    columns = [{"name": name, "type": "date" if name == "@timestamp" else "keyword"} for name in names]
    found = _response(columns, [list(row.values()) for row in rows])
    counts = [{"name": "events", "type": "long"}, {"name": "latest", "type": "date"}]
    heard = _response(counts, [[1_000, (now() - timedelta(minutes=1)).isoformat(timespec="milliseconds")]])

    class Node(BaseAsyncNode):
        async def perform_request(  # type: ignore[override]  # the client's own name for its answer is private
            self, method: str, target: str, body: bytes | None = None, **_: object
        ) -> _Answer:
            del method, target
            headers = HttpHeaders({"x-elastic-product": "Elasticsearch", "content-type": "application/json"})
            said = heard if b"STATS events = COUNT(*)" in (body or b"") else found
            return _Answer(ApiResponseMeta(200, "1.1", headers, 0.0, self.config), said)

        async def close(self) -> None:  # type: ignore[override]  # synchronous in the base of the base
            return

    return Node


def _response(columns: list[dict[str, str]], values: list[list[Any]]) -> bytes:
    return json.dumps({"took": 1, "is_partial": False, "columns": columns, "values": values}).encode()


@asynccontextmanager
async def _huntbot(place: Place) -> AsyncIterator[Serving]:
    settings = read_settings(
        Purpose.HTTP,
        {
            "SLACK_BOT_TOKEN": place.bot_token,
            "SLACK_SIGNING_SECRET": place.signing_secret,
            "HUNTBOT_SLACK_API_URL": place.api_url,
            "ELASTICSEARCH_URL": "http://answers-at-once:9200",
            "DATABASE_URL": f"sqlite:///{Path(place.folder) / 'huntbot.db'}",
            "HUNTBOT_CHANNEL": HUNTS,
            "HUNTBOT_HOST": _HOST,
            "PORT": "0",
        },
    )
    shield_from_environment(settings)
    async with running(settings, now, over_http=True, node_class=_logs(place.findings), drain_s=0) as life:
        if life.port is None:
            raise RuntimeError("huntbot listens nowhere")

        async def rest() -> None:
            if cut := await life.bot.background.drain(_REST_S):
                raise RuntimeError(f"{cut} pieces of work were not done within {_REST_S:g} s")

        yield Serving(life.port, rest)


@asynccontextmanager
async def _bare(place: Place) -> AsyncIterator[Serving]:
    """One command that is acknowledged, one button that is acknowledged and draws its own message once more."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=place.bot_token, base_url=place.api_url, session=session)
        app = AsyncApp(client=client, signing_secret=place.signing_secret)

        @app.command("/hunt")
        async def hunt(ack: AsyncAck) -> None:
            await ack()

        @app.action(actions.ACKNOWLEDGE)
        async def acknowledge(ack: AsyncAck, body: Mapping[str, Any], client: AsyncWebClient) -> None:
            await ack()
            message = body["message"]
            where = {"channel": body["channel"]["id"], "ts": message["ts"]}
            await client.chat_update(**where, text=message["text"], blocks=message["blocks"])

        async def rest() -> None:
            await asyncio.sleep(0)

        async with listening(app.web_app(path=EVENTS_PATH), "PORT", _HOST, 0) as port:
            yield Serving(port, rest)


_APPS: Mapping[str, Callable[[Place], AbstractAsyncContextManager[Serving]]] = {HUNTBOT: _huntbot, BARE: _bare}


async def _serve(name: str) -> None:
    place = Place(**json.loads(await asyncio.to_thread(sys.stdin.readline)))
    async with _APPS[name](place) as serving:
        print(serving.port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            await serving.rest()
            print("rested", flush=True)


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.CRITICAL
    )  # what is not acknowledged is counted, what a stop leaves is meant to be
    asyncio.run(_serve(sys.argv[1]))
