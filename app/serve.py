"""The life cycle of a composed bot: it starts, is watched, drains and stops."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from elastic_transport import BaseAsyncNode

from app.clock import now
from app.compose import Bot, compose
from app.http_face import listening
from app.settings import Settings, required
from app.slack_client import check_app_token
from app.sockets import Sockets
from app.stopping import stop_event
from bot.errors import StoreError
from bot.ports import Clock
from handlers import jobs

TICK_S = 15.0
LATE_TICKS = 4  # so many ticks without one is a loop that hangs
DRAIN_S = 20.0
SETTLE_S = 5.0  # for answers to go out; a channel takes one a second, and the store keeps the rest

log = logging.getLogger("huntbot.serve")


@dataclass(slots=True)
class Running:
    """A bot that is going. `port` is where it listens, for signed HTTP."""

    bot: Bot
    tick_s: float
    port: int | None = None
    sockets: Sockets | None = None
    ticked_at: float = field(default_factory=time.monotonic)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def health(self) -> dict[str, object]:
        """What /healthz shows: whether the clock ticks, messages go out and Slack is connected."""
        age_s = time.monotonic() - self.ticked_at
        faults = [f"{task.get_name()} has ended" for task in self.tasks if task.done()]
        if age_s > LATE_TICKS * self.tick_s:
            faults.append("the clock does not tick")
        if self.sockets is not None and not await self.sockets.is_connected():
            faults.append("Slack is not connected")
        return {"status": "failing" if faults else "ok", "faults": faults, "tick_age_s": round(age_s, 1)}

    async def until(self, asked: asyncio.Event) -> None:
        """Until somebody asks to stop, or a part that should never end has ended: that error is raised."""
        stop = asyncio.create_task(_wait(asked), name="stop")
        done, _ = await asyncio.wait({stop, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for task in done - {stop}:
            await task

    async def tick(self) -> None:
        await jobs.tick(self.bot.services, self.bot.background)
        self.ticked_at = time.monotonic()

    def keep(self, work: "asyncio.Task[None]") -> None:
        self.tasks.add(work)


async def serve(settings: Settings, *, over_http: bool) -> None:
    """Run until SIGTERM or Ctrl-C, then take nothing new, finish what is under way, and return.

    Raises:
        SettingsError: Slack refuses a token, a channel is not there, or the port is taken.
        WorkspaceError: Slack can not be reached, or no longer.
        StoreError: the store can not be opened.
    """
    with stop_event() as asked:
        async with running(settings, now, over_http=over_http) as life:
            log.info("serving", extra={"over": "http" if over_http else "socket mode", "port": life.port})
            await life.until(asked)
            log.info("stopping: what is under way gets %g s", DRAIN_S)
    log.info("stopped")


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock,
    *,
    over_http: bool = False,
    node_class: type[BaseAsyncNode] | None = None,
    tick_s: float = TICK_S,
) -> AsyncIterator[Running]:
    """A bot that takes what Slack sends, ticks and delivers; on leaving it drains. Raises as `serve` does."""
    async with compose(settings, clock, node_class) as bot:
        life = Running(bot, tick_s)
        life.keep(asyncio.create_task(bot.services.delivery.run(), name="delivery"))
        try:
            async with AsyncExitStack() as intake:
                await _open_intake(life, settings, intake, over_http=over_http)
                await jobs.resume(bot.services, bot.background)
                yield life
        finally:
            await _drain(life)


async def _open_intake(life: Running, settings: Settings, intake: AsyncExitStack, *, over_http: bool) -> None:
    """Whatever brings work in; closing it ends only that."""
    app = life.bot.app
    if over_http:
        life.port = await intake.enter_async_context(listening(app, life.health, settings.host, settings.port))
    else:
        await check_app_token(life.bot.slack, settings)
        life.sockets = Sockets(app, required("SLACK_APP_TOKEN", settings.slack_app_token), time.monotonic)
        intake.push_async_callback(life.sockets.close)
        await life.sockets.open()
        watch = asyncio.create_task(life.sockets.watch(), name="connection watch")
        life.keep(watch)
        intake.callback(watch.cancel)
    scheduler = _scheduler(life)
    intake.callback(scheduler.shutdown, wait=False)
    scheduler.start()


def _scheduler(life: Running) -> AsyncIOScheduler:
    """One tick and nothing else: which digests are due is decided by the domain and claimed in the store."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        life.tick,
        "interval",
        seconds=life.tick_s,
        next_run_time=now(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    return scheduler


async def _drain(life: Running) -> None:
    """Let runs end and answers go out; what is left after that is taken up at the next start."""
    cut = await life.bot.background.drain(DRAIN_S)
    try:
        waiting = await life.bot.services.delivery.settle(SETTLE_S)
    except StoreError as fault:
        log.warning("the store went away while stopping: %s", fault)
    else:
        log.info("left for the next start: %d runs, %d messages", cut, waiting)
    for task in life.tasks:
        task.cancel()
    await asyncio.gather(*life.tasks, return_exceptions=True)


async def _wait(asked: asyncio.Event) -> None:
    await asked.wait()
