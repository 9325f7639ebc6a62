"""What a decoded JSON value, or the first bytes of a file that is no JSON, turns out to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import orjson

from local.cloudtrail.record import Json, Record


class Kind(StrEnum):
    """Why something in an archive gave no record."""

    EMPTY = "empty"
    DAMAGED = "damaged JSON"
    TEXT = "text, but no JSON"
    BINARY = "binary"
    ZIP = "zip archive"
    UTF16 = "UTF-16 text"
    LFS_POINTER = "Git LFS pointer"
    NO_RECORDS = "log without records"
    DIGEST = "CloudTrail digest"
    INSIGHT = "CloudTrail insight"
    S3_NOTIFICATION = "S3 notification"
    MESSAGE = "SNS or SQS message"
    CONTROL = "CloudWatch Logs control message"
    ECS_DOCUMENT = "Elasticsearch document"
    OCSF = "OCSF event"
    OTHER_EVENT = "EventBridge event of another source"
    OTHER_JSON = "JSON, but no CloudTrail record"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    SYMLINK = "symbolic link"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that gave no record: its kind, and the reason for people."""

    kind: Kind
    reason: str


_MAGIC: tuple[tuple[bytes, Refusal], ...] = (
    (b"PK\x03\x04", Refusal(Kind.ZIP, "unpack it first")),
    (b"PK\x05\x06", Refusal(Kind.ZIP, "unpack it first")),
    (b"\xff\xfe", Refusal(Kind.UTF16, "convert it to UTF-8 first")),
    (b"\xfe\xff", Refusal(Kind.UTF16, "convert it to UTF-8 first")),
    (b"version https://git-lfs", Refusal(Kind.LFS_POINTER, "run `git lfs pull` to have the log itself")),
)


def foreign_format(head: bytes) -> Refusal | None:
    """What a file's first bytes show it to be when it is not JSON text at all."""
    for magic, refusal in _MAGIC:
        if head.startswith(magic):
            return refusal
    # JSON escapes control characters, so a NUL is never JSON; UTF-16 without its mark is full of them.
    return Refusal(Kind.BINARY, "not a text file") if b"\0" in head[:1024] else None


def no_json(data: bytes, reason: str) -> Refusal:
    """Why bytes that should be JSON are not: damaged, or something else from the start."""
    return Refusal(Kind.DAMAGED if data.lstrip()[:1] in (b"{", b"[") else Kind.TEXT, reason)


def records_in(value: Json | Refusal) -> Iterator[Record | Refusal]:
    """The records in a JSON value, whichever of the known envelopes they lie in."""
    match value:
        case Refusal():
            yield value
        case {"Records": list(items)} | list(items):
            if not items:
                yield Refusal(Kind.NO_RECORDS, "the list of records is empty")
            for item in items:
                yield _record(item)
        case dict():
            yield from _opened(value)
        case _:
            yield _refused({})


def _opened(value: dict[str, Json]) -> Iterator[Record | Refusal]:
    for key, contents in _ENVELOPES.items():
        if key in value:
            yield from contents(value)
            return
    yield _record(value)


def _record(item: Json) -> Record | Refusal:
    if not isinstance(item, dict):
        return _refused({})
    name, source = item.get("eventName"), item.get("eventSource")
    is_record = isinstance(name, str) and isinstance(source, str) and not source.startswith("aws:")
    return item if is_record else _refused(item)


def _refused(item: dict[str, Json]) -> Refusal:
    for holds, refusal in _NO_RECORDS:
        if holds(item):
            return refusal
    return Refusal(Kind.OTHER_JSON, "it has no eventName and eventSource of an AWS call")


_NO_RECORDS: tuple[tuple[Callable[[dict[str, Json]], bool], Refusal], ...] = (
    (
        lambda item: item.get("eventSource") == "aws:s3",
        Refusal(Kind.S3_NOTIFICATION, "it tells of a new object and is no log"),
    ),
    (
        lambda item: item.get("eventSource") == "aws:sqs" or item.get("EventSource") == "aws:sns",
        Refusal(Kind.MESSAGE, "a message about a log, and no log"),
    ),
    (
        lambda item: item.get("Type") == "Notification" and "TopicArn" in item,
        Refusal(Kind.MESSAGE, "a message about a log, and no log"),
    ),
    (
        lambda item: "digestStartTime" in item or "digestS3Object" in item,
        Refusal(Kind.DIGEST, "it proves that logs are intact and holds no events"),
    ),
    (
        lambda item: "insightDetails" in item,
        Refusal(Kind.INSIGHT, "it tells of unusual rates and is no call"),
    ),
    (
        lambda item: "_source" in item or ("@timestamp" in item and "aws" in item),
        Refusal(Kind.ECS_DOCUMENT, "already mapped; this reads CloudTrail's own records"),
    ),
    (
        lambda item: "class_uid" in item and "category_uid" in item,
        Refusal(Kind.OCSF, "converted by another tool; this reads CloudTrail's own records"),
    ),
)


def _bridged(value: dict[str, Json]) -> Iterator[Record | Refusal]:
    """EventBridge: `detail` is the record when the event came by way of CloudTrail."""
    found = _record(value["detail"])
    is_other = isinstance(found, Refusal) and found.kind is Kind.OTHER_JSON
    yield Refusal(Kind.OTHER_EVENT, f"detail-type {value.get('detail-type')!r}") if is_other else found


def _looked_up(value: dict[str, Json]) -> Iterator[Record | Refusal]:
    """`aws cloudtrail lookup-events`: each event carries its record as a JSON string."""
    for event in _objects(value["Events"]):
        yield _from_text(event.get("CloudTrailEvent"))


def _subscribed(value: dict[str, Json]) -> Iterator[Record | Refusal]:
    """A CloudWatch Logs subscription: each log event's message is a record as a JSON string."""
    if value.get("messageType") == "CONTROL_MESSAGE":
        yield Refusal(Kind.CONTROL, "it only says that the destination is reachable")
        return
    for event in _objects(value["logEvents"]):
        yield _from_text(event.get("message"))


def _objects(items: Json) -> Iterator[dict[str, Json]]:
    for item in items if isinstance(items, list) else []:
        yield item if isinstance(item, dict) else {}


def _from_text(text: Json) -> Record | Refusal:
    if not isinstance(text, str):
        return _refused({})
    try:
        return _record(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        return Refusal(Kind.DAMAGED, f"the record within: {error}")


_ENVELOPES: dict[str, Callable[[dict[str, Json]], Iterator[Record | Refusal]]] = {
    "detail": _bridged,
    "Events": _looked_up,
    "logEvents": _subscribed,
}
