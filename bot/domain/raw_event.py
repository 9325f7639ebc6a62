"""The event behind a finding, as the logs hold it: how it is asked for, and how it is written down."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.hit import TIMESTAMP, Hit
from bot.domain.hunt import EVENT_ID_COLUMNS, Hunt
from bot.domain.query_text import index_patterns
from bot.domain.rows import Rows, Value
from bot.domain.secrets import Json, masked

ORIGINAL = "event.original"

_PLAIN_INDEX = re.compile(r"[\w.*:-]+")
_NEAR = timedelta(minutes=1)  # around an event's own time
_FAR = timedelta(days=7)  # around one that has none


@dataclass(frozen=True, slots=True)
class RawEvent:
    """As JSON on many lines, its secrets masked; `is_original`: as AWS wrote it, rather than as it is indexed."""

    text: str
    is_original: bool


@dataclass(frozen=True, slots=True)
class NoRawEvent:
    """There is none to show, in a sentence of ours; `fault` is what the logs said, where they refused."""

    why: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """ES|QL for one event, its values bound."""

    text: str
    params: Mapping[str, str]


def query_for(hunt: Hunt, hit: Hit) -> EventQuery | None:
    """By the event's id, in what the hunt reads, around its time; None where the rows of the hunt name no event."""
    event_id = next((text for name in EVENT_ID_COLUMNS if (text := hit.text(name))), None)
    indices = index_patterns(hunt.query)
    if event_id is None or not indices:
        return None
    near = _NEAR if hit.text(TIMESTAMP) else _FAR
    where = "event.id == ?event_id AND @timestamp >= ?_tstart AND @timestamp < ?_tend"
    bounds = {"_tstart": (hit.at - near).isoformat(), "_tend": (hit.at + near).isoformat()}
    return EventQuery(
        f"FROM {', '.join(map(_index, indices))} | WHERE {where} | LIMIT 1", {"event_id": event_id, **bounds}
    )


def read_event(rows: Rows) -> RawEvent | NoRawEvent:
    """The row as it is to be shown: AWS's own JSON where the index keeps it, else every field that holds anything."""
    if not rows.values:
        return NoRawEvent("The logs hold it no longer, or not yet: no event of this id was found.")
    fields = {column.name: value for column, value in zip(rows.columns, rows.values[0], strict=True)}
    original = _parsed(fields.get(ORIGINAL))
    if original is not None:
        return RawEvent(_written(original), is_original=True)
    return RawEvent(_written(_held(fields)), is_original=False)


def _held(fields: Mapping[str, Value]) -> Mapping[str, Json]:
    """What holds something; a field that only repeats another one for full-text search is left out."""
    return {
        name: value
        for name, value in sorted(fields.items())
        if value is not None and not (name.endswith(".text") and fields.get(name.removesuffix(".text")) == value)
    }


def _written(document: Json) -> str:
    return json.dumps(masked(document), indent=2, ensure_ascii=False)


def _parsed(original: Value) -> Json:
    if not isinstance(original, str):
        return None
    try:
        document = json.loads(original)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _index(name: str) -> str:
    return name if _PLAIN_INDEX.fullmatch(name) else f'"{name.replace(chr(34), "")}"'
