"""The store, opened: locked where it has to be, migrated, and put away again at the end."""

from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from sqlalchemy.engine import make_url

from bot.adapters.sql.audit import SqlAudit
from bot.adapters.sql.bulks import SqlBulks
from bot.adapters.sql.engine import Database, Technology
from bot.adapters.sql.exports import SqlExports
from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.homes import SqlHomes
from bot.adapters.sql.locking import StoreLock
from bot.adapters.sql.migrating import bring_up, is_there
from bot.adapters.sql.outbox import SqlOutbox
from bot.adapters.sql.postgres import Postgres
from bot.adapters.sql.retention import SqlRetention
from bot.adapters.sql.runs import SqlRuns
from bot.adapters.sql.sqlite import Sqlite
from bot.errors import BadArgument, StoreError
from bot.ports.search import Clock

ACCEPTED = "sqlite:////var/lib/huntbot/huntbot.db or postgresql://user:password@host/database"


class SqlStore:
    """`async with await SqlStore.open(url) as store`: `store.findings`, `store.runs`, `store.outbox`."""

    def __init__(
        self, database: Database, lock: StoreLock | None = None, scratch: TemporaryDirectory[str] | None = None
    ) -> None:
        self.database = database
        self._lock = lock
        self._scratch = scratch
        self.findings = SqlFindings(database)
        self.runs = SqlRuns(database)
        self.outbox = SqlOutbox(database)
        self.audit = SqlAudit(database)
        self.retention = SqlRetention(database)
        self.bulks = SqlBulks(database)
        self.exports = SqlExports(database)
        self.homes = SqlHomes(database)

    @classmethod
    async def open(cls, url: str, *, is_read_only: bool = False) -> Self:
        """Open `sqlite:///PATH` (folders are made) or `postgresql://...`, migrated to the newest schema.

        A SQLite file is locked for this process. A PostgreSQL database is shared: of several processes that start at
        once one migrates it. Read only takes no lock and migrates nothing, so that a terminal can look while the bot
        runs; where no store is yet an empty one stands in.

        Raises:
            StoreLocked: another process holds the file; says which.
            StoreError: the URL or what it names can not be used.
        """
        path = file_of(url)
        if is_read_only:
            return await cls._to_read(_readable(url, path))
        if path is None:
            return await cls._brought_up(cls(Database(Postgres(url))))
        return await cls._brought_up(cls._alone(path))

    @classmethod
    def _alone(cls, path: Path, scratch: TemporaryDirectory[str] | None = None) -> Self:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = StoreLock(path)
            path.touch(mode=0o600)  # what the logs say is for its owner's eyes
        except OSError as fault:
            raise StoreError(f"{path} can not be used: {fault.strerror}") from fault
        return cls(Database(Sqlite(path)), lock, scratch)

    @classmethod
    async def _brought_up(cls, store: Self) -> Self:
        async with AsyncExitStack() as on_fault:
            on_fault.push_async_callback(store.aclose)
            await bring_up(store.database)
            if store._lock is not None:  # nobody else can hold anything in it: what is held, a dead process held
                await store.outbox.release()
            on_fault.pop_all()
        return store

    @classmethod
    async def _to_read(cls, technology: Technology | None) -> Self:
        if technology is not None:
            store = cls(Database(technology))
            async with AsyncExitStack() as unless_there:
                unless_there.push_async_callback(store.aclose)
                if await is_there(store.database):
                    unless_there.pop_all()
                    return store
        scratch = TemporaryDirectory(prefix="huntbot-")
        return await cls._brought_up(cls._alone(Path(scratch.name) / "empty.db", scratch))

    @property
    def stands_in(self) -> bool:
        """Whether no store is there yet, and an empty one was opened to read in its place."""
        return self._scratch is not None

    def in_step(self, clock: Clock) -> Clock:
        """The time that all processes of this store agree on: PostgreSQL's, as last heard; with SQLite `clock`."""
        return lambda: clock() + self.database.ahead

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


def _readable(url: str, path: Path | None) -> Technology | None:
    """None where no file is."""
    if path is None:
        return Postgres(url, is_read_only=True)
    return Sqlite(path, is_read_only=True) if path.exists() else None


def none_yet(url: str) -> BadArgument:
    """That there is no store; of PostgreSQL not where, for its URL may hold a password."""
    path = file_of(url)
    return BadArgument("DATABASE_URL", f"there is no store yet{f' at {path}' if path else ''}")


def file_of(url: str) -> Path | None:
    """The file of a SQLite store; None means PostgreSQL. Raises StoreError where the URL can not be used."""
    backend, separator, _ = url.partition(":")
    kind = backend.partition("+")[0]
    if not separator or "/" not in url:
        raise StoreError(f"DATABASE_URL is not a database URL such as {ACCEPTED}")
    if kind in {"postgres", "postgresql"}:
        return None
    if kind != "sqlite":
        raise StoreError(f"{kind} is no store that huntbot has: give {ACCEPTED}")
    database = make_url(url).database
    if database in {None, "", ":memory:"}:
        raise StoreError("A store in memory forgets at the first restart: give a sqlite:///PATH")
    return Path(str(database)).absolute()
