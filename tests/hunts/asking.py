"""The hunt's own query, asked the way production asks it: the official client, here with the embedded node."""

import tomllib
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch

import hunts
from local.cloudtrail.record import Record
from local.elasticsearch.app import from_records
from local.elasticsearch.node import node_class

HUNT_PATH = Path(hunts.__file__).with_name("lambda_perms.toml")
NOW = datetime(2026, 3, 5, tzinfo=UTC)

Row = dict[str, Any]

TELLING_WORDS = ("ambiguous", "not recorded", "public URL")


def hunt_query() -> str:
    (query,) = tomllib.loads(HUNT_PATH.read_text(encoding="utf-8"))["hunt"]["query"]
    return str(query)


async def ask(records: Iterable[Record], query: str, now: datetime = NOW, **params: str) -> list[Row]:
    """The answer's rows, in its order, as column -> value."""
    with closing(from_records(records, lambda: now)) as application:
        async with AsyncElasticsearch("http://in-process:9200", node_class=node_class(application)) as client:
            answer = await client.esql.query(query=query, params=[{name: value} for name, value in params.items()])
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, values, strict=True)) for values in answer["values"]]


async def hunt(records: Iterable[Record], start: str, end: str, known_accounts: str = "") -> list[Row]:
    return await ask(records, hunt_query(), _tstart=start, _tend=end, known_accounts=known_accounts)


def judged(row: Row) -> Row:
    """The row with its reason reduced to the words that the contract asks for."""
    return row | {"reason": "|".join(word for word in TELLING_WORDS if word in row["reason"])}
