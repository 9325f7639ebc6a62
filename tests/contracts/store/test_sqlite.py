"""What only the SQLite store promises: one process a file, its journal, its migrations, its patience."""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot.adapters.sql import SqlStore
from bot.adapters.sql.sqlite import Sqlite, is_wal_safe
from bot.domain.finding import FindingId
from bot.domain.run import Receipt
from bot.errors import StoreError, StoreLocked
from tests.examples import asked, hit
from tests.stand_ins import START
from tests.storing import waiting

ROOT = Path(__file__).parents[3]

HOLD = """
import asyncio, sys
from bot.adapters.sql import SqlStore

async def main() -> None:
    async with await SqlStore.open(sys.argv[1]):
        print("open", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "huntbot.db"


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def write(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)


async def with_a_finding(store: SqlStore) -> FindingId:
    run = await store.runs.request(asked())
    assert run is not None
    [(finding, _)] = (await store.findings.record(run, [hit()], Receipt(1, 0, 0), START)).findings
    return finding.id


async def test_a_second_process_is_refused_and_told_who_holds_the_store(path: Path) -> None:
    command = (sys.executable, "-c", HOLD, url(path))
    holder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreLocked, match=rf"in use by process {holder.pid}\b"):
            await SqlStore.open(url(path))
    finally:
        holder.kill()
        await holder.wait()
    async with await SqlStore.open(url(path)) as store:  # the lock died with its holder
        assert await store.runs.unfinished() == []


async def test_two_stores_in_one_process_are_refused_as_well(path: Path) -> None:
    async with await SqlStore.open(url(path)):
        with pytest.raises(StoreLocked, match=str(os.getpid())):
            await SqlStore.open(url(path))


async def test_of_two_that_start_at_once_one_gets_a_whole_store(path: Path) -> None:
    opened = await asyncio.gather(*(SqlStore.open(url(path)) for _ in range(2)), return_exceptions=True)

    [store] = [each for each in opened if isinstance(each, SqlStore)]
    [refused] = [each for each in opened if not isinstance(each, SqlStore)]
    assert isinstance(refused, StoreLocked)
    async with store:
        await with_a_finding(store)


async def test_reading_where_no_store_is_finds_it_empty_and_leaves_no_file(path: Path) -> None:
    async with await SqlStore.open(url(path), is_read_only=True) as reader:
        assert await waiting(reader) == ()
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("bad_url", "says"),
    [
        ("nonsense", "not a database URL"),
        ("sqlite://", "forgets"),
        ("sqlite:///:memory:", "forgets"),
        ("mysql://localhost/huntbot", "mysql is no store"),
        ("sqlite:////dev/null/huntbot.db", "can not be used"),
    ],
)
async def test_a_store_that_can_not_be_used_is_refused_with_a_sentence(bad_url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        await SqlStore.open(bad_url)


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    write(path, "this is no database, and long enough to be seen as none" * 20)

    with pytest.raises(StoreError, match="not a database"):
        await SqlStore.open(url(path))


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_sqlite_is_free_of_the_wal_reset_bug(
    version: tuple[int, ...], *, is_safe: bool
) -> None:
    assert is_wal_safe(version) is is_safe


async def test_the_journal_follows_from_the_linked_sqlite(path: Path) -> None:
    async with await SqlStore.open(url(path)):
        pass
    connection = sqlite3.connect(path)
    [journal] = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()

    assert journal == ("wal" if is_wal_safe(sqlite3.sqlite_version_info) else "delete")  # TRUNCATE is per connection


async def test_a_statement_that_is_cancelled_twice_leaves_nothing_that_never_ends(tmp_path: Path) -> None:
    """Cancelling once has the driver close the connection; once more, it is closed while it is being closed."""
    sqlite = Sqlite(tmp_path / "huntbot.db")
    counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"

    async def count() -> None:
        async with sqlite.reading() as connection:
            await connection.execute(sql(counted))

    task = asyncio.create_task(count())
    for _ in range(2):
        await asyncio.sleep(0.1)
        task.cancel()
    await asyncio.wait([task])
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        assert await asyncio.wait(left, timeout=20) == (left, set())
    await sqlite.aclose()
