"""When a process is asked to stop: SIGTERM from a supervisor, Ctrl-C from a person."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_event() -> Iterator[asyncio.Event]:
    """An event that the first signal sets; a second one ends the process the usual way."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def ask(number: signal.Signals) -> None:
        asked.set()
        loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, ask, number)
    try:
        yield asked
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def until_stopped() -> None:
    with stop_event() as asked:
        await asked.wait()
