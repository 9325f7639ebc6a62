"""Every store there is, for the contract suites."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore
from tests.postgres import Server

STORES = ["sqlite", "postgresql"]

Fresh = Callable[[str], str]


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Makes the URL of a file, or of a database, with nothing in it."""
    databases: list[str] = []
    numbers = count(1)

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/huntbot-{next(numbers)}.db"
        server: Server = request.getfixturevalue("postgres")
        databases.append(server.fresh_database())
        return databases[-1]

    yield make
    for database in databases:
        request.getfixturevalue("postgres").drop(database)


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, fresh: Fresh) -> str:
    """Where a test's own store is."""
    return fresh(request.param)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    async with await SqlStore.open(url) as opened:
        yield opened
