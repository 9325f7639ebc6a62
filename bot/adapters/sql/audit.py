"""The audit chain in the store: events appended in the transaction of what they tell, each with its hash."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import event_values
from bot.adapters.sql.tables import events, tip
from bot.domain.audit import Entry, Tip, chained
from bot.domain.finding import FindingId
from bot.domain.triage import AuditEvent, EventId


async def append(
    connection: AsyncConnection, history: Sequence[tuple[FindingId, AuditEvent]], delivery: str | None = None
) -> Sequence[EventId]:
    """Write events at the end of the chain; their row ids in the same order. Writers take turns, so no two forks."""
    if not history:
        return ()
    end, entries = await load_tip(connection), list[Entry]()
    for finding, event in history:
        entries.append(chained(end, finding, event))
        end = Tip(entries[-1].seq, entries[-1].hash)
    rows = [{**_values(entry), "delivery": delivery} for entry in entries]
    statement = insert(connection, events).returning(events.c.id, sort_by_parameter_order=True)
    ids = (await connection.execute(statement, rows)).scalars().all()
    await connection.execute(update(tip).values(seq=end.seq, hash=end.hash))
    return [EventId(event_id) for event_id in ids]


async def load_tip(connection: AsyncConnection) -> Tip:
    row = (await connection.execute(select(tip))).one()
    return Tip(row.seq, row.hash)


def _values(entry: Entry) -> dict[str, object]:
    chain = {"seq": entry.seq, "previous": entry.previous, "hash": entry.hash}
    return {**event_values(entry.event), "finding_id": entry.finding, **chain}
