"""What the services ask of the outside, as Protocols; bot/adapters answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt, Slug, Window
from bot.domain.intent import Claim, Intent, IntentKey
from bot.domain.message import EscalationCall, Message, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.rows import Rows
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunRequest
from bot.domain.triage import AuditEvent, Press

Clock = Callable[[], datetime]  # aware, in UTC
Param = str | int | float | bool | None


class LogSearch(Protocol):
    """Where the logs are: runs ES|QL."""

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        """Run a query with named parameters, values always bound.

        Raises:
            LogSearchError: unavailable, denied or rejected.
        """
        ...


class Findings(Protocol):
    """The findings with their hits and history. Each method is one transaction.

    Every method raises StoreBusy when its transaction did not finish in time, StoreError otherwise.
    """

    async def record(self, run: Run, hunt: Hunt, hits: Sequence[Hit], receipt: Receipt, at: datetime) -> RunOutcome:
        """Merge a finished run's hits into their findings and finish the run, all at once or not at all.

        In one transaction: findings (new ones created), hits (unseen ones added, seen ones refreshed), audit
        events, the run marked done with its receipt (`new` and `known` counted here), and the delivery intents
        that follow. `receipt` carries what the search knew: hits, filtered, partial, truncated, took_ms.
        A run that is already done is not recorded twice: its outcome is returned as it was.
        """
        ...

    async def press(
        self, finding: FindingId, asked: Press, escalate_to: ChannelId | None
    ) -> tuple[Finding, AuditEvent]:
        """Compare and set: exactly one of several presses wins. Event, redraw and escalation intents included.

        Raises:
            UnknownFinding: there is none of that id.
        """
        ...

    async def get(self, finding: FindingId) -> Finding:
        """Raises UnknownFinding."""
        ...

    async def history(self, finding: FindingId) -> Sequence[AuditEvent]:
        """Every event of the finding, oldest first, refused presses included."""
        ...

    async def event(self, event_id: int) -> AuditEvent: ...

    async def hits(self, finding: FindingId) -> Sequence[Hit]:
        """Latest first."""
        ...

    async def unresolved(self, hunt: Slug | None = None, owner: UserId | None = None) -> Sequence[Finding]:
        """Most severe first, then the longest waiting."""
        ...

    async def standings(self, findings: Sequence[FindingId]) -> Mapping[FindingId, Standing]:
        """Where the live message of each finding stands; those without one are left out."""
        ...


class Runs(Protocol):
    """The runs of hunts, requested, under way and done."""

    async def request(self, asked: RunRequest) -> Run | None:
        """Store what was asked, with the intent of its answer; None where this dedupe key or due time already is."""
        ...

    async def start(self, run: RunId, window: Window, at: datetime) -> Run: ...

    async def fail(self, run: RunId, error: str, at: datetime) -> Run:
        """Mark it failed with an error fit to show; its answer is redrawn."""
        ...

    async def get(self, run: RunId) -> Run: ...

    async def outcome(self, run: RunId) -> RunOutcome: ...

    async def unfinished(self) -> Sequence[Run]:
        """Requested or running: what a restart takes up again, oldest first."""
        ...

    async def last_complete(self, hunt: Slug) -> Run | None:
        """The latest done run of the hunt that was complete and unfiltered, whatever its trigger."""
        ...

    async def last_digest(self, hunt: Slug, before: RunId | None = None) -> Run | None:
        """The latest done digest run (SCHEDULE or DIGEST) that came before."""
        ...

    async def last_due(self, schedule_key: str) -> datetime | None:
        """When the latest due time of this schedule was requested."""
        ...

    async def changed_since(
        self, hunt: Slug, since: datetime | None, until: datetime
    ) -> Sequence[tuple[Finding, Novelty]]:
        """What runs finished in (since, until] made of findings, the strongest news of each, KNOWN left out."""
        ...

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]: ...

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        """first_seen of the hunt's oldest finding that is not resolved: how far a scheduled run reaches back."""
        ...


class Outbox(Protocol):
    """The delivery intents and what became of them."""

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take due intents, oldest first, that nobody holds; a thread's children wait until their parent stands."""
        ...

    async def settle(self, claim: Claim, ts: MessageTs | None) -> bool:
        """It stands (and is drawn up to the version that was claimed); False where the lease was lost meanwhile."""
        ...

    async def put_back(self, claim: Claim, not_before: datetime) -> None:
        """It did not go out, or nobody knows: try again from then on."""
        ...

    async def break_off(self, claim: Claim, reason: str) -> None:
        """The route is broken: keep the intent, marked, and try no more."""
        ...

    async def waiting(self) -> int:
        """How many intents are due and not delivered."""
        ...

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        """The finding's messages, live and retired, oldest first."""
        ...


class Workspace(Protocol):
    """Slack, as the house needs it; how a message is drawn is the adapter's affair.

    Every method raises WorkspaceError.
    """

    async def post(
        self, channel: ChannelId, what: Message, key: IntentKey, thread: MessageTs | None = None
    ) -> MessageTs: ...

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, key: IntentKey) -> None: ...

    async def whisper(self, channel: ChannelId, user: UserId, what: Message) -> None:
        """Show it to one person only."""
        ...

    async def find(
        self, channel: ChannelId, key: IntentKey, since: datetime, thread: MessageTs | None = None
    ) -> MessageTs | None:
        """Read the channel back for a message with this key: whether an unanswered post arrived."""
        ...

    async def link(self, standing: Standing) -> str: ...

    async def is_member(self, channel: ChannelId) -> bool: ...

    async def channel_id(self, name: str) -> ChannelId:
        """The id of `#name` or of an id itself; raises RouteBroken where there is none."""
        ...


class EscalationTarget(Protocol):
    """Where an escalated finding goes."""

    @property
    def channel(self) -> ChannelId | None:
        """The Slack channel it posts to, if it is one."""
        ...

    async def escalate(
        self, call: EscalationCall, key: IntentKey, *, may_stand: bool, since: datetime
    ) -> MessageTs | None:
        """Hand it over once for each key; `may_stand` says that an earlier try may have arrived."""
        ...
