"""The contract of AuditLog, over every store there is: whoever changes what is stored is found out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, delete, select, text, update

from bot.adapters.sql import SqlStore
from bot.adapters.sql.tables import events, intents
from bot.domain.audit import GENESIS, Entry, Gap, Tip
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.responder import Place, UserId
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press, Refusal, Resolution, State
from bot.services.audit import verify_chain
from tests.examples import ANNA, BEN, SECURITY, hit
from tests.stand_ins import START
from tests.storing import DAY, acknowledge, delivered, recorded, resolve

HOUR = timedelta(hours=1)


async def with_history(store: SqlStore) -> Sequence[Entry]:
    """Eight events of two findings, every column of the table in use."""
    await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
    first, second = FindingId(1), FindingId(2)
    snooze = Press(Move.SNOOZE, BEN, START + HOUR, until=START + DAY, delivery="1.2.b")
    await store.findings.press(first, acknowledge(), NOBODY)
    await store.findings.press(second, acknowledge(BEN), NOBODY)
    await store.findings.press(first, acknowledge(BEN), NOBODY)
    await store.findings.press(second, snooze, NOBODY)
    await store.findings.refuse(first, Refusal(Move.ESCALATE, UserId("U-EVE"), START + HOUR, Place(SECURITY), "no"))
    await store.findings.press(first, resolve("our own <deploy> \U0001f600"), NOBODY)
    return await links(store)


async def links(store: SqlStore) -> list[Entry]:
    return [link async for link in store.audit.chain() if isinstance(link, Entry)]


async def fault(store: SqlStore, kept: Tip | None = None) -> str | None:
    return (await verify_chain(store.audit, kept)).fault


async def run(store: SqlStore, statements: str, **bound: str) -> None:
    """As somebody does who can write to the database; messages, which name their events, are forgotten first."""
    async with store.database.write() as connection:
        await connection.execute(delete(intents))
        for statement in statements.split(";"):
            named = {name: value for name, value in bound.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)


async def test_every_event_has_its_place_and_the_chain_holds(store: SqlStore) -> None:
    entries = await with_history(store)

    assert [entry.seq for entry in entries] == list(range(1, 9))
    assert [entry.previous for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]
    assert await store.audit.tip() == Tip(8, entries[-1].hash)
    verdict = await verify_chain(store.audit, Tip(3, entries[2].hash))
    assert (verdict.fault, verdict.checked, verdict.tip) == (None, 8, Tip(8, entries[-1].hash))


async def test_a_store_without_events_holds(store: SqlStore) -> None:
    assert await links(store) == []
    assert await fault(store, Tip()) is None


FORGED: Mapping[str, object] = {
    "finding_id": 3 - events.c.finding_id,
    "move": Move.REOPEN,
    "by": "U-NOBODY",
    "at": START - DAY,
    "before": State.ESCALATED,
    "after": State.ESCALATED,
    "accepted": ~events.c.accepted,
    "resolution": Resolution.MALICIOUS,
    "note": events.c.note + "x",
    "channel": "C-ELSEWHERE",
    "message": "9.9",
    "until": START - DAY,
    "delivery": "9.9.z",
    "assignee": "U-NOBODY",
    "severity": Severity.INFO,
    "seq": 99,
    "previous": "f" * 64,
    "hash": "f" * 64,
}


@pytest.mark.complaint("audit chain")
async def test_a_change_of_any_column_of_any_event_is_noticed(store: SqlStore) -> None:
    """Audit chain."""
    await with_history(store)
    assert set(FORGED) == {column.name for column in events.columns} - {"id"}  # which says nothing
    unnoticed = []
    for seq in range(1, 9):
        for column, value in FORGED.items():
            before = await overwritten(store, events.c.seq == seq, {column: value})
            unnoticed += [(seq, column)] if await fault(store) is None else []
            await overwritten(store, events.c.id == before["id"], before)

    assert unnoticed == []
    assert await fault(store) is None


async def overwritten(store: SqlStore, which: ColumnElement[bool], values: Mapping[str, object]) -> dict[str, object]:
    """Change one event in the store; what it was."""
    async with store.database.write() as connection:
        row = (await connection.execute(select(events).where(which))).mappings().one()
        await connection.execute(update(events).where(which).values(dict(values)))
    return {column.name: row[column] for column in events.columns}


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq = 4",
        "DELETE FROM events WHERE seq = 8",
        "DELETE FROM events WHERE seq > 3",
        "UPDATE events SET seq = -seq WHERE seq IN (3, 4); UPDATE events SET seq = 7 + seq WHERE seq < 0",
        "UPDATE tip SET seq = 7",
        "UPDATE tip SET hash = :zeros",
        "INSERT INTO gaps SELECT 3, 4, hash, at FROM events WHERE seq = 4",
        "INSERT INTO gaps SELECT 9, 9, hash, at FROM events WHERE seq = 8",
        "INSERT INTO gaps SELECT 3, 4, :zeros, at FROM events WHERE seq = 4; DELETE FROM events WHERE seq IN (3, 4)",
        "DELETE FROM events WHERE seq > 3; UPDATE tip SET seq = 3, hash = :zeros",
    ],
    ids=[
        *("first deleted", "one deleted", "last deleted", "tail cut", "swapped", "tip set back", "tip changed"),
        *("gap over events", "gap behind the end", "gap with another hash", "tail cut, tip made up"),
    ],
)
async def test_what_is_taken_out_put_in_or_moved_is_noticed(store: SqlStore, tampering: str) -> None:
    await with_history(store)

    await run(store, tampering, zeros=GENESIS)

    assert await fault(store) is not None


async def test_a_tip_that_was_kept_knows_a_chain_that_was_cut_with_care(store: SqlStore) -> None:
    entries = await with_history(store)
    kept = Tip(8, entries[-1].hash)

    await run(store, "DELETE FROM events WHERE seq > 5; UPDATE tip SET seq = 5, hash = :end", end=entries[4].hash)

    assert await fault(store) is None  # in itself it holds
    assert await fault(store, kept) == "event 8 is gone: the chain ends at 5"
    assert await fault(store, Tip(3, "f" * 64)) == "event 3 has another hash than it had: the chain was written anew"


async def test_a_purge_leaves_a_chain_that_holds(store: SqlStore) -> None:
    entries = await with_history(store)
    await delivered(store)
    await store.retention.purge(None, START + 2 * DAY, START + 3 * DAY)

    chain = [link async for link in store.audit.chain()]

    assert {link.finding for link in chain if isinstance(link, Entry)} == {FindingId(2)}
    assert sum(link.last - link.first + 1 for link in chain if isinstance(link, Gap)) == 5
    verdict = await verify_chain(store.audit)
    assert (verdict.fault, verdict.checked, verdict.purged) == (None, 3, 5)
    assert await fault(store, Tip(2, entries[1].hash)) is None
    assert await fault(store, Tip(1, entries[0].hash)) is None  # the last of its stretch
    assert "was purged" in str(await fault(store, Tip(7, entries[6].hash)))


async def test_a_long_chain_is_read_in_batches_beside_what_goes_on(store: SqlStore) -> None:
    """A purge between two batches takes out what was read and what was not."""
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(1500)])
    for number in (999, 1000, 1001, 1002, 1500):
        await store.findings.press(FindingId(number), resolve(), NOBODY)
    await run(store, "SELECT 1")  # what is still to be delivered is not purged
    chain = store.audit.chain()
    read = [await anext(chain) for _ in range(10)]

    await store.retention.purge(None, START + 2 * DAY, START + 3 * DAY)
    await store.findings.press(FindingId(7), acknowledge(), NOBODY)
    read += [link async for link in chain]

    assert [link.seq for link in read[:1000] if isinstance(link, Entry)] == list(range(1, 1001))
    assert [(link.first, link.last) for link in read if isinstance(link, Gap)] == [
        (1001, 1002),
        (1500, 1505),
    ]
    assert (await verify_chain(store.audit)).fault is None


@pytest.mark.parametrize(
    ("since", "finding", "seqs"),
    [
        (None, None, [1, 2, 3, 4, 5, 6, 7, 8]),
        (None, FindingId(2), [2, 4, 6]),
        (START + HOUR, None, [6, 7]),
        (START + HOUR, FindingId(2), [6]),
        (START + DAY, None, []),
        (None, FindingId(404), []),
    ],
)
async def test_events_are_read_from_a_moment_on_or_of_one_finding(
    store: SqlStore, since: datetime | None, finding: FindingId | None, seqs: list[int]
) -> None:
    entries = await with_history(store)

    read = [entry async for entry in store.audit.entries(since, finding)]

    assert [entry.seq for entry in read] == seqs
    assert all(entry in entries for entry in read)
    assert {entry.event.by for entry in read} <= {ANNA, BEN, "U-EVE", "huntbot"}
