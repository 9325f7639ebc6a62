"""The hunt over logs that others published, and over the query it replaces; both lie beside this repository."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import ElasticsearchWarning

from local.cloudtrail.record import Record
from tests.archives import read
from tests.hunts.asking import Row, ask, hunt
from tests.hunts.cases import lay_out
from tests.hunts.oracle import expected_rows

SHARED = Path(__file__).parents[3] / "shared"
TRAIL = SHARED / "trail"
SEED = SHARED / "seed"

needs_trail = pytest.mark.skipif(not TRAIL.is_dir(), reason=f"no published logs at {TRAIL}")
needs_seed = pytest.mark.skipif(not SEED.is_dir(), reason=f"no published hunt at {SEED}")

SPAN = ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
GRANTS: dict[str, dict[str, str | None]] = {
    "stratus/docs/detonation-logs/aws.persistence.lambda-backdoor-function.json": {
        "severity": "critical",
        "principal": "*",
        "action": "lambda:InvokeFunction",
        "function": "stratus-red-team-backdoor-f-func",
        "account": "880896431042",
        "region": "ca-centralnorth-1r",
        "statement_id": "backdoor",
        "revoked_at": None,
        "@timestamp": "2024-08-01T13:47:16.000Z",
    },
    "invictus": {
        "severity": "critical",
        "principal": "*",
        "action": "lambda:InvokeFunction",
        "function": "stratus-red-team-backdoor-f-func",
        "account": "123837392027",
        "region": "us-east-1",
        "actor": "arn:aws:iam::123837392027:user/bert-jan",
        "revoked_by": "arn:aws:iam::123837392027:user/bert-jan",
        "@timestamp": "2023-07-10T12:25:40.000Z",
        "revoked_at": "2023-07-10T12:28:24.000Z",
    },
    "elastic-integrations/test-add-permission-json.log": {
        "severity": "medium",
        "reason": "A service may invoke the function; nothing narrows it.",
        "principal": "sns.amazonaws.com",
        "function": "cloudtrail-events-test",
        "account": "000000000",
        "region": "us-east-1",
        "statement_id": "sns",
    },
}


def records_of(path: str) -> list[Record]:
    """Records alone: the oracle knows none of Elasticsearch's documents, of which one lies among them."""
    return [found for found in read(TRAIL / path) if isinstance(found, dict)]


@needs_trail
@pytest.mark.parametrize("path", GRANTS)
async def test_a_published_archive_gives_its_one_grant(path: str) -> None:
    records = records_of(path)
    (row,) = await hunt(records, *SPAN)
    assert {name: row[name] for name in GRANTS[path]} == GRANTS[path]
    ((event_id, expected),) = expected_rows(records, *SPAN).items()
    assert {name: row[name] for name in expected if name != "reason"} == {
        name: value for name, value in expected.items() if name != "reason"
    }
    assert row["event_id"] == event_id


@needs_trail
async def test_all_that_was_published_holds_these_grants_and_no_other() -> None:
    folders = ("stratus", "invictus", "elastic-integrations")
    records = [record for folder in folders for record in records_of(folder)]
    rows = await hunt(records, *SPAN)
    assert {row["event_id"] for row in rows} == set(expected_rows(records, *SPAN))
    assert {row["function"] for row in rows} == {"stratus-red-team-backdoor-f-func", "cloudtrail-events-test"}


@pytest.fixture
def seed_query() -> str:
    """The published hunt's query, as published; its text is not ours and stays where it lies."""
    (path,) = SEED.glob("*.txt")
    fenced = re.search(r"```sql\n(.+?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    assert fenced is not None
    return fenced[1]


async def asked_both_ways(query: str, action: str, **condition: str) -> tuple[list[Row], Row]:
    request = {
        "functionName": "pay",
        "statementId": "s1",
        "action": action,
        "principal": "s3.amazonaws.com",
        **condition,
    }
    defaults = {
        "eventSource": "lambda.amazonaws.com",
        "eventName": "AddPermission20150331v2",
        "awsRegion": "us-east-1",
    }
    records = lay_out(defaults, [{"requestParameters": request}])
    (ours,) = await hunt(records, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
    with pytest.warns(ElasticsearchWarning, match="No limit defined"):
        theirs = await ask(records, query, now=datetime(2026, 3, 5, tzinfo=UTC))
    return theirs, ours


@needs_seed
async def test_the_published_hunt_and_ours_agree_where_it_is_right(seed_query: str) -> None:
    (theirs,), ours = await asked_both_ways(seed_query, "lambda:InvokeFunction")
    assert (theirs["principal_id"], theirs["function_name"], theirs["statement_value"]) == (
        "s3.amazonaws.com",
        "pay",
        "s1",
    )
    assert (ours["principal"], ours["function"], ours["statement_id"]) == ("s3.amazonaws.com", "pay", "s1")


@needs_seed
async def test_a_source_arn_shifts_the_published_hunts_columns_and_not_ours(seed_query: str) -> None:
    (theirs,), ours = await asked_both_ways(seed_query, "lambda:InvokeFunction", sourceArn="arn:aws:s3:::b")
    assert (theirs["function_name"], theirs["statement_value"]) == ("arn:aws:s3:::b", "pay")
    assert (ours["function"], ours["statement_id"], ours["source_arn"]) == ("pay", "s1", "arn:aws:s3:::b")


@needs_seed
@pytest.mark.parametrize("action", ["lambda:UpdateFunctionCode", "lambda:*", "*", "lambda:DeleteFunction"])
async def test_writes_that_the_published_hunt_misses_are_ours(seed_query: str, action: str) -> None:
    theirs, ours = await asked_both_ways(seed_query, action)
    assert theirs == []
    assert ours["action"] == action
