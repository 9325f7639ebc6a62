"""Stores to measure in: fresh ones, on SQLite and on a PostgreSQL server that somebody named, gone afterwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from os import getpid
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bot.adapters.sql import SqlStore

Server = str | None  # the URL of a PostgreSQL server whose user may create databases; None is SQLite

_NUMBERS = count(1)


def servers(postgres: str | None) -> Mapping[str, Server]:
    """What can be measured, by name; said aloud where that is not all."""
    if postgres is None:
        print("PostgreSQL is left out: name a server with --postgres postgresql://user@host/database")
        return {"SQLite": None}
    return {"SQLite": None, "PostgreSQL": postgres}


@asynccontextmanager
async def fresh(server: Server) -> AsyncIterator[SqlStore]:
    """An empty store. Raises psycopg.Error where the server can not be used."""
    if server is None:
        with TemporaryDirectory(prefix="huntbot-bench-") as folder:
            async with await SqlStore.open(f"sqlite:///{Path(folder) / 'huntbot.db'}") as store:
                yield store
        return
    name = f"huntbot_bench_{getpid()}_{next(_NUMBERS)}"
    _say(server, f"CREATE DATABASE {name}")
    try:
        async with await SqlStore.open(urlunsplit(urlsplit(server)._replace(path=f"/{name}"))) as store:
            yield store
    finally:
        _say(server, f"DROP DATABASE {name} WITH (FORCE)")


def _say(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
