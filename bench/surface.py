"""How quickly huntbot answers people in Slack, beside a bare Bolt app that answers the same in the same run.

Both are processes of their own (`surface_apps`), and one local workspace sends them the same signed requests by turns:
commands in bursts, presses one by one. A ratio is huntbot's time to the bare app's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench import surface_messages
from bench.surface_apps import BARE, HUNTBOT, Peer, Place, started
from bot.blocks import actions
from local.slack.delivery import Envelope
from local.slack.delivery_http import SignedHttp
from local.slack.model import Change, Message, MessageChanged, Outcome
from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import ACK_TIMEOUT_S, LocalSlack
from local.slack.workspace import Workspace

AT_ONCE = (200, 500)
BURSTS = 3
PRESSES = 20
HUNT = "lambda-perms"
_BARE = "bare Bolt app"
# What is typed after /hunt: answered by the acknowledgement itself, acknowledged and then read, stored and then
# acknowledged. The last leaves the most work behind.
_COMMANDS = ("help", "findings", HUNT)
_LONGEST_S = 30.0  # what is later than Slack waits is measured all the same
_A_CLIENT = 100  # connections that one SignedHttp keeps
_BETWEEN_PRESSES_S = 1.5  # a channel's redraws are half a second apart; a press leads to two

Times = Mapping[str, Sequence[float]]  # seconds


@dataclass(frozen=True)
class Line:
    """Slack's side towards one app: as many connections as there are commands at once."""

    workspace: Workspace
    clients: Sequence[SignedHttp]

    async def burst(self, text: str, count: int) -> Sequence[float]:
        """Seconds until each of so many commands was acknowledged, sent all at once."""
        return await asyncio.gather(*(self._command(text, number) for number in range(count)))

    async def _command(self, text: str, number: int) -> float:
        workspace, who = self.workspace, (MAYA, TOMAS, AISHA)[number % 3]
        payload = workspace.payloads.slash_command(who, workspace.channel(HUNTS), "/hunt", text)
        envelope = Envelope(workspace.mint.secret(), "slash_commands", payload, accepts_response=True)
        began = time.perf_counter()
        await self.clients[number % len(self.clients)].deliver(envelope)
        return time.perf_counter() - began


@dataclass(frozen=True)
class Subjects:
    """One workspace and the two apps in it."""

    workspace: Workspace
    apps: Mapping[str, Peer]
    lines: Mapping[str, Line]


@dataclass(frozen=True)
class Pressed:
    """Seconds from each click, until it was acknowledged and until its message stood redrawn."""

    acknowledged: list[float] = field(default_factory=list)
    redrawn: list[float] = field(default_factory=list)


def measure(at_once: Sequence[int], bursts: int, presses: int, messages: int) -> bool:
    """Print a table for commands, presses and messages; whether all is within the goals."""
    good = [asyncio.run(_measure_commands(count, bursts)) for count in at_once]
    good.append(asyncio.run(_measure_presses(presses)))
    good.append(surface_messages.measure(messages))
    return all(good)


async def _measure_commands(count: int, bursts: int) -> bool:
    times: dict[str, list[float]] = {_BARE: [], **{f"/hunt {text}": [] for text in _COMMANDS}}
    async with _subjects(count, findings=0) as subjects:
        for line in subjects.lines.values():  # connections are opened, and who asks is looked up
            await line.burst("help", count)
        for _ in range(bursts):
            times[_BARE] += await subjects.lines[BARE].burst("", count)
            for text in _COMMANDS:
                times[f"/hunt {text}"] += await subjects.lines[HUNTBOT].burst(text, count)
                await subjects.apps[HUNTBOT].rest()
    print(f"Commands: {count:,} at once, {bursts} times; until each is acknowledged")
    print("\n".join(_table(times, _BARE)), flush=True)
    return all(taken <= ACK_TIMEOUT_S for each in times.values() for taken in each)


async def _measure_presses(presses: int) -> bool:
    pressed = {BARE: Pressed(), HUNTBOT: Pressed()}
    async with _subjects(1, findings=presses) as subjects:
        for card in await _cards(subjects, presses):
            for name, times in pressed.items():
                await _press(subjects, name, card, times)
            await asyncio.sleep(_BETWEEN_PRESSES_S)
    print(f"\nPresses: Acknowledge on {presses:,} messages, one after the other; from the click")
    print("acknowledged")
    print("\n".join(_table({_BARE: pressed[BARE].acknowledged, HUNTBOT: pressed[HUNTBOT].acknowledged}, _BARE)))
    print("message redrawn")
    print("\n".join(_table({_BARE: pressed[BARE].redrawn, HUNTBOT: pressed[HUNTBOT].redrawn}, _BARE)), flush=True)
    return True


@asynccontextmanager
async def _subjects(connections: int, findings: int) -> AsyncIterator[Subjects]:
    workspace = sample_workspace(clock=time.time)
    workspace.limits.is_enabled = False  # what Slack allows is no property of either app
    with TemporaryDirectory(prefix="huntbot-bench-") as folder:
        async with LocalSlack(workspace) as slack:
            app = slack.credentials
            place = Place(slack.api_url, app.bot_token, app.signing_secret, folder, findings)
            async with started(BARE, place) as bare, started(HUNTBOT, place) as huntbot:
                apps = {BARE: bare, HUNTBOT: huntbot}
                lines = {name: _line(workspace, peer, connections) for name, peer in apps.items()}
                try:
                    yield Subjects(workspace, apps, lines)
                finally:
                    for line in lines.values():
                        await asyncio.gather(*(client.close() for client in line.clients))


def _line(workspace: Workspace, peer: Peer, connections: int) -> Line:
    count = ceil(connections / _A_CLIENT)
    return Line(
        workspace, [SignedHttp(workspace.app, peer.url, workspace.mint.clock, _LONGEST_S) for _ in range(count)]
    )


async def _cards(subjects: Subjects, wanted: int) -> Sequence[Message]:
    """The messages of a hunt's findings, once all of them stand: a channel takes one a second."""
    await subjects.lines[HUNTBOT].burst(HUNT, 1)
    workspace = subjects.workspace
    async with asyncio.timeout(_LONGEST_S + 2 * wanted):
        while len(cards := [message for message in _posted(workspace) if _is_card(message)]) < wanted:  # noqa: ASYNC110 - huntbot is another process
            await asyncio.sleep(0.1)
    return cards


def _posted(workspace: Workspace) -> Iterator[Message]:
    for message in workspace.messages_for(MAYA.id, HUNTS):
        if message.ephemeral_to is None:
            yield from workspace.thread_for(MAYA.id, HUNTS, message.ts)


def _is_card(message: Message) -> bool:
    pressable = (element for block in message.blocks for element in block.get("elements", ()))
    return any(element.get("action_id") == actions.ACKNOWLEDGE for element in pressable)


async def _press(subjects: Subjects, app: str, card: Message, times: Pressed) -> None:
    workspace = subjects.workspace
    workspace.delivery = subjects.lines[app].clients[0]
    redrawn = asyncio.create_task(_redrawn(workspace.subscribe(MAYA.id), card.ts))
    began = time.perf_counter()
    seen = await workspace.press(MAYA.id, card.channel, card.ts, actions.ACKNOWLEDGE)
    times.acknowledged.append(time.perf_counter() - began)
    if seen.outcome is not Outcome.ACCEPTED:
        raise RuntimeError(f"{app} did not take a press: {seen.error}")
    async with asyncio.timeout(_LONGEST_S):
        times.redrawn.append(await redrawn - began)


async def _redrawn(changes: AsyncIterator[Change], ts: str) -> float:
    """When the message of that timestamp was changed."""
    async for change in changes:
        match change:
            case MessageChanged(message=message) if message.ts == ts:
                return time.perf_counter()
    raise RuntimeError("the workspace ended before the message was redrawn")


def _table(times: Times, baseline: str) -> Iterator[str]:
    yield f"{'':24}{'p50':>11}{'ratio':>9}{'p99':>13}{'ratio':>9}{'longest':>13}"
    for name, taken in times.items():
        middle, late = (_cell(of, taken, times[baseline]) for of in (median, _p99))
        yield f"{name:24}{middle}{late}  {max(taken) * 1000:>9,.1f} ms"


def _cell(of: Callable[[Sequence[float]], float], taken: Sequence[float], baseline: Sequence[float]) -> str:
    return f"{of(taken) * 1000:>9,.1f} ms{of(taken) / of(baseline):>7.2f} x"


def _p99(taken: Sequence[float]) -> float:
    return quantiles(taken, n=100, method="inclusive")[98] if len(taken) > 1 else taken[0]
