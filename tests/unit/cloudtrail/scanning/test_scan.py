"""A scan over files: rows with their places, and what became of every file."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.cloudtrail.opening import Opened, Opening, Placed, open_file, open_files
from local.cloudtrail.receipt import Receipt, combined
from local.cloudtrail.refusal import Kind
from local.cloudtrail.scanning.crew import Crew
from local.cloudtrail.scanning.scan import ORDINAL, Found, Ranked, scan
from local.wanted import ANYTHING, Both, Deadline, Either, Has, Match, OverdueError, Requirement, Wanted

COLUMNS = frozenset({"event.id", "event.action", "event.provider"})
GRANTS = Both(
    (
        Has("event.provider", Match.EQUALS, "lambda.amazonaws.com"),
        Has("event.action", Match.STARTS, "AddPermission"),
    )
)
WORTH_PROCESSES = 2**23


def record(event_id: str, name: str = "Invoke", source: str = "lambda.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {"eventID": event_id, "eventName": name, "eventSource": source, "eventTime": "2026-03-01T00:00:00Z"} | more


NOTIFICATION = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}


def log(*records: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps({"Records": records}, separators=(",", ":")).encode())


def archive(folder: Path, files: Sequence[bytes], size: int = 0) -> list[Ranked]:
    """`size` in place of their own makes a few small files worth processes."""
    ranked = []
    for rank, data in enumerate(files):
        path = folder / f"{rank}.json.gz"
        path.write_bytes(data)
        ranked.append(Ranked(rank, str(path), size or len(data)))
    return ranked


def scanned(
    files: Sequence[Ranked],
    requirement: Requirement = ANYTHING,
    processes: int = 1,
    opening: Opening = open_files,
) -> list[Found]:
    return list(scan(files, Wanted(COLUMNS, requirement), Crew(processes), Deadline(), opening))


def places(found: Sequence[Found]) -> dict[str, tuple[int, int]]:
    """Each event's rank of file and number in it."""
    rows = [row for each in found for row in each.table.to_pylist()]
    return {row["event.id"]: (row[ORDINAL] >> 32, row[ORDINAL] & 0xFFFFFFFF) for row in rows}


def receipt(found: Sequence[Found]) -> Receipt:
    return combined(each.receipt for each in found)


FILES = [
    log(record("a"), record("b", "AddPermission20150331v2"), record("c", "AddPermission", "sns.amazonaws.com")),
    log(record("d"), record("e")),
    log(record("f", "AddPermission"), record("g", requestParameters={"eventName": "AddPermission"})),
]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_selective_scan_decodes_only_what_may_be_wanted(tmp_path: Path, processes: int) -> None:
    found = scanned(archive(tmp_path, FILES, WORTH_PROCESSES), GRANTS, processes)
    assert places(found) == {"b": (0, 1), "f": (2, 0)}
    # The third is a call whose parameters look like a grant: that costs its decoding and nothing else.
    assert receipt(found) == Receipt(files=2, records=3, passed=1)
    assert sum(each.files for each in found) == len(FILES)
    assert sum(each.read for each in found) == sum(map(len, FILES))
    assert sum(each.searched for each in found) == sum(len(gzip.decompress(data)) for data in FILES)


@pytest.mark.parametrize("processes", [1, 2])
def test_without_a_requirement_every_record_is_a_row(tmp_path: Path, processes: int) -> None:
    found = scanned(archive(tmp_path, FILES, WORTH_PROCESSES), processes=processes)
    assert places(found) == {
        "a": (0, 0), "b": (0, 1), "c": (0, 2), "d": (1, 0), "e": (1, 1), "f": (2, 0), "g": (2, 1),
    }  # fmt: skip
    assert receipt(found) == Receipt(files=3, records=7)


def test_many_records_are_decoded_where_they_are_found(tmp_path: Path) -> None:
    padding = {"text": "x" * 4000}
    many = [record(f"{number}", "AddPermission", requestParameters=padding) for number in range(200)]
    found = scanned(archive(tmp_path, [log(*many), FILES[0]], WORTH_PROCESSES), GRANTS, 2)
    assert len(places(found)) == 201


def test_a_file_with_much_to_decode_is_counted_once(tmp_path: Path) -> None:
    padding = {"text": "x" * (9 * 2**20)}  # four of them are more than is decoded at once
    many = [record(f"{number}", "AddPermission", requestParameters=padding) for number in range(4)]
    told = receipt(scanned(archive(tmp_path, [log(*many)]), GRANTS))
    assert told == Receipt(files=1, records=4)


@pytest.mark.parametrize("requirement", [ANYTHING, GRANTS])
def test_a_record_that_is_too_large_is_so_for_every_query(tmp_path: Path, requirement: Requirement) -> None:
    padding = {"text": "x" * (17 * 2**20)}
    found = scanned(archive(tmp_path, [log(record("x", "AddPermission", requestParameters=padding))]), requirement)
    assert places(found) == {}
    assert receipt(found).by_kind() == {Kind.TOO_LARGE: 1}


def test_rows_may_have_no_column_but_their_place(tmp_path: Path) -> None:
    found = list(scan(archive(tmp_path, FILES), Wanted(frozenset()), Crew(1), Deadline()))
    assert sum(each.table.num_rows for each in found) == 7


@pytest.mark.parametrize("is_odd", [False, True])
def test_no_record_may_have_what_is_wanted(tmp_path: Path, *, is_odd: bool) -> None:
    odd: dict[str, Any] = {"userAgent": ["curl", "wget"]} if is_odd else {}
    files = archive(tmp_path, [log(record("a", **odd), record("b")), json.dumps(record("c")).encode()])
    found = list(scan(files, Wanted(frozenset({"user_agent.version", "tls.version"})), Crew(1), Deadline()))
    assert sum(each.table.num_rows for each in found) == 3


@pytest.mark.parametrize("requirement", [ANYTHING, GRANTS])
def test_what_is_no_record_has_a_place_as_well(tmp_path: Path, requirement: Requirement) -> None:
    mixed = log(NOTIFICATION, record("x", "AddPermission"), NOTIFICATION, record("y", "AddPermission"))
    assert places(scanned(archive(tmp_path, [mixed]), requirement)) == {"x": (0, 1), "y": (0, 3)}


def test_where_no_row_can_be_wanted_it_is_known_all_the_same_that_there_were_records(tmp_path: Path) -> None:
    found = scanned(archive(tmp_path, FILES), Either(()))
    assert places(found) == {}
    assert receipt(found) == Receipt(passed=3)


def test_files_that_hold_no_call_at_all_are_never_passed_over(tmp_path: Path) -> None:
    files = [log(NOTIFICATION), log(NOTIFICATION, NOTIFICATION), log({"id": "no call"})]
    told = receipt(scanned(archive(tmp_path, files), GRANTS))
    assert (told.files, told.records, told.passed) == (0, 0, 0)
    assert told.by_kind() == {Kind.S3_NOTIFICATION: 3, Kind.OTHER_JSON: 1}


GRANTED_X, GRANTED_Y = record("x", "AddPermission"), record("y", "AddPermission")
X, Y = json.dumps(GRANTED_X).encode(), json.dumps(GRANTED_Y).encode()


@pytest.mark.parametrize(
    ("oddity", "data", "events"),
    [
        ("lines", X + b"\n" + Y, {"x", "y"}),
        ("a bare list", b"[%b]" % X, {"x"}),
        ("UTF-16", json.dumps({"Records": [GRANTED_X]}).encode("utf-16"), {"x"}),
        ("two members of equal size", log(GRANTED_X) + b"\0" + log(GRANTED_Y), {"x", "y"}),
        ("a member then zeros", log(GRANTED_X) + b"\0" * 99, {"x"}),
        ("two documents", b'{"Records":[%b]}\n{"Records":[%b]}' % (X, Y), {"x", "y"}),
        ("half a surrogate pair", log(GRANTED_X | {"k": "\ud800"}), {"x"}),
    ],
)
def test_what_is_no_ordinary_log_is_decoded_and_searched_all_the_same(
    tmp_path: Path, oddity: str, data: bytes, events: set[str]
) -> None:
    found = scanned(archive(tmp_path, [data]), GRANTS)
    assert set(places(found)) == events, oddity


def test_a_damaged_file_is_named_and_what_stands_before_the_damage_is_kept(tmp_path: Path) -> None:
    whole = log(*(record(f"{number}", "AddPermission", k=os.urandom(40).hex()) for number in range(500)))
    found = scanned(archive(tmp_path, [whole[: len(whole) // 2], FILES[1]]), GRANTS)
    assert Kind.DAMAGED in receipt(found).by_kind()
    assert places(found)["0"] == (0, 0)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = scanned([*archive(tmp_path, FILES), Ranked(3, str(tmp_path / "absent.json"), 9)], GRANTS)
    (skipped,) = receipt(found).skipped
    assert (skipped.kind, skipped.where) == (Kind.UNREADABLE, str(tmp_path / "absent.json"))
    assert len(places(found)) == 2


def test_bytes_may_come_from_anywhere() -> None:
    files = [Ranked(0, "bucket/a", 1), Ranked(1, "bucket/b", 1)]
    found = scanned(
        files, GRANTS, opening=lambda files: ((io.BytesIO(FILES[each.where == "bucket/b"]), 1) for each in files)
    )
    assert places(found) == {"b": (0, 1)}


def opened_unless(fatal: str, files: Sequence[Placed]) -> Iterator[Opened]:
    for file in files:
        if file.where == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        yield open_file(file.where)


def test_a_file_that_ends_its_process_is_named_and_no_other_is_lost(tmp_path: Path) -> None:
    files = archive(tmp_path, FILES * 20, WORTH_PROCESSES)
    found = scanned(files, GRANTS, 2, partial(opened_unless, files[0].where))
    (skipped,) = receipt(found).skipped
    assert (skipped.kind, skipped.where) == (Kind.UNREADABLE, files[0].where)
    assert len([rows for each in found for rows in each.table.to_pylist()]) == 2 * 20 - 1
    assert sum(each.files for each in found) == len(files)


def test_a_scan_ends_at_its_deadline(tmp_path: Path) -> None:
    deadline = Deadline()
    deadline.cancel()
    with pytest.raises(OverdueError):
        list(scan(archive(tmp_path, FILES), Wanted(COLUMNS), Crew(1), deadline))
