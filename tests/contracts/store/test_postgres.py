"""What only the PostgreSQL store promises: many processes, a server that comes and goes, one clock for all."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import select, text

from bot.adapters.sql import SqlStore
from bot.adapters.sql.engine import Database
from bot.adapters.sql.postgres import Postgres
from bot.adapters.sql.tables import tip
from bot.domain.audit import Tip
from bot.errors import StoreBusy, StoreError
from tests.contracts.store.conftest import Fresh
from tests.examples import asked
from tests.postgres import OwnServer, running
from tests.stand_ins import START

ROOT = Path(__file__).parents[3]
FROZEN_S = 1.0

HOLD = f"""
import asyncio, sys
from bot.adapters.sql.engine import Database
from bot.adapters.sql.postgres import Postgres

async def main() -> None:
    async with Database(Postgres(sys.argv[1], frozen_s={FROZEN_S})).write():
        print("writing", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def url(fresh: Fresh) -> str:
    return fresh("postgresql")


@pytest.fixture
def server() -> Iterator[OwnServer]:
    """One that a test may stop: the others' goes on."""
    with running() as own:
        yield own


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(Postgres(url, frozen_s=FROZEN_S))
    try:
        yield database
    finally:
        await database.aclose()


async def test_a_frozen_writer_is_cut_off_and_the_others_go_on(url: str) -> None:
    command = (sys.executable, "-c", HOLD, url)
    holder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"writing\n"
        os.kill(holder.pid, signal.SIGSTOP)
        async with opened(url) as database, database.write(within_s=20):
            pass
    finally:
        holder.kill()
        await holder.wait()


async def test_whoever_was_frozen_learns_that_nothing_was_stored(url: str) -> None:
    async with await SqlStore.open(url), opened(url) as database:

        async def freeze() -> None:
            async with database.write() as connection:
                await connection.execute(tip.delete())
                time.sleep(2 * FROZEN_S)  # noqa: ASYNC251 - the whole process stands still
                await connection.execute(select(tip))

        with pytest.raises(StoreBusy, match="Nothing was stored"):
            await freeze()
        async with database.read() as connection:
            assert (await connection.execute(select(tip))).one().seq == 0


async def test_a_process_that_was_killed_in_a_write_leaves_the_turn_at_once(url: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, url), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"writing\n"
    holder.kill()
    await holder.wait()
    async with opened(url) as database, database.write(within_s=5):
        pass


async def test_a_restart_of_the_server_costs_what_was_under_way_and_no_more(server: OwnServer) -> None:
    async with await SqlStore.open(server.fresh_database()) as store:
        await store.runs.request(asked(dedupe_key="before"))

        async def in_the_middle() -> None:
            async with store.database.write() as connection:
                await connection.execute(tip.delete())
                server.kill()
                server.start()
                await connection.execute(select(tip))

        with pytest.raises(StoreError):
            await in_the_middle()

        assert await store.audit.tip() == Tip()
        assert await store.runs.request(asked(dedupe_key="before")) is None
        assert await store.runs.request(asked(dedupe_key="after")) is not None


async def test_a_restart_while_nobody_asks_is_not_noticed(server: OwnServer) -> None:
    async with await SqlStore.open(server.fresh_database()) as store:
        await asyncio.gather(*(store.audit.tip() for _ in range(8)))
        server.kill()
        server.start()
        assert [await store.audit.tip() for _ in range(8)] == [Tip()] * 8
        assert await store.runs.request(asked()) is not None


async def test_while_the_server_is_away_each_call_says_so_and_later_ones_work(server: OwnServer) -> None:
    async with await SqlStore.open(server.fresh_database()) as store:
        server.stop()
        with pytest.raises(StoreError, match="Connection refused"):
            await store.audit.tip()
        with pytest.raises(StoreError, match="Connection refused"):
            await store.runs.request(asked())
        server.start()
        assert await store.runs.request(asked()) is not None


async def test_a_statement_that_takes_too_long_is_a_busy_store(url: str) -> None:
    async with opened(url) as database:
        with pytest.raises(StoreBusy):
            async with database.write(within_s=0.2) as connection:
                await connection.execute(text("SELECT pg_sleep(5)"))
        async with database.write(within_s=5):
            pass


async def test_a_reader_sees_one_moment_however_long_it_reads(url: str) -> None:
    async with await SqlStore.open(url) as store, opened(url) as other:
        async with other.read() as connection:
            before = (await connection.execute(select(tip.c.seq))).scalar_one()
            async with store.database.write() as writer:
                await writer.execute(tip.update().values(seq=5))
            after = (await connection.execute(select(tip.c.seq))).scalar_one()

        assert (before, after) == (0, 0)
        assert (await store.audit.tip()).seq == 5


async def test_reads_do_not_wait_for_the_turn(url: str) -> None:
    async with await SqlStore.open(url) as store, opened(url) as other, other.write():
        began = time.monotonic()
        await store.audit.tip()
        assert time.monotonic() - began < 1


async def test_a_transaction_costs_two_round_trips_besides_its_statements(url: str, tmp_path: Path) -> None:
    async with await SqlStore.open(url) as store, asking(store.database, tmp_path / "write") as asked_writing:
        async with store.database.write() as connection:
            await connection.execute(select(tip))
        assert asked_writing() == 3


@asynccontextmanager
async def asking(database: Database, log: Path) -> AsyncIterator[Callable[[], int]]:
    """Counts what the writer's connection asks of the server, by libpq's own trace."""
    async with database.write() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    with log.open("w") as trace:
        driver.pgconn.trace(trace.fileno())
        yield lambda: sum(line.split("\t")[1:2] == ["F"] for line in log.read_text().splitlines())
        driver.pgconn.untrace()


async def test_all_processes_tell_the_time_by_the_server(url: str) -> None:
    async with await SqlStore.open(url) as store:
        clock = store.in_step(lambda: START)
        drift = clock() - START
        async with store.database.read() as connection:
            there: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()

        here = datetime.fromtimestamp(time.time(), UTC)
        assert abs((there - here) - drift) < timedelta(seconds=0.5)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_a_url_is_taken_as_the_world_writes_it(url: str, scheme: str) -> None:
    async with await SqlStore.open(urlsplit(url)._replace(scheme=scheme).geturl()) as store:
        assert await store.audit.tip() == Tip()


@pytest.mark.parametrize(
    "bad",
    [
        "postgresql://bot:hunter2@127.0.0.1:1/huntbot",
        "postgresql://bot:hunter2@127.0.0.1:port/huntbot",
        "postgresql://bot:hunter2@nowhere.invalid/huntbot",
        "postgresql://bot:hunter2@127.0.0.1/huntbot?sslmode=nonsense",
        "postgresql://bot:hunter2@127.0.0.1/huntbot?nonsense=hunter2",
        "postgresql://bot@127.0.0.1/huntbot?password=hunter2&port=1",
        "postgresql://[bot:hunter2@/huntbot",
    ],
)
async def test_no_error_shows_the_password(bad: str) -> None:
    with pytest.raises(StoreError) as refused:
        await SqlStore.open(bad)
    assert "hunter2" not in str(refused.value)


async def test_an_error_shows_no_value_of_a_row(url: str) -> None:
    async with await SqlStore.open(url) as store:
        twice = text("INSERT INTO schedules (key, met_at) VALUES ('secret-value', now()), ('secret-value', now())")

        async def insert_twice() -> None:
            async with store.database.write() as connection:
                await connection.execute(twice)

        with pytest.raises(StoreError, match="duplicate key") as refused:
            await insert_twice()
        assert "secret-value" not in str(refused.value)
