"""The embedded Elasticsearch as an application: a request comes in, its answer goes out.

It knows no transport: `node` hands it requests in-process, `over_http` from a socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from local.elasticsearch import catalog_api, security
from local.elasticsearch.exchange import VERSION, Request, Response, RestError
from local.elasticsearch.faults import UNAVAILABLE, Faults
from local.elasticsearch.filters import Filter
from local.elasticsearch.holdings import Clock, Holdings
from local.elasticsearch.query_request import QueryRequest
from local.esql.analysis import Narrowing
from local.esql.catalog import Index
from local.esql.engine import Response as Answer
from local.esql.errors import EsqlError
from local.wanted import Deadline

if TYPE_CHECKING:  # what reads logs loads where logs are read: a hunt over a copy of them needs none of it
    from local.cloudtrail.record import Mapped, Record


@dataclass(slots=True)
class Elasticsearch:
    """The part of Elasticsearch's API that a hunt and its check-up use.

    `api_key`: the encoded key that requests must carry; None asks for none.
    """

    holdings: Holdings
    api_key: str | None = None
    faults: Faults = field(default_factory=Faults)

    def add_records(self, records: Iterable[Record | Mapped]) -> None:
        """Index CloudTrail records while running; the next query sees them. From any thread."""
        self.holdings.add_records(records)

    def hold_records(self, records: Iterable[Record | Mapped]) -> None:
        """As `add_records`, in place of all that were there."""
        self.holdings.hold_records(records)

    def close(self) -> None:
        """Let go of the database behind it."""
        self.holdings.close()

    async def answer(self, request: Request) -> Response:
        """Every request has an answer; what is wrong with it is said in Elasticsearch's words."""
        if self.faults.delay_s:
            await asyncio.sleep(self.faults.delay_s)
        try:
            if self.faults.is_unavailable:
                raise UNAVAILABLE
            security.check_key(request, self.api_key)
            return await self._routed(request)
        except RestError as error:
            return error.response()
        except EsqlError as error:
            return Response(error.status, error.body())

    async def _routed(self, request: Request) -> Response:
        handlers = _ROUTES.get(request.path)
        if handlers is None:
            return catalog_api.by_name(request, self.holdings.indices())
        handler = handlers.get(request.method)
        if handler is None:
            return catalog_api.wrong_method(request, handlers)
        return await handler(self.holdings, request)


async def _query(holdings: Holdings, request: Request) -> Response:
    asked = QueryRequest.of(request)
    # In a thread: on the loop, people wait for their acknowledgement within three seconds.
    deadline = Deadline(request.timeout_s)
    try:
        return await asyncio.to_thread(_queried, holdings, asked, deadline)
    finally:
        deadline.cancel()  # whoever asked may have gone away


def _queried(holdings: Holdings, asked: QueryRequest, deadline: Deadline) -> Response:
    with holdings.engine() as engine:
        answer = engine.query(asked.text, asked.params, deadline, _narrowing(asked, holdings.now()))
    head: dict[str, object] = {"took": answer.took_ms, "is_partial": answer.is_partial}
    return Response(200, head | _table(answer, asked), answer.warnings)


def _narrowing(asked: QueryRequest, now: datetime) -> Narrowing | None:
    """
    Raises:
        RestError: the filter is malformed or not served, whatever the query reads.
    """
    clause = asked.filter
    if clause is None:
        return None
    Filter({}, now).condition(clause)
    return lambda fields: Filter(fields, now).condition(clause)


def _table(answer: Answer, asked: QueryRequest) -> dict[str, object]:
    """The answer's columns and values in the form that was asked for."""
    rows = answer.values
    columns = [{"name": name, "type": kind} for name, kind in answer.columns]
    body: dict[str, object] = {}
    shown = list(range(len(columns)))
    if asked.drops_null_columns:
        body["all_columns"] = columns
        shown = [place for place in shown if any(row[place] is not None for row in rows)]
    body["columns"] = [columns[place] for place in shown]
    if asked.is_columnar:
        body["values"] = [[row[place] for row in rows] for place in shown]
    else:
        body["values"] = [[row[place] for place in shown] for row in rows]
    return body


async def _info(_holdings: Holdings, _request: Request) -> Response:
    return Response(200, _INFO)


async def _authentication(_holdings: Holdings, _request: Request) -> Response:
    return Response(200, security.authentication())


async def _privileges(holdings: Holdings, request: Request) -> Response:
    names = [index.name for index in holdings.indices()]
    return Response(200, security.privileges(request.json(), names))


_Handler: TypeAlias = Callable[[Holdings, Request], Awaitable[Response]]
_ROUTES: Mapping[str, Mapping[str, _Handler]] = {
    "/": {"GET": _info, "HEAD": _info},
    "/_query": {"POST": _query},
    "/_security/_authenticate": {"GET": _authentication},
    "/_security/user/_has_privileges": {"GET": _privileges, "POST": _privileges},
}
_INFO: Mapping[str, object] = {
    "name": "embedded",
    "cluster_name": "huntbot-embedded",
    "cluster_uuid": "ZW1iZWRkZWQtaHVudGJvdA",
    "version": {
        "number": VERSION,
        "build_flavor": "default",
        "build_type": "embedded",
        "build_hash": "0000000000000000000000000000000000000000",
        "build_date": "2026-01-01T00:00:00.000000000Z",
        "build_snapshot": False,
        "lucene_version": "10.3.2",
        "minimum_wire_compatibility_version": "8.19.0",
        "minimum_index_compatibility_version": "8.0.0",
    },
    "tagline": "You Know, for Search",
}


def from_records(
    records: Iterable[Record | Mapped], now: Clock, *, api_key: str | None = None, indices: Sequence[Index] = ()
) -> Elasticsearch:
    """An Elasticsearch that holds these CloudTrail records, beside the indices given."""
    application = Elasticsearch(Holdings(now, indices), api_key)
    application.add_records(records)
    return application


def from_indices(indices: Sequence[Index], now: Clock, *, api_key: str | None = None) -> Elasticsearch:
    """An Elasticsearch of these indices alone."""
    return Elasticsearch(Holdings(now, indices), api_key)
