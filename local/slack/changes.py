"""The live feed: every change goes to the people who can see it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from local.slack.model import Change

_END: Final = None


class ChangeFeed:
    """Queues of changes by person; a subscription begins at the call and ends with ``end``."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Change | None]]] = {}

    def subscribe(self, user_id: str) -> AsyncIterator[Change]:
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._queues.setdefault(user_id, set()).add(queue)
        return self._drain(user_id, queue)

    def tell(self, user_ids: Iterable[str], change: Change) -> None:
        for user_id in user_ids:
            for queue in self._queues.get(user_id, ()):
                queue.put_nowait(change)

    def end(self) -> None:
        """Ends the subscriptions there are, after what was told so far."""
        for queue in (queue for queues in self._queues.values() for queue in queues):
            queue.put_nowait(_END)

    async def _drain(self, user_id: str, queue: asyncio.Queue[Change | None]) -> AsyncIterator[Change]:
        try:
            while (change := await queue.get()) is not _END:
                yield change
        finally:
            self._queues[user_id].discard(queue)
