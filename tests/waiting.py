"""Waiting for what another task or process brings about."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], within_s: float = 60, every_s: float = 0.05) -> None:
    """Look again and again, as a person does; TimeoutError where it does not come."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - a person who looks at a channel has no event either
            await asyncio.sleep(every_s)
