"""What people in Slack wait for and comes in together shares one transaction: a slow disk is waited for once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database
from bot.errors import InputError, StoreBusy, StoreError

WITHIN_S = 1.5  # Slack waits 3 s for the acknowledgement that follows
MOST = 64  # pieces of work in one transaction, so that the first of them does not wait for long

Asked = TypeVar("Asked")
Done = TypeVar("Done")


@dataclass(eq=False, slots=True)
class _Waiting(Generic[Asked, Done]):
    asked: Asked
    outcome: asyncio.Future[Done] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together(Generic[Asked, Done]):
    """Does `work` for each that asks, one after the other in the order they came, and commits what is there at once.

    `work` may refuse with an InputError before it has written anything; that is its asker's alone. A StoreError is
    everybody's in the transaction: nothing of it was kept.
    """

    def __init__(
        self,
        database: Database,
        work: Callable[[AsyncConnection, Asked], Awaitable[Done]],
        within_s: float = WITHIN_S,
    ) -> None:
        self._db = database
        self._work = work
        self._within_s = within_s
        self._waiting: list[_Waiting[Asked, Done]] = []
        self._turns: asyncio.Task[None] | None = None

    async def do(self, asked: Asked) -> Done:
        """Ask, and wait until it is committed.

        Raises:
            StoreBusy: its transaction did not begin or commit within `within_s` seconds; nothing was kept.
            StoreError: its transaction failed; nothing was kept.
        """
        mine: _Waiting[Asked, Done] = _Waiting(asked)
        self._waiting.append(mine)
        if self._turns is None or self._turns.done():
            self._turns = asyncio.create_task(self._take_turns())
        try:
            await asyncio.wait((mine.outcome,), timeout=self._within_s)
            if mine in self._waiting:
                raise StoreBusy("The store is busy. Nothing was stored: please try again.")
            return await mine.outcome  # its transaction is under way: what becomes of it is soon known
        finally:
            mine.outcome.cancel()  # of no effect where it is known
            if mine in self._waiting:
                self._waiting.remove(mine)

    async def _take_turns(self) -> None:
        while self._waiting:
            taken: list[_Waiting[Asked, Done]] = []
            try:
                async with self._db.write(self._within_s, is_urgent=True) as connection:
                    taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                    done = [await self._one(connection, each.asked) for each in taken]
            except StoreError as fault:
                refused, self._waiting = taken or self._waiting, self._waiting if taken else []
                for each in refused:
                    _fail(each.outcome, fault)
            else:
                for each, outcome in zip(taken, done, strict=True):
                    _tell(each.outcome, outcome)
            finally:
                for each in taken:  # of no effect where it was told
                    _fail(each.outcome, StoreError("The store failed. Nothing was stored."))

    async def _one(self, connection: AsyncConnection, asked: Asked) -> Done | InputError:
        try:
            return await self._work(connection, asked)
        except InputError as refusal:
            return refusal


def _tell(outcome: asyncio.Future[Done], what: Done | InputError) -> None:
    if isinstance(what, InputError):
        _fail(outcome, what)
    elif not outcome.done():
        outcome.set_result(what)


def _fail(outcome: asyncio.Future[Done], fault: Exception) -> None:
    if not outcome.done():  # whoever asked may have gone away
        outcome.set_exception(fault)
