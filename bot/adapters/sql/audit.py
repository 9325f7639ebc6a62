"""The audit chain in the store: events appended in the transaction of what they tell, and read back in order."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import event_from, event_values
from bot.adapters.sql.tables import events, gaps, tip
from bot.domain.audit import Entry, Gap, Tip, chained
from bot.domain.finding import FindingId
from bot.domain.triage import AuditEvent, EventId

_AT_ONCE = 1_000  # events of one batch: where SQLite has no write-ahead log, its writers wait for a reader


async def append(connection: AsyncConnection, history: Sequence[tuple[FindingId, AuditEvent]]) -> Sequence[EventId]:
    """Write events at the end of the chain; their row ids in the same order. Writers take turns, so no two forks."""
    if not history:
        return ()
    end, entries = await load_tip(connection), list[Entry]()
    for finding, event in history:
        entries.append(chained(end, finding, event))
        end = Tip(entries[-1].seq, entries[-1].hash)
    await connection.execute(insert(connection, events), [_values(entry) for entry in entries])
    await connection.execute(update(tip).values(seq=end.seq, hash=end.hash))
    written = select(events.c.id).where(events.c.seq >= entries[0].seq).order_by(events.c.seq)
    return [EventId(event_id) for event_id in (await connection.execute(written)).scalars()]


async def append_once(connection: AsyncConnection, finding: FindingId, event: AuditEvent) -> EventId | None:
    """Write one event at the end of the chain; None where its delivery stands in it already."""
    entry = chained(await load_tip(connection), finding, event)
    statement = insert(connection, events).values(_values(entry)).on_conflict_do_nothing(index_elements=["delivery"])
    event_id = (await connection.execute(statement.returning(events.c.id))).scalar()
    if event_id is None:
        return None
    await connection.execute(update(tip).values(seq=entry.seq, hash=entry.hash))
    return EventId(event_id)


async def load_tip(connection: AsyncConnection) -> Tip:
    row = (await connection.execute(select(tip))).one()
    return Tip(row.seq, row.hash)


class SqlAudit:
    """AuditLog of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def chain(self, after: int = 0) -> AsyncIterator[Entry | Gap]:
        while links := await self._links(after):
            for link in links:
                yield link
            after = end_of(links[-1])

    async def entries(self, since: datetime | None = None, finding: FindingId | None = None) -> AsyncIterator[Entry]:
        of_one = () if finding is None else (events.c.finding_id == finding,)
        wanted = of_one if since is None else (*of_one, events.c.at >= since)
        async with self._db.read() as connection:
            first = (await connection.execute(select(func.min(events.c.seq)).where(*wanted))).scalar()
        after = None if first is None else first - 1
        while after is not None:
            async with self._db.read() as connection:
                batch = await _entries(connection, after, *wanted)
            for entry in batch:
                yield entry
            after = batch[-1].seq if batch else None

    async def tip(self) -> Tip:
        async with self._db.read() as connection:
            return await load_tip(connection)

    async def _links(self, after: int) -> Sequence[Entry | Gap]:
        async with self._db.read() as connection:
            return await load_links(connection, after)


async def load_links(connection: AsyncConnection, after: int = 0) -> Sequence[Entry | Gap]:
    """The next ones. What a purge took since the last batch may reach back behind it: that part was read."""
    some = await _entries(connection, after)
    query = select(gaps).where(gaps.c.last > after).order_by(gaps.c.first).limit(_AT_ONCE)
    holes = [_gap(row, after) for row in (await connection.execute(query)).mappings()]
    full = [_start(links[-1]) for links in (some, holes) if len(links) == _AT_ONCE]
    horizon = min(full, default=None)  # behind it the other kind may have more that comes before
    links: list[Entry | Gap] = sorted((*some, *holes), key=_start)
    return [link for link in links if horizon is None or _start(link) <= horizon]


def end_of(link: Entry | Gap) -> int:
    """The last place it takes in the chain."""
    return link.seq if isinstance(link, Entry) else link.last


async def _entries(connection: AsyncConnection, after: int, *wanted: ColumnElement[bool]) -> Sequence[Entry]:
    query = select(events).where(events.c.seq > after, *wanted).order_by(events.c.seq).limit(_AT_ONCE)
    return [_entry(row) for row in (await connection.execute(query)).mappings()]


def _entry(row: RowMapping) -> Entry:
    return Entry(row["seq"], FindingId(row["finding_id"]), event_from(row), row["previous"], row["hash"])


def _gap(row: RowMapping, after: int) -> Gap:
    first = row["first"] if after < row["first"] or after == 0 else after + 1
    return Gap(first, row["last"], row["hash"], row["purged_at"])


def _start(link: Entry | Gap) -> int:
    return link.seq if isinstance(link, Entry) else link.first


def _values(entry: Entry) -> dict[str, object]:
    chain = {"seq": entry.seq, "previous": entry.previous, "hash": entry.hash}
    return {**event_values(entry.event), "finding_id": entry.finding, **chain}
