"""The door for what Slack sends: it counts what was taken and is not answered yet, and shuts at a stop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Intake:
    """What is taken is still answered after `close`; what comes later is another process's."""

    def __init__(self) -> None:
        self._is_open = True
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def under_way(self) -> int:
        """Requests that were taken and are not answered."""
        return self._under_way

    @contextmanager
    def taking(self) -> Iterator[bool]:
        """Whether the request may be worked on; it counts until the block, its answer included, is over."""
        if not self._is_open:
            yield False
            return
        self._under_way += 1
        self._idle.clear()
        try:
            yield True
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def close(self, within_s: float) -> int:
        """Take nothing more and wait until what was taken is answered; how many were not in time."""
        self._is_open = False
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            pass
        return self._under_way
