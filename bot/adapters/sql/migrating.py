"""Bringing a store to the newest schema when it is opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from bot.adapters.sql.engine import Database
from bot.errors import StoreError

SCRIPTS = Path(__file__).parent / "migrations"
WITHIN_S = 600.0  # an index over a million rows takes its time, and another starter waits for it


async def bring_up(database: Database) -> None:
    """Run what is missing, all of it or nothing; of several that start at once the first one does.

    Raises:
        StoreError: it fails, or the store was made by a newer huntbot.
    """
    async with database.read() as connection:
        if await connection.run_sync(is_current):
            return
    try:
        async with database.write(WITHIN_S) as connection:
            await connection.run_sync(migrate)
    except CommandError as fault:
        raise StoreError(f"The store was made by a newer huntbot: {fault}") from fault


async def is_there(database: Database) -> bool:
    """Whether a store can be read there; False where nothing was ever stored.

    Raises:
        StoreError: it has another schema than this huntbot's.
    """
    async with database.read() as connection:
        if await connection.run_sync(is_current):
            return True
        if await connection.run_sync(lambda sync: inspect(sync).get_table_names()):
            raise StoreError("The store is at another version: start this huntbot's `serve` once, it brings it up.")
    return False


def migrate(connection: Connection, to: str = "head") -> None:
    """Run what is missing, in the connection's own transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def is_current(connection: Connection) -> bool:
    """Whether the store is at the newest schema."""
    return revision_of(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The schema it has; None where it is no store."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config
