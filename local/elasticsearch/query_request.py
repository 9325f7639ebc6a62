"""The body of `POST /_query`, checked field by field as Elasticsearch checks it.

Source: the ES|QL query API. What would change the answer and is not served here is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.elasticsearch.exchange import Request, RestError

_WITHOUT_EFFECT = frozenset({"include_ccs_metadata", "include_execution_metadata", "profile", "settings"})
_SERVED_AS: Mapping[str, re.Pattern[str]] = {
    "locale": re.compile(r"(?i)en(?:[-_].*)?|und|root|"),
    "time_zone": re.compile(r"(?i)z|(?:etc/)?(?:utc|gmt)|[+-]00:?00"),
}
"""Fields that are taken with these values alone: names of months and days are English, and dates in UTC."""
_UNSERVED = frozenset({"tables"})
_KNOWN = frozenset({"query", "params", "filter", "columnar"}) | _SERVED_AS.keys() | _WITHOUT_EFFECT | _UNSERVED
_PARAMETERS = frozenset(
    {"allow_partial_results", "drop_null_columns", "delimiter", "format", "pretty", "human", "error_trace"}
)


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """`filter` is Query DSL; `params` is the request's list, values by position or `{name: value}`."""

    text: str
    params: Sequence[object] = ()
    filter: Mapping[str, Any] | None = field(default=None)
    is_columnar: bool = False
    drops_null_columns: bool = False

    @classmethod
    def of(cls, request: Request) -> QueryRequest:
        """
        Raises:
            RestError: the request is not one Elasticsearch would take, or asks for what is not served here.
        """
        _check_parameters(request)
        body = request.json()
        for name in body:
            if name not in _KNOWN:
                raise RestError(400, "x_content_parse_exception", f"[1:1] [esql/query] unknown field [{name}]")
        if unserved := _UNSERVED & body.keys():
            raise _not_served(f"[{min(unserved)}]")
        for name, served in _SERVED_AS.items():
            if (value := _typed(body, name, str, None)) is not None and not served.fullmatch(value):
                raise _not_served(f"[{name}] of [{value}]")
        if not body.get("query"):
            raise RestError(400, "action_request_validation_exception", "Validation Failed: 1: [query] is required;")
        return cls(
            text=_typed(body, "query", str, ""),
            params=_typed(body, "params", list, []),
            filter=_typed(body, "filter", dict, None),
            is_columnar=_typed(body, "columnar", bool, None) or False,
            drops_null_columns=request.flag("drop_null_columns") or False,
        )


def _check_parameters(request: Request) -> None:
    for name in request.query:
        if name not in _PARAMETERS:
            reason = f"request [{request.path}] contains unrecognized parameter: [{name}]"
            raise RestError(400, "illegal_argument_exception", reason)
    if (wanted := request.query.get("format", "json")) != "json":
        raise _not_served(f"format [{wanted}]")
    request.flag("allow_partial_results")  # one shard answers whole or not at all; only its form is checked


def _typed(body: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, kind):
        reason = f"[1:1] [esql/query] failed to parse field [{name}]"
        raise RestError(400, "x_content_parse_exception", reason)
    return value


def _not_served(what: str) -> RestError:
    return RestError(400, "illegal_argument_exception", f"{what} is not supported by the embedded Elasticsearch")
