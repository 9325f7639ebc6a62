"""Why something in an archive gave no record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What it was instead of a record, in the words of the receipt."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    TEXT = "text, but no JSON"
    BINARY = "binary"
    FORMAT = "format that is not read"
    ENCRYPTED = "encrypted"
    LFS_POINTER = "Git LFS pointer"
    NO_RECORDS = "log without records"
    DIGEST = "CloudTrail digest"
    INSIGHT = "CloudTrail insight"
    S3_NOTIFICATION = "S3 notification"
    MESSAGE = "SNS or SQS message"
    CONTROL = "CloudWatch Logs control message"
    OTHER_DOCUMENT = "Elasticsearch document of another source"
    OCSF = "OCSF event"
    LOSSY_TABLE = "table that lost what the record said"
    OTHER_EVENT = "EventBridge event of another source"
    OTHER_JSON = "JSON, but no CloudTrail record"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    SYMLINK = "symbolic link"
    NEIGHBOUR = "folder of other logs"

    @property
    def may_hold_records(self) -> bool:
        """Whether calls may be lost with it; the others are something else than logs, or hold none."""
        return self in _MAY_HOLD_RECORDS


_MAY_HOLD_RECORDS = frozenset(
    {
        Kind.DAMAGED,
        Kind.FORMAT,
        Kind.ENCRYPTED,
        Kind.LFS_POINTER,
        Kind.OCSF,
        Kind.LOSSY_TABLE,
        Kind.TOO_LARGE,
        Kind.UNREADABLE,
        Kind.SYMLINK,
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that gave no record: its kind, and for people the reason and, where there is one, the cure.

    `line`: its number in the file, from 1; None where it is the whole file or lies in a document of one piece.
    `member`: the name within the file where that is an archive of files, such as a zip.
    """

    kind: Kind
    reason: str
    line: int | None = None
    member: str = ""
