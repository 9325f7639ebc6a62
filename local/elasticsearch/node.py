"""The embedded Elasticsearch as a node of the official asynchronous client: no socket, the same bytes.

AsyncElasticsearch("http://in-process:9200", node_class=node_class(application))
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, NamedTuple

import elastic_transport
from elastic_transport import ApiResponseMeta, BaseAsyncNode, ConnectionTimeout, HttpHeaders, NodeConfig
from elastic_transport.client_utils import DEFAULT, DefaultType

from local.elasticsearch.app import Elasticsearch
from local.elasticsearch.exchange import Request

_GRACE_S = 0.25


class NodeAnswer(NamedTuple):
    """What the transport unpacks: it takes anything of this shape."""

    meta: ApiResponseMeta
    body: bytes


class InProcessNode(BaseAsyncNode):
    """Hands each request to the application of its class."""

    application: ClassVar[Elasticsearch]
    _CLIENT_META_HTTP_CLIENT = ("ip", "1")

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._is_closed = False

    async def perform_request(  # type: ignore[override]  # the client's own name for its answer is private
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeAnswer:
        """
        Raises:
            elastic_transport.ConnectionTimeout: no answer within `request_timeout` seconds.
            elastic_transport.ConnectionError: the node is closed, or made unreachable.
        """
        if self._is_closed or self.application.faults.is_unreachable:
            raise elastic_transport.ConnectionError("Cannot connect to the embedded Elasticsearch")
        timeout_s = self.config.request_timeout if isinstance(request_timeout, DefaultType) else request_timeout
        # A query nobody waits for any more is stopped: a little later, so that the client's own limit is what shows.
        stop_after_s = None if timeout_s is None else timeout_s + _GRACE_S
        request = Request.of(method, target, {**self.headers, **(headers or {})}, body, stop_after_s)
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(timeout_s):
                response = await self.application.answer(request)
        except TimeoutError as error:
            raise ConnectionTimeout("Connection timed out during request", errors=(error,)) from None
        meta = ApiResponseMeta(
            node=self.config,
            duration=loop.time() - start,
            http_version="1.1",
            status=response.status,
            headers=HttpHeaders(response.all_headers(request)),
        )
        return NodeAnswer(meta, response.encoded(request))

    async def close(self) -> None:  # type: ignore[override]  # synchronous in the base of the base
        self._is_closed = True


def node_class(application: Elasticsearch) -> type[InProcessNode]:
    """The class to give the client as `node_class`, which makes its nodes from it by itself."""
    return type("EmbeddedNode", (InProcessNode,), {"application": application})
