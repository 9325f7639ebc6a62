"""Scripted faults at the network edge: what a bad day of Slack's Web API looks like."""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DropRequest:
    """The connection breaks and Slack never saw the call."""


@dataclass(frozen=True, slots=True)
class DropAnswer:
    """Slack does what was asked, and the connection breaks before the answer."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The call is worked on only after ``seconds``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DelayAnswer:
    """The call is worked on at once and answered only after ``seconds``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """This comes back and nothing else happens."""

    status: int
    body: str = ""
    content_type: str = "application/json"
    retry_after_s: int | None = None


Fault: TypeAlias = DropRequest | DropAnswer | Delay | DelayAnswer | Answer

NOT_JSON = Answer(200, "<html>We are doing some maintenance</html>", "text/html")


def rate_limited(retry_after_s: int, body: str = '{"ok":false,"error":"ratelimited"}') -> Answer:
    """A 429; its body is JSON, but threads show empty and text bodies as well: pass them."""
    content_type = "application/json" if body.startswith("{") else "text/plain"
    return Answer(429, body, content_type, retry_after_s)


def server_error(status: int = 500) -> Answer:
    return Answer(status, "Internal Server Error", "text/plain")


def refusal(code: str) -> Answer:
    """One of Slack's own refusals, such as ``token_expired`` or ``plan_upgrade_required``."""
    return Answer(200, json.dumps({"ok": False, "error": code}))


@dataclass(slots=True)
class Faults:
    """Faults by method: each used once, in the order they were added; then those that stay.

    ``redeliveries`` is how often every payload is sent again after its first acknowledgement, as Slack
    does when that came too late for it.
    """

    redeliveries: int = 0
    _queues: dict[str, deque[Fault]] = field(default_factory=dict)
    _lasting: dict[str, Fault] = field(default_factory=dict)

    def add(self, method: str, *faults: Fault) -> None:
        self._queues.setdefault(method, deque()).extend(faults)

    def switch_on(self, method: str, fault: Fault) -> None:
        """From now on every call of the method meets the fault: a plan without user groups, an outage."""
        self._lasting[method] = fault

    def switch_off(self, method: str) -> None:
        self._lasting.pop(method, None)

    def take(self, method: str) -> Fault | None:
        queue = self._queues.get(method)
        return queue.popleft() if queue else self._lasting.get(method)

    def clear(self) -> None:
        self._queues.clear()
        self._lasting.clear()
        self.redeliveries = 0
