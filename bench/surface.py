"""How quickly huntbot answers people in Slack, beside a bare Bolt app that answers the same in the same run.

Both are processes of their own (`surface_apps`), and one local workspace sends them the same signed requests in turn:
commands in bursts, presses one by one. A burst's ratio is to the bare app's burst just before it; what is shown are
medians over the bursts, so that whatever else the machine does hits all alike.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil, inf, isinf
from statistics import median
from tempfile import TemporaryDirectory

from bench import surface_messages
from bench.surface_apps import BARE, HUNTBOT, Peer, Place, started
from bot.blocks import actions
from local.slack.delivery import Envelope
from local.slack.delivery_http import SignedHttp
from local.slack.errors import UndeliveredError
from local.slack.model import Change, Message, MessageChanged, Outcome
from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import ACK_TIMEOUT_S, LocalSlack
from local.slack.workspace import Workspace

AT_ONCE = (200, 500)
BURSTS = 5
PRESSES = 20
HUNT = "lambda-perms"
_BARE = "bare Bolt app"
# What is typed after /hunt: answered by the acknowledgement itself, acknowledged and then read, stored and then
# acknowledged. The last leaves the most work behind.
_COMMANDS = ("help", "findings", HUNT)
_LONGEST_S = 30.0  # what is later than Slack waits is measured all the same
_A_CLIENT = 100  # connections that one SignedHttp keeps
_BETWEEN_PRESSES_S = 1.5  # a channel's redraws are half a second apart, and a press leads to two

Burst = Sequence[float]  # seconds; infinite where Slack waited in vain
Bursts = Mapping[str, Sequence[Burst]]


@dataclass(frozen=True)
class Line:
    """Slack's side towards one app: as many connections as there are commands at once."""

    workspace: Workspace
    clients: Sequence[SignedHttp]

    async def burst(self, text: str, count: int) -> Burst:
        """Until each of so many commands was acknowledged, sent all at once."""
        return await asyncio.gather(*(self._command(text, number) for number in range(count)))

    async def _command(self, text: str, number: int) -> float:
        workspace, who = self.workspace, (MAYA, TOMAS, AISHA)[number % 3]
        payload = workspace.payloads.slash_command(who, workspace.channel(HUNTS), "/hunt", text)
        envelope = Envelope(workspace.mint.secret(), "slash_commands", payload, accepts_response=True)
        began = time.perf_counter()
        try:
            await self.clients[number % len(self.clients)].deliver(envelope)
        except UndeliveredError:
            return inf
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
    taken: dict[str, list[Burst]] = {_BARE: [], **{f"/hunt {text}": [] for text in _COMMANDS}}
    async with _subjects(count, findings=0) as subjects:
        for line in subjects.lines.values():  # connections are opened, and who asks is looked up
            await line.burst("help", count)
        for _ in range(bursts):
            taken[_BARE].append(await subjects.lines[BARE].burst("help", count))
            for text in _COMMANDS:
                taken[f"/hunt {text}"].append(await subjects.lines[HUNTBOT].burst(text, count))
                await subjects.apps[HUNTBOT].rest()
    print(f"\nCommands: {count:,} at once, {bursts} times; until each is acknowledged")
    print("\n".join(_table(taken)), flush=True)
    return not any(map(_late, taken.values()))


async def _measure_presses(presses: int) -> bool:
    pressed = {_BARE: Pressed(), HUNTBOT: Pressed()}
    async with _subjects(1, findings=presses) as subjects:
        for card in await _cards(subjects, presses):
            await _press(subjects, BARE, card, pressed[_BARE])
            await _press(subjects, HUNTBOT, card, pressed[HUNTBOT])
            await subjects.apps[HUNTBOT].rest()
            await asyncio.sleep(_BETWEEN_PRESSES_S)
    redrawn = {name: [times.redrawn] for name, times in pressed.items()}
    print(f"\nPresses: Acknowledge on {presses:,} messages, one after the other; until it is acknowledged")
    print("\n".join(_table({name: [times.acknowledged] for name, times in pressed.items()})))
    print("until the message stands redrawn")
    print("\n".join(_table(redrawn)), flush=True)
    return not any(map(_late, redrawn.values()))


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


def _table(taken: Bursts) -> Iterator[str]:
    """The first row is what the others are compared with, burst by burst."""
    yield f"{'':20}{'p50':>12}{'ratio':>9}{'p99':>13}{'ratio':>9}{'longest':>13}{'after 3 s':>11}"
    baseline = next(iter(taken.values()))
    for name, bursts in taken.items():
        middle, last = (_cell(of, bursts, baseline) for of in (median, _p99))
        yield f"{name:20}{middle} {last}{_shown(max(map(max, bursts))):>13}{_late(bursts):>11,}"


def _cell(of: Callable[[Burst], float], bursts: Sequence[Burst], baseline: Sequence[Burst]) -> str:
    ratio = median(of(burst) / of(bare) for burst, bare in zip(bursts, baseline, strict=True))
    return f"{_shown(median(map(of, bursts))):>12}" + (f"{'':>9}" if isinf(ratio) else f"{ratio:>7.2f} x")


def _shown(seconds: float) -> str:
    return "in vain" if isinf(seconds) else f"{seconds * 1000:,.1f} ms"


def _p99(burst: Burst) -> float:
    """One of the times: nothing lies between one that is known and one that is infinite."""
    return sorted(burst)[ceil(len(burst) * 0.99) - 1]


def _late(bursts: Sequence[Burst]) -> int:
    """How many were not in time for Slack."""
    return sum(taken > ACK_TIMEOUT_S for burst in bursts for taken in burst)
