"""How fast the outbox drains, and what that costs: the real delivery and Slack adapter, to a Slack that takes all.

Time is simulated: a pause moves the clock instead of waiting, so that what the clock shows at the end is what the
channels' pace demands, if nothing else holds the messages up.
"""

import asyncio
import gc
import resource
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from app import shelf
from bench.bot import delivery_of
from bench.history import HUNTS, NOW, hit_of
from bench.stores import Server, fresh, servers
from bot.adapters.slack import SlackWorkspace
from bot.adapters.sql import SqlStore
from bot.domain.hunt import Window
from bot.domain.intent import Lane
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import Receipt, RunRequest, Trigger
from bot.domain.severity import Severity

MESSAGES = 10_000
CHANNELS = 50  # of "many"
A_RUN = 100  # messages of a run: its answer, and a card of each finding in the answer's thread
GOAL = 1.05  # times what the channels' pace demands
GROWTH_MB = 20.0  # that is no growth: of a hundred times as many messages it would be a few bytes each
_ASKER = UserId("U0ASKER")


@dataclass
class Clock:
    """Stands still until somebody sleeps."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Seen:
    """What had been posted when, in simulated time, and what the process held then."""

    posted: int
    at: datetime
    cpu_s: float
    memory_mb: float


class TakesAll(AsyncWebClient):
    """Slack's Web API without a network: it takes every message and keeps none."""

    def __init__(self, clock: Clock, look_at: Sequence[int]) -> None:
        super().__init__(token="xoxb-nobody", retry_handlers=[])  # noqa: S106 - it is sent nowhere
        self._clock = clock
        self._look_at = look_at
        self.posted = self.redrawn = 0
        self.seen: list[Seen] = []
        self.has_all = asyncio.Event()

    async def api_call(self, api_method: str, **sent: Any) -> AsyncSlackResponse:
        message = sent["json"]
        if api_method == "chat.postMessage":
            self.posted += 1
            self._look()
        else:
            self.redrawn += 1
        stands = message.get("ts") or f"{self._clock().timestamp():.0f}.{self.posted:06}"
        return AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=api_method,
            req_args={},
            data={"ok": True, "channel": message["channel"], "ts": stands},
            headers={},
            status_code=200,
        )

    def _look(self) -> None:
        if self.posted in self._look_at:
            self.seen.append(Seen(self.posted, self._clock(), time.process_time(), _resident_mb()))
        if self.posted == max(self._look_at):
            self.has_all.set()


@dataclass(frozen=True)
class Drained:
    """One drain: simulated seconds and what the pace demands, our CPU for a message, memory early and late."""

    channels: int
    took_s: float
    demanded_s: float
    cpu_ms: float
    early: Seen
    late: Seen
    redrawn: int = field(default=0)

    @property
    def ratio(self) -> float:
        return self.took_s / self.demanded_s

    @property
    def growth_mb(self) -> float:
        return self.late.memory_mb - self.early.memory_mb


def measure(messages: int, postgres: str | None) -> bool:
    """Print a line for each database and number of channels; whether all is within the goals."""
    print(f"Delivery: {messages:,} messages, simulated time; CPU and memory of this process")
    print(f"{'':12}{'channels':>9}{'took':>10}{'pace':>10}{'ratio':>8}{'CPU':>14}{'redrawn':>9}{'memory':>22}")
    good = []
    for name, server in servers(postgres).items():
        for channels in sorted({min(CHANNELS, messages // A_RUN), 1}, reverse=True):
            drained = asyncio.run(_drain(server, messages, channels))
            print(_line(name, drained), flush=True)
            good.append(drained.ratio <= GOAL and drained.growth_mb <= GROWTH_MB)
    return all(good)


def _line(name: str, drained: Drained) -> str:
    early, late = drained.early, drained.late
    memory = f"{early.memory_mb:.0f} -> {late.memory_mb:.0f} MB"
    return (
        f"{name:12}{drained.channels:>9}{drained.took_s:>8,.0f} s{drained.demanded_s:>8,.0f} s{drained.ratio:>8.3f}"
        f"{drained.cpu_ms:>11.1f} ms{drained.redrawn:>9,}{memory:>22}"
    )


async def _drain(server: Server, messages: int, channels: int) -> Drained:
    async with fresh(server) as store:
        await _fill(store, messages, [ChannelId(f"C0CHANNEL{number:03}") for number in range(channels)])
        clock = Clock()
        slack = TakesAll(clock, [1, messages // 10, messages])
        delivery = delivery_of(
            store, shelf.load([])[0], SlackWorkspace(slack, "https://slack.example/"), clock, clock.sleep
        )
        delivering = asyncio.create_task(delivery.run())
        await slack.has_all.wait()
        waiting = await delivery.settle(600)
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering
    if waiting or slack.posted != messages:
        raise RuntimeError(f"{slack.posted:,} of {messages:,} messages were posted, {waiting:,} wait still")
    first, early, late = slack.seen
    pace = Lane(ChannelId(""), is_redraw=False).pace
    return Drained(
        channels,
        (late.at - NOW).total_seconds(),
        ((messages // channels - 1) * pace).total_seconds(),
        (late.cpu_s - first.cpu_s) * 1000 / (late.posted - first.posted),
        early,
        late,
        slack.redrawn,
    )


async def _fill(store: SqlStore, messages: int, channels: Sequence[ChannelId]) -> None:
    """Runs that people asked for, each with its answer and a card of every finding, in the channels by turns."""
    for number in range(messages // A_RUN):
        asked = RunRequest(HUNTS[0], Trigger.COMMAND, NOW, channels[number % len(channels)], _ASKER)
        requested = await store.runs.request(asked)
        if requested is None:
            raise RuntimeError("the store has met this run before")
        started = await store.runs.start(requested, Window.back_from(NOW, timedelta(days=1)), NOW)
        found = range(number * A_RUN, (number + 1) * A_RUN - 1)
        hits = [hit_of(each, NOW - timedelta(minutes=each), Severity.MEDIUM) for each in found]
        await store.findings.record(started, hits, Receipt(len(hits), 0, 0), NOW)


def _resident_mb() -> float:
    """Of this process, now; where no /proc tells that, at most so far."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20
