"""SQLite's way: one file, one process, BEGIN IMMEDIATE.

With the driver's own transactions, which begin at the first write, 81 of 100 concurrent read-modify-writes were
measured lost without an error.
Source: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL, Connection, column, delete, event, insert, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.adapters.sql.engine import BUSY, PATIENCE_S, READERS
from bot.errors import StoreBusy, StoreError

_WAL_SAFE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))  # each fixes its own branch, the last one all later ones


_SEQUENCES = table("sqlite_sequence", column("name"), column("seq"))  # https://sqlite.org/autoinc.html


class _Connection(aiosqlite.Connection):
    """One whose thread is stopped once, whoever asks for it.

    aiosqlite 0.22 answers only the first call of `stop`. A transaction that is cancelled twice makes SQLAlchemy 2.1
    stop the connection that it is closing, and the close would then wait without end.
    """

    _stopped: asyncio.Future[None] | None = None

    def stop(self) -> asyncio.Future[None] | None:
        self._stopped = self._stopped or super().stop()
        return self._stopped


def _connected(database: str, **options: Any) -> _Connection:
    connection = _Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does to connections that it makes itself
    return connection


class Sqlite:
    """Two engines on one file: a writer of one connection, and readers that never wait for its queue."""

    ahead = timedelta(0)  # whoever uses the file is on this machine

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        url = URL.create("sqlite+aiosqlite", database=str(path))  # a path may hold what means something in a URL
        engine = partial(
            create_async_engine,
            url,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"async_creator_fn": _connected},
        )
        self._writer: AsyncEngine = engine(pool_size=1, pool_reset_on_return=None)
        self._reader: AsyncEngine = engine(pool_size=READERS)
        _prepare(self._writer, "BEGIN IMMEDIATE", is_read_only=is_read_only)
        _prepare(self._reader, "BEGIN", is_read_only=is_read_only)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._reader.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def writing(self, within_s: float) -> AsyncIterator[AsyncConnection]:
        async with self._writer.connect() as connection:
            # SQLite may wait for another process twice, at BEGIN and at COMMIT.
            await connection.execution_options(patience_s=within_s / 2)
            async with connection.begin():
                yield connection

    def explained(self, fault: BaseException) -> StoreError:
        if "locked" in str(fault) or "busy" in str(fault):
            return StoreBusy(BUSY)
        return StoreError(f"The store failed: {fault}")

    async def last_ids(self, connection: AsyncConnection) -> Mapping[str, int]:
        return {row.name: row.seq for row in await connection.execute(select(_SEQUENCES))}

    async def go_on_from(self, connection: AsyncConnection, last_ids: Mapping[str, int]) -> None:
        await connection.execute(delete(_SEQUENCES))
        if last_ids:
            await connection.execute(insert(_SEQUENCES), [{"name": t, "seq": last} for t, last in last_ids.items()])

    async def aclose(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def copy_file(source: Path, target: Path) -> None:
    """Copy a database page by page, from one consistent view, while others use it: they wait while it reads.

    Raises:
        StoreError: it can not be read, or is in use without a break.
    """
    deadline = time.monotonic() + PATIENCE_S

    def give_up_in_time(_status: int, _remaining: int, _total: int) -> None:
        if time.monotonic() > deadline:
            raise StoreBusy(BUSY)

    with _plain(source, "rw") as held, _plain(target, "rwc") as copy:
        held.backup(copy, progress=give_up_in_time)


def seal(path: Path) -> None:
    """Make it one sound file that holds nothing but its content: no log beside it, no trace of what was deleted.

    Raises:
        StoreError: it is damaged.
    """
    with _plain(path, "rw") as database:
        [verdict] = database.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise StoreError(f"The store is damaged: {verdict}")
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("VACUUM")


@contextmanager
def _plain(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """The file as it is, without what a store's connection sets up."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as fault:
        raise StoreError(f"The store failed: {fault}") from fault


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug, which corrupts a database (3.7.0 to 3.51.2).

    Source: https://sqlite.org/wal.html (fixed in 3.51.3, and in the branches 3.50.7 and 3.44.6).
    """
    return version >= _WAL_SAFE[-1] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_SAFE)


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
