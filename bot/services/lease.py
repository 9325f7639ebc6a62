"""Work that is ours only as long as its lease is extended."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from bot.errors import StoreError

T = TypeVar("T")


async def while_kept(work: Coroutine[Any, Any, T], keep: Callable[[], Awaitable[bool]], every_s: float) -> T | None:
    """The result of the work, or None where the lease was lost before: the work is cut off then.

    `keep` extends the lease, and is asked every `every_s` seconds while the work goes on; False: it was lost. A store
    that fails for a while does not end the work: whether the lease was lost is known when it answers again.
    """
    working = asyncio.create_task(work)
    keeping = asyncio.create_task(_beat(keep, every_s))
    try:
        await asyncio.wait((working, keeping), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        keeping.result()  # raises what nobody foresaw
        return None
    finally:
        working.cancel()
        keeping.cancel()
        await asyncio.gather(working, keeping, return_exceptions=True)


async def _beat(keep: Callable[[], Awaitable[bool]], every_s: float) -> None:
    is_kept = True
    while is_kept:
        await asyncio.sleep(every_s)
        with suppress(StoreError):
            is_kept = await keep()
