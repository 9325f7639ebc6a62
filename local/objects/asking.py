"""What waits for a server, awaited: in a thread of its own, which neither Ctrl-C nor a deadline has to wait for.

The library has coroutines of its own. Its threads then call into Python to say that one is done, and where the
process ends in that moment, as after an error, Python up to 3.13 ends such a thread in a way that takes the process
down with SIGABRT. Source: docs.python.org/3/c-api/init.html (cautions regarding runtime finalization).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def answered(ask: Callable[[], T]) -> T:
    """What `ask` gives or raises, and its thread has ended by then; where that is cancelled, it may still wait."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    thread = Thread(target=_ask, args=(ask, future), daemon=True)
    thread.start()
    try:
        return await asyncio.wrap_future(future)
    finally:
        if future.done():
            thread.join()


async def each(of: Iterator[T]) -> AsyncIterator[T]:
    """As `async for` over what waits for each of its parts."""
    over = object()
    while (part := await answered(partial(next, of, over))) is not over:
        yield part


def _ask(ask: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(ask())
    except BaseException as error:  # noqa: BLE001 - whoever awaits it is told, whatever it is
        future.set_exception(error)
