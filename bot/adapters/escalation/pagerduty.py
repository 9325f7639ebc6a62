"""PagerDuty: the EscalationTarget port over its Events API v2.

Sources: https://developer.pagerduty.com/docs/events-api-v2-overview (answers, limits),
https://developer.pagerduty.com/docs/send-alert-event (fields).
"""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress

import aiohttp

from bot.adapters.escalation import words
from bot.adapters.escalation.http import Answer, HttpPeer
from bot.blocks.text import literal
from bot.domain.escalation import Phase, TargetName
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall
from bot.domain.severity import Severity
from bot.errors import MessageRejected, RouteBroken
from bot.ports.search import Clock

NAME = TargetName("pagerduty")

Json = dict[str, object]

_LONGEST_SUMMARY = 1000  # of the 1,024 characters that are taken: a cut leaves a mark in the middle
_REFUSES_EVENT = frozenset({400, 413})
_SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    Severity.INFO: "info",
}

_log = logging.getLogger(__name__)


class PagerDuty:
    """One service of PagerDuty, named by its routing key. An alert is a finding: `dedup_key` is its fingerprint.

    Events of one key add to the alert that is open, so that a second try of a call wakes nobody twice; nor does an
    escalation anew of what was taken over and is not resolved.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, routing_key: str, clock: Clock) -> None:
        self._peer = HttpPeer("PagerDuty", session, url, clock)
        self._routing_key = routing_key

    @property
    def name(self) -> TargetName:
        return NAME

    async def reach(self) -> None:
        """Whether it can be spoken to; nobody is woken. Raises WorkspaceError."""
        await self._peer.reach()

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        """Raises WorkspaceError, as the port says."""
        del mark  # the dedup key does what it is for
        answer = Answer(0)
        for event in _events(call, phase):
            answer = await self._send(event | {"dedup_key": f"huntbot:{call.finding.fingerprint}"})
            if answer.is_taken:
                return
            if answer.status not in _REFUSES_EVENT:
                raise self._peer.refusal(answer)
            self._explain(answer)
        raise MessageRejected("invalid_event", peer=self._peer.name)

    async def _send(self, event: Json) -> Answer:
        body = json.dumps({**event, "routing_key": self._routing_key}).encode()
        return await self._peer.post(body, {"content-type": "application/json"})

    def _explain(self, answer: Answer) -> None:
        """Its words go to the log; that the key is refused is no fault of this event.

        Raises:
            RouteBroken: the routing key is not one that it knows.
        """
        errors = "; ".join(_errors(answer.body))
        _log.warning("PagerDuty refuses an event: %s", literal(errors, 500))
        if "routing_key" in errors or "routing key" in errors.lower():
            raise RouteBroken("invalid_routing_key", peer=self._peer.name)


def _events(call: EscalationCall, phase: Phase) -> Sequence[Json]:
    """The event, then the same in the fewest words that wake somebody, should the first be refused."""
    action: Json = {"event_action": phase.value}
    if phase is not Phase.TRIGGER:
        return (action,)
    back = {"client": "huntbot"} | ({"client_url": call.back.url, "links": [_link(call)]} if call.back else {})
    needed = _needed(call)
    return (action | back | {"payload": needed | _details(call)}, action | {"payload": needed})


def _needed(call: EscalationCall) -> Json:
    return {
        "summary": literal(words.headline(call), _LONGEST_SUMMARY),
        "source": words.place(call.finding.face) or call.hunt.slug,
        "severity": _SEVERITIES[call.finding.severity],
    }


def _details(call: EscalationCall) -> Json:
    face = call.finding.face
    told = {
        "timestamp": words.instant(call.event.at),
        "component": literal(face.text("function") or ""),
        "group": words.account(face),
        "class": call.hunt.slug,
        "custom_details": {
            "Finding": words.what(call),
            "Reason": words.reason(call) or "not given",
            **words.details(call),
            "Hunt": literal(call.hunt.name),
            "Escalated": words.deed(call.event),
        },
    }
    return {name: value for name, value in told.items() if value}


def _link(call: EscalationCall) -> Json:
    return {"href": call.back.url if call.back else "", "text": f"{call.finding.ref} in Slack"}


def _errors(body: bytes) -> Sequence[str]:
    """`{"status", "message", "errors": [...]}`; elsewhere the plain body says it."""
    with suppress(ValueError, RecursionError):
        match json.loads(body):
            case {"errors": list(errors), **rest}:
                return [str(error) for error in (*errors, rest.get("message", ""))]
            case {"errors": str(error)}:
                return [error]
    return [body.decode("utf-8", "replace")]
