"""Listening: whether anything at all arrives from what a hunt reads, asked beside its run."""

import asyncio

from bot.domain.hunt import Hunt, Window
from bot.domain.source import Source, counting, counting_places, parameters_for, sources_of
from bot.errors import LogSearchError
from bot.ports.search import LogSearch

WITHIN_S = 15.0  # what takes longer is left unknown: the answer of the hunt does not wait for it


async def listen(logs: LogSearch, hunt: Hunt, window: Window, within_s: float = WITHIN_S) -> tuple[Source, ...]:
    """Each source with its count; one that could not be asked in time has none. Raises nothing."""
    return tuple(await asyncio.gather(*(_in_time(logs, source, window, within_s) for source in sources_of(hunt))))


async def _in_time(logs: LogSearch, source: Source, window: Window, within_s: float) -> Source:
    heard = source
    try:
        async with asyncio.timeout(within_s):
            bound = parameters_for(source, window)
            heard = source.with_answer(await logs.query(counting(source), bound))
            if heard.events:
                heard = heard.with_places(await logs.query(counting_places(source), bound))
    except (LogSearchError, TimeoutError):  # not every index tells of accounts
        return heard
    return heard
