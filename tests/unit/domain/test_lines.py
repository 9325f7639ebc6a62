"""Findings as lines of a file."""

import csv
import io
from dataclasses import replace

import pytest

from bot.domain.finding import UNSAVED
from bot.domain.hit import HitId
from bot.domain.lines import (
    STORED_HEADER,
    TRIAGE,
    as_object,
    csv_header,
    csv_line,
    fields_of,
    json_line,
    read_line,
    with_triage,
)
from bot.domain.rows import Value
from bot.domain.spreadsheet import header, line
from bot.domain.triage import Resolution, State
from tests.examples import ANNA, finding, hit
from tests.stand_ins import START


def holding(**columns: Value) -> dict[str, object]:
    shown = hit()
    face = replace(shown, columns={**shown.columns, **columns})
    return as_object(replace(finding(), face=face), "alice may", [HitId("e-1")])


def test_what_no_store_gave_an_id_has_none() -> None:
    assert holding()["id"] == "F-1"
    assert as_object(replace(finding(), id=UNSAVED), "", [])["id"] is None


def test_a_finding_says_what_people_made_of_it() -> None:
    resolved = replace(
        finding(), state=State.RESOLVED, owner=ANNA, resolution=Resolution.BENIGN, resolved_by=ANNA, resolved_at=START
    )
    told = with_triage(as_object(resolved, "", []), resolved)

    assert {name: told[name] for name in TRIAGE} == {
        "hunt": "grants",
        "state": "resolved",
        "owner": ANNA,
        "opened_at": "2026-11-02T09:00:00.000Z",
        "resolution": "benign",
        "resolved_by": ANNA,
        "resolved_at": "2026-11-02T09:00:00.000Z",
        "snoozed_until": None,
    }


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("event_source_token", "s3cr3t-value", "present"),
        ("event_source_token", None, None),
        ("request", "{fn=pay, eventSourceToken=s3cr3t-value}", "{fn=pay, eventSourceToken=[masked]}"),
        ("request", ("a", "token=s3cr3t-value"), ["a", "token=[masked]"]),
        ("count", 7, 7),
    ],
)
def test_secrets_are_in_no_file(column: str, value: Value, shown: object) -> None:
    told = holding(**{column: value})
    assert fields_of(told)[column] == shown
    assert "s3cr3t-value" not in json_line(told)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_nothing(start: str) -> None:
    [cells] = csv.reader(io.StringIO(line([f"{start}cmd|' /C calc'!A0", None, True, ["a", "b"], 1.5]), newline=""))
    assert cells == [f"'{start}cmd|' /C calc'!A0", "", "true", "a, b", "1.5"]


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("@timestamp", "@timestamp"),
        ("aws.cloudtrail.user_identity.arn", "aws.cloudtrail.user_identity.arn"),
        ("@SUM(1+1)", "'@SUM(1+1)"),
        ("@@timestamp", "'@@timestamp"),
        ("@times\ntamp", "'@times\ntamp"),
        ("=cmd", "'=cmd"),
        ("-1", "'-1"),
        ("who else", "who else"),
    ],
)
def test_a_header_names_fields_as_they_are_called_and_runs_nothing(name: str, stands: str) -> None:
    assert list(csv.reader(io.StringIO(header([name]), newline=""))) == [[stands]]


def test_a_value_is_guarded_where_its_fields_name_is_not() -> None:
    told = holding(**{"@timestamp": "@timestamp"})
    [names, cells] = csv.reader(io.StringIO(csv_header(["@timestamp"]) + csv_line(told, ["@timestamp"]), newline=""))
    assert (names[-1], cells[-1]) == ("@timestamp", "'@timestamp")


def test_a_value_begins_no_line_of_its_own() -> None:
    assert line(["x\r=cmd()", "y"]) == '"x\r=cmd()",y\n'


def test_a_csv_line_stands_under_its_header_whatever_it_holds() -> None:
    told = holding(principal='a,"b"\n', region="eu")
    columns = [*fields_of(told), "of another hunt"]

    text = csv_header(columns, STORED_HEADER) + csv_line(told, columns, STORED_HEADER)
    header, cells = csv.reader(io.StringIO(text, newline=""))

    row = dict(zip(header, cells, strict=True))
    assert row["principal"] == 'a,"b"\n'
    assert (row["id"], row["region"], row["of another hunt"]) == ("F-1", "eu", "")


def test_a_json_line_is_one_line_and_reads_back() -> None:
    told = holding(principal="a\nb\u2028c")
    assert json_line(told).count("\n") == 1
    assert read_line(json_line(told).encode()) == told
