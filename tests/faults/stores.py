"""Empty stores, a fresh one for each world: copies of one that was migrated once."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from bot.adapters.sql import SqlStore
from tests.postgres import Server


class Stores(Protocol):
    """A kind of database. `is_shared`: several processes may serve from one store."""

    @property
    def name(self) -> str: ...

    @property
    def is_shared(self) -> bool: ...

    def fresh(self) -> str:
        """The URL of an empty store at the newest schema."""
        ...

    def drop(self, url: str) -> None: ...


class SqliteStores:
    """Files in a folder."""

    name = "sqlite"
    is_shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self.template = folder / "template.db"

    def fresh(self) -> str:
        path = self._folder / f"{next(self._numbers)}.db"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


class PostgresStores:
    """Databases of a server."""

    name = "postgres"
    is_shared = True

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template

    def fresh(self) -> str:
        return self._server.fresh_database(self._template)

    def drop(self, url: str) -> None:
        self._server.drop(url)


async def sqlite_stores(folder: Path) -> SqliteStores:
    stores = SqliteStores(folder)
    async with await SqlStore.open(f"sqlite:///{stores.template}"):
        pass
    return stores


async def postgres_stores(server: Server) -> PostgresStores:
    template = server.fresh_database()
    async with await SqlStore.open(template):
        pass
    return PostgresStores(server, template)


async def changed(url: str, statement: str) -> None:
    """The store, with something done to it that the bot would never do."""
    async with await SqlStore.open(url) as store, store.database.write() as connection:
        await connection.exec_driver_sql(statement)


@asynccontextmanager
async def looked_into(url: str) -> AsyncIterator[SqlStore]:
    """The store as somebody beside the bot reads it."""
    async with await SqlStore.open(url, is_read_only=True) as store:
        yield store
