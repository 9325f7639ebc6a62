"""How a payload reaches the app: the door that Socket Mode and signed HTTP both fit."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from local.slack.errors import UndeliveredError
from local.slack.model import Json

Kind: TypeAlias = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One payload on its way; ``retry_attempt`` counts Slack's repetitions, 0 being the first try."""

    id: str
    kind: Kind
    payload: Json
    accepts_response: bool = False
    retry_attempt: int = 0
    retry_reason: str = ""

    def again(self, attempt: int, reason: str) -> "Envelope":
        return replace(self, retry_attempt=attempt, retry_reason=reason)


class Delivery(Protocol):
    async def deliver(self, envelope: Envelope) -> Json:
        """Hands the payload over and gives the body of the acknowledgement, ``{}`` when empty.

        Raises:
            UndeliveredError: nobody there, no acknowledgement in time, or an error for an answer.
        """
        ...


class Nowhere:
    """No app is connected."""

    async def deliver(self, envelope: Envelope) -> Json:
        del envelope
        raise UndeliveredError("dispatch_failed")
