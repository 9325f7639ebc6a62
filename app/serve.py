"""The life cycle of a composed bot: it starts, is watched, drains and stops.

A stop has `END_WITHIN_S` in all. What was taken from Slack is acknowledged, runs and messages get what is left of it.
What is left then is the store's: its leases were given back, and another process goes on with it.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial

from aiohttp import web
from elastic_transport import BaseAsyncNode

from app.clock import now
from app.compose import compose
from app.console import FAILED, HUNG, OK
from app.http_face import listening, show_health, show_metrics, slack_face
from app.running import LATE_TICKS, Running
from app.settings import Settings, required
from app.slack_client import check_app_token
from app.sockets import Sockets
from app.stopping import stop_event, unless
from app.ticking import ticking
from app.watchdog import Life, Watchdog, end_within
from bot.errors import HuntbotError, StoreError
from bot.ports.search import Clock

TICK_S = 15.0
END_WITHIN_S = 18.0  # of the 20 s that a stop may take
DRAIN_S = 15.0
ACKNOWLEDGE_S = 3.0  # Slack waits no longer for an acknowledgement
ANSWER_S = 3.0  # kept back for the messages of runs that ended in time
CANCEL_S = 2.0
HANGS_AFTER_S = {Life.LOOP: 30.0, Life.TICK: 5 * LATE_TICKS * TICK_S}

log = logging.getLogger("huntbot.serve")


async def serve(settings: Settings, *, over_http: bool) -> None:
    """Run until SIGTERM or Ctrl-C, then take nothing new, finish what is under way, and return.

    Raises:
        SettingsError: Slack refuses a token, a channel is not there, or the port is taken.
        WorkspaceError: Slack can not be reached, or no longer.
        StoreError: the store can not be opened.
    """
    with stop_event(partial(end_within, END_WITHIN_S, OK)) as asked:
        try:
            async with AsyncExitStack() as stack:
                starting = stack.enter_async_context(running(settings, now, over_http=over_http))
                life = await unless(asked, starting)
                if life is not None:
                    log.info("serving", extra={"over": "http" if over_http else "socket mode", "port": life.port})
                    with _watched(life):
                        await life.until(asked)
                log.info("stopping: what is under way gets %g s", DRAIN_S)
        except HuntbotError:
            end_within(END_WITHIN_S, FAILED)
            raise
    log.info("stopped")


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock,
    *,
    over_http: bool = False,
    node_class: type[BaseAsyncNode] | None = None,
    tick_s: float = TICK_S,
    drain_s: float = DRAIN_S,
) -> AsyncIterator[Running]:
    """A bot that takes what Slack sends, ticks and delivers; on leaving it drains. Raises as `serve` does."""
    async with compose(settings, clock, node_class) as bot, AsyncExitStack() as faces:
        life = Running(bot, tick_s)
        try:
            await _show(life, settings, faces, over_http=over_http)
            if not over_http:
                await _connect(life, settings)
            life.keep("delivery", bot.services.delivery.run())
            life.keep("tick", ticking(life.tick, life.tick_s, now))
            life.keep("beat", life.beating())
            yield life
        finally:
            await _drain(life, drain_s)


async def _show(life: Running, settings: Settings, faces: AsyncExitStack, *, over_http: bool) -> None:
    """What listens goes on until the drain is over, so that a stop can be seen from outside."""
    shown: list[web.Application] = []
    if over_http:
        shown.append(slack_face(life.bot.app, life.intake))
        show_health(shown[0], life.health)
    if settings.metrics_port is not None:
        shown.append(web.Application())
        show_health(shown[-1], life.health)
    if shown:
        show_metrics(shown[-1], life.metrics)
    if settings.metrics_port is not None:
        where = listening(shown[-1], "HUNTBOT_METRICS_PORT", settings.host, settings.metrics_port)
        life.metrics_port = await faces.enter_async_context(where)
    if over_http:
        life.port = await faces.enter_async_context(listening(shown[0], "PORT", settings.host, settings.port))


async def _connect(life: Running, settings: Settings) -> None:
    await check_app_token(life.bot.slack, settings)
    token = required("SLACK_APP_TOKEN", settings.slack_app_token)
    life.sockets = Sockets(life.bot.app, token, life.intake, time.monotonic)
    await life.sockets.open()
    life.keep("connection watch", life.sockets.watch())


@contextmanager
def _watched(life: Running) -> Iterator[None]:
    watchdog = Watchdog(HANGS_AFTER_S, HUNG, asyncio.get_running_loop())
    life.feed = watchdog.feed
    watchdog.start()
    try:
        yield
    finally:
        watchdog.call_off()


async def _drain(life: Running, within_s: float) -> None:
    """Acknowledge, let runs end and answers go out; what is left after that is taken up by another process."""
    deadline = time.monotonic() + within_s

    def left_s() -> float:
        return max(0.0, deadline - time.monotonic())

    await _end(life, "tick", "connection watch")
    unanswered = await life.intake.close(ACKNOWLEDGE_S)
    if life.sockets is not None:
        await life.sockets.close()
    life.bot.homes.stop()
    cut = await life.bot.background.drain(max(0.0, left_s() - ANSWER_S))
    waiting = await _settle(life, left_s())
    await _end(life, *life.tasks)
    said = {"unanswered": unanswered, "cut": cut, "waiting": waiting}
    log.info("left for another process: %d runs, %s messages", cut, "?" if waiting is None else waiting, extra=said)


async def _settle(life: Running, within_s: float) -> int | None:
    """How many messages wait still; None where nobody can say."""
    if "delivery" not in life.tasks:
        return None
    try:
        async with asyncio.timeout(within_s):
            return await life.bot.services.delivery.settle(within_s)
    except (StoreError, TimeoutError) as fault:
        log.warning("nobody knows how many messages are left: %s", str(fault) or "Slack or the store hangs")
        return None


async def _end(life: Running, *names: str) -> None:
    ending = {task for name in names if (task := life.tasks.pop(name, None)) is not None}
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending, timeout=CANCEL_S)
