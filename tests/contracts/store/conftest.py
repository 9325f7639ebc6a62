"""Every store there is, for the contract suites."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore

STORES = ["sqlite"]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    urls = {"sqlite": f"sqlite:///{tmp_path}/huntbot.db"}
    async with await SqlStore.open(urls[request.param]) as opened:
        yield opened
