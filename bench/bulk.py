"""Rows written as fast as each database takes them: INSERT of many in SQLite, COPY in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql import SqlStore
from bot.adapters.sql.tables import COUNTING, events, metadata, tip

Row = Mapping[str, Any]
Rows = Mapping[Table, Sequence[Row]]


async def write(store: SqlStore, rows: Rows) -> None:
    """One transaction; all rows of a table have the same columns."""
    async with store.database.write() as connection:
        for table in (table for table in metadata.sorted_tables if rows.get(table)):
            await _write(connection, table, rows[table])


async def finish(store: SqlStore) -> None:
    """Let the ids and the audit chain go on from there.

    And do what autovacuum does by itself: a server that was started for tests has it switched off.
    """
    technology = store.database.technology
    async with store.database.write() as connection:
        last_ids = {
            name: await connection.scalar(select(func.max(metadata.tables[name].columns["id"]))) for name in COUNTING
        }
        await technology.go_on_from(connection, {name: last for name, last in last_ids.items() if last})
        last = select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
        await connection.execute(update(tip).values((await connection.execute(last)).mappings().one()))
        if _is_postgres(connection):
            await connection.execute(text("ANALYZE"))


def _is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


async def _write(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if not _is_postgres(connection):
        await connection.execute(insert(table), rows)
        return
    columns = {name: table.columns[name].type.dialect_impl(connection.dialect) for name in rows[0]}
    binds = {name: kind.bind_processor(connection.dialect) for name, kind in columns.items()}
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError("not psycopg's connection")
    named = ", ".join(f'"{name}"' for name in columns)
    async with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({named}) FROM STDIN".encode()) as copy:
        for row in rows:
            await copy.write_row([bind(row[name]) if bind else row[name] for name, bind in binds.items()])
