"""What a decoded JSON value turns out to be: records in one of the envelopes they travel in, or something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeAlias

from local.cloudtrail.ecs import elastic
from local.cloudtrail.reading import athena
from local.cloudtrail.reading.decoding import decoded
from local.cloudtrail.record import NO_CALL_OF_AWS, Json, Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal

Found: TypeAlias = Record | Mapped | Refusal
_Object: TypeAlias = dict[str, Json]


def records_in(value: Json | Refusal) -> Iterator[Found]:
    """The records in a JSON value, whichever of the known envelopes they lie in."""
    try:
        yield from _found(value)
    except RecursionError:
        yield Refusal(Kind.OTHER_JSON, "envelopes within envelopes, hundreds deep")


def _found(value: Json | Refusal) -> Iterator[Found]:
    match value:
        case Refusal():
            yield value
        case [] | {"Records": []}:
            yield Refusal(Kind.NO_RECORDS, "the list of records is empty")
        case {"Records": list(items)}:
            yield from map(_record, items)
        case [{"field": str(), "value": _}, *_] as cells:
            yield from _insights_row(cells)
        case list(cells) if _is_lake_row(cells):
            yield from _lake_row(cells)
        case list(items):
            yield from chain.from_iterable(map(_opened, items))
        case _:
            yield from _opened(value)


def _record(item: Json) -> Record | Refusal:
    return item if isinstance(item, dict) and _is_record(item) else _refused(item)


def _opened(item: Json) -> Iterator[Found]:
    if not isinstance(item, dict) or (_is_record(item) and not _is_flat(item)):
        yield _record(item)
    else:
        for fits, found_in in _ENVELOPES:
            if fits(item):
                yield from found_in(item)
                return
        yield _refused(item)


def _is_record(item: _Object) -> bool:
    name, source = item.get("eventName"), item.get("eventSource")
    return isinstance(name, str) and isinstance(source, str) and not source.startswith(NO_CALL_OF_AWS)


_SPREAD = ("requestParameters.", "responseElements.", "userIdentity.")


def _is_flat(item: _Object) -> bool:
    """Whether what a record holds in objects was spread over keys such as `requestParameters.functionName`."""
    return "eventName" in item and any(key.startswith(_SPREAD) for key in item)


def _refused(item: Json) -> Refusal:
    for holds, refusal in _NO_RECORDS:
        if isinstance(item, dict) and holds(item):
            return refusal
    return Refusal(Kind.OTHER_JSON, "it has no eventName and eventSource of an AWS call")


_NO_RECORDS: tuple[tuple[Callable[[_Object], bool], Refusal], ...] = (
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
        lambda item: "class_uid" in item and "category_uid" in item,
        Refusal(Kind.OCSF, "converted by another tool; read the trail's own files, or CloudTrail Lake's eventJson"),
    ),
)


def _bridged(value: _Object) -> Iterator[Found]:
    """EventBridge: `detail` is the record when the event came by way of CloudTrail."""
    for found in _opened(value["detail"]):
        is_other = isinstance(found, Refusal) and found.kind is Kind.OTHER_JSON
        yield Refusal(Kind.OTHER_EVENT, f"detail-type {value.get('detail-type')!r}") if is_other else found


def _subscribed(value: _Object) -> Iterator[Found]:
    """A CloudWatch Logs subscription: each log event's message is a record as a JSON string."""
    if value.get("messageType") == "CONTROL_MESSAGE":
        yield Refusal(Kind.CONTROL, "it only says that the destination is reachable")
        return
    yield from _deeper("logEvents")(value)


def _hits(value: _Object) -> Iterator[Found]:
    """The answer of an Elasticsearch search."""
    match value:
        case {"hits": {"hits": list(hits)}}:
            for hit in hits:
                yield from _opened(hit)
        case _:
            yield _refused(value)


def _hit(value: _Object) -> Iterator[Found]:
    """One document of Elasticsearch: the record itself if it was indexed as it came, else what it was mapped to."""
    source = value.get("_source", value.get("fields"))
    if isinstance(source, dict) and not _is_record(source):
        yield elastic.mapped(source)
    else:
        yield from _opened(source)


TEXT_KEYS = ("CloudTrailEvent", "eventJson", "_raw", "@message", "message")
"""Where a record stands as JSON text: LookupEvents, CloudTrail Lake, Splunk, CloudWatch Logs Insights, Logstash."""


def _has_text(value: _Object) -> bool:
    return any(isinstance(value.get(key), str) for key in TEXT_KEYS)


def _text(value: _Object) -> Iterator[Found]:
    text = next(text for key in TEXT_KEYS if isinstance(text := value.get(key), str))
    inner = decoded(text.encode("utf-8", "replace"))
    if isinstance(inner, Refusal):
        yield Refusal(inner.kind, f"the record within: {inner.reason}")
    else:
        yield _record(inner)


def _deeper(key: str) -> Callable[[_Object], Iterator[Found]]:
    return lambda value: chain.from_iterable(map(_opened, _listed(value[key])))


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _rows(key: str) -> Callable[[_Object], Iterator[Found]]:
    """Rows that are lists of cells; they come one by one where all of them are too many at once."""
    return lambda value: chain.from_iterable(map(_found, _listed(value[key])))


def _is_lake_row(cells: list[Json]) -> bool:
    """Whether each is an object with another column."""
    names = [next(iter(cell)) for cell in cells if isinstance(cell, dict) and len(cell) == 1]
    return 1 < len(cells) == len(set(names))


def _lake_row(cells: list[Json]) -> Iterator[Found]:
    """A row of `aws cloudtrail get-query-results`: a list of objects with one column each."""
    columns: _Object = {}
    for cell in cells:
        columns |= cell if isinstance(cell, dict) else {}
    lowered = {name.lower(): cell for name, cell in columns.items()}
    yield from _opened({"eventJson": lowered["eventjson"]} if "eventjson" in lowered else lowered)


def _insights_row(cells: list[Json]) -> Iterator[Found]:
    """A row of `aws logs get-query-results`: a list of objects that name one field each."""
    fields: _Object = {}
    for cell in cells:
        match cell:
            case {"field": str(name), "value": value}:
                fields[name] = value
    if "@message" in fields:
        yield from _opened({"@message": fields["@message"]})
    else:
        yield Refusal(
            Kind.LOSSY_TABLE, "rows of CloudWatch Logs Insights without the record; ask for `fields @message`"
        )


def _row(value: _Object) -> Iterator[Found]:
    yield athena.record(value)


def _spread(_value: _Object) -> Iterator[Found]:
    yield Refusal(Kind.LOSSY_TABLE, "its objects are spread over flat keys; export the whole record (Splunk: `_raw`)")


def _mapped(value: _Object) -> Iterator[Found]:
    yield elastic.mapped(value)


def _nothing(_value: _Object) -> Iterator[Found]:
    """What belongs to the envelope itself, and holds no record to miss."""
    return iter(())


_Envelope: TypeAlias = tuple[Callable[[_Object], bool], Callable[[_Object], Iterator[Found]]]

# The first that fits is opened; one that lies in another, such as a hit in its answer, by this table, too.
_ENVELOPES: tuple[_Envelope, ...] = (
    (athena.is_row, _row),
    (lambda value: "detail" in value, _bridged),
    (lambda value: "Events" in value, _deeper("Events")),
    (lambda value: "logEvents" in value, _subscribed),
    (
        lambda value: (
            value.keys() >= {"events", "searchedLogStreams"} or value.keys() >= {"events", "nextForwardToken"}
        ),
        _deeper("events"),
    ),
    (lambda value: "QueryResultRows" in value, _rows("QueryResultRows")),
    (lambda value: isinstance(value.get("results"), list) and "status" in value, _rows("results")),
    (lambda value: isinstance(value.get("@message"), dict), _deeper("@message")),
    (lambda value: isinstance(value.get("hits"), dict), _hits),
    (lambda value: isinstance(value.get("_source", value.get("fields") if "_index" in value else None), dict), _hit),
    (elastic.is_action, _nothing),
    (lambda value: "doc" in value and value.keys() <= {"doc", "doc_as_upsert"}, _deeper("doc")),
    (lambda value: value.keys() == {"_1"}, _deeper("_1")),
    (
        lambda value: isinstance(inner := value.get("result"), dict) and (_has_text(inner) or "eventName" in inner),
        _deeper("result"),
    ),
    (_has_text, _text),
    (_is_flat, _spread),
    (elastic.is_document, _mapped),
)
