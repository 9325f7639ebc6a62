"""CloudTrail that other tools had their hands on: read where they lost nothing, refused by name where they did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.cloudtrail.ecs.mapping import document
from local.cloudtrail.limits import Limits
from local.cloudtrail.reading import athena
from local.cloudtrail.record import Json, Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal
from tests.unit.cloudtrail.logs import ONE, found_in, kinds, refused, taken

FILES = Path(__file__).parents[3] / "fixtures" / "cloudtrail" / "shapes"


def file(name: str) -> bytes:
    return (FILES / name).read_bytes()


GRANT: Record = {
    "eventVersion": "1.08",
    "userIdentity": {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:deploy",
        "arn": "arn:aws:sts::111122223333:assumed-role/ci/deploy",
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-02-03T04:00:00Z"},
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE",
                "arn": "arn:aws:iam::111122223333:role/ci",
                "accountId": "111122223333",
                "userName": "ci",
            },
        },
    },
    "eventTime": "2026-02-03T04:05:06Z",
    "eventSource": "lambda.amazonaws.com",
    "eventName": "AddPermission20150331v2",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "203.0.113.7",
    "userAgent": 'aws-cli/2.15, "quoted"',
    "requestParameters": {
        "functionName": "billing",
        "statementId": "s3",
        "action": "lambda:InvokeFunction",
        "principal": "*",
    },
    "responseElements": {"statement": '{"Sid":"s3","Effect":"Allow"}'},
    "additionalEventData": None,
    "requestID": "r-1",
    "eventID": "e-1",
    "resources": [
        {
            "arn": "arn:aws:lambda:eu-west-1:111122223333:function:billing",
            "accountId": "111122223333",
            "type": "AWS::Lambda::Function",
        }
    ],
    "eventType": "AwsApiCall",
    "apiVersion": "20150331",
    "readOnly": "false",
    "recipientAccountId": "111122223333",
    "tlsDetails": {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": "lambda.eu-west-1.amazonaws.com",
    },
}


def test_a_table_as_athena_downloads_it_gives_the_records_back() -> None:
    grant, denied = taken(file("athena.csv"))
    assert grant == GRANT
    assert isinstance(denied, dict)
    assert denied["userIdentity"] == {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": "arn:aws:iam::111122223333:user/a,b=c",
        "accountId": "111122223333",
        "accessKeyId": "AKIAEXAMPLE",
        "userName": "a,b=c",
    }
    assert (denied["errorCode"], denied["userAgent"]) == ("AccessDenied", "first line\nsecond line")
    assert refused(file("athena.csv")) == []


def test_a_table_that_was_saved_with_other_line_ends_is_the_same_table() -> None:
    saved = file("athena.csv").replace(b"\n", b"\r\n")
    assert saved.partition(b"\r")[0].endswith(b'"')
    assert taken(saved)[0] == GRANT


def test_what_athena_gives_back_is_mapped_like_the_record_itself() -> None:
    mapped = document(GRANT)
    assert mapped["aws.cloudtrail.request_parameters"] == (
        "{principal=*, functionName=billing, statementId=s3, action=lambda:InvokeFunction}"
    )
    assert mapped["user.name"] == "ci"
    assert mapped["tls.client.server_name"] == "lambda.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("separator", [b";", b"\t"])
def test_another_separator_is_seen_in_the_header(separator: bytes) -> None:
    header = separator.join(name.encode() for name in sorted(athena.NEEDED))
    row = separator.join([b"Invoke", b"lambda.amazonaws.com", b"2026-02-03 04:05:06.000 UTC", b"", b"", b""])
    assert taken(header + b"\r\n" + row + b"\r\n") == [
        {"eventName": "Invoke", "eventSource": "lambda.amazonaws.com", "eventTime": "2026-02-03T04:05:06Z"}
    ]


def test_json_lines_as_athena_unloads_them() -> None:
    created, assumed = taken(file("unload.ndjson"))
    assert isinstance(created, dict)
    assert isinstance(assumed, dict)
    assert (created["eventName"], created["requestParameters"]) == ("CreateUser", {"userName": "mallory"})
    assert document(created)["user.target.id"] == "AIDANEW"
    assert document(created)["aws.cloudtrail.user_identity.session_context.mfa_authenticated"] == "true"
    assert (assumed["eventTime"], assumed["userIdentity"]) == (
        "2026-02-03T04:06:00Z",
        {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
    )


def test_cloudtrail_lake_gives_the_event_itself_or_what_its_columns_can_tell() -> None:
    assert found_in(file("lake.json"))[:2] == [ONE, ONE]
    assert kinds(file("lake.json")) == [Kind.LOSSY_TABLE]


@pytest.mark.parametrize("name", ["insights_query.csv", "splunk.csv"])
def test_a_column_of_records_as_text_is_read(name: str) -> None:
    assert taken(file(name)) == [ONE]


def test_a_row_that_holds_no_record_is_named_with_its_line() -> None:
    assert [(refusal.kind, refusal.line) for refusal in refused(file("insights_query.csv"))] == [(Kind.TEXT, 3)]


LOSSY = {
    "sentinel.csv": "Sentinel",
    "console.csv": "download the event history as JSON",
    "kibana.csv": "Kibana",
    "athena_some_columns.csv": r"SELECT \*",
}


@pytest.mark.parametrize("name", LOSSY)
def test_a_table_that_lost_something_is_refused_with_a_cure(name: str) -> None:
    (refusal,) = found_in(file(name))
    assert isinstance(refusal, Refusal)
    assert refusal.kind is Kind.LOSSY_TABLE
    assert LOSSY[name].replace("\\", "") in refusal.reason


PRINTED: dict[str, Any] = {
    "{}": {},
    "[]": [],
    "{type=Root}": {"type": "Root"},
    "{type=null, arn=}": {"arn": ""},
    "{username=a, b=c, arn=x}": {"userName": "a, b=c", "arn": "x"},
    "{username={odd}, arn=x}": None,
    "{username=a}b, arn=x}": {"userName": "a}b", "arn": "x"},
    "{username=x, arn=evil, arn=true}": None,
    "{type=Root": None,
    "{type=Root}}": None,
    "{=}": None,
    "{type": None,
    "{" * 50: None,
    "[{type=A}, {type=B}]": [{"type": "A"}, {"type": "B"}],
    '{"type": "IAMUser", "userName": "kim"}': {"type": "IAMUser", "userName": "kim"},
}


@pytest.mark.parametrize("printed", PRINTED)
def test_a_printed_struct_is_read_back_or_refused(printed: str) -> None:
    found = athena.record({"eventname": "x", "eventsource": "y", "useridentity": printed})
    if PRINTED[printed] is None:
        assert isinstance(found, Refusal)
        assert found.kind is Kind.LOSSY_TABLE
    else:
        assert isinstance(found, dict)
        assert found["userIdentity"] == PRINTED[printed]


def test_a_row_with_a_cell_too_few_or_an_open_quote_costs_only_itself() -> None:
    data = file("splunk.csv")
    assert [(r.kind, r.line) for r in refused(data + b'"a",b\n')] == [(Kind.DAMAGED, 3)]
    assert [(r.kind, r.line) for r in refused(data + b'"a,b,c\nmore\n')] == [(Kind.DAMAGED, 3)]
    assert taken(data + b'"a"b"",c\n' + data.split(b"\n", 1)[1]) == [ONE, ONE]


def test_a_row_beyond_the_limit_costs_only_itself() -> None:
    data = file("splunk.csv")
    rows = data.split(b"\n", 1)[1]
    huge = b'"%b","",""\n' % (b"x" * 5000)
    assert taken(data + huge + rows, Limits(document=1000)) == [ONE, ONE]
    assert kinds(data + huge + rows, Limits(document=1000)) == [Kind.TOO_LARGE]


def test_documents_of_elasticsearch_are_taken_as_they_are() -> None:
    first, second = taken(file("hits.json"))
    assert first == Mapped(
        {
            "@timestamp": 1770091506789,
            "agent.name": "collector",
            "agent.version": "9.1.0",
            "event.dataset": "aws.cloudtrail",
            "event.action": "Invoke",
            "event.category": ["network", "configuration"],
            "event.original": "{}",
            "source.ip": "203.0.113.7",
            "source.geo.location": "POINT (2.5 1.5)",
            "aws.cloudtrail.request_parameters": "{functionName=billing}",
            "aws.cloudtrail.flattened.request_parameters": {"functionName": "billing"},
            "aws.cloudtrail.resources.arn": ["arn:aws:lambda:::one", "arn:aws:lambda:::two"],
        }
    )
    assert second == Mapped(
        {"@timestamp": 1770091560000, "event.action": "ListBuckets", "event.provider": "s3.amazonaws.com"}
    )
    assert [(refusal.kind, "okta.system" in refusal.reason) for refusal in refused(file("hits.json"))] == [
        (Kind.OTHER_DOCUMENT, True)
    ]


def test_a_bulk_request_gives_its_documents_and_none_of_its_action_lines() -> None:
    mapped: dict[str, Json] = {"@timestamp": 1770091506789, "event.dataset": "aws.cloudtrail"}
    assert found_in(file("bulk.ndjson")) == [
        Mapped(mapped | {"event.action": "Invoke"}),
        ONE,
        Mapped(mapped | {"event.action": "ListBuckets"}),
    ]
