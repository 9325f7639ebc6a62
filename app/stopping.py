"""When a process is asked to stop: SIGTERM from a supervisor, Ctrl-C from a person."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from bot.errors import HuntbotError

SIGNALS = (signal.SIGTERM, signal.SIGINT)

T = TypeVar("T")


@contextmanager
def stop_event(and_then: Callable[[], object] = lambda: None) -> Iterator[asyncio.Event]:
    """An event that the first signal sets, before it calls `and_then`; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def ask() -> None:
        asked.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        and_then()

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    try:
        yield asked
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def until_stopped() -> None:
    with stop_event() as asked:
        await asked.wait()


async def unless(asked: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work gives; None where somebody asks to stop before it is done, which cuts it off."""
    doing = asyncio.create_task(work)
    stop = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait((doing, stop), return_when=asyncio.FIRST_COMPLETED)
        if doing.done() or not asked.is_set():
            return await doing
        doing.cancel()
        with suppress(asyncio.CancelledError, HuntbotError):  # nobody waits for its success any more
            await doing
        return None
    finally:
        stop.cancel()
        doing.cancel()
