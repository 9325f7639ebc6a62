"""Turns: one at a time in this process, in the order they came; the urgent do not stand behind all the others."""

import asyncio
from collections import deque


class Turns:
    """Of those that wait the first urgent one and the first of the others are next by turns: nobody starves."""

    def __init__(self) -> None:
        self._is_taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._was_urgent = False

    async def take(self, *, is_urgent: bool = False) -> None:
        """Wait for a turn; `pass_on` ends it."""
        if not self._is_taken:
            self._is_taken, self._was_urgent = True, is_urgent
            return
        mine = asyncio.get_running_loop().create_future()
        lane = self._urgent if is_urgent else self._others
        lane.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine in lane:
                lane.remove(mine)
            elif not mine.cancelled():  # it was given the turn just then
                self.pass_on()
            raise

    def pass_on(self) -> None:
        """Give the turn to whoever is next."""
        lanes = (self._others, self._urgent) if self._was_urgent else (self._urgent, self._others)
        for lane in lanes:
            while lane:
                following = lane.popleft()
                if not following.done():
                    self._was_urgent = lane is self._urgent
                    following.set_result(None)
                    return
        self._is_taken = False
