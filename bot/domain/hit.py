"""A hit: one row of a hunt's answer, read once into what the rest of the house speaks of."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

from bot.domain.hunt import EVENT_ID_COLUMNS, REVOKED_AT, Hunt, IdentityKey
from bot.domain.rows import Column, Rows, Value
from bot.domain.severity import Severity
from bot.errors import BadArgument

HitId = NewType("HitId", str)
Fingerprint = NewType("Fingerprint", str)

TIMESTAMP = "@timestamp"
LONGEST_ID = 256  # a PostgreSQL index takes 2,704 bytes; nobody's event id is so long but an attacker's
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Hit:
    """One event that a hunt returned: when (UTC), how bad, why, and every column as the query gave it."""

    id: HitId
    fingerprint: Fingerprint
    at: datetime
    severity: Severity
    reason: str | None
    columns: Mapping[str, Value]

    @property
    def was_granted(self) -> bool:
        """False only where the hunt says that the attempt failed."""
        return self.columns.get(OUTCOME) != "attempted"

    @property
    def is_revoked(self) -> bool:
        return self.columns.get(REVOKED_AT) is not None

    def text(self, column: str) -> str | None:
        """The column as a person reads it; None where it is null or absent."""
        return shown(self.columns.get(column))


def shown(value: Value) -> str | None:
    """A column's value as a person reads it: multi-values joined by a comma, booleans as in JSON."""
    match value:
        case None:
            return None
        case tuple():
            return ", ".join(shown(item) or "" for item in value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def read_hits(hunt: Hunt, rows: Rows, at_default: datetime) -> tuple[Hit, ...]:
    """The rows as hits, in the order of the answer; a row without any time is dated `at_default`.

    Rows that are the same hit, as when an archive was indexed twice, are one: the most severe, then the latest.

    Raises:
        BadArgument: the hunt's identity names a column that the answer does not have. Taken as null it would make
            one finding of many.
    """
    keys = _identity(hunt, rows.columns)
    once: dict[tuple[Fingerprint, HitId], Hit] = {}
    for values in rows.values:
        hit = _read_hit(hunt, rows.columns, keys, values, at_default)
        same = hit.fingerprint, hit.id
        once[same] = face_of((once.get(same, hit), hit))
    return tuple(once.values())


def _identity(hunt: Hunt, columns: tuple[Column, ...]) -> tuple[IdentityKey, ...]:
    keys = hunt.identity_of(columns)
    answered = {column.name for column in columns}
    if missing := [key.column for key in keys if key.column not in answered]:
        raise BadArgument(f"identity of {hunt.slug}", f"its query answers without {', '.join(missing)}")
    return keys


def face_of(hits: Iterable[Hit]) -> Hit:
    """The hit that a finding shows: the most severe, then the latest."""
    return max(hits, key=lambda hit: (hit.severity.rank, hit.at, hit.id))


def fingerprint(hunt_uuid: str, keys: tuple[IdentityKey, ...], columns: Mapping[str, Value]) -> Fingerprint:
    """What makes two hits the same finding: a hash of the hunt and its identity columns; null counts."""
    identity = [[key.column, _identity_value(key, columns.get(key.column))] for key in keys]
    return Fingerprint(_digest([hunt_uuid, identity]))


def _read_hit(
    hunt: Hunt,
    columns: tuple[Column, ...],
    keys: tuple[IdentityKey, ...],
    values: tuple[Value, ...],
    at_default: datetime,
) -> Hit:
    row = {column.name: value for column, value in zip(columns, values, strict=True)}
    reason = row.get("reason")
    return Hit(
        id=_hit_id(columns, row),
        fingerprint=fingerprint(hunt.uuid, keys, row),
        at=_time_of(columns, row) or at_default,
        severity=Severity.read(row.get("severity")),
        reason=None if reason is None else shown(reason),
        columns=row,
    )


def _hit_id(columns: tuple[Column, ...], row: Mapping[str, Value]) -> HitId:
    for name in EVENT_ID_COLUMNS:
        if (event_id := row.get(name)) is not None:
            # half an emoji can not be stored as text
            text = str(shown(event_id)).encode("utf-8", "backslashreplace").decode()
            return HitId(text if len(text) <= LONGEST_ID else "long-" + _digest(text))
    stable = [[c.name, row[c.name]] for c in columns if not (c.is_time or c.is_number)]
    return HitId("row-" + _digest(stable))


def _time_of(columns: tuple[Column, ...], row: Mapping[str, Value]) -> datetime | None:
    """`@timestamp`, else the latest time the row has."""
    named = _instant(row.get(TIMESTAMP))
    if named is not None:
        return named
    times = [instant for c in columns if c.is_time and (instant := _instant(row[c.name])) is not None]
    return max(times, default=None)


def _instant(value: Value) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or beyond the years that there are
        return None


def _identity_value(key: IdentityKey, value: Value) -> Value:
    return value.lower() if key.ignores_case and isinstance(value, str) else value


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
