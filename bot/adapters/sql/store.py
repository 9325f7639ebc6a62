"""The store, opened: locked, migrated, and put away again at the end."""

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.adapters.sql.engine import Database
from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.locking import StoreLock
from bot.adapters.sql.migrating import is_current, migrate
from bot.adapters.sql.outbox import SqlOutbox
from bot.adapters.sql.runs import SqlRuns
from bot.errors import StoreError


class SqlStore:
    """`async with await SqlStore.open(url) as store`: `store.findings`, `store.runs`, `store.outbox`."""

    def __init__(self, database: Database, lock: StoreLock | None, scratch: TemporaryDirectory[str] | None) -> None:
        self.database = database
        self._lock = lock
        self._scratch = scratch
        self.findings = SqlFindings(database)
        self.runs = SqlRuns(database)
        self.outbox = SqlOutbox(database)

    @classmethod
    async def open(cls, url: str, *, is_read_only: bool = False) -> Self:
        """Open `sqlite:///PATH` (folders are made), locked for this process and migrated to the newest schema.

        Read only takes no lock and migrates nothing, so that a terminal can look while the bot runs; where the
        file is missing an empty store stands in.

        Raises:
            StoreLocked: another process holds the file; says which.
            StoreError: the URL or the file can not be used.
        """
        path = _path_of(url)
        if is_read_only and path.exists():
            return await cls._opened(cls(Database(path, is_read_only=True), None, None))
        scratch = TemporaryDirectory(prefix="huntbot-") if is_read_only else None
        path = Path(scratch.name) / "empty.db" if scratch else path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = StoreLock(path)
            path.touch(mode=0o600)  # what the logs say is for its owner's eyes
        except OSError as fault:
            raise StoreError(f"{path} can not be used: {fault.strerror}") from fault
        return await cls._opened(cls(Database(path), lock, scratch))

    @classmethod
    async def _opened(cls, store: Self) -> Self:
        try:
            await (store._check() if store._lock is None else store._migrate())
        except BaseException:
            await store.aclose()
            raise
        return store

    async def _migrate(self) -> None:
        try:
            async with self.database.write() as connection:
                await connection.run_sync(migrate)
        except CommandError as fault:
            raise StoreError(f"The store was made by a newer huntbot: {fault}") from fault

    async def _check(self) -> None:
        async with self.database.read() as connection:
            if not await connection.run_sync(is_current):
                raise StoreError(
                    "The store is at another version: start this huntbot's `serve` once, it brings it up."
                )

    async def aclose(self) -> None:
        """Close the connections and give the lock back; harmless a second time."""
        await self.database.aclose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _path_of(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as fault:
        raise StoreError(
            "DATABASE_URL is not a database URL such as sqlite:////var/lib/huntbot/huntbot.db"
        ) from fault
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"{parsed.get_backend_name()} is no store this version has: give a sqlite:///PATH")
    if parsed.database in {None, "", ":memory:"}:
        raise StoreError("A store in memory forgets at the first restart: give a sqlite:///PATH")
    return Path(str(parsed.database)).absolute()
