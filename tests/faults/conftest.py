"""A parent of lives, and every kind of database, for the tests that kill."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.faults.stores import Stores, postgres_stores, sqlite_stores
from tests.faults.zygote import Zygote, zygote
from tests.postgres import Server

settings.register_profile("long", max_examples=3_000)


@pytest.fixture
async def parent(tmp_path: Path) -> AsyncIterator[Zygote]:
    async with zygote(tmp_path / "lives.log") as made:
        yield made


@pytest.fixture
async def sqlite(tmp_path: Path) -> Stores:
    return await sqlite_stores(tmp_path)


@pytest.fixture
async def postgresql(postgres: Server) -> Stores:
    return await postgres_stores(postgres)
