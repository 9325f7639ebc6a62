"""Query DSL clauses over a small table: what they let through, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from local.elasticsearch.exchange import RestError
from local.elasticsearch.filters import Filter
from local.esql import Catalog, Engine, Index

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
TYPES = {
    "@timestamp": "date",
    "name": "keyword",
    "tags": "keyword",
    "ok": "boolean",
    "n": "long",
    "ip": "ip",
    "t": "text",
    "odd": "flattened",
    "unused": "keyword",
    "ns": "long",
    "row": "integer",
}
Rows = Callable[[dict[str, Any]], list[int]]


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 7, day, hour, tzinfo=UTC)


TABLE = pa.table(
    {
        "@timestamp": pa.array([at(1), at(2, 23), at(30), at(31, 12), None], pa.timestamp("ms", tz="UTC")),
        "name": pa.array(["a", "b", None, "true", "7"]),
        "tags": pa.array([["x", "y"], ["y"], None, [], ["z", None]], pa.list_(pa.string())),
        "ok": pa.array([True, False, None, True, False]),
        "n": pa.array([1, 2, 3, None, 5]),
        "ip": pa.array(["192.0.2.1", "192.0.2.2", None, "2001:db8::1", "192.0.2.1"]),
        "t": pa.array(["a", "b", "c", "d", "e"]),
        "odd": pa.array(["a", "b", "c", "d", "e"]),
        "ns": pa.array([[1, 9], [5], None, [4, 6], [9]], pa.list_(pa.int64())),
        "row": pa.array(range(5), pa.int32()),
    }
)


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """Which rows of the table a clause lets through."""
    engine = Engine(Catalog([Index.of_table("t", TYPES, TABLE)]), lambda: NOW)

    def passing(clause: dict[str, Any]) -> list[int]:
        narrowed = engine.query("FROM t | KEEP row", narrowing=lambda fields: Filter(fields, NOW).condition(clause))
        return [row for (row,) in narrowed.values if isinstance(row, int)]

    yield passing
    engine.close()


def between(**bounds: Any) -> dict[str, Any]:
    return {"range": {"@timestamp": bounds}}


@pytest.mark.parametrize(
    ("clause", "passing"),
    [
        ({"match_all": {}}, [0, 1, 2, 3, 4]),
        (between(gte="2026-07-02T23:00:00Z"), [1, 2, 3]),
        (between(gt="2026-07-02T23:00:00Z", lt="2026-07-31T12:00:00.000Z"), [2]),
        (between(lte="2026-07-02"), [0, 1]),
        (between(lt="2026-07-02"), [0]),
        (between(gt="2026-07-30"), [3]),
        (between(gte="2026-07-30", lte=None), [2, 3]),
        (between(gte="2026-07-31T13:00:00+01:00", format="strict_date_optional_time"), [3]),
        (between(gte=1785369600000, lt="1785456000000", format="epoch_millis"), [2]),
        (between(gte="now-1d-1h"), [3]),
        (between(gte="now-40d", lt="now-3d+24h", boost=1.0), [0, 1, 2]),
        (between(), [0, 1, 2, 3]),
        ({"range": {"n": {"gte": 2, "lt": "5"}}}, [1, 2]),
        ({"range": {"name": {"gte": "a"}}}, [0, 1, 3]),
        ({"range": {"nowhere": {"gte": 1}}}, []),
        ({"term": {"name": "a"}}, [0]),
        ({"term": {"name": {"value": "a", "boost": 2}}}, [0]),
        ({"term": {"name": True}}, [3]),
        ({"term": {"name": 7}}, [4]),
        ({"term": {"tags": "y"}}, [0, 1]),
        ({"term": {"ok": "true"}}, [0, 3]),
        ({"term": {"ok": False}}, [1, 4]),
        ({"term": {"n": "3"}}, [2]),
        ({"term": {"ip": "192.0.2.1"}}, [0, 4]),
        ({"term": {"ip": "192.0.2.0/31"}}, [0, 4]),
        ({"range": {"ip": {"gt": "192.0.2.1"}}}, [1, 3]),
        ({"term": {"n": 2.5}}, []),
        ({"range": {"n": {"gt": 2.5}}}, [2, 4]),
        ({"term": {"nowhere": 1}}, []),
        # one and the same value of several is in a range, or equal
        ({"range": {"ns": {"gte": 4, "lte": 6}}}, [1, 3]),
        ({"range": {"ns": {"gt": 4, "lt": 6}}}, [1]),
        ({"range": {"tags": {"lt": "y"}}}, [0]),
        ({"term": {"ns": 9}}, [0, 4]),
        ({"terms": {"ns": [6, 5.0]}}, [1, 3]),
        ({"terms": {"name": []}}, []),
        ({"terms": {"name": ["a", "b"], "boost": 1}}, [0, 1]),
        ({"match_phrase": {"name": "b"}}, [1]),
        ({"match_phrase": {"name": {"query": "b"}}}, [1]),
        ({"exists": {"field": "name"}}, [0, 1, 3, 4]),
        ({"exists": {"field": "nowhere"}}, []),
        ({"exists": {"field": "unused"}}, []),
        ({"range": {"unused": {"gte": 1}}}, []),
        ({"bool": {"must_not": [{"term": {"unused": 1}}]}}, [0, 1, 2, 3, 4]),
        ({"bool": {}}, [0, 1, 2, 3, 4]),
        ({"bool": {"must_not": {"term": {"name": "a"}}}}, [1, 2, 3, 4]),
        ({"bool": {"must_not": {"range": {"ns": {"gte": 5}}}}}, [2]),
        ({"bool": {"should": [{"term": {"n": 1}}], "minimum_should_match": 2}}, []),
        ({"bool": {"should": [{"term": {"n": 1}}, {"term": {"n": 2}}]}}, [0, 1]),
        ({"bool": {"should": [{"term": {"n": 1}}], "filter": [{"term": {"ok": True}}]}}, [0, 3]),
        (
            {
                "bool": {
                    "should": [{"term": {"n": 1}}, {"term": {"ok": True}}, {"term": {"name": "a"}}],
                    "minimum_should_match": "2",
                }
            },
            [0],
        ),
        (
            {
                "bool": {
                    "must": [],
                    "filter": [between(gte="2026-07-01")],
                    "should": [],
                    "must_not": [{"term": {"n": 2}}],
                }
            },
            [0, 2, 3],
        ),
    ],
)
def test_lets_through(rows: Rows, clause: dict[str, Any], passing: list[int]) -> None:
    assert rows(clause) == passing


@pytest.mark.parametrize(
    ("clause", "named"),
    [
        ({"fuzzy": {"name": "a"}}, "[fuzzy] query"),
        ({"bool": {"may": []}}, "[may] in a [bool] query"),
        ({"bool": {"should": [], "minimum_should_match": "75%"}}, "[minimum_should_match] of [75%]"),
        ({"term": {"name": {"value": "a", "case_insensitive": True}}}, "case_insensitive"),
        ({"term": {"t": "a"}}, "of type [text]"),
        ({"term": {"ip": "192.0.2.0/240"}}, "192.0.2.0/240"),
        ({"term": {"ip": "here"}}, "here"),
        ({"exists": {"field": "odd"}}, "[odd] with unsupported type [flattened]"),
        ({"term": {"ok": "perhaps"}}, "perhaps"),
        ({"term": {"n": "many"}}, "many"),
        ({"term": {"n": True}}, "True"),
        (between(gte="now/d"), "now/d"),
        (between(gte="soon"), "soon"),
        (between(gte=True), "True"),
        (between(around="2026"), "[around] in a [range] query"),
        (between(gte="2026-07-01", time_zone="+01:00"), "time_zone"),
        ({}, "malformed"),
        ({"term": {"name": "a"}, "terms": {}}, "malformed"),
        ({"term": "name"}, "malformed"),
        ({"exists": {}}, "[field]"),
    ],
)
def test_refuses_by_name_what_would_otherwise_widen_the_answer(
    rows: Rows, clause: dict[str, Any], named: str
) -> None:
    with pytest.raises(RestError) as refused:
        rows(clause)
    assert refused.value.status == 400
    assert named in refused.value.reason
