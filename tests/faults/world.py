"""A world: a workspace with its people, a bad network, a store, and the lives of a bot in it."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.triage import Move
from local.slack.model import Channel, Message, Outcome, User
from local.slack.sample import AISHA, BOT, MAYA, TEAM, TOMAS, sample_app
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.faults.clock import FastClock
from tests.faults.doom import Moment, Point
from tests.faults.house import Spec
from tests.faults.judge import Expected, Verdict, judge
from tests.faults.line import Connection, Exchange, HungUpError
from tests.faults.logs import Happenings
from tests.faults.proxy import Act, Plan, Proxy, Request, smooth
from tests.faults.stores import Stores, looked_into
from tests.faults.zygote import Life, Zygote

MONDAY = datetime(2026, 11, 2, 8, 58, tzinfo=UTC)
SPEED = 40.0
LEASE = timedelta(seconds=100)  # 2.5 s of the machine's time, of which a call to a peer may take a fifth
TIMEOUT_S = LEASE.total_seconds() / 5 / SPEED
PEOPLE = (MAYA, TOMAS, AISHA)
ON_CALL = "C0ONCALL00"

_ACTIONS: Mapping[Move, str] = {Move.ACKNOWLEDGE: actions.ACKNOWLEDGE, Move.ESCALATE: actions.ESCALATE}
_PEERS = ("Workspace", "EscalationTarget")
_CHECK_S = 0.02
_REST_S = 0.1


def channel_id(number: int) -> str:
    return f"C0HUNTS{number:03d}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a world is made of: the home of each hunt by its channel's number, and the hunts that have a schedule.

    Where Slack does not say in time whether the bot is a member, it answers in private and its cards go home.
    """

    happenings: Happenings
    channels: int = 1
    schedules: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, int] = field(default_factory=lambda: {"h0": 0})
    escalate_after: timedelta | None = None
    speed: float = SPEED


class World:
    """People act through its methods, and remember what they were told."""

    def __init__(
        self,
        setting: Setting,
        parent: Zygote,
        stores: Stores,
        slack: LocalSlack,
        proxy: Proxy,
        exchange: Exchange,
        url: str,
        clock: FastClock,
    ) -> None:
        self.setting = setting
        self.stores = stores
        self.url = url
        self.slack = slack.workspace
        self.proxy = proxy
        self.exchange = exchange
        self.clock = clock
        self.lives: list[Life] = []
        self.kills = 0
        self.presses: list[tuple[FindingId, str, Move]] = []
        self.commands = 0
        self.due: dict[str, list[str]] = {}
        self._taken: Counter[str] = Counter()  # requests since a life was armed, by port and by method
        self.searched: dict[str, datetime] = {}  # hunts, and until when all that happened has to be found
        self._asked_at: datetime | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._parent = parent
        self._credentials = slack.credentials

    # --- lives ---

    async def bear(self, *, is_blind: bool = False) -> Life:
        """One more life of the bot; it may be some time before it is on the line."""
        app, setting = self._credentials, self.setting
        spec = Spec(
            exchange_port=self.exchange.port,
            database_url=self.url,
            api_url=f"{self.proxy.url}/api/",
            target_url=f"{self.proxy.url}/target",
            token=app.bot_token,
            team_id=TEAM.id,
            bot_id=app.bot_id,
            bot_user_id=app.bot_user_id,
            clock=self.clock,
            happenings=setting.happenings,
            lease_s=LEASE.total_seconds(),
            timeout_s=TIMEOUT_S,
            homes={slug: channel_id(number) for slug, number in setting.homes.items()},
            schedules=setting.schedules,
            on_call=ON_CALL,
            escalate_after_s=setting.escalate_after.total_seconds() if setting.escalate_after else None,
            is_blind=is_blind,
        )
        life = await self._parent.bear("live", spec.plain())
        self.lives = [other for other in self.lives if other.status is None]
        self.lives.append(life)
        return life

    async def reborn(self, setting: Setting) -> None:
        """The same bot after a restart, in a world that has moved on."""
        self.setting = setting
        await self.die(self.lives[-1])
        await self.bear()

    async def arm(self, life: Life, point: Point | None) -> None:
        """Let it die at the point, the plan of the network included."""
        self.proxy.plan = self._deadly(point, self.proxy.plan)
        self.proxy.killed = life.kill
        await self.doom(life, point)

    async def doom(self, life: Life, point: Point | None) -> None:
        """Let it end by its own hand at the point. Raises HungUpError, TimeoutError."""
        await (await self.line(life)).ask("arm", point=point.plain() if point else None)

    async def seen(self, life: Life) -> dict[tuple[str, Moment], int]:
        """How often each moment of each port was reached since it was armed."""
        said = await (await self.line(life)).ask("seen")
        inside = {(port, Moment.INSIDE): self._taken[port] for port in _PEERS if self._taken[port]}
        return {**{(port, Moment(moment)): times for port, moment, times in said}, **inside}

    async def line(self, life: Life) -> Connection:
        """Raises HungUpError where it is dead."""
        while life.pid not in self.exchange.connections:
            if life.status is not None:
                raise HungUpError
            await asyncio.sleep(_CHECK_S)
        return self.exchange.connections[life.pid]

    def _deadly(self, point: Point | None, otherwise: Plan) -> Plan:
        """Whoever's nth request it is, to a port's peer or of one method, dies once the peer has taken it."""
        self._taken.clear()

        def plan(request: Request) -> Act:
            port = "EscalationTarget" if request.method == "target" else "Workspace"
            self._taken.update((port, request.method))
            here = {(each, Moment.INSIDE, self._taken[each]) for each in (port, request.method)}
            is_last = point is not None and (point.port, point.moment, point.nth) in here
            return Act.KILL if is_last else otherwise(request)

        return plan

    async def die(self, life: Life) -> None:
        life.kill()
        await life.ended.wait()

    async def at_rest(self, within_s: float = 60.0) -> bool:
        """Wait until nothing is left to do, whoever is alive; False where that does not come."""
        self._asked_at = self.clock()
        deadline = asyncio.get_running_loop().time() + within_s
        while any((await self.left()).values()):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_REST_S)
        return True

    async def left(self) -> Mapping[str, int]:
        """What is not done yet, by somebody who is awake."""
        since = self.clock() if self._asked_at is None else self._asked_at
        for life in (life for life in self.lives if life.status is None and not life.stopped.is_set()):
            connection = self.exchange.connections.get(life.pid)
            if connection is not None:
                with suppress(HungUpError, TimeoutError):
                    return dict(await connection.ask("left", 5.0, since=since.isoformat()) or {"store": 1})
        return {"lives": 1}

    # --- people ---

    async def command(self, who: User, text: str, channel: int = 0) -> None:
        seen = await self.slack.run_command(who.id, channel_id(channel), "/hunt", text)
        assert seen.outcome is Outcome.ACCEPTED, seen
        self.commands += 1

    async def press(self, who: User, card: Message, move: Move) -> None:
        """Returns once Slack has the acknowledgement; from then on it has to stand.

        Raises:
            NoSuchElementError: the card was redrawn without this button.
        """
        await self.slack.press(who.id, card.channel, card.ts, _ACTIONS[move])
        self.presses.append((_there(card), who.id, move))

    def cards(self, channel: int = 0) -> Sequence[Message]:
        """The messages of a channel and its threads that have buttons."""
        messages = self.slack.messages._ordered(channel_id(channel))
        return [message for message in messages if finding_of(message) is not None]

    def finding_called(self, principal: str, channel: int = 0) -> Message:
        """The card that names this principal."""
        return next(card for card in self.cards(channel) if principal in json.dumps(card.blocks))

    def expect(self, card: Message, who: str, move: Move) -> None:
        """Somebody does it, of whom nobody hears."""
        self.presses.append((_there(card), who, move))

    def start(self, doing: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """At the same time."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- the end ---

    async def verdict(self) -> Verdict:
        """Everybody is dead, and is judged."""
        for life in self.lives:
            await self.die(life)
        principals = {slug: self.setting.happenings.principals(slug, until) for slug, until in self.searched.items()}
        expected = Expected(self.presses, principals, self.due, self.commands)
        async with looked_into(self.url) as store:
            return await judge(store, self.slack, self.proxy.taken, expected)


def finding_of(message: Message) -> FindingId | None:
    """The finding whose buttons a message carries."""
    for block in message.blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            if element.get("action_id") == actions.ACKNOWLEDGE or element.get("action_id") == actions.ESCALATE:
                return FindingId(int(element["value"]))
    return None


def _there(card: Message) -> FindingId:
    finding = finding_of(card)
    assert finding is not None
    return finding


@asynccontextmanager
async def world(setting: Setting, parent: Zygote, stores: Stores, plan: Plan = smooth) -> AsyncIterator[World]:
    """A world for the length of the block; whoever lives in it at the end is killed."""
    url = await asyncio.to_thread(stores.fresh)
    clock = FastClock.starting(MONDAY, setting.speed)
    async with AsyncExitStack() as stack:
        target: list[Any] = []
        slack = await stack.enter_async_context(LocalSlack(_workspace(setting, clock), routes=[_target(target)]))
        proxy = await stack.enter_async_context(Proxy(f"http://{slack.host}", plan=plan, hang_s=TIMEOUT_S * 3))
        exchange = await stack.enter_async_context(Exchange())
        slack.workspace.delivery = exchange
        made = World(setting, parent, stores, slack, proxy, exchange, url, clock)
        try:
            yield made
        finally:
            for life in made.lives:
                await made.die(life)
            await asyncio.to_thread(stores.drop, url)


def _workspace(setting: Setting, clock: FastClock) -> Workspace:
    people = tuple(user.id for user in (*PEOPLE, BOT))
    names = [(channel_id(number), f"hunts-{number}") for number in range(setting.channels)]
    return Workspace(
        clock=clock.seconds,
        secret=lambda: secrets.token_hex(12),
        team=TEAM,
        app=sample_app(),
        users=(*PEOPLE, BOT),
        channels=[
            Channel(id_, name, int(clock.seconds()), MAYA.id, people) for id_, name in [*names, (ON_CALL, "on-call")]
        ],
    )


def _target(_heard: list[Any]) -> Callable[[web.Application], None]:
    """A peer beside Slack that takes every call; the proxy keeps the log of them."""

    async def call(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    def register(app: web.Application) -> None:
        app.router.add_post("/target", call)

    return register
