"""What digests ask of the runs is answered from an index, so that it costs the same however much is stored.

SQLite plans by the schema alone. PostgreSQL plans by what is in the tables: it has the same indices.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot.adapters.sql import SqlStore
from bot.adapters.sql.remembering import cards_alike, load_verdict
from bot.adapters.sql.runs import searched_from
from bot.adapters.sql.tables import metadata
from bot.domain.finding import FindingId
from bot.domain.queue import Wanted
from bot.domain.triage import Queue
from tests.contracts.store.raw import connected
from tests.examples import GRANTS, SECURITY, finding
from tests.stand_ins import START

SLUG = GRANTS.slug
SINCE = START - timedelta(days=1)

Asked = list[tuple[str, Any]]


async def search_began(store: SqlStore) -> None:
    async with store.database.read() as connection:
        await searched_from(connection, SLUG)


REMEMBERED = replace(finding(), memory_key="k")


async def what_was_said(store: SqlStore) -> None:
    async with store.database.read() as connection:
        await load_verdict(connection, REMEMBERED)


async def who_tells(store: SqlStore) -> None:
    async with store.database.read() as connection:
        await cards_alike(connection, REMEMBERED)


QUESTIONS: Mapping[str, tuple[Callable[[SqlStore], Awaitable[object]], set[str]]] = {
    "covered until": (lambda store: store.runs.covered_until(SLUG), {"runs_marks"}),
    "searched from": (search_began, {"runs_searched"}),
    "the last digest": (lambda store: store.runs.last_digest(SLUG, SECURITY), {"runs_digests"}),
    "what changed": (
        lambda store: store.runs.changed_since(SLUG, SINCE, START),
        {"runs_by_end", "run_findings_news"},
    ),
    "what failed": (lambda store: store.runs.failed_since(SLUG, SINCE, START), {"runs_by_hunt"}),
    "what was passed over": (lambda store: store.runs.skipped_since(SLUG, SINCE, START), {"runs_by_hunt"}),
    "the oldest unresolved": (lambda store: store.runs.oldest_unresolved(SLUG), {"findings_by_first_seen"}),
    "what was left": (lambda store: store.runs.left(START), {"runs_by_state"}),
    "a due time": (lambda store: store.runs.due_after("k", START), {"runs_by_due_time"}),
    "what a clock left": (lambda store: store.runs.forget_future(START), {"runs_by_finish", "runs_by_state"}),
    "what nobody looked at": (
        lambda store: store.findings.queue(Wanted(Queue.UNTOUCHED, START, hunt=SLUG, oldest_first=True), 25),
        {"findings_longest_waiting"},
    ),
    "an earlier verdict": (what_was_said, {"findings_by_memory", "events_verdicts"}),
    "cards that tell a verdict": (who_tells, {"findings_by_memory"}),
    "the last check": (lambda store: store.runs.last_check(FindingId(1)), {"ix_runs_finding_id"}),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_it_is_answered_from_an_index(tmp_path: Path, question: str) -> None:
    ask, indices = QUESTIONS[question]
    url = f"sqlite:///{tmp_path}/huntbot.db"
    async with await SqlStore.open(url) as store:
        with listening() as asked:
            await ask(store)

    plans = [line for statement, values in asked for line in plan(url, statement, values)]

    assert indices == {index for index in indices for line in plans if f" {index} " in f"{line} "}
    assert not [line for line in plans if line.startswith("SCAN") and line.split()[1] in metadata.tables]


@contextmanager
def listening() -> Iterator[Asked]:
    """What is read from the database meanwhile."""
    asked: Asked = []

    def keep(_: Connection, __: object, statement: str, values: Any, *___: object) -> None:
        if statement.startswith("SELECT") and " FROM " in statement.replace("\n", " "):
            asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


def plan(url: str, statement: str, values: Any) -> list[str]:
    with connected(url) as connection:
        return [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
