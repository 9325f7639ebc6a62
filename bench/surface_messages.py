"""How fast finding messages are made: huntbot's, beside the same content by slack_sdk's models and by plain dicts.

The two others are handed the content ready, in Slack's own JSON; huntbot makes it out of a finding, through the gate
for hostile text and the budget of a message. All three end with the JSON that is sent.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from slack_sdk.models.blocks import Block

from app import shelf
from bot.blocks.draw import Drawn, draw
from bot.domain.finding import FindingId
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.hunt import Hunt
from bot.domain.merging import found
from bot.domain.message import FindingCard
from bot.domain.rows import Value
from bot.domain.run import Novelty
from bot.domain.severity import Severity
from local.slack.blockkit import check_message_blocks

MESSAGES = 1_000
GOAL = 1.0  # times what slack_sdk's models take
ROUNDS = 3
PLAIN, MODELS, OURS = "plain dicts, ready", "slack_sdk's models, ready", "huntbot"
_EMPTY = ("qualifier", "source_arn", "source_account", "principal_org_id", "revoked_at", "revoked_by")
_NOW = datetime(2026, 3, 8, 9, tzinfo=UTC)
# What an attacker may write into a name or a user agent: pings, links, bidi and zero-width signs, no end.
_HOSTILE = "<!channel> <https://evil.example|ok> `*_~ \u202egpj.exe\u202c \u200bp\u0430ypal " * 40

Make = Callable[[], object]


def hit(number: int, at: datetime, **changed: str) -> Hit:
    """A grant as the hunt lambda-perms returns it, each of another function."""
    columns: dict[str, Value] = {
        **dict.fromkeys(_EMPTY),
        "event_id": f"e-{number:08}",
        "severity": Severity.HIGH.value,
        "reason": "another account may call it, and it is not one of the accounts that are known",
        "principal": f"arn:aws:iam::{number % 97:012}:root",
        "action": "lambda:InvokeFunction",
        "function": f"payments-{number}",
        "account": "111122223333",
        "region": "eu-central-1",
        "statement_id": f"statement-{number}",
        "actor": "arn:aws:sts::111122223333:assumed-role/deploy/ci",
        "actor_type": "AssumedRole",
        "source_ip": f"198.51.100.{number % 256}",
        "user_agent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64 prompt/off command/lambda.add-permission",
        "outcome": "granted",
        **changed,
    }
    event, reason = HitId(str(columns["event_id"])), str(columns["reason"])
    return Hit(event, Fingerprint(f"{number:032x}"), at, Severity.HIGH, reason, columns)


def cards(count: int, **changed: str) -> Sequence[FindingCard]:
    """A new finding of its own on each."""
    hunt = shelf.load([])[0].find("lambda-perms")
    return [_card(hunt, number, **changed) for number in range(1, count + 1)]


def measure(count: int) -> bool:
    """Print a line for each way to make so many messages; whether huntbot's is within the goal."""
    print(f"\nMessages: {count:,} finding messages made, checked and written as JSON; medians of {ROUNDS}")
    print(f"{'':36}{'messages/s':>12}{'each':>11}{'ratio':>9}")
    seconds = _timed(_ways(count))
    for name, taken in seconds.items():
        each_ms = taken * 1000 / count
        print(f"{name:36}{count / taken:>12,.0f}{each_ms:>8.3f} ms{taken / seconds[PLAIN]:>7.1f} x", flush=True)
    return seconds[OURS] <= GOAL * seconds[MODELS]


def _ways(count: int) -> Mapping[str, Make]:
    usual = cards(count)
    hostile = cards(count, function=_HOSTILE, actor=_HOSTILE, user_agent=_HOSTILE, reason=_HOSTILE)
    ready = [_plain(draw(card)) for card in usual]
    return {
        PLAIN: lambda: [json.dumps(_anew(message)) for message in ready],
        MODELS: lambda: [json.dumps(_modelled(message)) for message in ready],
        OURS: lambda: [json.dumps(_plain(draw(card))) for card in usual],
        "huntbot, hostile text": lambda: [json.dumps(_plain(draw(card))) for card in hostile],
        "huntbot and local/slack's own checks": lambda: [json.dumps(_checked(draw(card))) for card in usual],
    }


def _timed(ways: Mapping[str, Make]) -> Mapping[str, float]:
    """Seconds, the ways taking turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, make in ways.items():
            began = time.perf_counter()
            make()
            times[name].append(time.perf_counter() - began)
    return {name: median(taken) for name, taken in times.items()}


def _card(hunt: Hunt, number: int, **changed: str) -> FindingCard:
    seen = hit(number, _NOW - timedelta(minutes=2), **changed)
    finding = found(hunt.slug, [seen], _NOW, from_backlog=False).finding
    return FindingCard(replace(finding, id=FindingId(number)), hunt, Novelty.NEW)


def _plain(drawn: Drawn) -> dict[str, Any]:
    return {"text": drawn.text, "blocks": list(drawn.blocks)}


def _checked(drawn: Drawn) -> dict[str, Any]:
    message = _plain(drawn)
    if problems := check_message_blocks(message["blocks"]):
        raise RuntimeError(f"a message that Slack would not take: {problems}")
    return message


def _modelled(message: Mapping[str, Any]) -> dict[str, Any]:
    """By slack_sdk's models, which check what they know of when they are written out."""
    blocks = [block.to_dict() for block in Block.parse_all(message["blocks"])]
    return {"text": message["text"], "blocks": blocks}


def _anew(node: Any) -> Any:
    """Every dict and list of it made once more."""
    match node:
        case dict():
            return {key: _anew(child) for key, child in node.items()}
        case list():
            return [_anew(child) for child in node]
        case _:
            return node
