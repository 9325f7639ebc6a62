"""One engine over a few invented rows, for every test of the ES|QL engine."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import settings

from local.esql import Catalog, Engine, Index

settings.register_profile("fuzz", max_examples=1_000)

NOW = datetime(2026, 1, 10, 12, 30, tzinfo=UTC)
_FIELDS = {
    "@timestamp": "date",
    "action": "keyword",
    "user.name": "keyword",
    "source.ip": "ip",
    "bytes": "long",
    "retries": "integer",
    "score": "double",
    "tags": "keyword",
    "ok": "boolean",
    "note": "text",
    "absent": "keyword",
    "odd": "flattened",
}
_TRAIL = pa.table(
    {
        "@timestamp": pa.array(
            [datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((1, 0), (3, 6), (8, 12), (9, 18))],
            pa.timestamp("ms", "UTC"),
        ),
        "action": ["AddPermission20150331v2", "GetFunction", "AddPermission20150331", None],
        "user.name": ["ann", "bob", "ann", "cy"],
        "source.ip": ["10.0.0.9", "10.0.0.10", "2001:db8::1", None],
        "bytes": pa.array([100, 2_000_000_000_000, None, 7], pa.int64()),
        "retries": pa.array([1, 2, 2, None], pa.int32()),
        "score": [1.5, -2.5, 0.0, None],
        "tags": [["b", "a", "a"], ["c"], [], None],
        "ok": [True, False, None, True],
        "note": ["fine day", "x", None, "100% sure"],
    }
)
_OTHER = pa.table({"user.name": ["dee"], "retries": ["many"]})


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    catalog = Catalog(
        [
            Index.of_table("logs-trail-default", _FIELDS, _TRAIL),
            Index.of_table("logs-other", {"user.name": "keyword", "retries": "keyword"}, _OTHER),
            Index.of_table("empty", {"a": "keyword", "n": "long"}, pa.table({})),
        ]
    )
    made = Engine(catalog, lambda: NOW)
    yield made
    made.close()
