"""What only the SQLite store promises: one process a file, its journal, its migrations, its patience."""

import asyncio
import gc
import os
import sqlite3
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql import SqlStore
from bot.adapters.sql.engine import Database
from bot.adapters.sql.migrating import migrate
from bot.adapters.sql.sqlite import Sqlite, is_wal_safe
from bot.adapters.sql.tables import metadata, schedules
from bot.adapters.sql.together import Together
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.run import Receipt
from bot.domain.triage import Move, Press
from bot.errors import StoreBusy, StoreError, StoreLocked
from tests.examples import ANNA, asked, hit
from tests.stand_ins import START

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


async def test_two_migrations_at_once_both_end_at_the_newest_schema(tmp_path: Path) -> None:
    databases = [Database(Sqlite(tmp_path / "two.db")) for _ in range(2)]

    async def bring_up(database: Database) -> None:
        async with database.write() as connection:
            await connection.run_sync(migrate)

    await asyncio.gather(*(bring_up(database) for database in databases))
    for database in databases:
        await database.aclose()
    assert differences(tmp_path / "two.db") == []


async def test_the_revisions_make_the_schema_that_the_tables_say(path: Path) -> None:
    async with await SqlStore.open(url(path)):
        pass

    assert differences(path) == []


def differences(path: Path) -> list[object]:
    engine = create_engine(url(path))
    try:
        with engine.connect() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), metadata))
    finally:
        engine.dispose()


async def test_a_migration_that_fails_leaves_nothing_behind(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE intents (id INTEGER)")  # in the way of the first revision
    connection.close()

    with pytest.raises(StoreError, match="intents already exists"):
        await SqlStore.open(url(path))

    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert tables == [("intents",)]


async def test_what_was_stored_is_there_after_a_restart(path: Path) -> None:
    async with await SqlStore.open(url(path)) as store:
        finding = await with_a_finding(store)
        stored = await store.findings.get(finding)
    async with await SqlStore.open(url(path)) as store:
        assert await store.findings.get(finding) == stored


async def test_a_press_that_can_not_be_stored_in_time_is_refused_and_kept_nowhere(path: Path) -> None:
    async with await SqlStore.open(url(path)) as store:
        finding = await with_a_finding(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy, match="try again"):
            await store.findings.press(finding, Press(Move.ACKNOWLEDGE, ANNA, START), NOBODY)
        took_s = time.monotonic() - began
        other.execute("ROLLBACK")
        other.close()

        assert 0.5 < took_s < 2.0
        assert (await store.findings.get(finding)).owner is None
        _, event = await store.findings.press(finding, Press(Move.ACKNOWLEDGE, ANNA, START), NOBODY)
        assert event.accepted


async def test_presses_queue_behind_a_long_write_of_our_own_and_give_up_in_time(path: Path) -> None:
    database = Database(Sqlite(path))
    path.parent.mkdir()
    async with database.write():
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            async with database.write(within_s=0.2):
                pytest.fail("two writers at once")
    assert time.monotonic() - began < 1.0
    async with database.write(within_s=0.2):
        pass
    await database.aclose()


async def test_a_fault_of_ours_among_presses_is_told_to_all_that_shared_it_and_nothing_is_kept(path: Path) -> None:
    async with await SqlStore.open(url(path)) as store:

        async def request_or_break(connection: AsyncConnection, nominal: str) -> int:
            if nominal == "bug":
                raise ZeroDivisionError
            await connection.execute(insert(schedules), {"key": nominal, "met_at": START})
            return len(nominal)

        together = Together(store.database, request_or_break, 1.0)
        said: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, told: said.append(str(told["message"])))
        outcomes = await asyncio.gather(*(together.do(n) for n in ("a", "bug", "b")), return_exceptions=True)
        later = await together.do("later")
        gc.collect()

        assert [str(outcome) for outcome in outcomes] == ["The store failed. Nothing was stored."] * 3
        assert later == len("later")
        assert await store.runs.due_after("a", START + timedelta(days=1)) == START + timedelta(days=1)
        assert said == ["Task exception was never retrieved"]  # with its traceback, in the log


async def test_a_cancelled_write_keeps_nothing_and_frees_the_store(path: Path) -> None:
    async with await SqlStore.open(url(path)) as store:
        finding = await with_a_finding(store)
        presses = [
            asyncio.create_task(store.findings.press(finding, Press(Move.ACKNOWLEDGE, ANNA, START), NOBODY))
            for _ in range(20)
        ]
        await asyncio.sleep(0.005)
        for press in presses[::2]:
            press.cancel()
        await asyncio.gather(*presses, return_exceptions=True)

        history = await store.findings.history(finding)
        assert sum(event.move is Move.ACKNOWLEDGE and event.accepted for event in history) == 1


async def test_reading_works_beside_the_holder_and_writes_nothing(path: Path) -> None:
    async with await SqlStore.open(url(path)) as store:
        finding = await with_a_finding(store)
        async with await SqlStore.open(url(path), is_read_only=True) as reader:
            assert (await reader.findings.get(finding)).id == finding
            with pytest.raises(StoreError, match="readonly"):
                await reader.runs.request(asked())


async def test_reading_where_no_store_is_finds_it_empty_and_leaves_no_file(path: Path) -> None:
    async with await SqlStore.open(url(path), is_read_only=True) as reader:
        assert await reader.findings.unresolved() == []
    assert not path.parent.exists()


async def test_reading_a_store_of_another_version_is_refused(path: Path) -> None:
    write(path, "")

    with pytest.raises(StoreError, match="another version"):
        await SqlStore.open(url(path), is_read_only=True)


async def test_a_store_of_a_newer_huntbot_is_refused(path: Path) -> None:
    async with await SqlStore.open(url(path)):
        pass
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match="newer huntbot"):
        await SqlStore.open(url(path))


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
