"""PostgreSQL's way: any number of processes, whose writers take turns by one advisory lock.

A transaction costs two round trips besides its own statements: the first says BEGIN, its limits, and waits for the
turn; the last one commits. All limits are the transaction's own, so a pooler such as PgBouncer may stand between.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import URL, ColumnElement, cast, event, func, make_url, select
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.adapters.sql.engine import BUSY, PATIENCE_S, READERS
from bot.adapters.sql.tables import COUNTING
from bot.errors import StoreBusy, StoreError

TURN = 0x6875_6E74_626F_7401  # the lock that writers take; any number that nobody else in this database uses
FROZEN_S = 10.0  # a writer that says nothing for so long is cut off: others wait for it
IDLE_READER_S = 60  # holds nobody up but a migration
GRACE_S = 1.0  # for the answer of a server that counts the time itself
FRESH_S = 1.0  # an answer that took longer says nothing about the time
ANSWER_S = 120.0  # that one statement of a reader may take

# https://www.postgresql.org/docs/current/errcodes-appendix.html: nothing was kept, and trying again is right.
_BUSY = frozenset(
    {
        "55P03",  # lock_not_available: lock_timeout
        "57014",  # query_canceled: statement_timeout
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "25P03",  # idle_in_transaction_session_timeout: we were frozen
        "53300",  # too_many_connections
    }
)

# A peer that is gone without a word is noticed within about half a minute. What the URL says goes before it.
_CONNECTING: Mapping[str, str] = {
    "application_name": "huntbot",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


class Postgres:
    """Two engines on one database: a writer of one connection, since writers take turns, and readers."""

    def __init__(self, url: str, *, is_read_only: bool = False, frozen_s: float = FROZEN_S) -> None:
        """Connect to nothing yet. Raises StoreError where the URL can not be read."""
        parsed = _parsed(url)
        self.ahead = timedelta(0)
        self._is_measured = False
        self._is_read_only = is_read_only
        self._frozen_s = frozen_s
        self._writer = _engine(parsed, 1)
        self._reader = _engine(parsed, READERS)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._transaction(self._reader, _begin_reading(), PATIENCE_S) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, within_s: float) -> AsyncIterator[AsyncConnection]:
        begin = _begin_reading() if self._is_read_only else _begin_writing(within_s, self._frozen_s)
        async with self._transaction(self._writer, begin, within_s + GRACE_S) as connection:
            yield connection

    def explained(self, fault: BaseException) -> StoreError:
        """The first line of what the server says: the rest may hold a row's values."""
        if not isinstance(fault, psycopg.Error):
            return StoreError(f"The store failed: {fault}")
        if fault.sqlstate in _BUSY:
            return StoreBusy(BUSY)
        said = fault.diag.message_primary or str(fault).partition("\n")[0]
        return StoreError(f"The store failed: {said}")

    async def last_ids(self, connection: AsyncConnection) -> Mapping[str, int]:
        last = (func.pg_sequence_last_value(_sequence(table)).label(table) for table in COUNTING)
        row = (await connection.execute(select(*last))).mappings().one()
        return {table: given for table, given in row.items() if given is not None}

    async def go_on_from(self, connection: AsyncConnection, last_ids: Mapping[str, int]) -> None:
        for table, last in last_ids.items():
            await connection.execute(select(func.setval(_sequence(table), last)))

    async def aclose(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine, begin: str, within_s: float) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(within_s):
                    connection = await self._begun(stack, engine, begin)
            except TimeoutError as fault:
                raise StoreBusy(BUSY) from fault
            except psycopg.Error as fault:
                raise self.explained(fault) from fault
            async with connection.begin():
                yield connection

    async def _begun(self, stack: AsyncExitStack, engine: AsyncEngine, begin: str) -> AsyncConnection:
        """A connection in a transaction. One that the server dropped since it was used last is replaced, once.

        So a ping before each transaction is not needed: nothing has happened before BEGIN.
        """
        for is_last in (False, True):
            connection = await stack.enter_async_context(engine.connect())
            driver = await _driver_of(connection)
            try:
                await self._say(driver, begin)
            except psycopg.OperationalError:
                if is_last or not driver.closed:
                    raise
                await connection.invalidate()
                await connection.close()
                await engine.dispose()  # its fellows are as old
            else:
                return connection
        raise AssertionError("the second time it is either begun or raised")

    async def _say(self, driver: psycopg.AsyncConnection, begin: str) -> None:
        """One round trip: several statements, the last of which tells the server's time."""
        asked = time.time()
        cursor = await driver.execute(begin.encode())
        answered = time.time()
        while cursor.nextset():
            pass
        row = await cursor.fetchone()
        if row is None or (self._is_measured and not 0 <= answered - asked <= FRESH_S):
            return
        self.ahead = timedelta(seconds=float(row[0]) - answered)
        self._is_measured = answered - asked <= FRESH_S


def _parsed(url: str) -> URL:
    """`postgres://`, `postgresql://` and `postgresql+psycopg://`, as all the world writes it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # both repeat parts of the URL, which may be the password's
        raise StoreError("DATABASE_URL is not a URL such as postgresql://user:password@host/database") from None
    return parsed.set(drivername="postgresql+psycopg")


def _engine(url: URL, connections: int) -> AsyncEngine:
    known = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    engine = create_async_engine(
        url.update_query_dict(known),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        use_native_hstore=False,
        # BEGIN is ours. And nothing is prepared: a replica that migrates would break what the others prepared.
        connect_args={"autocommit": True, "prepare_threshold": None},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("SET TIME ZONE 'UTC'")  # the first moments of year 1 are in no other zone's calendar
        cursor.close()

    return engine


async def _driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection:
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError("not psycopg's connection")
    return driver


def _sequence(table: str) -> ColumnElement[Any]:
    return cast(func.pg_get_serial_sequence(table, "id"), REGCLASS)


def _begin_writing(within_s: float, frozen_s: float) -> str:
    patience_ms = max(1, round(within_s * 1000))
    return _statements(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",  # it reads what the writer before it left
        f"SET LOCAL lock_timeout = {patience_ms}",
        f"SET LOCAL statement_timeout = {patience_ms}",
        f"SET LOCAL idle_in_transaction_session_timeout = {round(frozen_s * 1000)}",
        f"SELECT pg_advisory_xact_lock({TURN})",
    )


def _begin_reading() -> str:
    return _statements(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        f"SET LOCAL statement_timeout = {round(ANSWER_S * 1000)}",
        f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_READER_S * 1000}",
    )


def _statements(*statements: str) -> str:
    return "; ".join((*statements, "SELECT extract(epoch FROM clock_timestamp())"))
