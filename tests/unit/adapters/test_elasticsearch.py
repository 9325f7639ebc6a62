"""ElasticsearchLogs at the client's own transport edge: what it sends, and what it makes of every answer."""

import asyncio
import json
import warnings
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import elastic_transport
import pytest
from elastic_transport import ApiResponseMeta, BaseAsyncNode, HttpHeaders

from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.domain.rows import Column
from bot.errors import LogSearchDenied, LogSearchError, LogSearchUnavailable, QueryRejected

KEY = "c2VjcmV0LWtleS1vZi1odW50Ym90"
URL = "https://elastic:hunter2@es.example.com:9200"
EMPTY: Mapping[str, object] = {"columns": [], "values": [], "took": 3, "is_partial": False}


class Answer(NamedTuple):
    """What the transport unpacks."""

    meta: ApiResponseMeta
    body: bytes


@dataclass
class Server:
    """The other end of the wire: one scripted answer, and what was asked of it."""

    status: int = 200
    body: object = field(default_factory=lambda: dict(EMPTY))
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Exception | None = None
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def node_class(self) -> type[BaseAsyncNode]:
        server = self

        class Node(BaseAsyncNode):
            async def perform_request(  # type: ignore[override]
                self, method: str, target: str, body: bytes | None = None, **_: object
            ) -> Answer:
                await asyncio.sleep(0)
                server.asked.append((method, target, json.loads(body or b"null")))
                if server.fault is not None:
                    raise server.fault
                content = server.body if isinstance(server.body, bytes) else json.dumps(server.body).encode()
                headers = {
                    "x-elastic-product": "Elasticsearch",
                    "content-type": "application/vnd.elasticsearch+json;compatible-with=9",
                } | dict(server.headers)
                return Answer(ApiResponseMeta(server.status, "1.1", HttpHeaders(headers), 0.1, self.config), content)

            async def close(self) -> None:  # type: ignore[override]
                pass

        return Node


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def logs(server: Server) -> AsyncIterator[ElasticsearchLogs]:
    client = open_client("https://es.example.com:9200", api_key=KEY, node_class=server.node_class())
    yield ElasticsearchLogs(client, timeout_s=7)
    await client.close()


def error(kind: str, reason: str) -> Mapping[str, object]:
    return {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}}


async def test_values_go_as_named_parameters_and_partial_answers_are_refused(
    server: Server, logs: ElasticsearchLogs
) -> None:
    hostile = '" | DROP x'
    await logs.query("FROM a | WHERE b == ?name", {"name": hostile, "none": None})
    assert server.asked == [
        (
            "POST",
            "/_query?allow_partial_results=false",
            {"query": "FROM a | WHERE b == ?name", "params": [{"name": hostile}, {"none": None}]},
        )
    ]


async def test_rows_keep_types_nulls_and_several_values(server: Server, logs: ElasticsearchLogs) -> None:
    server.body = {
        "columns": [{"name": "a", "type": "keyword"}, {"name": "n", "type": "long"}],
        "values": [["x", 1], [["y", "z"], None]],
        "took": 12,
        "is_partial": True,
    }
    rows = await logs.query("FROM a", {})
    assert rows.columns == (Column("a", "keyword"), Column("n", "long"))
    assert rows.values == (("x", 1), (("y", "z"), None))
    assert (rows.took_ms, rows.is_partial) == (12, True)


async def test_warnings_are_kept_and_neither_printed_nor_raised(server: Server, logs: ElasticsearchLogs) -> None:
    server.headers = {
        "warning": '299 Elasticsearch-9.3.0 "No limit defined, adding default limit of [1000]",'
        ' 299 Elasticsearch-9.3.0 "Line 1:9: evaluation of [x] failed: \\"y\\""'
    }
    with warnings.catch_warnings(record=True) as seen:
        rows = await logs.query("FROM a", {})
    assert rows.warnings == (
        "No limit defined, adding default limit of [1000]",
        'Line 1:9: evaluation of [x] failed: "y"',
    )
    assert seen == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (401, error("security_exception", "unable to authenticate"), LogSearchDenied, "unable to authenticate"),
        (403, error("security_exception", "action is unauthorized"), LogSearchDenied, "action is unauthorized"),
        (400, error("parsing_exception", "line 1:1: bad"), QueryRejected, "line 1:1: bad"),
        (404, error("index_not_found_exception", "no such index [x]"), QueryRejected, "no such index [x]"),
        (429, error("es_rejected_execution_exception", "too busy"), LogSearchUnavailable, "answered 429: too busy"),
        (500, error("x", "a shard failed"), LogSearchUnavailable, "answered 500: a shard failed"),
        (503, error("x", "no master"), LogSearchUnavailable, "answered 503: no master"),
        (502, b"<html>Bad Gateway</html>", LogSearchUnavailable, "answered 502: no reason given"),
        (401, b"", LogSearchDenied, "no reason given"),
        (403, {"error": "forbidden by proxy"}, LogSearchDenied, "forbidden by proxy"),
    ],
)
async def test_a_refusal_is_translated_once_and_never_repeated(
    server: Server,
    logs: ElasticsearchLogs,
    status: int,
    body: object,
    kind: type[LogSearchError],
    says: str,
) -> None:
    server.status, server.body = status, body
    server.headers = {"content-type": "text/html"} if isinstance(body, bytes) else {}
    with pytest.raises(LogSearchError) as refused:
        await logs.query("FROM a", {})
    assert type(refused.value) is kind
    assert says in str(refused.value)
    assert len(server.asked) == 1


async def test_a_rejected_query_says_where(server: Server, logs: ElasticsearchLogs) -> None:
    server.status = 400
    server.body = error("verification_exception", "Found 1 problem\nline 3:14: Unknown column [nope]")
    with pytest.raises(QueryRejected) as refused:
        await logs.query("FROM a", {})
    assert (refused.value.kind, refused.value.line, refused.value.column) == ("verification_exception", 3, 14)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (elastic_transport.ConnectionTimeout("late"), "did not answer within 7 s"),
        (elastic_transport.ConnectionError("Cannot connect: Connection refused"), "Connection refused"),
        (elastic_transport.TlsError("self-signed certificate"), "ELASTICSEARCH_CA_FILE"),
        (elastic_transport.SerializationError("not JSON"), "it is not JSON"),
    ],
)
async def test_a_broken_wire_is_unavailable(
    server: Server, logs: ElasticsearchLogs, fault: Exception, says: str
) -> None:
    server.fault = fault
    with pytest.raises(LogSearchUnavailable, match=says):
        await logs.query("FROM a", {})
    assert len(server.asked) == 1


async def test_what_is_no_elasticsearch_is_said_to_be_none(server: Server, logs: ElasticsearchLogs) -> None:
    server.headers = {"x-elastic-product": "OpenSearch"}
    with pytest.raises(LogSearchUnavailable, match="not Elasticsearch"):
        await logs.query("FROM a", {})


@pytest.mark.parametrize("reason", [f"ApiKey {KEY} is not valid", f"at {URL}/_query", "Basic ZWxhc3RpYzpodW50ZXIy"])
async def test_no_credential_is_repeated(server: Server, logs: ElasticsearchLogs, reason: str) -> None:
    server.status, server.body = 401, error("security_exception", reason)
    with pytest.raises(LogSearchDenied) as refused:
        await logs.query("FROM a", {})
    for secret in (KEY, "hunter2", "ZWxhc3RpYzpodW50ZXIy"):
        assert secret not in str(refused.value)


async def test_an_endless_reason_is_cut(server: Server, logs: ElasticsearchLogs) -> None:
    server.status, server.body = 400, error("x", "a" * 100_000)
    with pytest.raises(QueryRejected) as refused:
        await logs.query("FROM a", {})
    assert len(refused.value.reason) == 600


async def test_the_privileges_of_the_key_are_told_by_pattern(server: Server, logs: ElasticsearchLogs) -> None:
    server.body = {
        "username": "me",
        "has_all_requested": False,
        "index": {"logs-*": {"read": True, "write": True, "delete": False}},
    }
    held = await logs.privileges(["logs-*", "other-*"])
    assert held == {"logs-*": frozenset({"read", "write"}), "other-*": frozenset()}
