"""Each pivot that ships with a hunt, asked of the embedded engine around findings of the sample and of our own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import hunts
from bot.adapters.hunt_files import load_files
from bot.domain.hit import read_hits
from bot.domain.hunt import Hunt, Window
from bot.domain.pivot import Pivot, bind
from bot.domain.rows import Column, Rows, Value
from bot.services.search import offered
from local.cloudtrail import sample
from local.cloudtrail.record import Record
from local.esql.lexer import Kind, Source, tokenize
from tests.hunts.asking import Row, ask
from tests.hunts.test_query_language import COMMANDS, FUNCTIONS

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)

SHIPPED = [file.hunt for file in load_files([Path(hunts.__file__).parent])[0]]
[LAMBDA] = [hunt for hunt in SHIPPED if hunt.slug == "lambda-perms"]
PIVOTS = [(hunt, pivot) for hunt in SHIPPED for pivot in hunt.pivots]
DID, GRANTS, CALLS = LAMBDA.pivots


async def around(pivot: Pivot, columns: dict[str, Value], at: datetime, records: list[Record]) -> list[Row]:
    bound, missing = bind(pivot, columns)
    assert not missing
    window = Window(*pivot.stretch(at, NOW))
    return await ask(records, pivot.query, NOW, **_texts({**bound, **offered(pivot.query, window, "")}))


@pytest.mark.parametrize(("hunt", "pivot"), PIVOTS, ids=[f"{h.slug}: {p.name}" for h, p in PIVOTS])
async def test_it_can_be_asked_around_every_finding_of_the_sample(hunt: Hunt, pivot: Pivot) -> None:
    records = sample.records(NOW)
    found = await _hits(hunt, records)
    askable = [hit for hit in found if not bind(pivot, hit.columns)[1]]

    answers = [await around(pivot, dict(hit.columns), hit.at, records) for hit in askable]

    assert len(askable) >= len(found) / 2
    assert all("@timestamp" in row for answer in answers for row in answer)


@pytest.mark.parametrize("pivot", LAMBDA.pivots, ids=lambda pivot: pivot.name)
def test_it_stays_within_the_elasticsearch_that_the_hunt_asks_for(pivot: Pivot) -> None:
    tokens = tokenize(Source(pivot.query))

    assert {token.word for token in tokens if token.kind is Kind.COMMAND} <= set(COMMANDS)
    called = {one.word for one, after in pairwise(tokens) if one.kind is Kind.NAME and after.text == "("}
    assert called <= {*FUNCTIONS, "mv_min"}  # 8.11


# --- lambda-perms -----------------------------------------------------------------------------------

AT = NOW - timedelta(days=1)
ARN = "arn:aws:iam::111122223333:user/dana"
ROLE = "arn:aws:iam::111122223333:role/ci"
FINDING: dict[str, Value] = {
    "event_id": "e-0",
    "actor": ARN,
    "principal": "444455556666",
    "function": "pay",
    "account": "111122223333",
    "region": "us-east-1",
}


def call(name: str, event_id: str, minutes: int = 0, *, by: str = ARN, **changes: Any) -> Record:
    """A call of Lambda's some minutes after the finding's event."""
    account = by.split(":")[4] if by.startswith("arn:") else "111122223333"
    identity: dict[str, Any] = {"type": "IAMUser", "arn": by, "accountId": account, "principalId": "AIDA"}
    if ":assumed-role/" in by:
        issuer = f"arn:aws:iam::{account}:role/{by.split('/')[1]}"
        identity |= {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": issuer}}}
    at = AT + timedelta(minutes=minutes)
    usual: Record = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "lambda.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"functionName": "pay"},
        "responseElements": None,
        "eventID": event_id,
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    return {**usual, **changes}


def grant(event_id: str, function: str, **changes: Any) -> Record:
    asked = {"functionName": function, "principal": "*", "action": "lambda:InvokeFunction", "statementId": "s"}
    return call("AddPermission20150331v2", event_id, **{"requestParameters": asked, **changes})


async def test_it_shows_what_the_actor_did_in_the_hour_around_it_and_nobody_else() -> None:
    records = [
        call("GetFunction20150331v2", "e-1", -30),
        call("GetFunction20150331v2", "e-2", -31),
        call("UpdateFunctionCode20150331v2", "e-3", 29, errorCode="AccessDenied"),
        call("UpdateFunctionCode20150331v2", "e-4", 30),
        call("GetFunction20150331v2", "e-5", by=ROLE),
    ]

    told = await around(DID, FINDING, AT, records)

    assert [(row["call"], row["outcome"], row["error"]) for row in told] == [
        ("GetFunction20150331v2", "success", None),
        ("UpdateFunctionCode20150331v2", "failure", "AccessDenied"),
    ]
    assert {(row["service"], row["source_ip"]) for row in told} == {("lambda", "198.51.100.7")}


OTHER_GRANTS = [
    ("the finding's own event", grant("e-0", "pay"), False),
    ("another one", grant("e-1", "pay"), True),
    ("by another one of its names", grant("e-1", "arn:aws:lambda:us-east-1:111122223333:function:pay:live"), True),
    ("by its account and name", grant("e-1", "111122223333:function:pay"), True),
    ("on another function", grant("e-1", "pay2"), False),
    ("in another region", grant("e-1", "pay", awsRegion="eu-west-1"), False),
    ("in another account", grant("e-1", "pay", recipientAccountId="999988887777"), False),
    ("on another account's function", grant("e-1", "arn:aws:lambda:us-east-1:999988887777:function:pay"), False),
    ("90 days before", grant("e-1", "pay", minutes=-90 * 24 * 60), True),
    ("longer ago", grant("e-1", "pay", minutes=-91 * 24 * 60), False),
    ("a refused one", grant("e-1", "pay", errorCode="AccessDenied"), True),
    ("a removal", call("RemovePermission20150331v2", "e-1"), False),
    ("on a layer", call("AddLayerVersionPermission20181031", "e-1"), False),
    (
        "a name that a value imitates",
        grant("e-1", "pay2", requestParameters={"functionName": "pay2", "sourceArn": "arn:x, functionName=pay"}),
        False,
    ),
]


@pytest.mark.parametrize(
    ("record", "is_told"), [row[1:] for row in OTHER_GRANTS], ids=[row[0] for row in OTHER_GRANTS]
)
async def test_it_shows_the_other_grants_of_this_very_function(record: Record, *, is_told: bool) -> None:
    told = await around(GRANTS, FINDING, AT, [record])

    assert len(told) == is_told


async def test_another_grant_says_who_got_what_from_whom() -> None:
    [told] = await around(GRANTS, FINDING, AT, [grant("e-1", "pay", errorCode="AccessDenied")])

    assert (told["principal"], told["action"], told["statement_id"]) == ("*", "lambda:InvokeFunction", "s")
    assert (told["outcome"], told["granted_by"]) == ("attempted", ARN)


FOREIGN = "arn:aws:iam::444455556666:user/eve"
SESSION = "arn:aws:sts::444455556666:assumed-role/ci/run-7"
INVOKED = [
    ("anyone, by anyone", "*", ARN, True),
    ("an account, by somebody of it", "444455556666", FOREIGN, True),
    ("its root, by a session of it", "arn:aws:iam::444455556666:root", SESSION, True),
    ("an account, by somebody of another one", "444455556666", ARN, False),
    ("a person", FOREIGN, FOREIGN, True),
    ("a person, by another one", FOREIGN, f"{FOREIGN}2", False),
    ("a role, by a session of it", "arn:aws:iam::444455556666:role/ci", SESSION, True),
    ("a role, by a session of another one", "arn:aws:iam::444455556666:role/c", SESSION, False),
]


@pytest.mark.parametrize(
    ("principal", "by", "is_told"), [row[1:] for row in INVOKED], ids=[row[0] for row in INVOKED]
)
async def test_it_shows_calls_by_whoever_was_granted_them(principal: str, by: str, *, is_told: bool) -> None:
    told = await around(CALLS, {**FINDING, "principal": principal}, AT, [_invoke(by=by)])

    assert len(told) == is_told


async def test_a_service_that_was_granted_it_calls_by_its_name() -> None:
    service = {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}
    told = await around(CALLS, {**FINDING, "principal": "s3.amazonaws.com"}, AT, [_invoke(userIdentity=service)])

    assert [row["caller"] for row in told] == ["s3.amazonaws.com"]


CALLED = [
    ("the function by its ARN", {}, True),
    ("before the grant", {"minutes": -1}, False),
    ("another function", {"requestParameters": {"functionName": "pay2"}}, False),
    ("in another region", {"awsRegion": "eu-west-1"}, False),
    ("another call", {"eventName": "GetFunction20150331v2"}, False),
]


@pytest.mark.parametrize(("changes", "is_told"), [row[1:] for row in CALLED], ids=[row[0] for row in CALLED])
async def test_only_calls_of_the_function_after_the_grant_count(changes: dict[str, Any], *, is_told: bool) -> None:
    told = await around(CALLS, FINDING, AT, [_invoke(by=FOREIGN, **changes)])

    assert len(told) == is_told


def test_that_nothing_was_logged_is_no_proof_that_nobody_called() -> None:
    assert "data events that many trails do not record" in CALLS.nothing


def _invoke(minutes: int = 5, **changes: Any) -> Record:
    """As Lambda's data events write it."""
    function = "arn:aws:lambda:us-east-1:111122223333:function:pay"
    usual = {
        "requestParameters": {"functionName": function, "invocationType": "RequestResponse"},
        "resources": [{"ARN": function, "accountId": "111122223333", "type": "AWS::Lambda::Function"}],
        "eventCategory": "Data",
        "managementEvent": False,
    }
    return call("Invoke", "e-1", minutes, **{**usual, **changes})


async def _hits(hunt: Hunt, records: list[Record]) -> Any:
    window = Window(NOW - timedelta(days=30), NOW)
    told = await ask(records, hunt.query, NOW, **_texts(offered(hunt.query, window, "")))
    columns = tuple(Column(name, "date" if name in {"@timestamp", "revoked_at"} else "keyword") for name in told[0])
    return read_hits(hunt, Rows(columns, tuple(tuple(row.values()) for row in told)), NOW)


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}
