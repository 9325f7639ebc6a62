"""What the outbox asks the databases costs the same however much stands: every statement goes by an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from bot.adapters.sql import SqlStore
from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import intent_values
from bot.adapters.sql.tables import intents
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, Intent, IntentKey, Kind
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import RunId
from tests.examples import asked, hit
from tests.stand_ins import START
from tests.storing import LEASE, recorded

STANDING, WAITING = 30_000, 10_000
FINDINGS, RUNS = 300, 100
CHANNELS = [ChannelId(f"C{number}") for number in range(5)]
SECOND = timedelta(seconds=1)


async def fill(store: SqlStore) -> None:
    """Many messages that stand, many that wait: cards of many findings and runs."""
    hits = [hit(f"e-{number}", principal=f"p{number}") for number in range(FINDINGS)]
    await recorded(store, hits)
    for _ in range(RUNS):
        await store.runs.request(asked())
    async with store.database.write() as connection:
        for count, waits in ((STANDING, False), (WAITING, True)):
            rows = [intent_values(card(number, waits=waits)) for number in range(count)]
            await connection.execute(insert(connection, intents), rows)
        await connection.execute(text("ANALYZE"))


def card(number: int, *, waits: bool) -> Intent:
    intent = Intent(
        IntentKey(f"{'waiting' if waits else 'standing'}:{number}"),
        Kind.FINDING,
        CHANNELS[number % len(CHANNELS)],
        START,
        finding=FindingId(number % FINDINGS + 1),
        run=RunId(number % RUNS + 1),
        thread_of=IntentKey(f"standing:{number}"),
    )
    return intent if waits else replace(intent, thread_of=None, ts=MessageTs("1.1"), drawn=1)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is asked meanwhile; writes of single rows that are inserted left out."""
    made: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            made.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def scans(store: SqlStore, statement: str, parameters: Any) -> list[str]:
    """The steps of the database's plan that read a whole table of messages."""
    async with store.database.read() as connection:
        prefix = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = (await connection.exec_driver_sql(f"{prefix} {statement}", parameters)).all()
    steps = [str(step[-1]).strip() for step in plan]
    whole = ("SCAN intents", "SCAN parent", "SCAN earlier", "Seq Scan on intents")
    return [step for step in steps if any(words in step for words in whole) and "INDEX" not in step]


async def go_through(store: SqlStore) -> None:
    """Everything that delivery asks of the outbox, once."""
    at = START
    claims: list[Claim] = []
    for _ in range(2):
        claims.extend(await store.outbox.claim(at, LEASE))
        at += SECOND
    first, second, third, *_ = [claim for claim in claims if claim.intent.kind is Kind.FINDING]
    await store.outbox.settle(first, MessageTs("2.2"), at, LEASE)
    await store.outbox.put_back(second, at, may_stand=True)
    await store.outbox.break_route(third, "is_archived", at, None)
    await store.outbox.next_due(at)
    await store.outbox.suspects(at)
    await store.outbox.waiting()
    await store.outbox.backlog(at)
    await store.outbox.stands_at(first.intent.key)


async def test_no_statement_reads_everything_that_stands(store: SqlStore) -> None:
    await fill(store)
    with statements() as made:
        await go_through(store)

    assert made
    found = {statement: await scans(store, statement, parameters) for statement, parameters in made}
    assert {statement: steps for statement, steps in found.items() if steps} == {}
