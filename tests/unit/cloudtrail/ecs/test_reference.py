"""Real CloudTrail, as published by others; it is no part of this repository and is used where it lies beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from local.cloudtrail.ecs.columns import Columns
from local.cloudtrail.ecs.mapping import document, document_of
from local.cloudtrail.record import Json
from local.cloudtrail.refusal import Kind
from tests.archives import read

TRAIL = Path(__file__).parents[5] / "shared" / "trail"

pytestmark = pytest.mark.skipif(not TRAIL.is_dir(), reason=f"no reference logs at {TRAIL}")


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield prefix, value
        return
    for key, child in value.items():
        yield from flat(child, f"{prefix}.{key}" if prefix else key)


def test_a_grant_maps_to_what_elasticsearch_holds() -> None:
    elastic = TRAIL / "elastic-integrations"
    source = orjson.loads((elastic / "test-add-permission-es-source.json").read_bytes())["_source"]
    mapped = document(orjson.loads((elastic / "test-add-permission-json.log").read_bytes()))
    held = {name: value for name, value in flat(source) if ".flattened." not in name and name != "@timestamp"}
    assert held.items() <= mapped.items()
    assert mapped["@timestamp"] == 1728572823000


GRANTS = {
    "stratus/docs/detonation-logs/aws.persistence.lambda-backdoor-function.json": ["AddPermission20150331v2"],
    "invictus": ["AddPermission20150331v2", "RemovePermission20150331v2"],
    "elastic-integrations/test-add-permission-json.log": ["AddPermission20150331v2"],
}


@pytest.mark.parametrize("path", GRANTS)
def test_real_grants_are_read(path: str) -> None:
    calls = [
        str(record["eventName"])
        for record in read(TRAIL / path)
        if isinstance(record, dict)
        and record["eventSource"] == "lambda.amazonaws.com"
        and "Permission" in str(record["eventName"])
    ]
    assert calls == GRANTS[path]


# Counted apart from this program: every object with an eventName and an AWS eventSource, decoded by the standard
# library alone; `elastic-integrations` also has one document as Elasticsearch holds it.
RECORDS = {
    "cloudgrep": 2,
    "cloudtrail-rs": 0,
    "custodian-cwe": 24,
    "elastic-beats": 0,
    "elastic-integrations": 3 + 1,
    "invictus": 2900,
    "sentinel": 0,
    "stratus": 310,
    "streamalert/rules/classifier": 0,
    "trailscraper": 4,
}
SKIPPED: dict[str, dict[Kind, int]] = {
    "cloudgrep": {Kind.DAMAGED: 1},
    "custodian-cwe": {Kind.OTHER_EVENT: 11, Kind.OTHER_JSON: 2},
    "elastic-beats": {Kind.INSIGHT: 1},
    "elastic-integrations": {Kind.DIGEST: 1},
    "sentinel": {Kind.LOSSY_TABLE: 1},
}


@pytest.mark.parametrize("source", RECORDS)
def test_each_source_gives_as_many_records_as_it_holds(source: str) -> None:
    archive = read(TRAIL / source)
    assert sum(1 for _ in archive) == archive.receipt.records == RECORDS[source]
    assert archive.receipt.by_kind() == SKIPPED.get(source, archive.receipt.by_kind())


def test_the_whole_of_it_is_read_or_named() -> None:
    archive = read(TRAIL)
    columns = Columns()
    columns.add(map(document_of, archive))
    receipt = archive.receipt
    assert columns.table().num_rows == receipt.records > 3000
    named = {skipped.where for skipped in receipt.skipped}
    assert receipt.files + len(named) >= sum(path.is_file() for path in TRAIL.rglob("*"))
    assert {Kind.DIGEST, Kind.INSIGHT, Kind.S3_NOTIFICATION, Kind.DAMAGED} <= receipt.by_kind().keys()


def test_a_document_of_elasticsearch_is_the_one_that_its_record_maps_to() -> None:
    folder = TRAIL / "elastic-integrations"
    names = ("test-add-permission-es-source.json", "test-add-permission-json.log")
    held, mapped = (document_of(found) for name in names for found in read(folder / name))
    same = {name for name in held if ".flattened." not in name}
    assert "aws.cloudtrail.request_parameters" in same
    assert [listed(held[name]) for name in same] == [listed(mapped[name]) for name in same]


def listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
