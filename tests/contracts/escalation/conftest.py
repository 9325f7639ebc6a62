"""Every target before a peer of its own, opened as production opens it but less patient."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot.adapters.escalation import PagerDuty, Reach, Webhook, guarded_connector
from bot.adapters.escalation.apprise import read_services
from bot.ports.escalation import EscalationTarget
from tests.contracts.escalation.peers import Received

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
PATIENCE_S = 0.4


def now() -> datetime:
    """Real time: what verifies a webhook reads the clock of the machine."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock of these tests


@asynccontextmanager
async def pagerduty(url: str) -> AsyncIterator[PagerDuty]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        yield PagerDuty(session, url, ROUTING_KEY, now)


@asynccontextmanager
async def webhook(url: str, *secrets: str, reach: Reach = Reach.LOOPBACK) -> AsyncIterator[Webhook]:
    async with aiohttp.ClientSession(
        connector=guarded_connector(reach), timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
    ) as session:
        yield Webhook(session, url, secrets or (SECRET,), now)


@asynccontextmanager
async def apprise(url: str) -> AsyncIterator[EscalationTarget]:
    [service] = read_services(url.replace("http://", "json://"), timeout_s=PATIENCE_S)
    yield service


@dataclass(frozen=True)
class Way:
    """A target, and how its peer sees which phase it is told of and which finding or call it is."""

    open: Callable[[str], AbstractAsyncContextManager[EscalationTarget]]
    phase: Callable[[Any], str]
    identity: Callable[[Received], str] = lambda _: ""


WAYS: Mapping[str, Way] = {
    "pagerduty": Way(pagerduty, lambda sent: str(sent["event_action"]), lambda got: str(got.json["dedup_key"])),
    "webhook": Way(webhook, lambda sent: str(sent["type"]), lambda got: got.headers["webhook-id"]),
    "apprise": Way(apprise, lambda sent: str(sent["title"])),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]
