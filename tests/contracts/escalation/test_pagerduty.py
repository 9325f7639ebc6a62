"""PagerDuty: the events as its documentation has them, and its documented answers.

Source: https://developer.pagerduty.com/docs/send-alert-event and /docs/events-api-v2-overview.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.escalation import Phase
from bot.domain.intent import Mark
from bot.domain.severity import Severity
from bot.errors import MessageRejected, RateLimited, RouteBroken
from tests.contracts.escalation.calls import LINK, call
from tests.contracts.escalation.conftest import ROUTING_KEY, pagerduty
from tests.contracts.escalation.peers import Answer, listening
from tests.unit.blocks.examples import COLUMNS, LIBRARY, finding, hit

MARK = Mark("m-1")


def refusing(*errors: str) -> Answer:
    said = {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}
    return Answer(400, json.dumps(said).encode())


async def test_a_trigger_has_every_field_that_tells_something() -> None:
    async with listening() as peer, pagerduty(peer.url) as target:
        await target.call(call(), Phase.TRIGGER, MARK)
    [got] = peer.received
    event = got.json
    details = event["payload"].pop("custom_details")
    assert event == {
        "routing_key": ROUTING_KEY,
        "event_action": "trigger",
        "dedup_key": "huntbot:fp42",
        "client": "huntbot",
        "client_url": LINK,
        "links": [{"href": LINK, "text": "F-42 in Slack"}],
        "payload": {
            "summary": f"CRITICAL F-42: anyone (*) may lambda:InvokeFunction on pay. {COLUMNS['reason']}",
            "source": "111122223333/eu-west-1",
            "severity": "critical",
            "timestamp": "2026-03-04T12:00:00.000Z",
            "component": "pay",
            "group": "111122223333",
            "class": "grants",
        },
    }
    assert details["By"] == "arn:aws:iam::111122223333:role/deploy · AssumedRole"
    assert details["When"] == "2026-03-04 11:58:00 UTC"
    assert details["Escalated"] == "Slack user U0ALICE000 escalated it: please look (2026-03-04 12:00:00 UTC)"


@pytest.mark.parametrize("phase", [Phase.ACKNOWLEDGE, Phase.RESOLVE])
async def test_what_follows_names_the_alert_and_no_more(phase: Phase) -> None:
    async with listening() as peer, pagerduty(peer.url) as target:
        await target.call(call(phase), phase, MARK)
    assert peer.received[0].json == {
        "routing_key": ROUTING_KEY,
        "event_action": phase.value,
        "dedup_key": "huntbot:fp42",
    }


@pytest.mark.parametrize(
    ("severity", "told"),
    [("critical", "critical"), ("high", "error"), ("medium", "warning"), ("low", "info"), ("info", "info")],
)
async def test_a_severity_is_one_of_the_four_that_it_knows(severity: str, told: str) -> None:
    face = replace(hit(), severity=Severity.read(severity))
    async with listening() as peer, pagerduty(peer.url) as target:
        await target.call(call(of=finding(face=face)), Phase.TRIGGER, MARK)
    assert peer.received[0].json["payload"]["severity"] == told


async def test_the_longest_finding_stays_within_its_limits() -> None:
    names = ("principal", "function", "account", "reason", "actor")
    long: dict[str, Any] = dict.fromkeys(names, "x" * 100_000)
    async with listening() as peer, pagerduty(peer.url) as target:
        await target.call(call(columns=long), Phase.TRIGGER, MARK)
    [got] = peer.received
    assert len(got.json["payload"]["summary"]) <= 1024
    assert len(got.json["dedup_key"]) <= 255
    assert len(got.body) < 512 * 1024


async def test_a_hunt_that_knows_no_account_is_its_own_source() -> None:
    bare = replace(hit(), columns={"source.ip": "198.51.100.7"}, reason=None)
    async with listening() as peer, pagerduty(peer.url) as target:
        await target.call(call(of=finding(face=bare), hunt=LIBRARY), Phase.TRIGGER, MARK)
    payload = peer.received[0].json["payload"]
    assert payload["source"] == "roles"
    assert payload["summary"] == "CRITICAL F-42: Roles assumed twice: 198.51.100.7"
    assert payload.keys().isdisjoint({"component", "group"})


@pytest.mark.parametrize(
    "answer",
    [
        refusing("Length of 'routing_key' is incorrect (should be 32 characters)"),
        refusing("'routing_key' cannot contain non-alphanumeric characters."),
        Answer(400, b"Invalid routing key"),
    ],
    ids=["length", "characters", "unknown"],
)
async def test_a_key_that_it_does_not_know_breaks_the_route_at_once(answer: Answer) -> None:
    async with listening(answer) as peer, pagerduty(peer.url) as target:
        with pytest.raises(RouteBroken, match="PagerDuty answered invalid_routing_key"):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert len(peer.received) == 1


async def test_an_event_that_it_refuses_is_sent_again_in_the_fewest_words() -> None:
    async with listening(refusing("'custom_details' is too deep")) as peer, pagerduty(peer.url) as target:
        await target.call(call(), Phase.TRIGGER, MARK)
    full, bare = (got.json for got in peer.received)
    assert bare["payload"].keys() == {"summary", "source", "severity"}
    assert bare["payload"]["summary"] == full["payload"]["summary"]
    assert bare["dedup_key"] == full["dedup_key"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 50_000, b'{"errors": null}', b'"no"'], ids=range(5))
async def test_an_event_that_it_refuses_twice_is_rejected_whatever_it_says(body: bytes) -> None:
    async with listening(Answer(400, body), Answer(400, body)) as peer, pagerduty(peer.url) as target:
        with pytest.raises(MessageRejected, match="invalid_event"):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert len(peer.received) == 2


async def test_a_limit_without_a_length_is_waited_out_for_a_minute() -> None:
    async with listening(Answer(429)) as peer, pagerduty(peer.url) as target:
        with pytest.raises(RateLimited) as limited:
            await target.call(call(), Phase.TRIGGER, MARK)
    assert limited.value.retry_after_s == 60


async def test_asking_whether_it_is_there_sends_no_event() -> None:
    async with listening(Answer(404)) as peer, pagerduty(peer.url) as target:
        await target.reach()
    assert peer.received == []
