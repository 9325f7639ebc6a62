"""Events of the audit chain as the terminal writes them: JSON, one event a line, or CSV."""

import json
from collections.abc import Callable, Mapping
from enum import Enum

from bot.domain.audit import Entry, Json, plain
from bot.domain.spreadsheet import line

COLUMNS = (
    *("seq", "at", "finding", "move", "by", "from", "to", "accepted", "resolution", "note", "until"),
    *("channel", "message", "delivery", "previous", "hash", "assignee", "severity"),
)


class AuditFormat(Enum):
    """How `huntbot audit` writes events."""

    JSON = "json"
    CSV = "csv"


def as_json(entry: Entry) -> str:
    return json.dumps(_object(entry), ensure_ascii=False) + "\n"


def as_csv(entry: Entry) -> str:
    """For people: a cell that a spreadsheet would run is disarmed, and no longer what the hash is over."""
    event = _object(entry)
    return line(event.get(name) for name in COLUMNS)


HEADERS: Mapping[AuditFormat, str] = {AuditFormat.JSON: "", AuditFormat.CSV: ",".join(COLUMNS) + "\n"}
WRITERS: Mapping[AuditFormat, Callable[[Entry], str]] = {AuditFormat.JSON: as_json, AuditFormat.CSV: as_csv}


def _object(entry: Entry) -> Json:
    event = plain(entry.seq, entry.finding, entry.event)
    return {**event, "previous": entry.previous, "hash": entry.hash}
