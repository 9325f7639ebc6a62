"""Every shape in which people keep CloudTrail logs, and everything else that lies in such folders."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from local.cloudtrail.archive import ArchiveError, Receipt, Skipped, read
from local.cloudtrail.json_stream import Limits
from local.cloudtrail.shapes import Kind


def record(event_id: str = "e-1", **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "Invoke",
        "eventID": event_id,
        **more,
    }


def lines(*values: Any) -> bytes:
    return b"".join(value if isinstance(value, bytes) else orjson.dumps(value) + b"\n" for value in values)


def pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


ONE, TWO = record("e-1"), record("e-2")
BARE = {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode20150331v2"}
NOTIFICATION = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "us-east-1", "s3": {}}

READ: dict[str, bytes] = {
    "records on one line": orjson.dumps({"Records": [ONE, TWO]}),
    "records, pretty": pretty({"Records": [ONE, TWO]}),
    "records, gzip": gzip.compress(orjson.dumps({"Records": [ONE, TWO]})),
    "records, gzip in two members": gzip.compress(lines(ONE)) + gzip.compress(lines(TWO)),
    "bare array": orjson.dumps([ONE, TWO]),
    "bare array, pretty, CRLF": pretty([ONE, TWO]).replace(b"\n", b"\r\n"),
    "one a line": lines(ONE, TWO),
    "one a line, blanks between, no end": b"\n" + lines(ONE) + b"\n  \n" + orjson.dumps(TWO),
    "one a line, gzip": gzip.compress(lines(ONE, TWO)),
    "files joined, one a line": lines({"Records": [ONE]}, {"Records": [TWO]}),
    "with a byte order mark": b"\xef\xbb\xbf" + orjson.dumps({"Records": [ONE, TWO]}),
    "EventBridge": lines(*({"detail-type": "AWS API Call via CloudTrail", "detail": r} for r in (ONE, TWO))),
    "lookup-events": pretty({"Events": [{"CloudTrailEvent": orjson.dumps(r).decode()} for r in (ONE, TWO)]}),
    "CloudWatch Logs subscription": orjson.dumps(
        {"messageType": "DATA_MESSAGE", "logEvents": [{"message": orjson.dumps(r).decode()} for r in (ONE, TWO)]}
    ),
}


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.json.cloudtrail", "x.log", "x"])
@pytest.mark.parametrize("shape", READ)
def test_reads_every_shape_under_any_name(tmp_path: Path, shape: str, name: str) -> None:
    (tmp_path / name).write_bytes(READ[shape])
    archive = read(tmp_path / name)
    assert list(archive) == [ONE, TWO]
    assert archive.receipt == Receipt(files=1, records=2, undated=0, skipped=())


REFUSED: dict[str, tuple[bytes, Kind]] = {
    "nothing": (b"", Kind.EMPTY),
    "blanks": (b" \n\n", Kind.EMPTY),
    "no records": (b'{"Records":[]}', Kind.NO_RECORDS),
    "empty array": (b"[]", Kind.NO_RECORDS),
    "S3 notification": (orjson.dumps({"Records": [NOTIFICATION]}), Kind.S3_NOTIFICATION),
    "SNS message": (orjson.dumps({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}), Kind.MESSAGE),
    "SNS notification": (pretty({"Type": "Notification", "TopicArn": "a", "Message": "{}"}), Kind.MESSAGE),
    "SQS message": (orjson.dumps({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}), Kind.MESSAGE),
    "digest": (orjson.dumps({"digestStartTime": "2026-02-03T04:05:06Z", "logFiles": []}), Kind.DIGEST),
    "insight": (orjson.dumps({"Records": [{"insightDetails": {}, "eventID": "i"}]}), Kind.INSIGHT),
    "truncated": (pretty({"Records": [ONE]})[:-20], Kind.DAMAGED),
    "truncated on one line": (orjson.dumps({"Records": [ONE, TWO]})[:-9], Kind.DAMAGED),
    "unquoted keys": (b"{ eventVersion: '1.08' }", Kind.DAMAGED),
    "nested ten thousand deep": (b'{"Records":' + b"[" * 10_000 + b"]" * 10_000 + b"}", Kind.DAMAGED),
    "a number of 4,301 digits": (lines(record()).replace(b'"1.11"', b"7" * 4301), Kind.DAMAGED),
    "gzip cut short": (gzip.compress(os.urandom(400))[:-90], Kind.DAMAGED),
    "gzip header only": (b"\x1f\x8b\x08", Kind.DAMAGED),
    "gzip with a bad checksum": (gzip.compress(b"[]")[:-8] + b"\0" * 8, Kind.DAMAGED),
    "EventBridge, other source": (
        orjson.dumps({"detail-type": "GuardDuty Finding", "detail": {"schemaVersion": "2.0"}}),
        Kind.OTHER_EVENT,
    ),
    "CloudWatch control message": (
        orjson.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "x"}]}),
        Kind.CONTROL,
    ),
    "a broken record within": (orjson.dumps({"logEvents": [{"message": '{"eventName":'}]}), Kind.DAMAGED),
    "no record within": (orjson.dumps({"Events": [{"EventName": "x"}, 7]}), Kind.OTHER_JSON),
    "Elasticsearch document": (pretty({"_source": {"event": {"action": "Invoke"}}}), Kind.ECS_DOCUMENT),
    "ECS line": (lines({"@timestamp": "2026-02-03", "aws": {"cloudtrail": {}}}), Kind.ECS_DOCUMENT),
    "OCSF": (orjson.dumps({"class_uid": 6003, "category_uid": 6}), Kind.OCSF),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", Kind.LFS_POINTER),
    "zip": (b"PK\x03\x04rest", Kind.ZIP),
    "UTF-16": (b"\xff\xfe" + "[]".encode("utf-16-le"), Kind.UTF16),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.BINARY),
    "CSV": (b'"TimeGenerated","EventName"\n"x","y"\n', Kind.TEXT),
    "prose": (b"# Notes\n", Kind.TEXT),
    "number": (b"17", Kind.OTHER_JSON),
    "other JSON": (pretty({"name": "package", "version": 1}), Kind.OTHER_JSON),
    "strings": (b'["a", 1, null]', Kind.OTHER_JSON),
}


@pytest.mark.parametrize("what", REFUSED)
def test_names_what_is_no_log(tmp_path: Path, what: str) -> None:
    content, kind = REFUSED[what]
    path = tmp_path / "AWSLogs.json.gz"
    path.write_bytes(content)
    archive = read(tmp_path)
    assert list(archive) == []
    [skipped] = archive.receipt.skipped
    assert (skipped.path, skipped.kind) == (path, kind)
    assert archive.receipt.files == 0
    assert any(str(path) in sentence and kind.value in sentence for sentence in archive.receipt.sentences())


def test_a_folder_is_read_in_the_order_of_its_names_with_what_is_below_it(tmp_path: Path) -> None:
    tree = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail" / "us-east-1" / "2026" / "02" / "03"
    tree.mkdir(parents=True)
    (tree / "b.json.gz").write_bytes(gzip.compress(orjson.dumps({"Records": [record("2")]})))
    (tree / "a.json.gz").write_bytes(gzip.compress(orjson.dumps({"Records": [record("1")]})))
    (tmp_path / "z.json").write_bytes(orjson.dumps([record("0")]))
    assert [found["eventID"] for found in read(tmp_path)] == ["0", "1", "2"]


def test_good_lines_survive_bad_ones_which_are_counted_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(ONE, b'{"eventName":\n', NOTIFICATION, TWO, b"garbage\n"))
    archive = read(path)
    assert list(archive) == [ONE, TWO]
    damaged, notification, text = archive.receipt.skipped
    assert (damaged.kind, damaged.lines) == (Kind.DAMAGED, (2,))
    assert (notification.kind, notification.lines) == (Kind.S3_NOTIFICATION, (3,))
    assert (text.kind, text.lines) == (Kind.TEXT, (5,))


@pytest.mark.parametrize("first", [b"garbage\n", b'{"eventName":\n', b"[\n"])
def test_a_bad_first_line_does_not_cost_the_others(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(first, ONE, TWO))
    archive = read(path)
    assert list(archive) == [ONE, TWO]
    assert [skipped.lines for skipped in archive.receipt.skipped] == [(1,)]


def test_records_before_the_end_of_a_cut_gzip_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.json.gz"
    many = [record(str(number), noise=os.urandom(500).hex()) for number in range(2000)]
    path.write_bytes(gzip.compress(lines(*many))[:-50_000])
    archive = read(path)
    kept = list(archive)
    assert 0 < len(kept) < 2000
    assert kept == many[: len(kept)]
    assert Kind.DAMAGED in archive.receipt.by_kind()


def test_what_is_mixed_in_with_records_is_counted_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(orjson.dumps({"Records": [ONE, NOTIFICATION, "odd", NOTIFICATION, {"insightDetails": {}}]}))
    archive = read(path)
    assert list(archive) == [ONE]
    assert archive.receipt.by_kind() == {Kind.S3_NOTIFICATION: 2, Kind.OTHER_JSON: 1, Kind.INSIGHT: 1}


def test_a_record_without_time_identity_and_parameters_is_one_and_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(orjson.dumps(BARE))
    archive = read(path)
    assert list(archive) == [BARE]
    assert archive.receipt.undated == 1
    assert any("eventTime" in sentence for sentence in archive.receipt.sentences())


def test_a_broken_character_costs_neither_its_record_nor_the_others(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    odd = rb'"a\ud800b \udc00 \ud83d\ude00 \\ud800 ' + b"\xff" + b'"'
    path.write_bytes(orjson.dumps([record(userAgent="ODD"), TWO]).replace(b'"ODD"', odd))
    assert list(read(path)) == [record(userAgent="a\ufffdb \ufffd 😀 \\ud800 \ufffd"), TWO]


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_bytes(orjson.dumps([ONE]))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "link.json").symlink_to(outside / "x.json")
    (logs / "folder").symlink_to(outside)
    (logs / "loop").symlink_to(logs)
    archive = read(logs)
    assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.SYMLINK: 3}


def test_a_link_given_as_the_path_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(orjson.dumps([ONE]))
    (tmp_path / "latest").symlink_to(tmp_path / "x.json")
    assert list(read(tmp_path / "latest")) == [ONE]


def test_a_pipe_among_the_files_is_named_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    archive = read(tmp_path)
    assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.UNREADABLE: 1}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(orjson.dumps([ONE]))
    (tmp_path / "b.json").write_bytes(orjson.dumps([TWO]))
    (tmp_path / "a.json").chmod(0)
    archive = read(tmp_path)
    assert list(archive) == [TWO]
    assert archive.receipt.by_kind() == {Kind.UNREADABLE: 1}


def test_a_gzip_bomb_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b"\n" * 3_000_000))
    archive = read(path, Limits(expansion=20, expansion_free=100_000))
    assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.TOO_LARGE: 1}


@pytest.mark.parametrize(
    "content",
    [
        orjson.dumps([record(noise="x" * 5000)]),
        pretty([record(noise="x" * 5000)]),
        pretty([record(str(number)) for number in range(50)]),
    ],
)
def test_a_document_larger_than_the_limit_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    archive = read(path, Limits(document=1000))
    assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.TOO_LARGE: 1}


def test_one_line_larger_than_the_limit_keeps_the_lines_before(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(ONE, record(noise="x" * 5000), TWO))
    archive = read(path, Limits(document=1000))
    assert list(archive) == [ONE]
    assert archive.receipt.by_kind() == {Kind.TOO_LARGE: 1}


def missing(folder: Path) -> Path:
    return folder / "nowhere"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def dangling(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "nowhere")
    return folder / "link"


@pytest.mark.parametrize("make", [missing, pipe, dangling])
def test_a_path_that_is_no_file_or_folder_is_an_error_that_names_it(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    with pytest.raises(ArchiveError, match=str(path)):
        read(path)


def test_the_receipt_reads_as_sentences() -> None:
    receipt = Receipt(
        files=2,
        records=1234,
        undated=0,
        skipped=(Skipped(Path("a"), Kind.DAMAGED, "unexpected end", 3, (4, 9)),),
    )
    assert list(receipt.sentences()) == [
        "1,234 records from 2 files; skipped: 3 damaged JSON",
        "a line 4, 9: damaged JSON: unexpected end (3 times)",
    ]
