"""The embedded Elasticsearch through the official client, in-process and over HTTP: the same answers both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import elastic_transport
import pytest
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    AuthenticationException,
    BadRequestError,
    ElasticsearchWarning,
    NotFoundError,
)

from local.cloudtrail.record import Json, Record
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from local.elasticsearch.over_http import serving

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
KEY = "aHVudGJvdDpzZWNyZXQ="
FROM = "FROM logs-aws.cloudtrail-*"


def call(event_id: str, hours_ago: float, **more: Json) -> Record:
    return {
        "eventTime": (NOW - timedelta(hours=hours_ago)).isoformat(),
        "eventSource": "lambda.amazonaws.com",
        "eventName": "AddPermission20150331v2",
        "eventID": event_id,
        "sourceIPAddress": "192.0.2.1",
        "readOnly": False,
        "requestParameters": {"functionName": "pay", "principal": "*"},
        **more,
    }


RECORDS = [
    call("e-1", 1),
    call("e-2", 30, errorCode="AccessDenied", readOnly=True),
    call("e-3", 60, userAgent="<!channel> \u202egnp\u200b", requestParameters={"functionName": "x" * 9000}),
]


@pytest.fixture
def application() -> Iterator[Elasticsearch]:
    with closing(from_records(RECORDS, lambda: NOW, api_key=KEY)) as application:
        yield application


Connect = Callable[..., AsyncElasticsearch]


@pytest.fixture(params=["in-process", "http"])
async def connect(request: pytest.FixtureRequest, application: Elasticsearch) -> AsyncIterator[Connect]:
    """Makes clients, all of which are closed in the end."""
    async with AsyncExitStack() as stack:
        if request.param == "http":
            url, options = await stack.enter_async_context(serving(application)), {}
        else:
            url, options = "http://in-process:9200", {"node_class": node_class(application)}

        def connected(**more: Any) -> AsyncElasticsearch:
            client = AsyncElasticsearch(url, max_retries=0, **{"api_key": KEY, **options, **more})
            stack.push_async_callback(client.close)
            return client

        yield connected


@pytest.fixture
def client(connect: Connect) -> AsyncElasticsearch:
    return connect()


async def values(client: AsyncElasticsearch, query: str, **more: Any) -> Any:
    return (await client.esql.query(query=query, **more))["values"]


async def test_says_what_it_is(client: AsyncElasticsearch) -> None:
    info = await client.info()
    assert info["version"]["number"].startswith("9.")
    assert info["tagline"] == "You Know, for Search"
    assert await client.ping()


async def test_answers_a_query_with_typed_columns_and_rows(client: AsyncElasticsearch) -> None:
    answer = await client.esql.query(
        query=f"{FROM} | KEEP @timestamp, event.id, source.ip, aws.cloudtrail.read_only, user.name"
        " | SORT @timestamp DESC | LIMIT 1"
    )
    assert answer["columns"] == [
        {"name": "@timestamp", "type": "date"},
        {"name": "event.id", "type": "keyword"},
        {"name": "source.ip", "type": "ip"},
        {"name": "aws.cloudtrail.read_only", "type": "boolean"},
        {"name": "user.name", "type": "keyword"},
    ]
    assert answer["values"] == [["2026-08-01T11:00:00.000Z", "e-1", "192.0.2.1", False, None]]
    assert answer["is_partial"] is False
    assert answer["took"] >= 0


@pytest.mark.parametrize(
    ("condition", "params"),
    [
        ("event.id == ?id", [{"id": "e-2"}]),
        ("event.id == ?", ["e-2"]),
        ("event.id == ?1", ["e-2"]),
        (
            "@timestamp < ?_tend AND @timestamp >= ?_tstart",
            [{"_tend": "2026-08-01T00:00:00Z"}, {"_tstart": "2026-07-31"}],
        ),
    ],
)
async def test_binds_parameters(client: AsyncElasticsearch, condition: str, params: list[Any]) -> None:
    assert await values(client, f"{FROM} | WHERE {condition} | KEEP event.id | LIMIT 9", params=params) == [["e-2"]]


async def test_a_value_never_becomes_query_text(client: AsyncElasticsearch) -> None:
    hostile = 'e-1" OR true | DROP event.id //'
    assert await values(client, f"{FROM} | WHERE event.id == ?id | LIMIT 9", params=[{"id": hostile}]) == []


async def test_what_a_log_says_comes_through_unchanged(client: AsyncElasticsearch) -> None:
    query = f'{FROM} | WHERE event.id == "e-3" | KEEP user_agent.original | LIMIT 1'
    assert await values(client, query) == [["<!channel> \u202egnp\u200b"]]


async def test_a_text_too_long_for_the_index_is_null_there_and_whole_in_its_text_field(
    client: AsyncElasticsearch,
) -> None:
    field = "aws.cloudtrail.request_parameters"
    query = f'{FROM} | WHERE event.id == "e-3" | EVAL n = LENGTH({field}.text) | KEEP {field}, n | LIMIT 1'
    assert await values(client, query) == [[None, len("{functionName=}") + 9000]]


async def test_columnar_answers_by_column(client: AsyncElasticsearch) -> None:
    query = f"{FROM} | SORT event.id | KEEP event.id, event.outcome | LIMIT 2"
    assert await values(client, query, columnar=True) == [["e-1", "e-2"], ["success", "failure"]]


@pytest.mark.parametrize("as_it_is", [{"time_zone": "UTC"}, {"time_zone": "Z", "locale": "en-GB"}, {"locale": None}])
async def test_the_zone_and_language_that_it_has_may_be_asked_for(
    client: AsyncElasticsearch, as_it_is: dict[str, str | None]
) -> None:
    query = f"{FROM} | SORT event.id | KEEP event.id | LIMIT 1"
    asked = await client.perform_request(
        "POST", "/_query", headers={"content-type": "application/json", "accept": "application/json"},
        body={"query": query, **as_it_is},
    )  # fmt: skip
    assert asked["values"] == [["e-1"]]


async def test_null_columns_can_be_dropped(client: AsyncElasticsearch) -> None:
    query = f"{FROM} | SORT event.id | KEEP user.name, event.id | LIMIT 1"
    answer = await client.esql.query(query=query, drop_null_columns=True)
    assert [column["name"] for column in answer["all_columns"]] == ["user.name", "event.id"]
    assert [column["name"] for column in answer["columns"]] == ["event.id"]
    assert answer["values"] == [["e-1"]]


async def test_a_filter_narrows_what_the_query_sees(client: AsyncElasticsearch) -> None:
    last_day = {"range": {"@timestamp": {"gte": "now-1d", "format": "strict_date_optional_time"}}}
    assert await values(client, f"{FROM} | KEEP event.id | LIMIT 9", filter=last_day) == [["e-1"]]
    assert len(await values(client, f"{FROM} | KEEP event.id | LIMIT 9")) == 3


async def test_warnings_come_as_the_client_reads_them(client: AsyncElasticsearch) -> None:
    with pytest.warns(ElasticsearchWarning, match=r"No limit defined, adding default limit of \[1000\]"):
        await client.esql.query(query=f"{FROM} | KEEP event.id")


@pytest.mark.parametrize(
    ("query", "kind", "reason"),
    [
        (f"{FROM} | WHERE nonsense == 1", "verification_exception", "Unknown column [nonsense]"),
        (f"{FROM} | LIMIT 1 | WHERE", "parsing_exception", "line 1:"),
        ("FROM nowhere | LIMIT 1", "verification_exception", "Unknown index [nowhere]"),
        ("", "action_request_validation_exception", "[query] is required"),
    ],
)
async def test_a_bad_query_is_refused_in_elasticsearchs_words(
    client: AsyncElasticsearch, query: str, kind: str, reason: str
) -> None:
    with pytest.raises(BadRequestError) as refused:
        await client.esql.query(body={"query": query})
    assert refused.value.body["status"] == 400
    assert refused.value.body["error"]["type"] == kind
    assert reason in refused.value.body["error"]["reason"]


BAD_REQUESTS: dict[str, tuple[str, str, Any, int]] = {
    "malformed JSON": ("POST", "/_query", '{"query":', 400),
    "no object": ("POST", "/_query", "[]", 400),
    "no body": ("POST", "/_query", None, 400),
    "unknown field": ("POST", "/_query", '{"query":"ROW a=1","x":1}', 400),
    "unknown parameter": ("POST", "/_query?pager=1", '{"query":"ROW a=1"}', 400),
    "bad flag": ("POST", "/_query?drop_null_columns=perhaps", '{"query":"ROW a=1"}', 400),
    "other format": ("POST", "/_query?format=csv", '{"query":"ROW a=1"}', 400),
    "wrong type": ("POST", "/_query", '{"query":7}', 400),
    "tables": ("POST", "/_query", '{"query":"ROW a=1","tables":{}}', 400),
    "another time zone": ("POST", "/_query", '{"query":"ROW a=1","time_zone":"Europe/Berlin"}', 400),
    "another language": ("POST", "/_query", '{"query":"ROW a=1","locale":"de-DE"}', 400),
    "unknown filter": ("POST", "/_query", '{"query":"ROW a=1","filter":{"fuzzy":{}}}', 400),
    "wrong method": ("GET", "/_query", None, 405),
    "unknown API": ("GET", "/_nothing", None, 404),
    "unknown index": ("GET", "/nothing", None, 404),
    "search": ("POST", "/logs-aws.cloudtrail-default/_search", "{}", 404),
}


@pytest.mark.parametrize("what", BAD_REQUESTS)
async def test_a_bad_request_is_refused_with_an_error_body(client: AsyncElasticsearch, what: str) -> None:
    method, target, body, status = BAD_REQUESTS[what]
    headers = {"accept": "application/json", "content-type": "application/json"}
    with pytest.raises(ApiError) as refused:
        await client.perform_request(method, target, headers=headers, body=body)
    assert refused.value.meta.status == status
    assert refused.value.body["status"] == status
    assert refused.value.body["error"]


@pytest.mark.parametrize("key", [None, "bm90Om1pbmU=", ("not", "mine")])
async def test_without_the_right_key_nothing_is_answered(connect: Connect, key: Any) -> None:
    with pytest.raises(AuthenticationException) as refused:
        await connect(api_key=key).esql.query(query="ROW a = 1")
    assert refused.value.body["error"]["type"] == "security_exception"
    assert KEY not in str(refused.value.body)


async def test_says_who_the_key_is(client: AsyncElasticsearch) -> None:
    assert (await client.security.authenticate())["username"] == "huntbot"


async def test_the_key_may_read_what_is_here_and_no_more(client: AsyncElasticsearch) -> None:
    answer = await client.security.has_privileges(
        cluster=["manage"],
        index=[
            {"names": ["logs-aws.cloudtrail-*"], "privileges": ["read", "write"]},
            {"names": "secrets", "privileges": ["read"]},
        ],
    )
    assert answer["index"] == {"logs-aws.cloudtrail-*": {"read": True, "write": False}, "secrets": {"read": False}}
    assert answer["cluster"] == {"manage": False}
    assert answer["has_all_requested"] is False


async def test_says_which_indices_exist(client: AsyncElasticsearch) -> None:
    resolved = await client.indices.resolve_index(name="logs-*")
    assert [index["name"] for index in resolved["indices"]] == ["logs-aws.cloudtrail-default"]
    assert await client.indices.exists(index="logs-aws.cloudtrail-default")
    assert not await client.indices.exists(index="nothing")
    with pytest.raises(NotFoundError):
        await client.indices.resolve_index(name="nothing")


async def test_records_added_while_it_runs_are_in_the_next_answer(
    client: AsyncElasticsearch, application: Elasticsearch
) -> None:
    count = f"{FROM} | STATS n = COUNT(*) | LIMIT 1"
    assert await values(client, count) == [[3]]
    application.add_records([call("e-4", 0)])
    assert await values(client, count) == [[4]]
    application.hold_records([call("e-4", 0), call("e-5", 0)])
    assert await values(client, count) == [[2]]


async def test_queries_and_new_records_do_not_disturb_each_other(
    client: AsyncElasticsearch, application: Elasticsearch
) -> None:
    count = f"{FROM} | STATS n = COUNT(*) | LIMIT 1"

    async def add(number: int) -> None:
        await asyncio.to_thread(application.add_records, [call(f"more-{number}", 0)])

    counted = await asyncio.gather(*(values(client, count) for _ in range(20)), *(add(n) for n in range(20)))
    assert all(3 <= answer[0][0] <= 23 for answer in counted if answer is not None)
    assert await values(client, count) == [[23]]


async def test_a_late_answer_is_a_timeout(connect: Connect, application: Elasticsearch) -> None:
    application.faults.delay_s = 5
    with pytest.raises(elastic_transport.ConnectionTimeout):
        await connect(request_timeout=0.05).esql.query(query="ROW a = 1")


async def test_unavailable_is_503_until_it_is_over(client: AsyncElasticsearch, application: Elasticsearch) -> None:
    application.faults.is_unavailable = True
    with pytest.raises(ApiError) as refused:
        await client.esql.query(query="ROW a = 1")
    assert refused.value.meta.status == 503
    application.faults.is_unavailable = False
    assert await values(client, "ROW a = 1 | LIMIT 1") == [[1]]


async def test_unreachable_is_no_answer_at_all(client: AsyncElasticsearch, application: Elasticsearch) -> None:
    application.faults.is_unreachable = True
    with pytest.raises(elastic_transport.ConnectionError):
        await client.esql.query(query="ROW a = 1")


async def test_a_cancelled_query_leaves_nothing_behind(
    client: AsyncElasticsearch, application: Elasticsearch
) -> None:
    application.faults.delay_s = 5
    running = asyncio.create_task(client.esql.query(query="ROW a = 1"))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    application.faults.delay_s = 0
    assert await values(client, "ROW a = 1 | LIMIT 1") == [[1]]


async def test_many_queries_at_once_all_get_their_own_answer(client: AsyncElasticsearch) -> None:
    asked = [values(client, f"ROW a = {number} | LIMIT 1") for number in range(20)]
    assert await asyncio.gather(*asked) == [[[number]] for number in range(20)]


async def test_a_closed_client_gets_no_answer(application: Elasticsearch) -> None:
    client = AsyncElasticsearch(
        "http://in-process:9200", node_class=node_class(application), api_key=KEY, max_retries=0
    )
    await client.close()
    with pytest.raises(elastic_transport.ConnectionError):
        await client.info()
