"""The bot's services on a store, without logs: what is measured here asks none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.adapters.sql import SqlStore
from bot.domain.hunt import HuntShelf
from bot.domain.rows import Rows
from bot.errors import LogSearchUnavailable
from bot.ports.search import Clock, Param
from bot.ports.workspace import Workspace
from bot.services import DeliveryService, DigestService, HuntService
from bot.services.drafting import Drafting


class NoLogs:
    """A LogSearch that is not there."""

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        raise LogSearchUnavailable(f"nobody runs hunts here: {text[:40]} {params}")


def digests_of(store: SqlStore, shelf: HuntShelf, clock: Clock) -> DigestService:
    return DigestService(_hunts(store, shelf, clock), store.runs, store.findings, clock, schedules={})


def delivery_of(
    store: SqlStore,
    shelf: HuntShelf,
    workspace: Workspace,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> DeliveryService:
    hunts, digests = _hunts(store, shelf, clock), digests_of(store, shelf, clock)
    drafting = Drafting(store.outbox, store.findings, store.runs, digests, hunts, workspace, store.bulks)
    return DeliveryService(store.outbox, store.runs, drafting, workspace, {}, clock, sleep)


def _hunts(store: SqlStore, shelf: HuntShelf, clock: Clock) -> HuntService:
    return HuntService(shelf, NoLogs(), store.findings, store.runs, clock)
