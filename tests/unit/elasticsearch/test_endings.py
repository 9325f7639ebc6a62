"""Whoever asked goes away or gives up: the query ends, and with it the thread it ran in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import elastic_transport
import pytest
from elasticsearch import AsyncElasticsearch

from local.elasticsearch.app import Elasticsearch, from_indices
from local.elasticsearch.node import node_class
from local.elasticsearch.over_http import serving
from local.esql import Index
from local.esql.catalog import Parts, Stored
from local.wanted import Deadline, Wanted

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
SOON_S = 10.0


@dataclass
class Endless:
    """Rows that never come; says when somebody waits for them and when that is over."""

    began: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def columns(self) -> Mapping[str, bool]:
        return {"a": False}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        self.began.set()
        try:
            while wanted.columns <= {"a"}:
                deadline.check()
                threading.Event().wait(0.01)
        finally:
            self.ended.set()
        raise AssertionError(wanted)

    def doubt(self, parts: Parts) -> None:
        raise AssertionError(parts)


@asynccontextmanager
async def connected(application: Elasticsearch, transport: str) -> AsyncIterator[AsyncElasticsearch]:
    async with serving(application) as url:
        more: dict[str, Any] = {} if transport == "http" else {"node_class": node_class(application)}
        async with AsyncElasticsearch(url, max_retries=0, **more) as client:
            yield client


async def happened(event: threading.Event) -> bool:
    return await asyncio.to_thread(event.wait, SOON_S)


@pytest.mark.parametrize("transport", ["in-process", "http"])
async def test_a_query_ends_when_its_asker_goes_away(transport: str) -> None:
    rows = Endless()
    with closing(from_indices([Index("endless", {"a": "keyword"}, rows)], lambda: NOW)) as application:
        async with connected(application, transport) as client:
            asked = asyncio.create_task(client.esql.query(query="FROM endless | LIMIT 1"))
            assert await happened(rows.began)
            asked.cancel()
            with suppress(asyncio.CancelledError):
                await asked
            assert await happened(rows.ended)


async def test_a_query_ends_when_its_asker_waits_no_longer() -> None:
    rows = Endless()
    with closing(from_indices([Index("endless", {"a": "keyword"}, rows)], lambda: NOW)) as application:
        async with connected(application, "in-process") as client:
            with pytest.raises(elastic_transport.ConnectionTimeout):
                await client.options(request_timeout=0.1).esql.query(query="FROM endless | LIMIT 1")
            assert await happened(rows.ended)


async def test_a_query_ends_when_the_application_is_closed() -> None:
    rows = Endless()
    application = from_indices([Index("endless", {"a": "keyword"}, rows)], lambda: NOW)
    async with connected(application, "in-process") as client:
        asked = asyncio.create_task(client.esql.query(query="FROM endless | LIMIT 1"))
        assert await happened(rows.began)
        await asyncio.to_thread(application.close)
        assert await happened(rows.ended)
        with pytest.raises(Exception, match="the engine is closed"):
            await asked
