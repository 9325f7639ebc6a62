"""Documents as Elasticsearch holds them: mapped already by Elastic's integration, and taken as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from local.cloudtrail.ecs import fields
from local.cloudtrail.ecs.schema import FIELDS, FieldType
from local.cloudtrail.record import Json, Mapped
from local.cloudtrail.refusal import Kind, Refusal
from local.cloudtrail.times import epoch_ms

_Object: TypeAlias = Mapping[str, Json]
_DATASET = "aws.cloudtrail"
_ACTIONS = frozenset({"index", "create", "update", "delete"})


def is_document(item: _Object) -> bool:
    """Whether an object without its envelope is such a document rather than a log line of any kind."""
    return "@timestamp" in item and any(name.partition(".")[0] in ("aws", "event") for name in item)


def is_action(item: _Object) -> bool:
    """Whether this is the line of a bulk request that stands before a document."""
    if len(item) != 1:
        return False
    [(action, target)] = item.items()
    return (
        action in _ACTIONS and isinstance(target, dict) and all(key.startswith(("_", "retry_on")) for key in target)
    )


def mapped(source: _Object) -> Mapped | Refusal:
    """The document in the index's own fields, be they nested or dotted; what is no field of the index is left out."""
    found: dict[str, list[Json]] = {}
    for name, value in _leaves(source):
        found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    document: dict[str, Json] = {
        name: value for name, values in found.items() if (value := _field(name, values)) is not None
    }
    if _is_cloudtrail(document):
        return Mapped(document)
    return Refusal(Kind.OTHER_DOCUMENT, f"event.dataset {document.get('event.dataset')!r}, not {_DATASET}")


def _is_cloudtrail(document: _Object) -> bool:
    if _DATASET in (document.get("event.dataset"), document.get("data_stream.dataset")):
        return True
    provider = document.get("event.provider")
    return any(name.startswith(f"{_DATASET}.") for name in document) or (
        isinstance(provider, str) and ".amazonaws.com" in provider
    )


def _leaves(source: _Object) -> Iterator[tuple[str, Json]]:
    """Names of fields with their values. Objects in a list are the values of the same fields, as in Elasticsearch."""
    rest: list[tuple[str, Json]] = [("", dict(source))]
    while rest:
        name, value = rest.pop()
        if name in FIELDS:
            yield name, value
        elif isinstance(value, dict):
            prefix = f"{name}." if name else ""
            rest.extend((f"{prefix}{key}", child) for key, child in reversed(value.items()) if len(name) < _LONGEST)
        elif isinstance(value, list):
            rest.extend((name, child) for child in reversed(value))


_LONGEST = max(map(len, FIELDS))


def _field(name: str, values: list[Json]) -> Json:
    made = _MADE.get(FIELDS[name].type, _as_it_is)
    kept: list[Json] = [cell for value in values if (cell := made(value)) is not None]
    return kept[0] if len(kept) == 1 else kept or None


def _as_it_is(value: Json) -> Json:
    return value


def _date(value: Json) -> int | None:
    """Milliseconds since the epoch, which Elasticsearch also takes as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return epoch_ms(value)


def _point(value: Json) -> Json:
    """As ES|QL prints a place: longitude first (well-known text)."""
    match value:
        case {"lat": int() | float() as latitude, "lon": int() | float() as longitude}:
            return f"POINT ({longitude} {latitude})"
        case _:
            return value


_MADE: Mapping[FieldType, Callable[[Json], Json]] = {
    FieldType.DATE: _date,
    FieldType.GEO_POINT: _point,
    FieldType.IP: fields.ip_text,
}
