"""`python -m bench.warm ARCHIVE CACHE`: queries over an archive that is kept, beside SQL over the very same files.

Both run by turns in one process; the SQL is what somebody writes by hand who knows the files, and has to answer the
same. Prints JSON: of each pair the median of either in ms, and the median time to the plan of each shipped query.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, time

import duckdb

from app import shelf
from app.clock import now
from app.embedded import archive_rows
from app.progress import Bar
from app.window import ALWAYS
from bench.huntbot_cases import ACTION, CALLER, GROUP_BY, HUNTED
from bot.services.search import offered
from local.cache.shelf import Cache
from local.cloudtrail.ecs.schema import INDEX_NAME, field_types
from local.esql.catalog import Catalog, Index
from local.esql.engine import Engine

TIMES = 5

# The rows that the hunt looks at, and of each what the answer is keyed by.
HUNT_SQL = r"""
SELECT "event.id" AS event_id,
       regexp_extract("aws.cloudtrail.request_parameters", 'principal=([^,}]+)', 1) AS principal,
       regexp_extract("aws.cloudtrail.request_parameters", 'functionName=(?:[^,}]*:)?([^,:}]+)', 1) AS function
FROM parts
WHERE "event.provider" = 'lambda.amazonaws.com'
  AND regexp_full_match("event.action", 'AddPermission([0-9]+(v[0-9]+)?)?')
ORDER BY "@timestamp" DESC, "event.id"
"""
# What the hunt begins with, in ES|QL: the very question that the SQL beside it asks.
FILTER = """
FROM logs-aws.cloudtrail-*
| WHERE event.provider == "lambda.amazonaws.com" AND event.action RLIKE "AddPermission([0-9]+(v[0-9]+)?)?"
| KEEP @timestamp, event.id, event.outcome, aws.cloudtrail.request_parameters
| SORT @timestamp DESC, event.id | LIMIT 10000
"""
FILTER_SQL = """
SELECT "event.id", "event.outcome", "aws.cloudtrail.request_parameters" FROM parts
WHERE "event.provider" = 'lambda.amazonaws.com'
  AND regexp_full_match("event.action", 'AddPermission([0-9]+(v[0-9]+)?)?')
ORDER BY "@timestamp" DESC, "event.id" LIMIT 10000
"""
GROUP_BY_SQL = """
SELECT count(*) AS calls, "event.action", "aws.cloudtrail.user_identity.arn" FROM parts
GROUP BY ALL ORDER BY calls DESC, 2 NULLS LAST, 3 NULLS LAST LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question in ES|QL and in SQL; `columns`: those of the first that the second answers with."""

    query: str
    params: Mapping[str, object]
    columns: Sequence[str]
    sql: str


def pairs() -> Mapping[str, Pair]:
    hunt = shelf.pick([], HUNTED)
    params = offered(hunt.query, ALWAYS, "")
    return {
        "hunt": Pair(hunt.query, params, ("event_id", "principal", "function"), HUNT_SQL),
        "filter": Pair(FILTER, {}, ("event.id", "event.outcome", "aws.cloudtrail.request_parameters"), FILTER_SQL),
        "group-by": Pair(GROUP_BY, {}, ("calls", ACTION, CALLER), GROUP_BY_SQL),
    }


def measure(archive: Path, cache: Path) -> Mapping[str, object]:
    """
    Raises:
        ValueError: the two answers differ.
    """
    rows = archive_rows(str(archive), cache, Bar())
    with (
        closing(Engine(Catalog([Index(INDEX_NAME, field_types(), rows)]), now)) as engine,
        duckdb.connect() as database,
    ):
        database.execute(f"CREATE VIEW parts AS FROM read_parquet({_parts(archive, cache)!r})")
        told = {name: _compared(engine, database, pair) for name, pair in pairs().items()}
        plans = [_median_ms(partial(engine.plan, query, params)) for query, params in _shipped()]
    return {"pairs": told, "plan_ms": median(plans), "queries": len(plans)}


def _compared(engine: Engine, database: duckdb.DuckDBPyConnection, pair: Pair) -> Mapping[str, float]:
    def ours() -> Sequence[Sequence[object]]:
        answer = engine.query(pair.query, pair.params)
        places = [[name for name, _ in answer.columns].index(column) for column in pair.columns]
        return [tuple(row[place] for place in places) for row in answer.values]

    def theirs() -> Sequence[Sequence[object]]:
        return database.execute(pair.sql).fetchall()

    if sorted(map(repr, ours())) != sorted(map(repr, theirs())):
        raise ValueError(f"the answers differ: {pair.sql}")
    times = [(_ms(ours), _ms(theirs)) for _ in range(TIMES)]
    return {"ours_ms": median(time for time, _ in times), "sql_ms": median(time for _, time in times)}


def _shipped() -> Iterator[tuple[str, Mapping[str, object]]]:
    """The queries of every hunt and of its pivots, which get values of a finding, too."""
    found, _ = shelf.load([])
    for hunt in found.hunts.values():
        yield hunt.query, offered(hunt.query, ALWAYS, "")
        for pivot in hunt.pivots:
            yield pivot.query, {**offered(pivot.query, ALWAYS, ""), **dict.fromkeys(pivot.columns, "one")}


def _parts(archive: Path, cache: Path) -> list[str]:
    copy = Cache(cache, time).copy(str(archive.resolve()))
    names = dict.fromkeys(name for kept in copy.load().files.values() for name in kept.parts)
    return [str(copy.path_of(name)) for name in names]


def _ms(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1_000


def _median_ms(work: Callable[[], object]) -> float:
    return median(_ms(work) for _ in range(TIMES))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
