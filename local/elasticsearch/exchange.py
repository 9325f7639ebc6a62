"""A request and its answer, as Elasticsearch's REST API frames them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import orjson

VERSION = "9.3.0"
_WARNING_AGENT = f"299 Elasticsearch-{VERSION}-embedded"
_JSON = "application/json"
_VENDOR = "application/vnd.elasticsearch+json"


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` by lower-case name; `path` without the query string; `timeout_s`: after which nobody waits."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float | None = None

    @classmethod
    def of(
        cls,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None = None,
    ) -> Request:
        """From an HTTP request target: a path and its query string."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), parts.path, query, lowered, body or b"", timeout_s)

    def json(self) -> dict[str, Any]:
        """The body's JSON object.

        Raises:
            RestError: there is no body, it is no JSON, or no object.
        """
        if not self.body.strip():
            raise RestError(400, "parse_exception", "request body is required")
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            reason = f"[{error.lineno}:{error.colno}] {error.msg}"
            raise RestError(400, "x_content_parse_exception", reason) from error
        if not isinstance(value, dict):
            raise RestError(400, "x_content_parse_exception", "[1:1] Expected START_OBJECT")
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean parameter of the query string; None when it is not there.

        Raises:
            RestError: it is neither true nor false.
        """
        match self.query.get(name):
            case None:
                return None
            case "true" | "":
                return True
            case "false":
                return False
            case other:
                reason = f"Failed to parse value [{other}] as only [true] or [false] are allowed."
                raise RestError(400, "illegal_argument_exception", reason)


@dataclass(frozen=True, slots=True)
class Response:
    """`body` is JSON to be; None sends none."""

    status: int
    body: object | None
    warnings: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, request: Request) -> bytes:
        if self.body is None or request.method == "HEAD":
            return b""
        indent = orjson.OPT_INDENT_2 if request.flag("pretty") else 0
        return orjson.dumps(self.body, option=indent | orjson.OPT_NON_STR_KEYS)

    def all_headers(self, request: Request) -> dict[str, str]:
        """With the product header, which the official clients insist on, and the warnings in one line."""
        is_vendor = _VENDOR in request.headers.get("accept", "")
        headers = {
            "x-elastic-product": "Elasticsearch",
            "content-type": f"{_VENDOR};compatible-with=9" if is_vendor else _JSON,
            **self.headers,
        }
        if self.warnings:
            headers["warning"] = ", ".join(f'{_WARNING_AGENT} "{_escaped(text)}"' for text in self.warnings)
        return headers


def _escaped(text: str) -> str:
    """A header's quoted string (RFC 9110, 5.6.4); what no header may hold is percent-encoded, as in Elasticsearch."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(character if " " <= character <= "~" else quote(character) for character in quoted)


class RestError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, kind: str, reason: str, **more: object) -> None:
        super().__init__(reason)
        self.status = status
        self.kind = kind
        self.reason = reason
        self.more = more

    def response(self) -> Response:
        cause = {"type": self.kind, "reason": self.reason, **self.more}
        return Response(self.status, {"error": {"root_cause": [cause], **cause}, "status": self.status})
