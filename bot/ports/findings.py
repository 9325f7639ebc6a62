"""The store of findings: hits in, triage on them, and what a queue shows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.daily import Bounds
from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.memory import FORGETFUL, Memory, SameAgain, Verdict
from bot.domain.message import Standing
from bot.domain.queue import Queued, Wanted
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.response import Waited
from bot.domain.run import Novelty, Receipt, Run, RunOutcome
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Press, Refusal


class Findings(Protocol):
    """The findings with their hits and history. Each method is one transaction.

    Every method raises StoreBusy when its transaction did not finish in time, StoreError otherwise.
    """

    async def record(
        self,
        run: Run,
        hits: Sequence[Hit],
        receipt: Receipt,
        at: datetime,
        home: ChannelId | None = None,
        memory: Memory = FORGETFUL,
    ) -> RunOutcome:
        """Merge a run's hits into their findings and finish the run, all at once or not at all.

        In one transaction: findings (new ones created), hits (unseen ones added, seen ones refreshed), audit
        events, the run marked done with its receipt (`new` and `known` counted here), and the delivery intents
        that follow (`domain/announcing`; `home` is where the cards of a private run go). `hits` holds each hit once,
        as `read_hits` gives them, `memory` says what a verdict on them is remembered by; `receipt` carries what the
        search knew: hits, filtered, partial, truncated, took_ms. A run that is over is not recorded twice: its
        outcome is returned as it was.
        """
        ...

    async def preview(self, hunt: Slug, hits: Sequence[Hit], at: datetime) -> Sequence[tuple[Finding, Novelty]]:
        """What `record` would make of the hits, most severe first; writes nothing. New ones have the id UNSAVED."""
        ...

    async def press(
        self, finding: FindingId, asked: Press | SameAgain, on_call: OnCall
    ) -> tuple[Finding, AuditEvent]:
        """Compare and set: exactly one of several presses wins. Event, redraw and escalation intents included.

        A refused press is stored in the history and changes nothing else. A press that was delivered before
        (`asked.delivery`) has no second effect: what became of it is returned again. At most 1.5 s. Presses that
        come at the same moment may share a transaction; each is compared and set alone, in the order they came.
        The verdict that is said again (SameAgain) is read inside it. A resolution or its end redraws the cards of
        open findings that tell of it.

        Raises:
            UnknownFinding: there is none of that id.
        """
        ...

    async def refuse(self, finding: FindingId, refused: Refusal) -> AuditEvent:
        """Store that somebody pressed who may not: a refused event whose note says why. Raises UnknownFinding."""
        ...

    async def escalate_overdue(self, opened_until: datetime, at: datetime, on_call: OnCall) -> Sequence[FindingId]:
        """Escalate, as huntbot, what is critical, open, nobody's, not snoozed, not from the backlog and was opened
        by `opened_until`; which those were. One transaction, so once, however many ask.
        """
        ...

    async def wake(self, at: datetime) -> Sequence[FindingId]:
        """Open anew, once, what was snoozed until `at` or earlier, each posted again; which those were."""
        ...

    async def verdict(self, finding: FindingId) -> Verdict | None:
        """The latest earlier verdict that is worth telling of it: on another finding of the same memory key that is
        resolved, or on this one before it came back. None where somebody took it back. Raises UnknownFinding.

        Costs the same however many findings are alike.
        """
        ...

    async def get(self, finding: FindingId) -> Finding:
        """Raises UnknownFinding."""
        ...

    async def history(self, finding: FindingId) -> Sequence[AuditEvent]:
        """Every event of the finding, oldest first, refused presses included."""
        ...

    async def event(self, event_id: EventId) -> AuditEvent: ...

    async def hits(self, finding: FindingId) -> Sequence[Hit]:
        """Latest first."""
        ...

    async def queue(self, wanted: Wanted, limit: int) -> Queued:
        """The first `limit` unresolved findings that are wanted, in its order, and how many there are.

        Costs the same however many findings are stored.
        """
        ...

    async def at(self, channel: ChannelId, message: MessageTs) -> FindingId | None:
        """The finding that a message of ours is about: a card, live or retired, an escalation, a line of history."""
        ...

    async def several(self, findings: Collection[FindingId]) -> Mapping[FindingId, Finding]:
        """Those that are kept still."""
        ...

    async def found_a_day(self, hunt: Slug, bounds: Bounds) -> Mapping[Severity, Sequence[int]]:
        """How many findings of each grade first happened on each day between the bounds."""
        ...

    async def waited(self, hunt: Slug, since: datetime | None, until: datetime) -> Waited | None:
        """How long findings waited that were opened, and answered by a person, in [since, until]."""
        ...

    async def standings(self, findings: Collection[FindingId]) -> Mapping[FindingId, Standing]:
        """Where the live message of each finding stands (the latest of several); those without one are left out."""
        ...
