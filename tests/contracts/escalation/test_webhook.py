"""Signed webhooks, read by the reference library and by hand.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from bot.adapters.escalation.webhook import LONGEST_VALUE
from bot.domain.escalation import Phase
from bot.domain.intent import Mark
from bot.errors import OutcomeUnknown, RateLimited
from tests.contracts.escalation.calls import LINK, call
from tests.contracts.escalation.conftest import SECRET, now, webhook
from tests.contracts.escalation.peers import Answer, Received, listening

MARK = Mark("5d0f1c9a6be84f0e")
NEW = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
OTHER = "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="
DOCS = Path(__file__).parents[3] / "docs" / "webhooks.md"


async def sent(*secrets: str, columns: dict[str, Any] | None = None, phase: Phase = Phase.TRIGGER) -> Received:
    async with listening() as peer, webhook(peer.url, *secrets) as target:
        await target.call(call(phase, columns), phase, MARK)
    [got] = peer.received
    return got


def verified(got: Received, secret: str) -> Any:
    return Verifier(secret).verify(got.body, dict(got.headers))


async def test_the_reference_library_verifies_it() -> None:
    got = await sent(SECRET)
    assert verified(got, SECRET)["type"] == "finding.escalated"
    with pytest.raises(WebhookVerificationError):
        verified(got, OTHER)


async def test_while_secrets_rotate_either_of_the_two_verifies_it() -> None:
    got = await sent(NEW, SECRET)
    assert verified(got, NEW) == verified(got, SECRET)
    with pytest.raises(WebhookVerificationError):
        verified(got, OTHER)


async def test_the_signature_is_the_one_that_the_specification_describes() -> None:
    got = await sent(NEW, SECRET)
    assert got.headers["webhook-id"] == MARK
    assert got.headers["content-type"] == "application/json"
    assert abs(int(got.headers["webhook-timestamp"]) - now().timestamp()) < 60
    signed = f"{MARK}.{got.headers['webhook-timestamp']}.".encode() + got.body
    by_hand = [
        hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        for secret in (NEW, SECRET)
    ]
    assert got.headers["webhook-signature"] == " ".join(f"v1,{base64.b64encode(each).decode()}" for each in by_hand)


async def test_a_body_that_was_touched_is_not_verified() -> None:
    got = await sent(SECRET)
    touched = Received(got.headers, got.body.replace(b"critical", b"info"))
    with pytest.raises(WebhookVerificationError):
        verified(touched, SECRET)


async def test_each_try_has_the_same_id_and_a_signature_of_its_own_time() -> None:
    async with listening(Answer(503), Answer(200)) as peer, webhook(peer.url) as target:
        with pytest.raises(OutcomeUnknown):
            await target.call(call(), Phase.TRIGGER, MARK)
        await target.call(call(), Phase.TRIGGER, MARK)
    first, second = peer.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == MARK
    assert verified(first, SECRET) == verified(second, SECRET)


async def test_it_says_all_that_a_receiver_needs() -> None:
    got = (await sent()).json
    data = got["data"]
    assert got["type"] == "finding.escalated"
    assert got["timestamp"] == "2026-03-04T12:00:00.000Z"
    assert {name: data[name] for name in data if name != "fields"} == {
        "ref": "F-42",
        "fingerprint": "fp42",
        "hunt": "grants",
        "severity": "critical",
        "reason": "anyone on the internet may call it",
        "summary": "* may lambda:InvokeFunction on pay",
        "principal": "*",
        "function": "pay",
        "action": "lambda:InvokeFunction",
        "first_seen": "2026-03-04T11:58:00.000Z",
        "last_seen": "2026-03-04T11:58:00.000Z",
        "count": 1,
        "is_revoked": False,
        "state": "escalated",
        "by": "U0ALICE000",
        "note": "please look",
        "resolution": None,
        "link": LINK,
    }
    assert data["fields"]["source_ip"] == "198.51.100.7"
    assert data["fields"].keys().isdisjoint({"principal", "function", "action", "severity", "reason"})


async def test_a_resolution_says_why_and_by_whom() -> None:
    got = (await sent(phase=Phase.RESOLVE)).json
    said = {name: got["data"][name] for name in ("state", "by", "note", "resolution")}
    assert got["type"] == "finding.resolved"
    assert said == {"state": "resolved", "by": "U0BOB00000", "note": "a test", "resolution": "benign"}


async def test_values_keep_their_types_and_the_longest_are_cut() -> None:
    columns = {"actor": "a" * 10_000, "tries": 3, "seen": ("a", "b"), "mfa": False, "event_source_token": "hunter2"}
    fields = (await sent(columns=columns)).json["data"]["fields"]
    assert (fields["tries"], fields["seen"], fields["mfa"]) == (3, ["a", "b"], False)
    assert (len(fields["actor"]), fields["actor"][-1]) == (LONGEST_VALUE, "…")
    assert fields["event_source_token"] == "present"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [("120", 120), ("0", 0), ("999999999999", 3600), ("soon", None), ("-5", None), ("", None), ("²", None)],
)
async def test_a_receiver_is_left_alone_as_long_as_it_asks_but_an_hour_at_most(
    status: int, asked: str, wait_s: float | None
) -> None:
    answer = Answer(status, headers={"retry-after": asked})
    async with listening(answer) as peer, webhook(peer.url) as target:
        with pytest.raises((RateLimited, OutcomeUnknown)) as refused:
            await target.call(call(), Phase.TRIGGER, MARK)
    if wait_s is None and status == 503:
        assert isinstance(refused.value, OutcomeUnknown)
    else:
        assert isinstance(refused.value, RateLimited)
        assert refused.value.retry_after_s == (60 if wait_s is None else wait_s)


@pytest.mark.parametrize(("ahead_s", "least", "most"), [(90, 80, 90), (-90, 0, 0), (90_000, 3600, 3600)])
async def test_a_receiver_may_name_the_time_as_a_date(ahead_s: int, least: float, most: float) -> None:
    until = format_datetime(now() + timedelta(seconds=ahead_s), usegmt=True)
    async with listening(Answer(429, headers={"retry-after": until})) as peer, webhook(peer.url) as target:
        with pytest.raises(RateLimited) as limited:
            await target.call(call(), Phase.TRIGGER, MARK)
    assert least <= limited.value.retry_after_s <= most


async def test_the_docs_show_the_event_as_it_is_sent() -> None:
    [example] = re.findall(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    shown, real = json.loads(example), (await sent()).json
    assert shown.keys() == real.keys()
    assert {name: type(value) for name, value in shown["data"].items()} == {
        name: type(value) for name, value in real["data"].items()
    }
