"""Every shape in which people keep CloudTrail logs, and everything else that lies beside them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pytest

from local.cloudtrail.limits import Limits
from local.cloudtrail.refusal import Kind
from tests.unit.cloudtrail.logs import (
    NOTIFICATION,
    ONE,
    TWO,
    found_in,
    kinds,
    lines,
    pretty,
    record,
    refused,
    taken,
    text,
)

BARE = {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode20150331v2"}

FLAT = {**BARE, "eventTime": "2026-02-03T04:05:06Z", "requestParameters.functionName": "pay"}


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def tarred(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


SHAPES: dict[str, bytes] = {
    "records on one line": orjson.dumps({"Records": [ONE, TWO]}),
    "records, pretty": pretty({"Records": [ONE, TWO]}),
    "records, pretty, CRLF": pretty({"Records": [ONE, TWO]}).replace(b"\n", b"\r\n"),
    "records after another key": orjson.dumps({"version": 1, "Records": [ONE, TWO]}),
    "bare array": orjson.dumps([ONE, TWO]),
    "bare array, pretty": pretty([ONE, TWO]),
    "one a line": lines(ONE, TWO),
    "one a line, blanks between, no end": b"\n" + lines(ONE) + b"\n  \n" + orjson.dumps(TWO),
    "one a line, CRLF": lines(ONE, TWO).replace(b"\n", b"\r\n"),
    "one a line, each with a comma": orjson.dumps(ONE) + b",\n" + orjson.dumps(TWO) + b",\n",
    "end to end, as Firehose writes them": orjson.dumps(ONE) + orjson.dumps(TWO),
    "end to end, pretty": pretty(ONE) + pretty(TWO),
    "JSON text sequence (RFC 7464)": b"\x1e" + orjson.dumps(ONE) + b"\n\x1e" + orjson.dumps(TWO) + b"\n",
    "files joined, one a line": lines({"Records": [ONE]}, {"Records": [TWO]}),
    "files joined end to end": orjson.dumps({"Records": [ONE]}) + orjson.dumps({"Records": [TWO]}),
    "files joined with their byte order marks": b"".join(b"\xef\xbb\xbf" + orjson.dumps([r]) for r in (ONE, TWO)),
    "with a byte order mark": b"\xef\xbb\xbf" + orjson.dumps({"Records": [ONE, TWO]}),
    "EventBridge": lines(*({"detail-type": "AWS API Call via CloudTrail", "detail": r} for r in (ONE, TWO))),
    "EventBridge, a list": pretty([{"detail-type": "AWS API Call via CloudTrail", "detail": r} for r in (ONE, TWO)]),
    "lookup-events": pretty(
        {"Events": [{"EventTime": t, "CloudTrailEvent": text(r)} for t, r in ((1.5, ONE), ("2026", TWO))]}
    ),
    "lookup-events, its events one a line": lines(
        *({"EventId": "x", "CloudTrailEvent": text(r)} for r in (ONE, TWO))
    ),
    "CloudWatch Logs subscription": orjson.dumps(
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": text(r)} for r in (ONE, TWO)]}
    ),
    "CloudWatch Logs subscriptions end to end": b"".join(
        orjson.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"message": text(r)}]}) for r in (ONE, TWO)
    ),
    "CloudWatch filter-log-events": pretty(
        {"events": [{"timestamp": 1, "message": text(r)} for r in (ONE, TWO)], "searchedLogStreams": []}
    ),
    "S3 Select of the list": lines({"_1": [ONE, TWO]}),
    "S3 Select of each": lines({"_1": ONE}, {"_1": TWO}),
    "Logstash around a message": lines(
        *({"@version": "1", "@timestamp": "2026", "message": text(r)} for r in (ONE, TWO))
    ),
    "Splunk export": lines(*({"preview": False, "result": {"_raw": text(r), "host": "h"}} for r in (ONE, TWO))),
    "Splunk export, fields as well": lines(*({"result": {**FLAT, "_raw": text(r)}} for r in (ONE, TWO))),
    "Splunk export, records as they are": lines(*({"preview": False, "result": r} for r in (ONE, TWO))),
    "CloudTrail Lake, get-query-results": orjson.dumps(
        {
            "QueryResultRows": [[{"eventJson": text(r)}, {"eventName": "Invoke"}] for r in (ONE, TWO)],
            "QueryStatus": "x",
        }
    ),
    "CloudTrail Lake's own JSON": lines(*({"eventJson": text(r)} for r in (ONE, TWO))),
    "CloudWatch Logs Insights, get-query-results": orjson.dumps(
        {"results": [[{"field": "@message", "value": text(r)}, {"field": "@ptr", "value": "p"}] for r in (ONE, TWO)]}
        | {"status": "Complete"}
    ),
    "CloudWatch Logs Insights, saved in the console": pretty([{"@ptr": "p", "@message": r} for r in (ONE, TWO)]),
    "Elasticsearch, indexed as it came": lines(*({"_index": "raw", "_source": r} for r in (ONE, TWO))),
}

WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "gzip": gzip.compress,
    "gzip, padded with zeros": lambda data: gzip.compress(data) + b"\0" * 512,
    "gzip in many members": lambda data: b"".join(
        gzip.compress(data[at : at + 100]) for at in range(0, len(data), 100)
    ),
    "gzip twice": lambda data: gzip.compress(gzip.compress(data)),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": lambda data: zipped(**{"a/x.json": data}),
    "zip of a gzip file": lambda data: zipped(**{"x.json.gz": gzip.compress(data)}),
    "zip in a zip": lambda data: zipped(**{"x.zip": zipped(**{"x.json": data})}),
    "tar": lambda data: tarred(**{"a/x.json": data}),
    "tar, longer than one look at it": lambda data: tarred(**{"a/x.json": data + b"\n" * 600_000}),
    "tar, gzip": lambda data: gzip.compress(tarred(**{"a/x.json": data})),
    "UTF-16 with its mark": lambda data: data.decode("utf-8-sig").encode("utf-16"),
    "UTF-16, little end first": lambda data: data.decode("utf-8-sig").encode("utf-16-le"),
    "UTF-16, big end first": lambda data: data.decode("utf-8-sig").encode("utf-16-be"),
    "UTF-32": lambda data: data.decode("utf-8-sig").encode("utf-32"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read(shape: str) -> None:
    assert found_in(SHAPES[shape]) == [ONE, TWO]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_too_large_to_be_decoded_at_once_is_read_piece_by_piece(shape: str) -> None:
    assert found_in(SHAPES[shape], Limits(document=400)) == [ONE, TWO]


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize("shape", ["records on one line", "bare array, pretty", "one a line"])
def test_whatever_it_is_packed_in(wrapping: str, shape: str) -> None:
    assert found_in(WRAPPED[wrapping](SHAPES[shape])) == [ONE, TWO]


REFUSED: dict[str, tuple[bytes, Kind]] = {
    "nothing": (b"", Kind.EMPTY),
    "blanks": (b" \n\n", Kind.EMPTY),
    "nothing, gzip": (gzip.compress(b""), Kind.EMPTY),
    "a mark and nothing": (b"\xef\xbb\xbf", Kind.EMPTY),
    "no records": (b'{"Records":[]}', Kind.NO_RECORDS),
    "empty array": (b"[]", Kind.NO_RECORDS),
    "S3 notification": (orjson.dumps({"Records": [NOTIFICATION]}), Kind.S3_NOTIFICATION),
    "SNS message": (orjson.dumps({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}), Kind.MESSAGE),
    "SNS notification": (pretty({"Type": "Notification", "TopicArn": "a", "Message": "{}"}), Kind.MESSAGE),
    "SQS message": (orjson.dumps({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}), Kind.MESSAGE),
    "digest": (orjson.dumps({"digestStartTime": "2026-02-03T04:05:06Z", "logFiles": []}), Kind.DIGEST),
    "insight": (orjson.dumps({"Records": [{"insightDetails": {}, "eventID": "i"}]}), Kind.INSIGHT),
    "cut in its only record": (pretty({"Records": [ONE]})[:-20], Kind.DAMAGED),
    "unquoted keys": (b"{ eventVersion: '1.08' }", Kind.DAMAGED),
    "nested ten thousand deep": (b'{"Records":' + b"[" * 10_000 + b"]" * 10_000 + b"}", Kind.DAMAGED),
    "nested ten thousand deep, one line of two": (b'{"a":' * 10_000 + b"\n{}", Kind.DAMAGED),
    "gzip cut short": (gzip.compress(os.urandom(400))[:-90], Kind.DAMAGED),
    "gzip header only": (b"\x1f\x8b\x08", Kind.DAMAGED),
    "gzip with a bad checksum": (gzip.compress(b"[]")[:-8] + b"\0" * 8, Kind.DAMAGED),
    "bzip2 cut short": (bz2.compress(b"[]")[:-5], Kind.DAMAGED),
    "xz cut short": (lzma.compress(b"[]")[:-5], Kind.DAMAGED),
    "zstd cut short": (zstd(b"[]")[:-1], Kind.DAMAGED),
    "zip cut short": (zipped(x=orjson.dumps([ONE]))[:-30], Kind.DAMAGED),
    "tar cut short": (tarred(x=b" " * 2000)[:1000], Kind.DAMAGED),
    "zip of nothing": (b"PK\x05\x06" + b"\0" * 18, Kind.EMPTY),
    "an answer without hits": (orjson.dumps({"hits": {"hits": []}}), Kind.NO_RECORDS),
    "bulk lines without documents": (lines({"delete": {"_id": "1"}}, {"delete": {"_id": "2"}}), Kind.NO_RECORDS),
    "EventBridge, other source": (
        orjson.dumps({"detail-type": "GuardDuty Finding", "detail": {"schemaVersion": "2.0"}}),
        Kind.OTHER_EVENT,
    ),
    "CloudWatch control message": (
        orjson.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "x"}]}),
        Kind.CONTROL,
    ),
    "a broken record within": (orjson.dumps({"logEvents": [{"message": '{"eventName":'}]}), Kind.DAMAGED),
    "no JSON within": (orjson.dumps({"logEvents": [{"message": "START RequestId: 7"}]}), Kind.TEXT),
    "envelopes without end": (b'{"detail":' * 900 + b"{}" + b"}" * 900, Kind.OTHER_JSON),
    "a table with a cell without end": (
        b"eventName,eventSource,eventTime,userIdentity,requestParameters,responseElements\n"
        b'a,b,c,"' + b'{""a"":' * 900 + b"1" + b"}" * 900 + b'",,',
        Kind.OTHER_JSON,
    ),
    "no record within": (orjson.dumps({"Events": [{"EventName": "x"}]}), Kind.OTHER_JSON),
    "Elasticsearch document of another source": (
        lines({"@timestamp": "2026-02-03", "event": {"dataset": "okta.system"}}),
        Kind.OTHER_DOCUMENT,
    ),
    "OCSF": (orjson.dumps({"class_uid": 6003, "category_uid": 6}), Kind.OCSF),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", Kind.LFS_POINTER),
    "CloudWatch Logs Insights without the record": (
        orjson.dumps({"results": [[{"field": "eventName", "value": "Invoke"}]], "status": "Complete"}),
        Kind.LOSSY_TABLE,
    ),
    "fields without the record": (lines(FLAT), Kind.LOSSY_TABLE),
    "Splunk export, fields without the record": (lines({"preview": False, "result": FLAT}), Kind.LOSSY_TABLE),
    "Parquet": (b"PAR1\x15\x04\x15", Kind.FORMAT),
    "ORC": (b"ORC\x11\0\0", Kind.FORMAT),
    "Avro": (b"Obj\x01\x04\x16avro.schema", Kind.FORMAT),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c\0\x04", Kind.FORMAT),
    "LZ4": (b"\x04\x22\x4d\x18\x64\x40", Kind.FORMAT),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.BINARY),
    "CSV of something else": (b'"name","size"\n"x","y"\n', Kind.TEXT),
    "prose": (b"# Notes\n\nSee [1] and {this}.\n", Kind.TEXT),
    "a program": (b"rules = [{}, [1, 2], {'a': []}]\nempty = []\n" * 50, Kind.TEXT),
    "number": (b"17", Kind.OTHER_JSON),
    "other JSON": (pretty({"name": "package", "version": 1}), Kind.OTHER_JSON),
}


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_log_is_named_once(what: str, wrap: Callable[[bytes], bytes]) -> None:
    data, kind = REFUSED[what]
    (refusal,) = refused(wrap(data))
    assert taken(wrap(data)) == []
    assert (refusal.kind, bool(refusal.reason)) == (kind, True)


def test_each_item_of_a_list_that_is_no_record_counts() -> None:
    data = orjson.dumps({"Records": [ONE, NOTIFICATION, "odd", NOTIFICATION, {"insightDetails": {}}, 7, None]})
    other = Kind.OTHER_JSON
    assert taken(data) == [ONE]
    assert kinds(data) == [Kind.S3_NOTIFICATION, other, Kind.S3_NOTIFICATION, Kind.INSIGHT, other, other]


def test_good_lines_survive_bad_ones_which_have_numbers() -> None:
    data = lines(ONE, b'{"eventName":\n', NOTIFICATION, TWO, b"garbage\n")
    assert taken(data) == [ONE, TWO]
    assert [(refusal.kind, refusal.line) for refusal in refused(data)] == [
        (Kind.DAMAGED, 2),
        (Kind.S3_NOTIFICATION, 3),
        (Kind.TEXT, 5),
    ]


@pytest.mark.parametrize("first", [b"garbage\n", b'{"eventName":\n', b"[\n", b'"\n'])
def test_a_bad_first_line_does_not_cost_the_others(first: bytes) -> None:
    assert taken(lines(first, ONE, TWO)) == [ONE, TWO]
    assert [refusal.line for refusal in refused(lines(first, ONE, TWO))] == [1]


BAD_RECORDS: dict[str, bytes] = {
    "a value missing": b'{"eventName":,"eventSource":"x"}',
    "nested ten thousand deep": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "an unquoted key": b'{eventName:"x"}',
    "a control character": b'{"eventName":"a\x01b"}',
    "a quote missing": b'{"eventName":"a,\n"eventSource":"b"}',
}


@pytest.mark.parametrize("shape", [b'{"Records":[%b,\n%b,\n%b]}', b"[%b,\n%b\n,%b]", b"%b\n%b\n%b\n", b"%b%b\n%b"])
@pytest.mark.parametrize("what", BAD_RECORDS)
def test_one_bad_record_costs_only_itself(what: str, shape: bytes) -> None:
    data = shape % (orjson.dumps(ONE), BAD_RECORDS[what], orjson.dumps(TWO))
    assert taken(data) == [ONE, TWO]
    assert set(kinds(data)) <= {Kind.DAMAGED, Kind.TEXT} != set()


@pytest.mark.parametrize("cut", [pretty, orjson.dumps], ids=["pretty", "one line"])
def test_records_before_the_end_of_a_cut_document_are_kept(cut: Callable[[Any], bytes]) -> None:
    data = cut({"Records": [ONE, TWO, record("e-3")]})[:-30]
    assert taken(data) == [ONE, TWO]
    assert kinds(data) == [Kind.DAMAGED]


def test_what_follows_a_document_is_told_of() -> None:
    data = orjson.dumps({"Records": [ONE]}) + b" and so on"
    assert taken(data) == [ONE]
    assert [(refusal.kind, refusal.line) for refusal in refused(data)] == [(Kind.TEXT, 1)]


def test_records_before_the_end_of_a_cut_gzip_file_are_kept() -> None:
    many = [record(str(number), noise=os.urandom(500).hex()) for number in range(2000)]
    for whole in (lines(*many), orjson.dumps({"Records": many})):
        data = gzip.compress(whole)[:-50_000]
        kept = taken(data)
        assert 1000 < len(kept) < 2000
        assert kept == many[: len(kept)]
        assert kinds(data) == [Kind.DAMAGED]


@pytest.mark.parametrize("digits", [400, 4301, 100_000])
def test_a_number_that_nothing_holds_is_kept_as_its_digits(digits: int) -> None:
    huge = "7" * digits
    data = orjson.dumps({"Records": [record(size=0, other=[5, -3, 2**63, 1.5]), TWO]}).replace(
        b'"size":0', f'"size":{huge}'.encode()
    )
    assert found_in(data) == [record(size=huge, other=[5, -3, 2**63, 1.5]), TWO]


def test_a_broken_character_costs_neither_its_record_nor_the_others() -> None:
    odd = rb'"a\ud800b \udc00 \ud83d\ude00 \\ud800 ' + b"\xff" + b'"'
    data = orjson.dumps([record(userAgent="ODD"), TWO]).replace(b'"ODD"', odd)
    assert found_in(data) == [record(userAgent="a\ufffdb \ufffd 😀 \\ud800 \ufffd"), TWO]


def test_keys_that_differ_only_in_case_are_two_and_of_equal_ones_the_last_counts() -> None:
    data = orjson.dumps(record(requestParameters={"Host": "a", "host": {"b": 1}})).replace(
        b'"e-1"', b'"e-0","eventID":"e-1"'
    )
    assert found_in(data) == [record(requestParameters={"Host": "a", "host": {"b": 1}})]


def test_members_of_an_archive_are_named() -> None:
    data = zipped(**{"ok.json": orjson.dumps([ONE]), "../../etc/x": b"prose", "inner.zip": zipped(y=b"[]"), "z": b""})
    assert taken(data) == [ONE]
    assert [(refusal.member, refusal.kind) for refusal in refused(data)] == [
        ("../../etc/x", Kind.TEXT),
        ("inner.zip/y", Kind.NO_RECORDS),
        ("z", Kind.EMPTY),
    ]


def test_an_encrypted_member_is_refused_and_the_others_are_read() -> None:
    data = bytearray(zipped(**{"secret": b"[]", "x.json": orjson.dumps([ONE])}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    assert taken(bytes(data)) == [ONE]
    assert [(refusal.member, refusal.kind) for refusal in refused(bytes(data))] == [("secret", Kind.ENCRYPTED)]
