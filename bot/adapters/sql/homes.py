"""Home tabs in the store: whose were opened lately, and what they chose to see there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.tables import homes
from bot.domain.home import MOST, SEEN_FOR, Home
from bot.domain.responder import UserId


class SqlHomes:
    """Homes of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def open(self, user: UserId, at: datetime) -> Home:
        return await self._put(user, {"opened_at": at}, Home(user, "", at))

    async def choose(self, home: Home) -> None:
        await self._put(home.user, _values(home), home)

    async def get(self, user: UserId) -> Home | None:
        async with self._db.read() as connection:
            row = (await connection.execute(select(homes).where(homes.c.user == user))).mappings().first()
        return None if row is None else _home(row)

    async def lately(self, at: datetime) -> Sequence[Home]:
        query = select(homes).where(homes.c.opened_at > at - SEEN_FOR).order_by(homes.c.opened_at.desc()).limit(MOST)
        async with self._db.read() as connection:
            return [_home(row) for row in (await connection.execute(query)).mappings()]

    async def _put(self, user: UserId, changes: dict[str, Any], new: Home) -> Home:
        async with self._db.write() as connection:
            statement = insert(connection, homes).values(user=user, **_values(new))
            await connection.execute(statement.on_conflict_do_update(index_elements=["user"], set_=changes))
            await connection.execute(delete(homes).where(homes.c.opened_at < new.opened_at - SEEN_FOR))
            stored = select(homes).where(homes.c.user == user)
            return _home((await connection.execute(stored)).mappings().one())


def _values(home: Home) -> dict[str, Any]:
    return {"shows": {"chosen": home.chosen}, "opened_at": home.opened_at}


def _home(row: Any) -> Home:
    return Home(row["user"], str(row["shows"].get("chosen", "")), row["opened_at"])
