"""The bundled sample: believable, repeatable, and with every story the first hunt has to tell."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

import orjson
import pytest

from local.cloudtrail import sample
from local.cloudtrail.ecs.columns import Columns
from local.cloudtrail.ecs.mapping import document
from local.cloudtrail.reading.shapes import records_in
from local.cloudtrail.record import Record

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def told() -> list[Record]:
    return sample.records(NOW)


def grants(records: list[Record]) -> list[dict[str, Any]]:
    return [record for record in records if str(record["eventName"]).startswith("AddPermission")]


def test_it_is_the_same_for_the_same_now(told: list[Record]) -> None:
    assert sample.records(NOW) == told


def test_a_later_now_moves_the_times_and_nothing_that_identifies_an_event(told: list[Record]) -> None:
    later = sample.records(NOW + timedelta(hours=5))
    assert [record["eventID"] for record in later] == [record["eventID"] for record in told]
    assert [record["eventTime"] for record in later] != [record["eventTime"] for record in told]


def test_every_event_is_in_the_past_and_most_are_within_a_week(told: list[Record]) -> None:
    times = [datetime.fromisoformat(str(record["eventTime"])) for record in told]
    assert max(times) <= NOW
    assert sum(time > NOW - timedelta(days=7) for time in times) > 0.9 * len(times)


def test_it_is_mostly_noise(told: list[Record]) -> None:
    assert 150 <= len(told) <= 400
    assert len(grants(told)) < len(told) / 5
    assert len({record["eventSource"] for record in told}) > 8


def test_every_event_has_its_own_id(told: list[Record]) -> None:
    assert max(Counter(str(record["eventID"]) for record in told).values()) == 1


def test_every_event_is_a_record_that_maps(told: list[Record]) -> None:
    assert list(records_in(orjson.loads(orjson.dumps({"Records": told})))) == told
    columns = Columns()
    columns.add(map(document, told))
    assert columns.table().num_rows == len(told)


def test_a_grant_is_answered_with_the_statement_that_lambda_makes_of_it(told: list[Record]) -> None:
    [grant] = [g for g in grants(told) if (g["requestParameters"] or {}).get("statementId") == "partner-sync"]
    assert orjson.loads(grant["responseElements"]["statement"]) == {
        "Sid": "partner-sync",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "lambda:UpdateFunctionCode",
        "Resource": "arn:aws:lambda:us-east-1:111122223333:function:payments-api:live",
    }


def test_news_never_end_and_are_of_ever_the_same_grants_each_taken_back_before_the_next() -> None:
    moments = count()
    happened = list(islice(sample.news(lambda: NOW + timedelta(seconds=45 * next(moments))), 200))
    assert max(Counter(str(record["eventID"]) for record in happened).values()) == 1
    times = [str(record["eventTime"]) for record in happened]
    assert times == sorted(set(times))
    standing: set[tuple[str, str]] = set()
    granted = Counter[tuple[str, str]]()
    for record in happened:
        parameters: Any = record["requestParameters"]
        if parameters is None:  # one is denied
            continue
        statement = parameters["functionName"], parameters["statementId"]
        if str(record["eventName"]).startswith("AddPermission"):
            granted[statement] += 1
            standing.add(statement)
        else:
            standing.remove(statement)
    assert len(granted) == 25
    assert min(granted.values()) > 2
    assert len(standing) <= 5


STORIES: dict[str, dict[str, Any]] = {
    "public": {"principal": "*", "action": "lambda:InvokeFunction"},
    "in an organization": {"principal": "*", "principalOrgID": "o-a1b2c3d4e5"},
    "foreign account may change code": {"principal": "444455556666", "action": "lambda:UpdateFunctionCode"},
    "narrowed trigger": {"principal": "s3.amazonaws.com", "sourceAccount": "111122223333"},
    "attacker's bucket": {"principal": "s3.amazonaws.com", "sourceAccount": "444455556666"},
    "wildcard to a service": {"principal": "events.amazonaws.com", "action": "lambda:*"},
    "own role": {"principal": "arn:aws:iam::111122223333:role/order-state-machine"},
    "public URL": {"functionUrlAuthType": "NONE", "action": "lambda:InvokeFunctionUrl"},
    "event source token": {"principal": "alexa-appkit.amazon.com"},
    "read only": {"action": "lambda:GetFunction"},
    "a layer": {"layerName": "northwind-tracing"},
}


@pytest.mark.parametrize("story", STORIES)
def test_tells_the_story(told: list[Record], story: str) -> None:
    wanted = STORIES[story].items()
    parameters = [
        record["requestParameters"]
        for record in told
        if isinstance(record["requestParameters"], dict) and str(record["eventName"]).startswith("Add")
    ]
    assert any(wanted <= found.items() for found in parameters)


def test_denied_attempts_come_with_and_without_their_parameters(told: list[Record]) -> None:
    denied = [grant for grant in grants(told) if grant.get("errorCode") == "AccessDenied"]
    assert {grant["requestParameters"] is None for grant in denied} == {True, False}
    assert all("function:" in grant["errorMessage"] and grant["responseElements"] is None for grant in denied)


def test_one_deployer_fails_the_same_way_day_after_day(told: list[Record]) -> None:
    failing = [grant for grant in grants(told) if grant.get("errorCode") == "ResourceConflictException"]
    assert len(failing) == 6
    assert len({str(grant["requestParameters"]) for grant in failing}) == 1


def test_one_grant_is_taken_back_after_seven_minutes(told: list[Record]) -> None:
    granted, revoked = (
        datetime.fromisoformat(str(record["eventTime"]))
        for record in told
        if isinstance(parameters := record["requestParameters"], dict)
        and parameters.get("statementId") == "quick-test"
    )
    assert revoked - granted == timedelta(minutes=7)


def test_one_caller_sends_what_should_reach_nobody(told: list[Record]) -> None:
    agents = {str(grant["userAgent"]) for grant in grants(told)}
    [hostile] = [agent for agent in agents if "<!channel>" in agent]
    assert "\u202e" in hostile
    assert "\u200b" in hostile
