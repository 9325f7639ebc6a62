"""Every rule of the lambda-perms hunt as events and answers, through the official client."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.hunt_files import load_file
from tests.hunts.asking import HUNT_PATH, Row, hunt, hunt_query, judged
from tests.hunts.cases import Case, lay_out, read_cases
from tests.hunts.oracle import expected_rows

CASES = read_cases()
WINDOW = ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
COLUMNS = [
    "@timestamp",
    "severity",
    "reason",
    "outcome",
    "principal",
    "action",
    "function",
    "qualifier",
    "account",
    "region",
    "statement_id",
    "source_arn",
    "source_account",
    "principal_org_id",
    "function_url_auth_type",
    "invoked_via_function_url",
    "event_source_token",
    "actor",
    "actor_type",
    "access_key_id",
    "source_ip",
    "user_agent",
    "revoked_at",
    "revoked_by",
    "event_id",
]


def in_order(rows: Sequence[Row], case: Case) -> list[Row]:
    """The answer's rows in the order of the case's records."""
    order = [record["eventID"] for record in case.records]
    return sorted(rows, key=lambda row: order.index(row["event_id"]))


def told(row: Row, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says of that which is wanted of it."""
    reason = row["reason"]
    words = {
        "says": [word for word in wanted.get("says", ()) if word in reason],
        "never_says": [word for word in wanted.get("never_says", ()) if word not in reason],
    }
    return {key: words[key] if key in words else row[key] for key in wanted}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_events_give_their_rows(case: Case) -> None:
    rows = in_order(await hunt(case.records, case.start, case.end, case.known_accounts), case)
    assert [told(row, wanted) for row, wanted in zip(rows, case.rows, strict=True)] == list(case.rows)
    expected = expected_rows(case.records, case.start, case.end, case.known_accounts)
    assert {row["event_id"]: judged(row) for row in rows} == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_contract_said_in_python_gives_the_same_rows(case: Case) -> None:
    rows = list(expected_rows(case.records, case.start, case.end, case.known_accounts).values())
    assert [told(row, wanted) for row, wanted in zip(rows, case.rows, strict=True)] == list(case.rows)


async def test_the_columns_are_the_contracts_and_no_other() -> None:
    (row,) = await hunt(CASES[0].records, CASES[0].start, CASES[0].end)
    assert list(row) == COLUMNS


async def test_no_column_ever_holds_a_token() -> None:
    holding = [case for case in CASES if "tok-s3cret" in json.dumps(case.records)]
    rows = [row for case in holding for row in await hunt(case.records, case.start, case.end)]
    assert "present" in {row["event_source_token"] for row in rows}
    assert "tok-s3cret" not in json.dumps(rows)


async def test_the_worst_come_first_then_the_latest() -> None:
    case = next(case for case in CASES if case.name == "an attempt is at most medium")
    rows = await hunt(case.records, case.start, case.end)
    assert [(row["severity"], row["event_id"]) for row in rows] == [
        ("medium", "e6"), ("medium", "e5"), ("medium", "e3"), ("medium", "e2"), ("medium", "e1"), ("low", "e4"),
    ]  # fmt: skip


def grants(requests: Sequence[Mapping[str, str | None]], **more: object) -> tuple[dict[str, Any], ...]:
    defaults = {
        "eventSource": "lambda.amazonaws.com",
        "eventName": "AddPermission20150331v2",
        "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333",
    }
    whole = {"functionName": "pay", "principal": "*", "action": "lambda:InvokeFunction", "statementId": "s1"}
    return lay_out(defaults | more, [{"requestParameters": {**whole, **request}} for request in requests])


async def test_a_text_too_long_to_be_indexed_is_not_recorded() -> None:
    records = grants([{"sourceArn": "arn:aws:s3:::" + "b" * 8200}])
    (row,) = await hunt(records, *WINDOW)
    assert (row["severity"], row["principal"], row["function"]) == ("high", None, None)
    assert "not recorded" in row["reason"]


async def test_more_grants_than_elasticsearch_gives_without_a_limit() -> None:
    rows = await hunt(grants([{"statementId": f"s{number}"} for number in range(1200)], eventTime=WINDOW[0]), *WINDOW)
    assert len(rows) == 1200
    assert "| LIMIT 10000" in hunt_query()


@pytest.mark.parametrize(
    ("known", "severity"),
    [
        ("", "high"),
        ("444455556666", "medium"),
        (" 444455556666 ,", "medium"),
        ("999900001111,444455556666", "medium"),
        ("999900001111, 444455556666, 777788889999", "medium"),
        ("4444555566667", "high"),
        ("44445555666", "high"),
        (",,", "high"),
        (".*", "high"),
        ("(", "high"),
    ],
)
async def test_known_accounts_are_a_list_of_whole_numbers(known: str, severity: str) -> None:
    (row,) = await hunt(grants([{"principal": "444455556666"}]), *WINDOW, known)
    assert row["severity"] == severity


def test_a_hunt_file_says_how_it_is_shown() -> None:
    loaded = load_file(HUNT_PATH)
    assert (loaded.hunt.slug, loaded.remarks) == ("lambda-perms", ())
    assert [key.column for key in loaded.hunt.identity] == (
        [
            "account",
            "region",
            "function",
            "qualifier",
            "principal",
            "action",
            "source_arn",
            "source_account",
            "principal_org_id",
            "outcome",
        ]
    )
    assert [key.column for key in loaded.hunt.identity if key.ignores_case] == ["action"]
    assert set(loaded.hunt.fields) | {key.column for key in loaded.hunt.identity} <= set(COLUMNS)
