"""Triage: what responders do with findings, and what they ask about them."""

from dataclasses import dataclass

from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.message import Standing
from bot.domain.responder import ChannelId, Place, UserId
from bot.domain.triage import AuditEvent, Move, Queue, Resolution
from bot.ports import Clock, Findings

__all__ = ["Pressed", "Queue", "Shown", "TriageService"]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of a press; refused, `first` is the event that was first: who holds or closed it, and when."""

    finding: Finding
    event: AuditEvent
    first: AuditEvent | None = None

    @property
    def won(self) -> bool:
        return self.event.accepted


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with everything known about it: history oldest first, hits latest first, where it stands."""

    finding: Finding
    hunt: Slug
    history: tuple[AuditEvent, ...]
    hits: tuple[Hit, ...]
    standing: Standing | None = None


class TriageService:
    """`escalate_to` is the channel of the people on call; None where nobody is."""

    def __init__(self, findings: Findings, clock: Clock, escalate_to: ChannelId | None = None) -> None:
        raise NotImplementedError

    async def press(
        self,
        finding: FindingId,
        move: Move,
        by: UserId,
        place: Place = Place(),
        resolution: Resolution | None = None,
        note: str = "",
    ) -> Pressed:
        """Compare and set in one transaction of at most 1.5 s; exactly one of several presses wins.

        Raises:
            UnknownFinding: there is none of that id.
            StoreBusy: it was not stored in time; nothing of it was kept.
            StoreError: it could not be stored.
        """
        raise NotImplementedError

    async def show(self, finding: FindingId) -> Shown:
        """Raises UnknownFinding."""
        raise NotImplementedError

    async def queue(self, which: Queue, who: UserId) -> tuple[Finding, ...]:
        """Unresolved findings, most severe first, then the longest waiting."""
        raise NotImplementedError
