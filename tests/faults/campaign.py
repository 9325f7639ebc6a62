"""A bad afternoon: many channels, people and due times, while by dice everything goes wrong that can."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.domain.schedule import Schedule
from bot.domain.triage import Move
from local.slack.errors import NoSuchElementError
from local.slack.model import Message, User
from tests.faults.doom import Moment, Point
from tests.faults.judge import Verdict
from tests.faults.line import HungUpError
from tests.faults.logs import Happenings
from tests.faults.proxy import Act, Request, smooth
from tests.faults.stores import Stores
from tests.faults.world import LEASE, MONDAY, PEOPLE, SPEED, Setting, World, finding_of, world
from tests.faults.zygote import Life, Zygote
from tests.postgres import OwnServer

CRON = "*/15 * * * *"

WEATHER = {
    Act.PASS: 84.0,
    Act.DROP_ANSWER: 5.0,
    Act.TRICKLE: 3.0,
    Act.DROP: 2.0,
    Act.ERROR: 2.0,
    Act.LATE_ERROR: 1.5,
    Act.CUT: 1.5,
    Act.LIMIT: 0.7,
    Act.HANG: 0.3,
}
STORM_EVERY_S, STORM_S = 12.0, 0.5  # of 429 to every call


@dataclass(frozen=True, slots=True)
class Size:
    """How bad: seconds are the machine's. `findings` a hunt, `presses` in all; `kill_every_s` is a mean."""

    hunts: int
    findings: int
    presses: int
    commands: int
    during_s: float
    kill_every_s: float
    replicas: int = 3
    settle_s: float = 300.0


@dataclass
class Harm:
    """What was done to the bot."""

    kills: int = 0
    freezes: int = 0
    restarts: int = 0
    full_disks: int = 0
    exits: int = 0  # lives that ended by themselves and were started again
    acts: dict[str, int] = field(default_factory=dict)


class Campaign:
    """`server` is the PostgreSQL to restart, if there is one of our own."""

    def __init__(self, place: World, size: Size, dice: random.Random, server: OwnServer | None) -> None:
        self.place = place
        self.size = size
        self.harm = Harm()
        self._dice = dice
        self._server = server
        self._is_over = False
        self._storm_until = 0.0

    async def live(self) -> Verdict:
        """Everything at once for a while, then peace, then the judgement."""
        place, size = self.place, self.size
        await place.bear()
        assert await place.at_rest(), "even in peace it does not come to rest"
        place.proxy.plan = self._weather
        harm: list[asyncio.Task[None]] = [asyncio.create_task(each()) for each in self._harms()]
        people = [asyncio.create_task(self._commanding()), asyncio.create_task(self._pressing())]
        await asyncio.sleep(size.during_s)
        self._is_over = True
        await asyncio.gather(*harm)
        place.proxy.plan = smooth
        await self._all_alive()
        await asyncio.gather(*people)
        return await self._judged()

    async def _judged(self) -> Verdict:
        place = self.place
        asked_at = place.clock()
        came_to_rest = await place.at_rest(self.size.settle_s)
        left = await place.left()
        schedule = Schedule(CRON, "UTC", None)
        due = list(schedule.due(MONDAY + timedelta(seconds=1), asked_at))
        place.due = {slug: [each.nominal for each in due] for slug in place.setting.homes}
        if due:
            place.searched = dict.fromkeys(place.setting.homes, due[-1].at)
        verdict = await place.verdict()
        if not came_to_rest:
            verdict.lost.append(f"it never came to rest: {dict(left)}")
        return verdict

    # --- harm ---

    def _harms(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        shared = (self._freezing, *((self._restarting,) if self._server else ()))
        return (
            self._killing,
            self._storming,
            self._supervising,
            *(shared if self.place.stores.is_shared else (self._filling,)),
        )

    def _weather(self, _request: Request) -> Act:
        now = asyncio.get_running_loop().time()
        act = Act.LIMIT if now < self._storm_until else self._dice.choices(list(WEATHER), list(WEATHER.values()))[0]
        self.harm.acts[act.name] = self.harm.acts.get(act.name, 0) + 1
        return act

    async def _every(self, mean_s: float) -> AsyncIterator[None]:
        """By dice, until it is over."""
        while not self._is_over:
            await asyncio.sleep(min(self._dice.expovariate(1 / mean_s), mean_s * 3))
            if not self._is_over:
                yield

    async def _killing(self) -> None:
        async for _ in self._every(self.size.kill_every_s):
            life = self._somebody()
            if life is not None:
                await self.place.die(life)
                self.harm.kills += 1
                await self.place.bear()

    async def _freezing(self) -> None:
        """At random, and exactly between the last check and the send."""
        async for _ in self._every(6.0):
            life = self._somebody()
            if life is None:
                continue
            if self._dice.random() < 0.5:
                life.send(signal.SIGSTOP)
            else:
                point = Point("Workspace", Moment.BEFORE, self._dice.randrange(1, 20), is_freeze=True)
                with suppress(HungUpError, TimeoutError):
                    await self.place.doom(life, point)
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await life.stopped.wait()
            if life.stopped.is_set():
                self.harm.freezes += 1
                await self.place.clock.sleep(LEASE.total_seconds() * self._dice.choice([0.5, 1.5]))
                life.send(signal.SIGCONT)

    async def _restarting(self) -> None:
        assert self._server is not None
        async for _ in self._every(25.0):
            await asyncio.to_thread(self._server.kill)
            await asyncio.to_thread(self._server.start)
            self.harm.restarts += 1

    async def _filling(self) -> None:
        """The disk is full for a while."""
        async for _ in self._every(5.0):
            life = self._somebody()
            line = self.place.exchange.connections.get(life.pid) if life else None
            if line is not None:
                with suppress(HungUpError, TimeoutError):
                    await line.ask("room", 5.0, pages=self._dice.randrange(1, 4))
                    self.harm.full_disks += 1
                    await asyncio.sleep(1.0)
                    await line.ask("room", 5.0, pages=0)

    async def _storming(self) -> None:
        async for _ in self._every(STORM_EVERY_S):
            self._storm_until = asyncio.get_running_loop().time() + STORM_S

    async def _supervising(self) -> None:
        """Whoever ends by itself is started again, as a supervisor does."""
        while not self._is_over:
            await self._all_alive()
            await asyncio.sleep(0.3)

    async def _all_alive(self) -> None:
        wanted = self.size.replicas if self.place.stores.is_shared else 1
        alive = [life for life in self.place.lives if life.status is None]
        for life in alive:
            if self._is_over:
                life.send(signal.SIGCONT)
        self.harm.exits += max(0, len(self.place.lives) - len(alive))
        for _ in range(wanted - len(alive)):
            await self.place.bear()

    def _somebody(self) -> Life | None:
        awake = [life for life in self.place.lives if life.status is None and not life.stopped.is_set()]
        return self._dice.choice(awake) if awake else None

    # --- people ---

    async def _commanding(self) -> None:
        for _ in range(self.size.commands):
            await asyncio.sleep(self._dice.random() * 2 * self.size.during_s / self.size.commands)
            number = self._dice.randrange(self.size.hunts)
            await self.place.command(self._dice.choice(PEOPLE), f"h{number}", number)

    async def _pressing(self) -> None:
        """Each person presses each button of each finding once at most."""
        pressed: set[tuple[int, str, Move]] = set()
        waiting: set[asyncio.Task[None]] = set()
        for _ in range(self.size.presses):
            await asyncio.sleep(self._dice.random() * 2 * self.size.during_s / self.size.presses)
            card = self._any_card()
            if card is None:
                continue
            for who in self._dice.sample(PEOPLE, self._dice.choice([1, 1, 2])):
                move = self._dice.choice([Move.ACKNOWLEDGE, Move.ACKNOWLEDGE, Move.ESCALATE])
                wish = (finding_of(card) or 0, who.id, move)
                if wish not in pressed:
                    pressed.add(wish)
                    waiting.add(asyncio.create_task(self._press(who, card, move)))
        await asyncio.gather(*waiting)

    async def _press(self, who: User, card: Message, move: Move) -> None:
        with suppress(NoSuchElementError):
            await self.place.press(who, card, move)

    def _any_card(self) -> Message | None:
        cards = self.place.cards(self._dice.randrange(self.size.hunts))
        return self._dice.choice(cards) if cards else None


@asynccontextmanager
async def campaign(
    size: Size, parent: Zygote, stores: Stores, *, seed: int, server: OwnServer | None = None
) -> AsyncIterator[Campaign]:
    """A world of that size, ready to live."""
    length = timedelta(seconds=size.during_s * SPEED)
    every = length / (size.findings + 2)
    happenings = Happenings(MONDAY - timedelta(minutes=2), every, size.findings, late=timedelta(minutes=20))
    slugs = tuple(f"h{number}" for number in range(size.hunts))
    setting = Setting(
        happenings,
        channels=size.hunts,
        homes={slug: number for number, slug in enumerate(slugs)},
        schedules=dict.fromkeys(slugs, CRON),
        escalate_after=timedelta(minutes=20),
    )
    async with world(setting, parent, stores) as place:
        yield Campaign(place, size, random.Random(seed), server)  # noqa: S311 - dice, no secrets
