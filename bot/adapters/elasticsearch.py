"""Elasticsearch: runs a hunt's ES|QL through the official client, and says in our words what went wrong.

Values reach Elasticsearch as named parameters only. A partial answer is refused at the source, because a shard
that did not answer must never look like "nothing found".
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from elastic_transport import (
    ApiResponseMeta,
    AsyncTransport,
    BaseAsyncNode,
    ConnectionTimeout,
    HttpHeaders,
    TlsError,
    TransportApiResponse,
    TransportError,
)
from elastic_transport import SerializationError as NotJson
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError

from bot.adapters.esql_answer import refused, rows_of, without_credentials
from bot.domain.rows import Rows
from bot.errors import LogSearchError, LogSearchUnavailable
from bot.ports.search import Param

DEFAULT_TIMEOUT_S = 60.0

_WARNING = "warning"
_KEPT_WARNING = "x-huntbot-warning"  # where the transport puts Elasticsearch's warnings aside
_WARNING_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

READ = "read"
WRITE_PRIVILEGES = ("write", "create", "index", "delete", "manage", "all")


class QuietTransport(AsyncTransport):
    """The client turns `Warning` headers into Python warnings; here they are kept aside for the answer instead.

    Silencing them with `warnings.catch_warnings` would not do: its state is the process's, and queries overlap.
    """

    async def perform_request(self, *args: Any, **kwargs: Any) -> TransportApiResponse:  # type: ignore[override]
        answer = await super().perform_request(*args, **kwargs)
        if _WARNING not in answer.meta.headers:
            return answer
        return TransportApiResponse(_with_warnings_aside(answer.meta), answer.body)


def _with_warnings_aside(meta: ApiResponseMeta) -> ApiResponseMeta:
    headers = HttpHeaders({key: value for key, value in meta.headers.items() if key != _WARNING})
    headers[_KEPT_WARNING] = meta.headers[_WARNING]
    return dataclasses.replace(meta, headers=headers)


def open_client(
    url: str,
    *,
    api_key: str | None = None,
    ca_file: Path | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    node_class: type[BaseAsyncNode] | None = None,
) -> AsyncElasticsearch:
    """The official client as a hunt needs it: one try a query (its default repeats at once), warnings aside.

    `node_class` plugs another transport end in, such as an embedded Elasticsearch.
    """
    options: dict[str, Any] = {"node_class": node_class} if node_class else {}
    if ca_file is not None and url.startswith("https:"):
        options["ca_certs"] = str(ca_file)
    return AsyncElasticsearch(
        url,
        api_key=api_key,
        request_timeout=timeout_s,
        max_retries=0,
        retry_on_status=(),
        transport_class=QuietTransport,
        **options,
    )


class ElasticsearchLogs:
    """Answers `ports.LogSearch`; the client is the caller's, who closes it."""

    def __init__(self, client: AsyncElasticsearch, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._client = client.options(request_timeout=timeout_s, max_retries=0)
        self._timeout_s = timeout_s

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        """Run a query with named parameters, values always bound.

        Raises:
            LogSearchUnavailable: no answer, a late one, or one that is no Elasticsearch's.
            LogSearchDenied: the API key is wrong or lacks a privilege.
            QueryRejected: the query is refused; with line and column where the reason names them.
        """
        return rows_of(*await self.answer(text, params))

    async def answer(self, text: str, params: Mapping[str, Param]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Elasticsearch's own response to a query, and its warnings; raises as `query` does.

        Where Elasticsearch itself refused, the error's cause is the client's, with the body it answered.
        """
        try:
            answer = await self._client.esql.query(
                query=text,
                params=[{name: value} for name, value in params.items()],
                allow_partial_results=False,
            )
        except (ApiError, TransportError) as fault:
            raise self._translated(fault) from fault
        return answer.body, _warnings(answer.meta)

    async def privileges(self, indices: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Which of `read` and the writing privileges the key has on each index pattern.

        Raises:
            LogSearchError: as `query` does.
        """
        wanted = [READ, *WRITE_PRIVILEGES]
        asked = [{"names": [name], "privileges": wanted} for name in indices]
        try:
            answer = await self._client.security.has_privileges(index=asked)
        except (ApiError, TransportError) as fault:
            raise self._translated(fault) from fault
        held: Mapping[str, Mapping[str, bool]] = answer.body["index"]
        return {name: frozenset(p for p, has in held.get(name, {}).items() if has) for name in indices}

    def _translated(self, fault: ApiError | TransportError) -> LogSearchError:
        match fault:
            case UnsupportedProductError():
                return LogSearchUnavailable("What answers there is not Elasticsearch. Check ELASTICSEARCH_URL.")
            case ApiError():
                return refused(fault.meta.status, fault.body)
            case ConnectionTimeout():
                return LogSearchUnavailable(f"Elasticsearch did not answer within {self._timeout_s:g} s.")
            case TlsError():
                cure = "If it has a certificate of its own, name its authority in ELASTICSEARCH_CA_FILE."
                return LogSearchUnavailable(f"The TLS connection to Elasticsearch failed: {_cause(fault)}. {cure}")
            case NotJson():
                return LogSearchUnavailable("Elasticsearch's answer can not be read: it is not JSON.")
            case _:
                return LogSearchUnavailable(f"Elasticsearch can not be reached: {_cause(fault)}.")


def _cause(fault: TransportError) -> str:
    return without_credentials(str(fault.message)).rstrip(".")


def _warnings(meta: ApiResponseMeta) -> tuple[str, ...]:
    header = meta.headers.get(_KEPT_WARNING) or ""
    return tuple(text.replace('\\"', '"') for text in _WARNING_TEXT.findall(header)) or ((header,) if header else ())
