"""What Elasticsearch answers to ES|QL, rows or an error, in our words; by whichever way the answer came."""

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.rows import Column, Rows, Value
from bot.errors import LogSearchDenied, LogSearchError, LogSearchUnavailable, QueryRejected

MAX_REASON_CHARS = 600

_PLACE = re.compile(r"\bline (?P<line>\d+):(?P<column>\d+):")
_CREDENTIALS = re.compile(r"//[^/\s@]+@|\bApiKey\s+\S+|\bBasic\s+\S+|\bBearer\s+\S+", re.IGNORECASE)
_DENIED = frozenset({401, 403})
_REJECTED = frozenset({400, 404})  # 404: an index that is not there


class AnsweredError(Exception):
    """Behind an error in our words: the error body as it was answered."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"Elasticsearch answered {status}")
        self.body = body


def rows_of(body: Mapping[str, Any], warnings: tuple[str, ...]) -> Rows:
    """The rows of Elasticsearch's response to a query."""
    return Rows(
        columns=tuple(Column(column["name"], column["type"]) for column in body["columns"]),
        values=tuple(tuple(_value(cell) for cell in row) for row in body["values"]),
        took_ms=int(body.get("took", 0)),
        is_partial=bool(body.get("is_partial", False)),
        warnings=warnings,
    )


def _value(cell: Any) -> Value:
    return tuple(cell) if isinstance(cell, list) else cell


def refused(status: int, body: object) -> LogSearchError:
    """An error of Elasticsearch's in our words."""
    kind, reason = _kind_and_reason(body)
    if status in _DENIED:
        return LogSearchDenied(f"Elasticsearch refuses the key: {reason or 'no reason given'}")
    if status in _REJECTED:
        place = _PLACE.search(reason)
        line, column = (int(place["line"]), int(place["column"])) if place else (None, None)
        return QueryRejected(reason or f"Elasticsearch answered {status}", kind, line, column)
    return LogSearchUnavailable(f"Elasticsearch answered {status}: {reason or 'no reason given'}")


def _kind_and_reason(body: object) -> tuple[str, str]:
    """The type and the reason of an error body; a proxy's page or nothing at all gives an empty reason."""
    error = body.get("error") if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return "", without_credentials(error) if isinstance(error, str) and not error.lstrip().startswith("<") else ""
    return str(error.get("type", "")), without_credentials(str(error.get("reason") or ""))


def without_credentials(text: str) -> str:
    """Text from outside, without credentials and not endless."""
    shown = _CREDENTIALS.sub(lambda found: "//" if found[0].startswith("//") else "[redacted]", text)
    return shown if len(shown) <= MAX_REASON_CHARS else shown[: MAX_REASON_CHARS - 1] + "…"
