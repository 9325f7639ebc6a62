"""Queries that would run for minutes end when they are told to, and leave no thread behind."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from local.esql import Catalog, Engine, Index
from local.esql.catalog import Parts, Stored
from local.esql.errors import ArgumentError, ClosedError, QueryTimeoutError
from local.wanted import Deadline, Wanted

NOW = datetime(2026, 1, 10, 12, 30, tzinfo=UTC)
DIGITS = "[" + ", ".join(map(str, range(60))) + "]"
CROSS_PRODUCT = (
    f"ROW {', '.join(f'c{i} = {DIGITS}' for i in range(6))}"
    f" | {' | '.join(f'MV_EXPAND c{i}' for i in range(6))} | STATS s = SUM(c0)"
)
MINUTES = {
    "a cross product": CROSS_PRODUCT,
    "GROK that backtracks, once a row": 'FROM many | GROK t "(a|aa)+(?<g>b)" | STATS c = COUNT(g)',
    "REPLACE that backtracks, once a row": 'FROM many | EVAL t = REPLACE(t, "(a|aa)+(?=b)", "") | STATS c = COUNT(t)',
    "many short calls back": 'FROM many | EVAL u = REPLACE(t, "(?=a)", ?long) | STATS c = SUM(LENGTH(u))',
    "rows that do not come": "FROM slow | STATS c = COUNT(*)",
}


class Slow:
    """Rows that take minutes to read."""

    def columns(self) -> Mapping[str, bool]:
        return {"t": False}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        assert wanted.columns == frozenset()
        while True:
            deadline.check()
            time.sleep(0.01)

    def doubt(self, parts: Parts) -> None:
        raise AssertionError(parts)


def engine_of_much() -> Engine:
    text = pa.array(["a" * 40 + "!"]).take(pa.array([0] * 20_000))
    many = Index.of_table("many", {"t": "keyword"}, pa.table({"t": text}))
    return Engine(Catalog([many, Index("slow", {"t": "keyword"}, Slow())]), lambda: NOW)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = engine_of_much()
    yield engine
    engine.close()


@pytest.mark.parametrize("query", MINUTES.values(), ids=MINUTES.keys())
def test_a_query_ends_at_its_deadline(engine: Engine, query: str) -> None:
    threads = threading.active_count()
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        engine.query(query, {"long": "b" * 10_000}, Deadline(0.3))
    assert time.monotonic() - started < 10
    assert threading.active_count() == threads


def cancelled(_: Engine, deadline: Deadline) -> None:
    deadline.cancel()


def closed(engine: Engine, _: Deadline) -> None:
    engine.close()


@pytest.mark.parametrize("query", MINUTES.values(), ids=MINUTES.keys())
@pytest.mark.parametrize(("ended", "error"), [(cancelled, QueryTimeoutError), (closed, ClosedError)])
def test_a_query_ends_when_it_is_cancelled_or_the_engine_closed(
    query: str, ended: Callable[[Engine, Deadline], None], error: type[Exception]
) -> None:
    threads = threading.active_count()
    engine, deadline = engine_of_much(), Deadline()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.query, query, {"long": "b" * 10_000}, deadline)
        time.sleep(0.2)
        ended(engine, deadline)
        with pytest.raises(error):
            running.result(timeout=20)
    assert threading.active_count() == threads
    engine.close()


@pytest.mark.parametrize(
    ("source", "doubling", "after"),
    [
        ("ROW a = 1", "EVAL a = a + a", "LIMIT 1"),
        ('ROW a = "a"', "EVAL a = REPEAT(a, 1000000)", "LIMIT 1"),
        ("ROW a = true", "EVAL a = a AND a", "WHERE a"),
        ('FROM many | EVAL a = t == "b"', "EVAL a = a OR a", "WHERE a"),
        ('FROM many | EVAL a = t == "b"', "EVAL a = CASE(a, a, a)", "WHERE a | SORT a"),
    ],
)
def test_what_doubles_with_every_command_is_worked_out_once(
    engine: Engine, source: str, doubling: str, after: str
) -> None:
    engine.query(" | ".join([source, *[doubling] * 60, after]), deadline=Deadline(20))


def test_a_text_that_doubles_with_every_command_is_too_long_in_the_end(engine: Engine) -> None:
    query = " | ".join(['ROW a = "aaaaaaaaaa"', *["EVAL a = CONCAT(a, a)"] * 60])
    with pytest.raises(ArgumentError, match=r"concatenating more than \[1048576\] bytes is not supported"):
        engine.query(query, deadline=Deadline(20))
