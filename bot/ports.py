"""What the services ask of the outside, as Protocols; bot/adapters answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Claim, Intent, IntentKey, Lane
from bot.domain.message import EscalationCall, Message, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.rows import Rows
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunRequest
from bot.domain.triage import AuditEvent, EventId, Press

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

    async def record(
        self,
        run: Run,
        hits: Sequence[Hit],
        receipt: Receipt,
        at: datetime,
        home: ChannelId | None = None,
    ) -> RunOutcome:
        """Merge a run's hits into their findings and finish the run, all at once or not at all.

        In one transaction: findings (new ones created), hits (unseen ones added, seen ones refreshed), audit
        events, the run marked done with its receipt (`new` and `known` counted here), and the delivery intents
        that follow (`domain/announcing`; `home` is where the cards of a private run go). `hits` holds each hit once,
        as `read_hits` gives them; `receipt` carries what the search knew: hits, filtered, partial, truncated,
        took_ms. A run that is over is not recorded twice: its outcome is returned as it was.
        """
        ...

    async def preview(self, hunt: Slug, hits: Sequence[Hit], at: datetime) -> Sequence[tuple[Finding, Novelty]]:
        """What `record` would make of the hits, most severe first; writes nothing. New ones have the id UNSAVED."""
        ...

    async def press(
        self, finding: FindingId, asked: Press, escalate_to: ChannelId | None
    ) -> tuple[Finding, AuditEvent]:
        """Compare and set: exactly one of several presses wins. Event, redraw and escalation intents included.

        A refused press is stored in the history and changes nothing else. At most 1.5 s. Presses that come at the
        same moment may share a transaction; each is compared and set alone, in the order they came.

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

    async def event(self, event_id: EventId) -> AuditEvent: ...

    async def hits(self, finding: FindingId) -> Sequence[Hit]:
        """Latest first."""
        ...

    async def unresolved(self, hunt: Slug | None = None) -> Sequence[Finding]:
        """Most severe first, then the longest waiting."""
        ...

    async def standings(self, findings: Collection[FindingId]) -> Mapping[FindingId, Standing]:
        """Where the live message of each finding stands (the latest of several); those without one are left out."""
        ...


class Runs(Protocol):
    """The runs of hunts, requested, under way and done. Every method raises StoreError."""

    async def request(self, asked: RunRequest) -> Run | None:
        """Store what was asked, with the intent of its answer; None where this dedupe key or due time already is."""
        ...

    async def start(self, run: RunId, window: Window, at: datetime) -> Run:
        """Mark it running; a run that is over is returned as it is."""
        ...

    async def fail(self, run: RunId, error: str, at: datetime) -> Run:
        """Mark it failed with an error fit to show, its answer to be redrawn; a run that is over stays as it is."""
        ...

    async def get(self, run: RunId) -> Run: ...

    async def outcome(self, run: RunId) -> RunOutcome:
        """The run with the findings it returned, as they are now, most severe first."""
        ...

    async def novelty(self, run: RunId, finding: FindingId) -> Novelty | None:
        """What the run made of the finding; None where it did not return it."""
        ...

    async def unfinished(self) -> Sequence[Run]:
        """Requested or running: what a restart takes up again, oldest first."""
        ...

    async def covered_until(self, hunt: Slug) -> datetime | None:
        """How far the logs were looked at without a gap: where the latest complete digest run's window ends.

        Runs that people type do not count: they look at the stretch they were asked to.
        """
        ...

    async def last_digest(self, hunt: Slug, channel: ChannelId | None, before: RunId | None = None) -> Run | None:
        """The latest done digest that readers of `channel` know of, of those that finished before `before` did.

        They know the scheduled ones and what was asked for in their channel (in any, where `channel` is None); what
        one person asked for elsewhere, or was answered alone, told them nothing.
        """
        ...

    async def due_after(self, schedule_key: str, at: datetime) -> datetime:
        """The latest due time that was taken; for a schedule not met before: `at`, which is remembered."""
        ...

    async def changed_since(
        self, hunt: Slug, since: datetime | None, until: datetime
    ) -> Sequence[tuple[Finding, Novelty]]:
        """What runs finished in (since, until] made of findings, the latest news of each, KNOWN left out."""
        ...

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """The runs that failed in (since, until], oldest first."""
        ...

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        """first_seen of the hunt's oldest finding that is neither resolved nor revoked."""
        ...


class Outbox(Protocol):
    """The delivery intents and what became of them. Every method raises StoreError."""

    async def claim(self, now: datetime, lease: timedelta, closed: Collection[Lane] = ()) -> Sequence[Claim]:
        """Take at most one due intent of each lane that is not `closed`, the most urgent that nobody holds.

        Due is what is to be drawn newer than it stands; a thread's children wait until their parent stands.
        """
        ...

    async def settle(self, claim: Claim, ts: MessageTs | None) -> bool:
        """It stands (drawn up to the version that was claimed); False where the lease was lost meanwhile.

        A card that now stands for the first time has messages that link to it drawn again: those it took the
        place of, and the answer of its run once all cards of the run stand.
        """
        ...

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        """It did not go out, or nobody knows (`may_stand`): try again from then on."""
        ...

    async def break_off(self, claim: Claim, reason: str) -> None:
        """The route is broken: keep the intent and what hangs in its thread, marked, and try no more."""
        ...

    async def go_private(self, claim: Claim, user: UserId) -> None:
        """The channel takes no message: the run's answer is shown to `user` alone, once the run is over.

        What the run posts from now on goes to the home channel; cards it owes this channel are given up, and the
        next run that returns their findings posts them anew.
        """
        ...

    async def waiting(self) -> int:
        """How many intents are not drawn as they ought to be and not given up."""
        ...

    async def broken(self) -> int:
        """How many intents were given up."""
        ...

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        """The finding's cards, live and retired, oldest first."""
        ...

    async def of_run(self, run: RunId) -> Sequence[Intent]:
        """The run's answer and the cards it posted, oldest first."""
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
