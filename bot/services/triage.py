"""Triage: what responders do with findings, and what they ask about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.memory import SameAgain, Verdict
from bot.domain.message import Standing
from bot.domain.queue import Asked, Queued, wanted
from bot.domain.responder import Place, UserId
from bot.domain.triage import AuditEvent, Echo, EventId, Move, Press, Refusal, Resolution, who_was_first
from bot.ports.findings import Findings
from bot.ports.search import Clock


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
    """A finding with everything known about it: history oldest first, hits latest first, where it stands.

    `verdict` is what was said of the same before, while it is not resolved; `precedent` where that one stands.
    """

    finding: Finding
    hunt: Slug
    history: tuple[AuditEvent, ...]
    hits: tuple[Hit, ...]
    standing: Standing | None = None
    verdict: Verdict | None = None
    precedent: Standing | None = None


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
        until: datetime | None = None,
        delivery: str | None = None,
        replaces: datetime | None = None,
        assignee: UserId | None = None,
        echo: Echo = Echo.EVERYWHERE,
    ) -> Pressed:
        """Compare and set in one transaction of at most 1.5 s; exactly one of several presses wins.

        A press that comes again (`delivery`) is answered as it was the first time.

        Args:
            finding: what is pressed on.
            move: what is asked for.
            by: who presses.
            place: where.
            resolution: with RESOLVE only.
            note: for the history.
            until: with SNOOZE only: when it ends.
            delivery: names the press, the same however often Slack delivers it.
            replaces: with SNOOZE: the end of the snooze that the presser saw, if there was one; with ASSIGN: when
                whoever held it took it.
            assignee: with ASSIGN only: who gets it.
            echo: whose threads get a line about it.

        Raises:
            UnknownFinding: there is none of that id.
            BadArgument: a resolution, an end, an assignee or a comment is missing, or given with another move.
            StoreBusy: it was not stored in time; nothing of it was kept.
            StoreError: it could not be stored.
        """
        asked = Press(
            move=move,
            by=by,
            at=self._clock(),
            place=place,
            resolution=resolution,
            note=note,
            until=until,
            replaces=replaces,
            assignee=assignee,
            delivery=delivery,
            echo=echo,
        )
        after, event = await self._findings.press(finding, asked, self._on_call)
        if event.accepted:
            calls_nobody = move is Move.ESCALATE and self._on_call.is_nobody
            return Pressed(after, event, calls_nobody=calls_nobody)
        return Pressed(after, event, who_was_first(await self._findings.history(finding), event))

    async def say_again(
        self, finding: FindingId, verdict: EventId, by: UserId, place: Place = Place(), delivery: str | None = None
    ) -> Pressed:
        """Resolve it as an earlier verdict did, if that is the one that still stands and is offered.

        Where it is not, the refused event's note says so. Raises UnknownFinding, StoreBusy, StoreError.
        """
        asked = SameAgain(verdict, by, self._clock(), place, delivery)
        after, event = await self._findings.press(finding, asked, self._on_call)
        if event.accepted or event.note:
            return Pressed(after, event)
        return Pressed(after, event, who_was_first(await self._findings.history(finding), event))

    async def refuse(
        self, finding: FindingId, move: Move, by: UserId, place: Place, why: str, delivery: str | None = None
    ) -> AuditEvent:
        """Remember a press of somebody who may not, and why. Raises UnknownFinding, StoreBusy, StoreError."""
        return await self._findings.refuse(finding, Refusal(move, by, self._clock(), place, why, delivery))

    async def wake(self) -> Sequence[FindingId]:
        """Open anew what was snoozed until now; which those were. Raises StoreError."""
        return await self._findings.wake(self._clock())

    async def escalate_overdue(self) -> Sequence[FindingId]:
        """Escalate what is critical and nobody acknowledged in time; which those were. Raises StoreError."""
        if self._escalate_after is None:
            return ()
        now = self._clock()
        return await self._findings.escalate_overdue(now - self._escalate_after, now, self._on_call)

    async def get(self, finding: FindingId) -> Finding:
        """Raises UnknownFinding."""
        return await self._findings.get(finding)

    async def show(self, finding: FindingId) -> Shown:
        """Everything about one finding. Raises UnknownFinding."""
        found = await self._findings.get(finding)
        history = await self._findings.history(finding)
        hits = await self._findings.hits(finding)
        verdict = await self._findings.verdict(finding) if found.is_open else None
        standings = await self._findings.standings([finding, *([verdict.finding] if verdict else [])])
        precedent = standings.get(verdict.finding) if verdict else None
        return Shown(found, found.hunt, tuple(history), tuple(hits), standings.get(finding), verdict, precedent)

    async def queue(self, asked: Asked, who: UserId, limit: int, after: FindingId | None = None) -> Queued:
        """The first unresolved findings of a queue behind `after`, most severe first, then the longest waiting."""
        return await self._findings.queue(wanted(asked, self._clock(), who, after), limit)

    async def at(self, place: Place) -> FindingId | None:
        """The finding that a message of huntbot's is about; None for any other message."""
        if place.channel is None or place.message is None:
            return None
        return await self._findings.at(place.channel, place.message)

    async def standings(self, findings: Sequence[Finding]) -> Mapping[FindingId, Standing]:
        """Where the live message of each stands; those without one are left out."""
        return await self._findings.standings([finding.id for finding in findings])
