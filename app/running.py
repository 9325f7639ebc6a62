"""A bot that is going: what it holds, and how it is."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta

from app.compose import Bot
from app.intake import Intake
from app.metrics import Reading, exposition
from app.sockets import Sockets
from app.watchdog import Life
from bot.domain.intent import Backlog
from bot.errors import HuntbotError
from handlers import jobs

LATE_TICKS = 4  # so many ticks without one is a loop that hangs
LONG_BACKLOG = timedelta(minutes=1)
ASK_WITHIN_S = 2.0  # whoever asks for health or numbers waits for no store that hangs
BEAT_S = 1.0
BEATS_KEPT = 60

log = logging.getLogger("huntbot")


def _unwatched(_: Life) -> None:
    return


@dataclass(slots=True)
class Running:
    """`port` is where Slack's signed HTTP is taken, `metrics_port` where the numbers are, if they are elsewhere.

    `feed` tells a watchdog that something lives.
    """

    bot: Bot
    tick_s: float
    port: int | None = None
    metrics_port: int | None = None
    sockets: Sockets | None = None
    intake: Intake = field(default_factory=Intake)
    feed: Callable[[Life], None] = _unwatched
    ticked_at: float = field(default_factory=time.monotonic)
    lags_s: deque[float] = field(default_factory=lambda: deque(maxlen=BEATS_KEPT))
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def keep(self, name: str, work: Coroutine[object, object, None]) -> None:
        """A part that never ends by itself."""
        self.tasks[name] = asyncio.create_task(work, name=name)

    async def until(self, asked: asyncio.Event) -> None:
        """Until somebody asks to stop, or a part that should never end has ended: that error is raised."""
        stop = asyncio.create_task(_wait(asked), name="stop")
        done, _ = await asyncio.wait({stop, *self.tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for task in done - {stop}:
            await task

    async def tick(self) -> None:
        await jobs.tick(self.bot.services, self.bot.background)
        self.bot.homes.stir()
        self.ticked_at = time.monotonic()
        self.feed(Life.TICK)

    async def beating(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            before = clock()
            await asyncio.sleep(BEAT_S)
            self.lags_s.append(max(0.0, clock() - before - BEAT_S))
            self.feed(Life.LOOP)

    async def health(self) -> dict[str, object]:
        """What /healthz shows: `failing` where only a new process helps, `stopping` at its end, else `ok`."""
        faults = await self._faults()
        status = "failing" if faults else "ok" if self.intake.is_open else "stopping"
        warnings = _warnings(await self._backlog(), self.bot)
        return {"status": status, "faults": faults, "warnings": warnings, "tick_age_s": round(self._tick_age_s, 1)}

    async def metrics(self) -> bytes:
        """What /metrics shows, in Prometheus's text format; a store that does not answer is left out of it."""
        backlog = await self._backlog()
        sockets = self.sockets if self.intake.is_open else None
        reading = Reading(
            tick_age_s=self._tick_age_s,
            loop_lag_s=max(self.lags_s, default=0.0),
            backlog=backlog,
            oldest_s=_waits_for(backlog, self.bot).total_seconds() if backlog else 0.0,
            envelope_age_s=sockets.quiet_s if sockets else None,
            is_connected=await sockets.is_connected() if sockets else None,
        )
        return exposition(self.bot.meter, reading)

    @property
    def _tick_age_s(self) -> float:
        return time.monotonic() - self.ticked_at

    async def _faults(self) -> list[str]:
        if not self.intake.is_open:  # at a stop everything ends
            return []
        faults = [f"{name} has ended" for name, task in self.tasks.items() if task.done()]
        if self._tick_age_s > LATE_TICKS * self.tick_s:
            faults.append("the clock does not tick")
        if self.sockets is not None and not await self.sockets.is_connected():
            faults.append("Slack is not connected")
        return faults

    async def _backlog(self) -> Backlog | None:
        try:
            async with asyncio.timeout(ASK_WITHIN_S):
                return await self.bot.services.delivery.backlog()
        except (HuntbotError, TimeoutError) as fault:
            log.debug("the store did not say what waits: %s", fault)
            return None


def _warnings(backlog: Backlog | None, bot: Bot) -> list[str]:
    """What another process would not mend, and people should know."""
    if backlog is None:
        return ["the store does not answer"]
    waits = _waits_for(backlog, bot)
    late = [f"messages have waited for {waits.total_seconds():.0f} s"] if waits > LONG_BACKLOG else []
    return late + [f"{route.channel} takes nothing: {route.reason}" for route in backlog.routes]


def _waits_for(backlog: Backlog, bot: Bot) -> timedelta:
    """How long the oldest message waits."""
    return max(bot.clock() - backlog.since, timedelta()) if backlog.since else timedelta()


async def _wait(asked: asyncio.Event) -> None:
    await asked.wait()
