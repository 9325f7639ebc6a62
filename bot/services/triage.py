"""Triage: what responders do with findings, and what they ask about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.message import Standing
from bot.domain.responder import Place, UserId
from bot.domain.triage import AuditEvent, Move, Press, Queue, Resolution, State, who_was_first
from bot.ports import Clock, Findings


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of a press; refused, `first` is the event that was first: who holds or closed it, and when.

    `calls_nobody` says of an accepted escalation that there is nowhere to send it.
    """

    finding: Finding
    event: AuditEvent
    first: AuditEvent | None = None
    calls_nobody: bool = False

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


_IN_QUEUE: Mapping[Queue, Callable[[Finding, UserId], bool]] = {
    Queue.OPEN: lambda _finding, _who: True,
    Queue.MINE: lambda finding, who: finding.owner == who,
    Queue.UNTAKEN: lambda finding, _who: finding.owner is None,
    Queue.ESCALATED: lambda finding, _who: finding.state is State.ESCALATED,
}


class TriageService:
    """`escalate_after`: how long a critical finding waits before it escalates by itself; None is for good."""

    def __init__(
        self, findings: Findings, clock: Clock, on_call: OnCall, escalate_after: timedelta | None = None
    ) -> None:
        self._findings = findings
        self._clock = clock
        self._on_call = on_call
        self._escalate_after = escalate_after

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
            BadArgument: a resolution is missing, or given with another move.
            StoreBusy: it was not stored in time; nothing of it was kept.
            StoreError: it could not be stored.
        """
        asked = Press(move, by, self._clock(), place, resolution, note)
        after, event = await self._findings.press(finding, asked, self._on_call)
        if event.accepted:
            calls_nobody = move is Move.ESCALATE and self._on_call.is_nobody
            return Pressed(after, event, calls_nobody=calls_nobody)
        return Pressed(after, event, who_was_first(await self._findings.history(finding), event))

    async def show(self, finding: FindingId) -> Shown:
        """Everything about one finding. Raises UnknownFinding."""
        found = await self._findings.get(finding)
        history = await self._findings.history(finding)
        hits = await self._findings.hits(finding)
        standings = await self._findings.standings([finding])
        return Shown(found, found.hunt, tuple(history), tuple(hits), standings.get(finding))

    async def queue(self, which: Queue, who: UserId) -> tuple[Finding, ...]:
        """Unresolved findings, most severe first, then the longest waiting."""
        unresolved = await self._findings.unresolved()
        return tuple(finding for finding in unresolved if _IN_QUEUE[which](finding, who))

    async def standings(self, findings: Sequence[Finding]) -> Mapping[FindingId, Standing]:
        """Where the live message of each stands; those without one are left out."""
        return await self._findings.standings([finding.id for finding in findings])
