"""Every store there is, for the contract suites."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore
from tests.postgres import Server

STORES = ["sqlite", "postgresql"]


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a test's own store is: a file, or a database, with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/huntbot.db"
        return
    server: Server = request.getfixturevalue("postgres")
    database = server.fresh_database()
    yield database
    server.drop(database)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    async with await SqlStore.open(url) as opened:
        yield opened
