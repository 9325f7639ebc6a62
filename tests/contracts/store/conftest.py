"""Every store there is, for the contract suites."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
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
def bare_url(request: pytest.FixtureRequest, fresh: Fresh) -> str:
    """Where a store may be made: nothing is there."""
    return fresh(request.param)


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """An empty store of each kind: copying one is quicker than migrating another."""

    async def bring_up(url: str) -> None:
        await (await SqlStore.open(url)).aclose()

    @cache
    def make(kind: str) -> str:
        file = tmp_path_factory.mktemp("model") / "model.db"
        url = f"sqlite:///{file}" if kind == "sqlite" else request.getfixturevalue("postgres").fresh_database()
        asyncio.run(bring_up(url))
        return str(url)

    return make


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, model: Callable[[str], str], tmp_path: Path) -> Iterator[str]:
    """Where a test's own store is: nothing is in it yet."""
    original = model(request.param)
    if request.param == "sqlite":
        shutil.copy(original.removeprefix("sqlite:///"), tmp_path / "huntbot.db")
        yield f"sqlite:///{tmp_path}/huntbot.db"
        return
    server: Server = request.getfixturevalue("postgres")
    database = server.fresh_database(template=original)
    yield database
    server.drop(database)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    async with await SqlStore.open(url) as opened:
        yield opened
