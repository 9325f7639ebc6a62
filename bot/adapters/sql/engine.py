"""Transactions: how the store reads and writes, whichever database is behind it.

Writers take turns: first those of this process in the order they came, then with those of others by the database's
own means. Inside a write nothing else changes, so nothing there needs a second thought.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.turns import Turns
from bot.errors import StoreBusy, StoreError

PATIENCE_S = 30.0  # for what nobody waits for with a finger on a button
CLOSE_WITHIN_S = 5.0
READERS = 4
BUSY = "The store is busy. Nothing was stored: please try again."


class Technology(Protocol):
    """What a database does in its own way: sqlite.py, postgres.py."""

    @property
    def ahead(self) -> timedelta:
        """How far the clock that all processes of this store share is ahead of this machine's."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction with one consistent view."""
        ...

    def writing(self, within_s: float) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that is alone among the writers of all processes, committed at the end of the block."""
        ...

    def explained(self, fault: BaseException) -> StoreError:
        """What the driver raised, in the words of the house and without a secret."""
        ...

    async def last_ids(self, connection: AsyncConnection) -> Mapping[str, int]:
        """The last id that each table gave, also to a row that is gone; tables that gave none may be left out."""
        ...

    async def go_on_from(self, connection: AsyncConnection, last_ids: Mapping[str, int]) -> None:
        """Let each table give later ids than these."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Database:
    """A store's transactions."""

    def __init__(self, technology: Technology) -> None:
        self.technology = technology
        self._turns = Turns()  # a database's own queue is a poll, or costs a connection

    @property
    def ahead(self) -> timedelta:
        return self.technology.ahead

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view. Raises StoreError."""
        with self._translated():
            async with self.technology.reading() as connection:
                yield connection

    @asynccontextmanager
    async def write(self, within_s: float = PATIENCE_S, *, is_urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block, alone among all writers.

        `is_urgent`: somebody in Slack waits for it, and it does not stand behind all of this process's other writers.

        Raises:
            StoreBusy: it could not begin or commit within `within_s` seconds; nothing of it was kept.
            StoreError: it failed; nothing of it was kept, unless the connection was lost at the very commit. What is
                written again after that has to come to the same, and does: it is compared and set, or has a key.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + within_s
        with self._translated():
            async with (
                self._my_turn(within_s, is_urgent=is_urgent),
                self.technology.writing(deadline - clock()) as connection,
            ):
                yield connection

    @asynccontextmanager
    async def _my_turn(self, within_s: float, *, is_urgent: bool = False) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(within_s):
                await self._turns.take(is_urgent=is_urgent)
        except TimeoutError:
            raise StoreBusy(BUSY) from None
        try:
            yield
        finally:
            self._turns.pass_on()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What the database raises, in the words of the house."""
        try:
            yield
        except PoolTimeout as fault:
            raise StoreBusy(BUSY) from fault
        except DBAPIError as fault:
            raise self.technology.explained(fault.orig or fault) from fault
        except SQLAlchemyError as fault:
            raise StoreError(f"The store failed: {fault.args[0] if fault.args else fault}") from fault

    async def aclose(self) -> None:
        """Close the connections once the write under way is over; one that hangs is cut off."""
        with suppress(StoreBusy):
            async with self._my_turn(CLOSE_WITHIN_S):
                pass
        await self.technology.aclose()


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT: the one place that names the dialects."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
