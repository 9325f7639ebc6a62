"""Findings as lines of a file, JSON or CSV: what the terminal prints and what Slack gets as a file.

A line is written from an object, one a finding; the CSV of many hunts has a column for whatever any of them has.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from bot.domain import spreadsheet
from bot.domain.finding import UNSAVED, Finding
from bot.domain.hit import HitId
from bot.domain.rows import Value
from bot.domain.secrets import is_secret_name, masked_text

Object: TypeAlias = Mapping[str, object]

# What a finding says of itself stands beside `fields`, which holds every other column.
OWN_COLUMNS = ("severity", "reason", "principal", "function", "action")
HEADER = (
    *("severity", "reason", "summary", "principal", "function", "action"),
    *("first_seen", "last_seen", "count", "fingerprint"),
)
TRIAGE = ("hunt", "state", "owner", "opened_at", "resolution", "resolved_by", "resolved_at", "snoozed_until")
STORED_HEADER = ("id", *HEADER, *TRIAGE)


def as_object(finding: Finding, said: str, events: Sequence[HitId]) -> dict[str, object]:
    """A finding for programs: `said` is its sentence, `events` the ids of its hits, the latest first.

    `id` is null where no store gave one. What stands under the name of a secret is `present`, never its value.
    """
    face = finding.face
    return {
        "id": None if finding.id == UNSAVED else finding.ref,
        "fingerprint": finding.fingerprint,
        "severity": finding.severity.value,
        "reason": None if face.reason is None else masked_text(face.reason),
        "summary": masked_text(said),
        **{name: _shown(name, face.columns.get(name)) for name in ("principal", "function", "action")},
        "fields": {name: _shown(name, value) for name, value in face.columns.items() if name not in OWN_COLUMNS},
        "first_seen": iso(finding.first_seen),
        "last_seen": iso(finding.last_seen),
        "count": finding.count,
        "events": list(events),
    }


def with_triage(each: Object, finding: Finding) -> dict[str, object]:
    """The same with what people made of it."""
    return {
        **each,
        "hunt": finding.hunt,
        "state": finding.state.value,
        "owner": finding.owner,
        "opened_at": iso(finding.opened_at),
        "resolution": finding.resolution.value if finding.resolution else None,
        "resolved_by": finding.resolved_by,
        "resolved_at": iso(finding.resolved_at) if finding.resolved_at else None,
        "snoozed_until": iso(finding.snoozed_until) if finding.snoozed_until else None,
    }


def json_line(each: Object) -> str:
    """NDJSON: one object, on one line."""
    return json.dumps(each, ensure_ascii=False) + "\n"


def read_line(written: bytes) -> Object:
    """What `json_line` wrote, read again."""
    each: Object = json.loads(written)
    return each


def csv_header(columns: Iterable[str], header: Sequence[str] = HEADER) -> str:
    return spreadsheet.header([*header, *columns])


def csv_line(each: Object, columns: Iterable[str], header: Sequence[str] = HEADER) -> str:
    """`columns` are looked up in `fields`, what stands in the header in the object itself."""
    fields = fields_of(each)
    return spreadsheet.line([*(each.get(name) for name in header), *(fields.get(name) for name in columns)])


def fields_of(each: Object) -> Object:
    fields = each["fields"]
    return fields if isinstance(fields, dict) else {}


def iso(at: datetime) -> str:
    """An instant as Elasticsearch writes it: `2026-01-31T09:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(name: str, value: Value) -> object:
    match value:
        case None:
            return None
        case _ if is_secret_name(name):
            return "present"
        case str():
            return masked_text(value)
        case tuple():
            return [masked_text(item) if isinstance(item, str) else item for item in value]
        case _:
            return value
