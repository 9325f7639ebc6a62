"""Files read column by column, held against the same files read record by record."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.cloudtrail import sample
from local.cloudtrail.ecs.columns import Columns
from local.cloudtrail.ecs.mapping import CONSTANTS, SOURCES, document, document_of
from local.cloudtrail.ecs.raw_columns import ANY_JSON, FLAGS
from local.cloudtrail.ecs.schema import FIELDS
from local.cloudtrail.ecs.typed import EVERY_FIELD, Batch, columns_of
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.record import Json, Record
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.times import epoch_ms

TRAIL = Path(__file__).parents[5] / "shared" / "trail"
CALL: Record = {"eventName": "Invoke", "eventSource": "lambda.amazonaws.com"}


def file_of(*records: Json) -> bytes:
    return json.dumps({"Records": records}, ensure_ascii=False).encode()


def general(records: list[Record]) -> pa.Table:
    columns = Columns()
    columns.add(map(document, records))
    return columns.table()


def assert_equal(batch: Batch, table: pa.Table, wanted: frozenset[str] = EVERY_FIELD) -> None:
    assert batch.rows.num_rows == table.num_rows
    assert set(batch.rows.schema.names) == wanted
    for name in wanted:
        column = batch.rows.column(name)
        if name in table.column_names:
            assert column.type == table.schema.field(name).type, name
            assert column.to_pylist() == table[name].to_pylist(), name
        else:
            assert column.null_count == len(column), name


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from flat(child, f"{prefix}.{key}" if prefix else key)
    else:
        yield prefix, value


TEXTS = st.one_of(
    st.sampled_from(
        [
            *("", "ada", "ada@example.com", "@", "AROAEXAMPLE:ci", "111122223333", "wörker", "𝒦", "\0", "é" * 513),
            *("x" * 1024, "x" * 1025, "𝒦" * 512, "𝒦" * 513, "ü" * 1000, "x" * 8192),
            *("192.0.2.1", "2001:DB8::0:1", "::ffff:192.0.2.1", "lambda.amazonaws.com", "AWS Internal"),
            *("2026-02-03T04:05:06Z", "2026-02-03T04:05:06.789Z", "2026-02-03 04:05:06Z", "2026-02-30T04:05:06Z"),
            *(
                "0000-01-01T00:00:00Z",
                "1969-12-31T23:59:59Z",
                "20260203T040506Z",
                "2026-02-03T04:05:60Z",
                "2026-02-03",
            ),
            *("9999-12-31T23:59:59Z", "2026-02-03T04:05:06+01:00", "2026-02-03T24:00:00Z", "2026-02-03T04:05+01:0Z"),
            *("TLSv1.3", "tlsVersion", "v1", "TLS", "TLSv", "true", "false", "No", "Yes", "[Boto3/1.34.84 md/x]"),
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
ACTIONS = st.sampled_from(["ConsoleLogin", "UserAuthentication", "PutUserPolicy", "Converse", "Invoke", ""])
NUMBERS = st.one_of(st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False))
KEYS = st.sampled_from(
    [
        *("userName", "UserName", "username", "newUserName", "groupName", "user", "group", "userId", "groupId"),
        *("ConsoleLogin", "LoginTo", "MobileVersion", "MFAUsed", "ARN", "arn", "accountId", "type", "k"),
    ]
)
ANY = st.recursive(
    st.one_of(st.none(), TEXTS, NUMBERS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, st.text(st.characters(codec="utf-8"), max_size=5)), inner, max_size=4),
    ),
    max_leaves=8,
)
RESOURCES = st.lists(st.dictionaries(KEYS, st.one_of(TEXTS, NUMBERS, st.none()), max_size=4), max_size=3)


def value_at(path: str) -> st.SearchStrategy[Any]:
    if path == "resources":
        return st.one_of(ANY, RESOURCES)
    if path in ANY_JSON:
        return ANY
    return st.one_of(st.none(), st.booleans(), TEXTS) if path in FLAGS else st.one_of(st.none(), TEXTS)


_ROOTS = {
    path for source in SOURCES.values() for path in source.every_path() if path.partition(".")[0] not in ANY_JSON
}
PATHS = sorted(_ROOTS - CALL.keys() | ANY_JSON | {"eventname", "EventID"})


def planted(name: str, values: dict[str, Json]) -> Record:
    record: Record = dict(CALL) | {"eventName": name}
    for path, value in values.items():
        *parents, last = path.split(".")
        branch = record
        for key in parents:
            below = branch.setdefault(key, {})
            assert isinstance(below, dict)
            branch = below
        branch[last] = value
    return record


RECORDS = st.builds(planted, ACTIONS, st.fixed_dictionaries({}, optional={path: value_at(path) for path in PATHS}))
WANTED = st.one_of(st.just(EVERY_FIELD), st.frozensets(st.sampled_from(sorted(EVERY_FIELD)), max_size=6))


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(RECORDS, min_size=1, max_size=6), WANTED)
def test_reads_what_has_the_types_expected_as_the_general_way_does(
    records: list[Record], wanted: frozenset[str]
) -> None:
    batch = columns_of(file_of(*records), wanted)
    assert batch is not None
    assert_equal(batch, general(records), wanted)
    assert batch.undated == sum(epoch_ms(record.get("eventTime")) is None for record in records)


ODD_PATHS = [*PATHS, "eventName", "eventSource", "userIdentity", "userIdentity.sessionContext", "tlsDetails"]


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.lists(RECORDS, max_size=3), RECORDS, st.dictionaries(st.sampled_from(ODD_PATHS), ANY, min_size=1, max_size=3)
)
def test_reads_any_shape_as_the_general_way_does_or_leaves_it_to_that(
    records: list[Record], odd: Record, values: dict[str, Json]
) -> None:
    for path, value in values.items():
        *parents, last = path.split(".")
        branch: Json = odd
        for key in parents:
            branch = branch.setdefault(key, {}) if isinstance(branch, dict) else None
        if isinstance(branch, dict):
            branch[last] = value
    records = [*records, odd]
    batch = columns_of(file_of(*records), EVERY_FIELD)
    if batch is not None:
        assert_equal(batch, general(records))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b'{"Records":[]}',
        b'{"Records":null}',
        b'{"Records":[7]}',
        b'{"Records":[{"eventName":"A"}]}',
        b'{"Records":[{"eventName":"A","eventSource":7}]}',
        b'{"Records":[{"eventName":"A","eventSource":"aws:s3"}]}',
        b'\xef\xbb\xbf{"Records":[{"eventName":"A","eventSource":"b"}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b"}]}{"Records":[]}',
        b'{"Records":[{"eventName":"A","eventSource":"b"}',
        b'{"Records":[{"eventName":"A","eventSource":"b","userAgent":"\\ud800"}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","userAgent":"\xff"}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","userAgent":7}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","userIdentity":"root"}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","requestParameters":{"k":1e999}}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","requestParameters":"\xff"}]}',
        b'{"Records":[{"eventName":"A","eventSource":"b","requestParameters":' + b"9" * 4301 + b"}]}",
        b'{"Records":[{"eventName":"A","eventSource":"b","requestParameters":'
        + b"[" * 10_000
        + b"]" * 10_000
        + b"}]}",
        b'{"Records":[{"eventName":"A","eventSource":"b","z":' + b'{"k":' * 10_000 + b"0" + b"}" * 10_000 + b"}]}",
    ],
    ids=lambda data: data[:80].decode("latin-1"),
)
def test_leaves_what_it_does_not_expect_to_the_general_way(data: bytes) -> None:
    assert columns_of(data, EVERY_FIELD) is None


@pytest.mark.parametrize(
    "text",
    [
        b'"eventName":"A","eventName":"B","userAgent":"x","userAgent":null',
        b'"eventName":"A","userIdentity":{"arn":"first"},"userIdentity":{"type":"last"}',
        b'"eventName":"A","requestParameters":{"k":1},"requestParameters":{"k":2,"j":3,"k":4}',
        b'"eventName":"A","event\\u004eame":"B"',
        b'"eventName":"A","EventName":"B","EVENTNAME":7',
        b'"eventName":"A","userIdentity":{},"tlsDetails":null,"resources":null',
        b'"eventName":"\\ud83d\\ude00","userAgent":"\\u0000\\""',
    ],
    ids=lambda text: text.decode(),
)
def test_reads_keys_as_every_other_reader_here_does(text: bytes) -> None:
    data = b'{"Records":[7],"Records":[{"eventSource":"b",' + text + b'}],"other":{}}'
    data = data.replace(b'"Records":[7],', b"")
    batch = columns_of(data, EVERY_FIELD)
    assert batch is not None
    assert_equal(batch, general(orjson.loads(data)["Records"]))


SPLINTERS = st.sampled_from(
    [
        *(
            b"",
            b'"',
            b"\\",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"\n",
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
        ),
        *(b"\\ud800", b"\\u0041", b"null", b"-0", b"1.0", b"1e999", b"9" * 400, b'{"a":1e999}', b'"eventName":"B",'),
    ]
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 3), SPLINTERS), min_size=1, max_size=2))
def test_reads_damaged_bytes_as_the_general_way_does_or_leaves_them_to_it(
    damage: list[tuple[int, int, bytes]],
) -> None:
    data = bytearray(file_of(*sample.records(datetime(2026, 2, 3, tzinfo=UTC))[:2]))
    for place, size, splinter in damage:
        data[place : place + size] = splinter
    batch = columns_of(data, EVERY_FIELD)
    if batch is not None:
        columns = Columns()
        for found in contents(BytesIO(data), len(data)):
            assert not isinstance(found, Refusal)
            columns.add([document_of(found)])
        assert_equal(batch, columns.table())


def test_takes_bytes_that_can_change_as_well() -> None:
    batch = columns_of(bytearray(file_of(CALL)), frozenset({"event.action"}))
    assert batch is not None
    assert batch.rows.to_pylist() == [{"event.action": "Invoke"}]


def test_text_that_lost_nothing_shares_the_memory_of_its_keyword() -> None:
    batch = columns_of(file_of(CALL | {"requestParameters": {"k": "v"}}), EVERY_FIELD)
    assert batch is not None
    letters = [batch.rows.column(f"aws.cloudtrail.request_parameters{twin}").buffers()[2] for twin in ("", ".text")]
    assert len({buffer.address for buffer in letters if buffer is not None}) == 1


def test_a_field_that_nothing_maps_has_no_column() -> None:
    batch = columns_of(file_of(CALL), frozenset({"agent.id", "event.action", "no.such.field"}))
    assert batch is not None
    assert batch.rows.schema.names == ["event.action"]


def test_every_field_is_one_of_the_schema_and_has_a_source() -> None:
    assert not EVERY_FIELD - FIELDS.keys()
    assert not (SOURCES.keys() | CONSTANTS.keys()) - EVERY_FIELD


def test_generated_records_are_read_alike() -> None:
    records = sample.records(datetime(2026, 2, 3, tzinfo=UTC))
    batch = columns_of(file_of(*records), EVERY_FIELD)
    assert batch is not None
    assert_equal(batch, general(records))


def test_twins_of_what_the_integration_makes_are_read_alike() -> None:
    twins = orjson.loads((Path(__file__).parents[3] / "fixtures" / "cloudtrail" / "documents.json").read_bytes())
    records = [CALL | twin["record"] for twin in twins]
    read_alike = 0
    for record in records:
        batch = columns_of(file_of(record), EVERY_FIELD)
        if batch is not None:
            assert_equal(batch, general([record]))
            read_alike += 1
    assert read_alike > len(records) // 2


@pytest.mark.skipif(not TRAIL.is_dir(), reason=f"no reference logs at {TRAIL}")
@pytest.mark.parametrize("name", ["test-add-permission-json", "test-update-lambda-json", "test-us-gov-arn"])
def test_records_of_the_integration_are_read_alike(name: str) -> None:
    record = orjson.loads((TRAIL / "elastic-integrations" / f"{name}.log").read_bytes())
    batch = columns_of(file_of(record), EVERY_FIELD)
    assert batch is not None
    assert_equal(batch, general([record]))


@pytest.mark.skipif(not TRAIL.is_dir(), reason=f"no reference logs at {TRAIL}")
def test_columns_hold_what_elasticsearch_holds_of_a_grant() -> None:
    elastic = TRAIL / "elastic-integrations"
    batch = columns_of(file_of(orjson.loads((elastic / "test-add-permission-json.log").read_bytes())), EVERY_FIELD)
    assert batch is not None
    (row,) = batch.rows.to_pylist()
    source = orjson.loads((elastic / "test-add-permission-es-source.json").read_bytes())["_source"]
    held = {name: value for name, value in flat(source) if ".flattened." not in name}
    held["@timestamp"] = datetime.fromisoformat(held["@timestamp"])
    held["event.type"] = held["event.type"][0]
    assert {name: row[name] for name in held} == held


@pytest.mark.skipif(not TRAIL.is_dir(), reason=f"no reference logs at {TRAIL}")
def test_real_archives_are_read_alike() -> None:
    read = 0
    for path in sorted(TRAIL.rglob("*.json*")):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        batch = columns_of(data, EVERY_FIELD)
        if batch is not None:
            assert_equal(batch, general(orjson.loads(data)["Records"]))
            read += batch.rows.num_rows
    assert read > 2000
