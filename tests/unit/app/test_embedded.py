"""The embedded Elasticsearch asked directly answers as it does through the official client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.embedded import Embedded, plugged
from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.errors import LogSearchUnavailable, QueryRejected
from local.cloudtrail import sample
from local.elasticsearch.node import node_class

REPO = Path(__file__).parents[3]
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
FROM = "FROM logs-aws.cloudtrail-*"
QUERIES = [
    f"{FROM} | STATS c = COUNT(*) BY event.action, event.type | SORT c DESC, event.action, event.type",
    f"{FROM} | WHERE event.action == ?action | KEEP @timestamp, related.user | SORT @timestamp | LIMIT 5",
    f"{FROM} | KEEP event.id",
    'ROW a = 1.5, b = null, c = "\u00e9", d = [1, 2]',
]
REFUSED = [f"{FROM} | KEEP nope", "FROM nowhere", "FORM x"]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    (tmp_path / "a.json").write_text(json.dumps({"Records": sample.records(NOW)}))
    asked = plugged(str(tmp_path), {}, lambda: NOW, None)
    yield asked
    asked.close()


THREADS_OF_NUMPY = """
import os, sys
from pathlib import Path
from app.embedded import plugged
plugged(sys.argv[1], {}, None, None).close()
before = len(os.listdir("/proc/self/task"))
import numpy
sys.exit(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it counts threads in /proc")
def test_numpy_which_duckdb_loads_starts_no_thread(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    given = {"PATH": os.defpath, "HOME": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", THREADS_OF_NUMPY, tmp_path], check=False, env=given, cwd=REPO)  # noqa: S603 - this Python
    assert told.returncode == 0


@pytest.mark.parametrize("query", QUERIES)
async def test_rows_and_warnings_are_the_same(embedded: Embedded, query: str) -> None:
    params = {"action": "AssumeRole"} if "?action" in query else {}
    direct, warnings = await embedded.answer(query, params)
    async with open_client("http://embedded:9200", node_class=node_class(embedded.application)) as client:
        through, also = await ElasticsearchLogs(client).answer(query, params)
    assert {**direct, "took": 0} == {**through, "took": 0}
    assert warnings == also


@pytest.mark.parametrize("query", REFUSED)
async def test_a_refusal_is_the_same(embedded: Embedded, query: str) -> None:
    with pytest.raises(QueryRejected) as direct:
        await embedded.query(query, {})
    async with open_client("http://embedded:9200", node_class=node_class(embedded.application)) as client:
        with pytest.raises(QueryRejected) as through:
            await ElasticsearchLogs(client).query(query, {})
    assert direct.value == through.value or str(direct.value) == str(through.value)
    assert direct.value.__cause__.body == through.value.__cause__.body  # type: ignore[union-attr]


async def test_what_is_no_text_is_refused(embedded: Embedded) -> None:
    with pytest.raises(QueryRejected):
        await embedded.query('ROW a = "\udcff"', {})


@pytest.mark.parametrize(
    "text",
    ["no log", '{"Records":[]}', '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}'],
)
@pytest.mark.parametrize("condition", ["", '| WHERE event.action == "DeleteTrail"', "| WHERE false"])
async def test_what_holds_no_record_is_no_all_clear(tmp_path: Path, text: str, condition: str) -> None:
    (tmp_path / "notes.txt").write_text(text)
    nothing = plugged(str(tmp_path), {}, lambda: NOW, None)
    with pytest.raises(LogSearchUnavailable, match="nothing was searched"):
        await nothing.query(f"FROM logs-aws.cloudtrail-* {condition} | STATS COUNT(*)", {})
    nothing.close()


async def test_a_query_that_nothing_can_fulfil_answers_with_nothing(embedded: Embedded) -> None:
    assert (await embedded.query("FROM logs-aws.cloudtrail-* | WHERE false", {})).values == ()
