"""The embedded ES|QL engine: Elasticsearch's query language over local files, on DuckDB."""

from datetime import UTC, datetime
from pathlib import Path

from local.esql import javatime
from local.esql.catalog import Catalog, Index
from local.esql.engine import Engine, Response
from local.esql.errors import ArgumentError, EsqlError

__all__ = ["Catalog", "Engine", "EsqlError", "Index", "Response", "run"]


def run(query: str, indices: dict[str, Path], now: str | None) -> dict[str, object]:
    """Elasticsearch's response to a query over files, with its warnings beside; `now` is ISO 8601, UTC.

    Raises:
        EsqlError: the query or a file is refused.
    """
    from local.esql.sources import load  # noqa: PLC0415 - readers of file formats: the engine itself needs none

    moment = _moment(now)
    engine = Engine(Catalog(load(name, path) for name, path in indices.items()), lambda: moment)
    try:
        response = engine.query(query)
    finally:
        engine.close()
    return response.body() | {"warnings": list(response.warnings)}


def _moment(now: str | None) -> datetime:
    if now is None:
        return datetime.now(UTC)  # noqa: TID251  # the caller left the clock to us
    millis = javatime.parse_iso(now)
    if millis is None:
        raise ArgumentError(f"[{now}] is not an ISO 8601 time")
    return javatime.to_datetime(millis)
