"""The database behind a store, looked at and changed behind its back."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, select

from bot.adapters.sql.engine import Database
from bot.adapters.sql.migrating import migrate
from bot.adapters.sql.postgres import Postgres
from bot.adapters.sql.sqlite import Sqlite
from bot.adapters.sql.store import file_of
from bot.adapters.sql.tables import metadata

V0001 = Path(__file__).with_name("v0001.sql")

Rows = Sequence[Mapping[str, Any]]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A transaction of a plain engine, committed at the end."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def execute(url: str, *statements: str) -> None:
    with connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def differences(url: str) -> list[object]:
    """What the tables in the code and those in the database do not have in common."""
    with connected(url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def everything(url: str) -> dict[str, Rows]:
    """All rows of all tables, in the order of their keys."""
    with connected(url) as connection:
        ordered = {table.name: select(table).order_by(*table.primary_key) for table in metadata.sorted_tables}
        return {name: [dict(row) for row in connection.execute(query).mappings()] for name, query in ordered.items()}


def table_names(url: str) -> set[str]:
    with connected(url) as connection:
        return set(inspect(connection).get_table_names())


@asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """The store's own transactions, without the store."""
    path = file_of(url)
    opened = Database(Postgres(url) if path is None else Sqlite(path))
    try:
        yield opened
    finally:
        await opened.aclose()


async def make_older(url: str) -> None:
    """Make a store as the first huntbot left it: a finding with its history, and messages in all three states."""
    async with database(url) as opened, opened.write() as connection:
        await connection.run_sync(migrate, "0001")
    execute(url, *V0001.read_text(encoding="utf-8").splitlines())
