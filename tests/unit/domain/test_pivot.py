"""What a pivot's query gets to know of a finding, and what is kept of its answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from bot.domain.pivot import KEPT_ROWS, Pivot, answered, bind
from bot.domain.rows import Column, Rows, Value
from tests.stand_ins import START

HOUR = timedelta(hours=1)

AROUND = "FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend"

BOUND: list[tuple[str, Mapping[str, Value], Mapping[str, Value], tuple[str, ...]]] = [
    ("actor == ?actor", {"actor": "a", "function": "f"}, {"actor": "a"}, ()),
    ("actor == ?actor AND f == ?function", {"actor": "a"}, {"actor": "a"}, ("function",)),
    ("actor == ?actor", {"actor": None}, {}, ("actor",)),
    ("actor == ?actor", {"actor": ("a", "b")}, {}, ("actor",)),
    ("ip == ?source_ip", {"source.ip": "192.0.2.1"}, {"source_ip": "192.0.2.1"}, ()),
    ("ip == ?source_ip", {"source.ip": "192.0.2.1", "source_ip": "192.0.2.9"}, {"source_ip": "192.0.2.9"}, ()),
    ('x == "?actor" AND n > ?count', {"actor": "a", "count": 0}, {"count": 0}, ()),
    ("ok == ?is_ok", {"is_ok": False}, {"is_ok": False}, ()),
    ("a == ?account AND NOT a IN (?known_accounts)", {"account": "1"}, {"account": "1"}, ()),
    ("actor == ?actor // and ?function", {"actor": 'x") | DROP actor //'}, {"actor": 'x") | DROP actor //'}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("where", "columns", "expected", "missing"), BOUND)
def test_only_what_the_query_names_is_bound_and_what_the_finding_lacks_is_said(
    where: str, columns: Mapping[str, Value], expected: Mapping[str, Value], missing: tuple[str, ...]
) -> None:
    assert bind(Pivot("p", f"{AROUND} | WHERE {where}"), columns) == (expected, missing)


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        (START + 3 * HOUR, START + 2 * HOUR),
        (START + 2 * HOUR, START + 2 * HOUR),
        (START + HOUR / 5, START + HOUR / 5),  # the rest of it is yet to come
        (START - HOUR / 2, START - HOUR / 2),  # the log's clock is ahead of ours
        (START - 2 * HOUR, START - HOUR),
    ],
)
def test_it_looks_at_its_stretch_around_the_event_as_far_as_that_has_passed(asked: datetime, end: datetime) -> None:
    assert Pivot("p", AROUND, HOUR, 2 * HOUR).stretch(START, asked) == (START - HOUR, end)


def test_a_button_means_the_same_pivot_in_another_order() -> None:
    keys = {Pivot(name, AROUND).key for name in ("one", "two", "One")}

    assert len(keys) == 3
    assert Pivot("one", AROUND).key == Pivot("one", "FROM elsewhere", HOUR).key


def rows(count: int, text: str) -> Rows:
    return Rows((Column("n", "integer"), Column("text", "keyword")), tuple((n, text) for n in range(count)))


SIZES = [(0, "x", 0), (3, "x", 3), (KEPT_ROWS, "x", KEPT_ROWS), (1_000, "x", KEPT_ROWS), (9, "x" * 100_000, 2)]


@pytest.mark.parametrize(("count", "text", "kept"), SIZES)
def test_the_first_rows_are_kept_and_all_are_counted(count: int, text: str, kept: int) -> None:
    answer = answered(rows(count, text), is_more=False)

    assert (len(answer.rows), answer.total) == (kept, count)
    assert answer.rows == rows(count, text).values[:kept]
