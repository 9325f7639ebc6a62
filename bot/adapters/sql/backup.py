"""A whole store as one file, and back: a SQLite store at the newest schema, whatever it was taken of.

So a backup of one kind of database restores into the other.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.audit import end_of, load_links, load_tip
from bot.adapters.sql.engine import Database
from bot.adapters.sql.migrating import bring_up, is_current, is_there, revision_of
from bot.adapters.sql.outbox.terms import TO_POST
from bot.adapters.sql.postgres import Postgres
from bot.adapters.sql.sqlite import Sqlite, copy_file, seal
from bot.adapters.sql.store import SqlStore, file_of, none_yet
from bot.adapters.sql.tables import bulks, exports, intents, metadata, runs, tip
from bot.domain.audit import Verdict, ended, follow
from bot.errors import BadArgument, StoreError

AT_ONCE = 1_000  # rows in memory
WITHIN_S = 3_600.0

Tell = Callable[[str, int], None]  # the table that is copied, and how many of its rows are


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store holds: rows by table, and whether its audit chain is whole."""

    rows: Mapping[str, int]
    chain: Verdict


async def back_up(url: str, file: Path, tell: Tell) -> Contents:
    """Write what the store holds at one moment to `file`, while others go on using it.

    The file appears when it is whole, for its owner's eyes only. A broken audit chain is backed up too, and told.

    Raises:
        BadArgument: `file` is there already or can not be made, or there is no store yet.
        StoreError: the store can not be read or is damaged, or the file can not be written.
    """
    with _placed(file) as part:
        async with _closing(Database(Sqlite(part))) as copy:
            await _fill(url, part, copy, tell)
            async with copy.read() as connection:
                contents = Contents(await _count(connection), await _verify(connection))
        await asyncio.to_thread(seal, part)
    return contents


async def restore(file: Path, url: str, tell: Tell, *, accepts_broken_chain: bool = False) -> Contents:
    """Fill the empty store that `url` names with what `file` holds, all of it or nothing.

    Leases are not restored: whoever held one is gone. What was not posted yet when the backup was made may have been
    since, so it is looked for before it is posted.

    Raises:
        BadArgument: `file` is no backup, or the store holds something already.
        StoreError: the store can not be opened or written, its content is not what the file holds, or the audit
            chain is broken.
    """
    async with _opened(file) as backup, await SqlStore.open(url) as store:
        database = store.database
        async with database.write(WITHIN_S) as target, backup.read() as source:
            await _refuse_unless_empty(target)
            await _copy(source, target, tell)
            await database.technology.go_on_from(target, await backup.technology.last_ids(source))
            await _forget_who_works(target)
            contents = Contents(await _count(target), await _verify(target))
            if contents.rows != await _count(source):
                raise StoreError("The store did not take all that the backup holds. Nothing was stored.")
            if contents.chain.fault and not accepts_broken_chain:
                raise StoreError(f"The audit chain is broken: {contents.chain.fault}. Nothing was stored.")
    return contents


# --- a backup ------------------------------------------------------------------------------------


async def _fill(url: str, part: Path, copy: Database, tell: Tell) -> None:
    path = file_of(url)
    if path is None:
        await _fill_from_postgres(url, copy, tell)
    elif await asyncio.to_thread(path.exists):
        await asyncio.to_thread(copy_file, path, part)
        await bring_up(copy)
    else:
        raise none_yet(url)


async def _fill_from_postgres(url: str, copy: Database, tell: Tell) -> None:
    async with _closing(Database(Postgres(url, is_read_only=True))) as source:
        if not await is_there(source):
            raise none_yet(url)
        await bring_up(copy)
        async with source.read() as connection, copy.write(WITHIN_S) as target:
            await _copy(connection, target, tell)
            await copy.technology.go_on_from(target, await source.technology.last_ids(connection))


@contextmanager
def _placed(file: Path) -> Iterator[Path]:
    """A file beside it to write to, which takes its name at the end; nothing is left of one that was not finished."""
    if file.exists():
        raise BadArgument(str(file), "is there already, and a backup takes the place of nothing")
    try:
        handle, name = mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)  # mode 0600
        os.close(handle)
    except OSError as fault:
        raise BadArgument(str(file), f"can not be made: {fault.strerror}") from fault
    part = Path(name)
    try:
        yield part
        _settle(part, file)
    finally:
        for left in part.parent.glob(f"{part.name}*"):
            left.unlink()


def _settle(part: Path, file: Path) -> None:
    """To the disk, then under its name, unless that was taken meanwhile."""
    try:
        _sync(part)
        try:
            os.link(part, file)  # where rename would replace
        except FileExistsError:
            raise BadArgument(str(file), "was made by somebody else meanwhile") from None
        except OSError:  # no hard links here
            part.rename(file)
        _sync(file.parent)
    except OSError as fault:
        raise StoreError(f"{file} can not be written: {fault.strerror}") from fault


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- a restore -----------------------------------------------------------------------------------


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[Database]:
    """The backup to read; one of an older huntbot is brought up in a copy first."""
    with TemporaryDirectory(prefix="huntbot-") as scratch:
        if not await _is_newest(file):
            copy = Path(scratch) / "backup.db"
            await asyncio.to_thread(copy_file, file, copy)
            async with _closing(Database(Sqlite(copy))) as older:
                await bring_up(older)
            file = copy
        async with _closing(Database(Sqlite(file, is_read_only=True))) as backup:
            yield backup


async def _is_newest(file: Path) -> bool:
    if not await asyncio.to_thread(_is_sqlite, file):
        raise BadArgument(str(file), "is no backup")
    async with _closing(Database(Sqlite(file, is_read_only=True))) as backup, backup.read() as connection:
        if await connection.run_sync(revision_of) is None:
            raise BadArgument(str(file), "is no backup")
        return await connection.run_sync(is_current)


def _is_sqlite(file: Path) -> bool:
    """Source: https://sqlite.org/fileformat2.html#the_database_header."""
    try:
        with file.open("rb") as opened:
            return opened.read(16) == b"SQLite format 3\x00"
    except OSError as fault:
        raise BadArgument(str(file), f"can not be read: {fault.strerror}") from fault


async def _refuse_unless_empty(target: AsyncConnection) -> None:
    held = await _count(target)
    if (await load_tip(target)).seq == 0:
        held = {name: rows for name, rows in held.items() if name != tip.name}
    if any(held.values()):
        what = ", ".join(f"{name}: {rows:,}" for name, rows in held.items() if rows)
        raise BadArgument("DATABASE_URL", f"that store is not empty ({what}), and a restore fills an empty one only")


async def _forget_who_works(target: AsyncConnection) -> None:
    unsure = {"may_stand": True, "tried_at": func.coalesce(intents.c.tried_at, intents.c.created_at)}
    await target.execute(update(intents).where(TO_POST).values(unsure))
    for table in (intents, runs, bulks, exports):
        await target.execute(update(table).where(table.c.lease_until.is_not(None)).values(lease_until=None))


# --- both ----------------------------------------------------------------------------------------


async def _copy(source: AsyncConnection, target: AsyncConnection, tell: Tell) -> None:
    """Every row, ids included, into tables that are empty but for the tip that they were made with."""
    await target.execute(delete(tip))
    for table in metadata.sorted_tables:
        copied = 0
        query = select(table).execution_options(yield_per=AT_ONCE)
        async with source.stream(query) as rows:
            async for some in rows.mappings().partitions():
                await target.execute(insert(table).inline(), [dict(row) for row in some])
                copied += len(some)
                tell(table.name, copied)


async def _count(connection: AsyncConnection) -> Mapping[str, int]:
    counts = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
    return {name: (await connection.execute(count)).scalar_one() for name, count in counts.items()}


async def _verify(connection: AsyncConnection) -> Verdict:
    so_far = Verdict()
    links = await load_links(connection)
    while links and so_far.fault is None:
        so_far = reduce(follow, links, so_far)
        links = await load_links(connection, end_of(links[-1]))
    return ended(so_far, await load_tip(connection))


@asynccontextmanager
async def _closing(database: Database) -> AsyncIterator[Database]:
    try:
        yield database
    finally:
        await database.aclose()
