"""Signed webhooks: the EscalationTarget port as Standard Webhooks 1.0.0; docs/webhooks.md is its contract.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import json
from collections.abc import Mapping, Sequence

import aiohttp
from standardwebhooks.webhooks import Webhook as Signer

from bot.adapters.escalation import words
from bot.adapters.escalation.http import HttpPeer
from bot.blocks import facts, summary
from bot.domain.escalation import Phase, TargetName
from bot.domain.hit import Hit
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall
from bot.domain.rows import Value
from bot.ports.search import Clock

NAME = TargetName("webhook")

LONGEST_VALUE = 4_096  # characters of one value: receivers want small bodies

Json = dict[str, object]

_TYPES: Mapping[Phase, str] = {
    Phase.TRIGGER: "finding.escalated",
    Phase.ACKNOWLEDGE: "finding.acknowledged",
    Phase.RESOLVE: "finding.resolved",
}
# What an event says by itself; `fields` holds every other column.
_OWN_COLUMNS = ("severity", "reason", "principal", "function", "action")


class Webhook:
    """Posts each event to one address, signed by every secret: two while they are rotated."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secrets: Sequence[str], clock: Clock) -> None:
        self._peer = HttpPeer("the webhook", session, url, clock)
        self._signers = tuple(Signer(secret) for secret in secrets)
        self._clock = clock

    @property
    def name(self) -> TargetName:
        return NAME

    async def reach(self) -> None:
        """Whether it can be spoken to; nobody is woken. Raises WorkspaceError."""
        await self._peer.reach()

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        """`mark` is the webhook's id. Raises WorkspaceError, as the port says."""
        body = json.dumps(event(call, phase), ensure_ascii=False, separators=(",", ":"))
        body = body.encode("utf-8", "replace").decode()  # half an emoji from a log can not be sent
        answer = await self._peer.post(body.encode(), self._headers(body, mark))
        if not answer.is_taken:
            raise self._peer.refusal(answer)

    def _headers(self, body: str, mark: Mark) -> Mapping[str, str]:
        at = self._clock()
        return {
            "content-type": "application/json",
            "user-agent": "huntbot",
            "webhook-id": mark,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signer.sign(mark, at, body) for signer in self._signers),
        }


def event(call: EscalationCall, phase: Phase) -> Json:
    """The body: the event as it was, the finding as it is."""
    finding, face = call.finding, call.finding.face
    return {
        "type": _TYPES[phase],
        "timestamp": words.instant(call.event.at),
        "data": {
            "ref": finding.ref,
            "fingerprint": finding.fingerprint,
            "hunt": call.hunt.slug,
            "severity": finding.severity.value,
            "reason": _told(face.reason),
            "summary": _told(summary.filled(call.hunt, face)),
            **{name: _column(face, name) for name in ("principal", "function", "action")},
            "fields": {name: _column(face, name) for name in face.columns if name not in _OWN_COLUMNS},
            "first_seen": words.instant(finding.first_seen),
            "last_seen": words.instant(finding.last_seen),
            "count": finding.count,
            "is_revoked": finding.is_revoked,
            "state": call.event.after.value,
            "by": call.event.by,
            "note": call.event.note,
            "resolution": call.event.resolution.value if call.event.resolution else None,
            "link": call.back.url if call.back else None,
        },
    }


def _column(hit: Hit, name: str) -> object:
    value = hit.columns.get(name)
    return "present" if value is not None and facts.is_secret(name) else _told(value)


def _told(value: Value) -> object:
    match value:
        case str() if len(value) > LONGEST_VALUE:
            return f"{value[: LONGEST_VALUE - 1]}…"
        case tuple():
            return [_told(item) for item in value]
        case _:
            return value
