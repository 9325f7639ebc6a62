"""Transactions: how the store reads and writes, and everything that only SQLite does so.

Writes take turns and begin with BEGIN IMMEDIATE: with the driver's own transactions, which begin at the first write,
81 of 100 concurrent read-modify-writes were measured lost without an error.
Source: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StoreBusy, StoreError

PATIENCE_S = 30.0  # for what nobody waits for with a finger on a button
CLOSE_WITHIN_S = 5.0
READERS = 4

_WAL_SAFE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))  # each fixes its own branch, the last one all later ones


class Database:
    """Two engines on one SQLite file: a writer of one connection, and readers that never wait for its queue."""

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        url = URL.create("sqlite+aiosqlite", database=str(path))  # a path may hold what means something in a URL
        self._writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_reset_on_return=None)
        self._reader = create_async_engine(url, pool_size=READERS, max_overflow=0)
        self._turn = asyncio.Lock()  # SQLite's own queue is a poll that starves; this one is first come, first served
        _prepare(self._writer, "BEGIN IMMEDIATE", is_read_only=is_read_only)
        _prepare(self._reader, "BEGIN", is_read_only=is_read_only)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view. Raises StoreError."""
        with translated():
            async with self._reader.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self, within_s: float = PATIENCE_S) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block, alone among all writers.

        Raises:
            StoreBusy: it could not begin or commit within `within_s` seconds; nothing of it was kept.
            StoreError: it failed; nothing of it was kept.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + within_s
        with translated():
            async with self._my_turn(within_s), self._writer.connect() as connection:
                # SQLite may wait for another process twice, at BEGIN and at COMMIT.
                await connection.execution_options(patience_s=(deadline - clock()) / 2)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def _my_turn(self, within_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(within_s):
                await self._turn.acquire()
        except TimeoutError:
            raise StoreBusy("The store is busy. Nothing was stored: please try again.") from None
        try:
            yield
        finally:
            self._turn.release()

    async def aclose(self) -> None:
        """Close the connections once the write under way is over; one that hangs is cut off."""
        with suppress(StoreBusy):
            async with self._my_turn(CLOSE_WITHIN_S):
                pass
        await self._writer.dispose()
        await self._reader.dispose()


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT: the one place that names the dialects."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug, which corrupts a database (3.7.0 to 3.51.2).

    Source: https://sqlite.org/wal.html (fixed in 3.51.3, and in the branches 3.50.7 and 3.44.6).
    """
    return version >= _WAL_SAFE[-1] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_SAFE)


@contextmanager
def translated() -> Iterator[None]:
    """What the database raises, in the words of the house."""
    try:
        yield
    except PoolTimeout as fault:
        raise StoreBusy("The store is busy. Nothing was stored: please try again.") from fault
    except DBAPIError as fault:
        if "locked" in str(fault.orig) or "busy" in str(fault.orig):
            raise StoreBusy("The store is busy. Nothing was stored: please try again.") from fault
        raise StoreError(f"The store failed: {fault.orig}") from fault
    except SQLAlchemyError as fault:
        raise StoreError(f"The store failed: {fault}") from fault


def _prepare(engine: AsyncEngine, begin: str, *, is_read_only: bool) -> None:
    """Take transactions out of the driver's hands and set up each connection."""
    journal = "WAL" if is_wal_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    settings = ["PRAGMA foreign_keys = ON", f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}"]
    settings += (
        ["PRAGMA query_only = ON"]
        if is_read_only
        else [f"PRAGMA journal_mode = {journal}", "PRAGMA synchronous = FULL"]
    )

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        _be_patient(connection, connection.get_execution_options().get("patience_s", PATIENCE_S))
        connection.exec_driver_sql(begin)


def _be_patient(connection: Connection, seconds: float) -> None:
    """How long SQLite waits for another process to let go; said again only when it changes by a twentieth second."""
    patience_ms = max(1, round(seconds * 20) * 50)
    if connection.info.get("patience_ms") != patience_ms:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience_ms}")
        connection.info["patience_ms"] = patience_ms
