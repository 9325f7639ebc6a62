"""Work that goes on after Slack was acknowledged: held strongly, named, its failures logged, drained at the end."""

import asyncio
import logging
from collections.abc import Coroutine

CANCEL_S = 2.0  # for what is cut off to give back what it holds

log = logging.getLogger(__name__)


class Background:
    """asyncio keeps tasks only weakly: what nobody holds may be collected while it waits."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._let_go)

    def holds(self, name: str) -> bool:
        """Whether work of that name is under way."""
        return any(task.get_name() == name for task in self._tasks)

    async def drain(self, timeout_s: float) -> int:
        """Let the work end; what has not ended in time is cancelled. How many that were."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(set(self._tasks), timeout=timeout_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCEL_S)
        return len(late)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)
