"""Records of our own beside the documents Elastic's pipeline would make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from local.cloudtrail.ecs.mapping import CONSTANTS, document
from local.cloudtrail.ecs.schema import FIELDS
from local.cloudtrail.record import Json

TWINS: list[dict[str, Any]] = orjson.loads(
    (Path(__file__).parents[3] / "fixtures" / "cloudtrail" / "documents.json").read_bytes()
)


@pytest.mark.parametrize("twin", TWINS, ids=[twin["what"] for twin in TWINS])
def test_maps_a_record_as_the_integration_does(twin: dict[str, Any]) -> None:
    assert document(twin["record"]) == {**CONSTANTS, **twin["document"]}


@pytest.mark.parametrize("twin", TWINS, ids=[twin["what"] for twin in TWINS])
def test_every_field_it_writes_is_in_the_schema(twin: dict[str, Any]) -> None:
    assert document(twin["record"]).keys() <= FIELDS.keys()


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", None),
        ("lambda.amazonaws.com", None),
        ("AWS Internal", None),
        ("192.0.2.256", None),
    ],
)
def test_a_source_is_an_ip_only_if_it_is_one(address: str, ip: str | None) -> None:
    assert document({"sourceIPAddress": address}).get("source.ip") == ip


@pytest.mark.parametrize(
    ("agent", "name", "version"),
    [
        ("[Boto3/1.34.84 md/Botocore#1.34.84]", "Boto3", "1.34.84"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.8.5 aws-sdk-go-v2/1.27.2 os/linux", "aws-sdk-go-v2", "1.27.2"),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0", "Firefox", "140.0"),
        ("Mozilla/5.0 (Windows) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.1", "Edge", "138.0.1"),
        ("Mozilla/5.0 (Macintosh) Version/18.5 Safari/605.1.15", "Safari", "18.5"),
        ("stratus-red-team_1", "Other", None),
    ],
)
def test_names_the_client(agent: str, name: str, version: str | None) -> None:
    found = document({"userAgent": agent})
    assert (found["user_agent.name"], found.get("user_agent.version")) == (name, version)


@pytest.mark.parametrize("time", ["20131102T010628Z", "yesterday", "", 7, None, "2026-13-01T00:00:00Z"])
def test_a_time_that_is_none_leaves_the_record_undated(time: Json) -> None:
    assert "@timestamp" not in document({"eventTime": time})


def test_nesting_beyond_reason_costs_only_its_own_field() -> None:
    deep: Json = "end"
    for _ in range(5000):
        deep = {"k": deep}
    found = document({"eventName": "A", "requestParameters": deep})
    assert "aws.cloudtrail.request_parameters" not in found
    assert found["event.action"] == "A"
