"""What the services ask of the outside, as Protocols; bot/adapters answers."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from bot.domain.access import Person
from bot.domain.audit import Entry, Gap, Tip
from bot.domain.bulk import Bulk, BulkId, Order, Tally
from bot.domain.daily import Bounds
from bot.domain.digest import Changed
from bot.domain.escalation import OnCall, Phase, TargetName
from bot.domain.export import Export, Exported, ExportId, ExportRequest, ExportState
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.home import Home
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Backlog, Claim, Intent, IntentKey, Lane, Mark, RouteStatus
from bot.domain.memory import FORGETFUL, Memory, SameAgain, Verdict
from bot.domain.message import EscalationCall, Message, Standing
from bot.domain.paging import DigestPage
from bot.domain.pivot import Answered
from bot.domain.queue import Queued, Wanted
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.response import Waited
from bot.domain.retention import Purged, Turn
from bot.domain.rows import Rows
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunRequest
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Press, Refusal

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


class Runs(Protocol):
    """The runs of hunts, requested, under way and done. Every method raises StoreError."""

    async def request(self, asked: RunRequest) -> Run | None:
        """Store what was asked, with the intent of its answer; None where this dedupe key or due time already is.

        None too where the same is being asked of one finding: whoever asks meanwhile gets that answer.
        A due time that a clock took which ran ahead (it was requested later than now) is taken anew.
        """
        ...

    async def skip(self, asked: RunRequest, at: datetime) -> bool:
        """Store due times that passed too long ago as one SKIPPED run; False where it is."""
        ...

    async def forget_future(self, at: datetime) -> bool:
        """Put right what a clock left that ran ahead of `at`; whether there was anything.

        Due times that it took are given back, what it passed over is forgotten. Its runs count as finished by now, in
        the order in which they did, and move no mark: nobody knows when they looked.
        """
        ...

    async def claim(self, run: RunId, at: datetime, lease: timedelta) -> Run | None:
        """Take it up until `at + lease`; None where it is over or another process works on it."""
        ...

    async def extend(self, run: Run, at: datetime, lease: timedelta) -> bool:
        """Keep it; False where it was taken up by another process meanwhile (`run.fence`) or is over."""
        ...

    async def start(self, run: Run, window: Window, at: datetime) -> Run:
        """Mark it running; one that is over, or that another process took up since (`run.fence`), stays as it is."""
        ...

    async def fail(self, run: Run, error: str, at: datetime) -> Run:
        """Mark it failed with an error fit to show, its answer to be redrawn.

        One that is over, or that another process took up since (`run.fence`), stays as it is.
        """
        ...

    async def answer(self, run: Run, answered: Answered, at: datetime) -> Run:
        """Mark a pivot done with what its query gave, its message to be redrawn.

        One that is over, or that another process took up since (`run.fence`), stays as it is.
        """
        ...

    async def last_check(self, finding: FindingId) -> Run | None:
        """The latest run that asked whether the finding is still true, done or failed."""
        ...

    async def get(self, run: RunId) -> Run: ...

    async def outcome(self, run: RunId) -> RunOutcome:
        """The run with the findings it returned, as they are now, most severe first."""
        ...

    async def novelty(self, run: RunId, finding: FindingId) -> Novelty | None:
        """What the run made of the finding; None where it did not return it."""
        ...

    async def unfinished(self) -> Sequence[Run]:
        """Requested or running, whoever works on them, oldest first."""
        ...

    async def left(self, at: datetime) -> Sequence[RunId]:
        """The unfinished ones that nobody works on, oldest first."""
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
        """The latest due time that was taken or passed over; for a schedule not met before: `at`, remembered."""
        ...

    async def changed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Changed:
        """What runs finished in (since, until] made of findings, the latest news of each.

        Costs the same however much is stored: no more than MOST_NEWS of the latest news are looked at.
        """
        ...

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """The runs that failed in (since, until], oldest first; of more than MOST_COUNTED the latest."""
        ...

    async def incomplete_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """The runs in (since, until] that were partial or cut off, oldest first; of many the latest."""
        ...

    async def skipped_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """What was passed over in (since, until], oldest first; of more than MOST_COUNTED the latest."""
        ...

    async def failed_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        """The runs of all hunts that failed in (since, until], the latest first, MOST_FAILED of them."""
        ...

    async def heard_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        """The latest done run of each hunt that finished in (since, until]; of many runs MOST_HEARD are looked at."""
        ...

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        """first_seen of the hunt's oldest finding that is neither resolved nor revoked."""
        ...


class Outbox(Protocol):
    """The delivery intents and what became of them. Every method raises StoreError."""

    async def claim(self, now: datetime, lease: timedelta, busy: Collection[Lane] = ()) -> Sequence[Claim]:
        """Take at most one due intent of each open lane, the most urgent that nobody holds, and shut the lane.

        Due is what is to be drawn newer than it stands; a thread's children wait until their parent stands, and the
        calls of one finding to one target go in order. A lane opens again after its pace (`Lane.pace`), a channel
        whose route is broken when the route is due to be tried; what somebody waits for (an answer, an escalation)
        is tried once all the same. `busy` lanes are left alone: the caller still works on them. What was written
        before the clock was set back holds nothing up.
        """
        ...

    async def next_due(self, now: datetime, busy: Collection[Lane] = ()) -> datetime | None:
        """When something may go at the earliest: a hint for how long to sleep. None where nothing waits."""
        ...

    async def settle(self, claim: Claim, ts: MessageTs | None, now: datetime, lease: timedelta) -> bool:
        """It stands (drawn up to the version that was claimed), and its route works.

        False where the lease was lost meanwhile: nothing was stored but that it is suspect and has to be drawn once
        more. An intent that may have been sent before without anybody knowing (`claim.may_stand`) is suspect a
        `lease` later. A card that now stands for the first time has messages that link to it drawn again: those it
        took the place of, and the answer of its run once all cards of the run stand.
        """
        ...

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        """It did not go out, or nobody knows (`may_stand`): try again from then on. Not where the lease was lost."""
        ...

    async def shut(self, lane: Lane, until: datetime) -> None:
        """Nothing of this lane is claimed before then (an hour at most): Slack asked to wait."""
        ...

    async def detach(self, claim: Claim) -> None:
        """What it hangs under is gone: it is posted in the channel itself."""
        ...

    async def break_route(self, claim: Claim, reason: str, now: datetime, fallback: ChannelId | None) -> None:
        """The channel takes nothing: mark its route, keep what waits for it, tell the fallback channel once.

        The route is tried again after 5, 10, 20, ... minutes, an hour at most; a message that then goes out mends it
        and has the one in the fallback channel drawn again. A route that breaks anew within the hour is told by the
        message that is there.
        """
        ...

    async def break_off(self, claim: Claim, reason: str) -> None:
        """This message can not stand any more (somebody deleted it): keep it and what hangs under it, marked."""
        ...

    async def go_private(self, claim: Claim, user: UserId) -> None:
        """The channel takes no message: the run's answer is shown to `user` alone, once the run is over.

        What the run posts from now on goes to the home channel; cards it owes this channel are given up, and the
        next run that returns their findings posts them anew.
        """
        ...

    async def suspects(self, now: datetime) -> Sequence[Intent]:
        """What may stand twice: to be read back, oldest first."""
        ...

    async def cleared(self, intent: Intent) -> None:
        """Its copies were looked for: it stands once. It is drawn once more, for a late redraw may have come last."""
        ...

    async def follow(self, parent: Intent, pages: Sequence[DigestPage]) -> None:
        """Pages to hang under a message, once however often they are asked for."""
        ...

    async def stands_at(self, key: IntentKey) -> MessageTs | None: ...

    async def release(self) -> None:
        """Give back every lease, on messages and runs: for the one process of a store that nobody else can hold."""
        ...

    async def backlog(self, now: datetime) -> Backlog:
        """How far Slack is behind the store."""
        ...

    async def waiting(self) -> int:
        """How many intents are not drawn as they ought to be, not given up, and not held up by a broken route."""
        ...

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        """The finding's cards, live and retired, oldest first."""
        ...

    async def of_run(self, run: RunId) -> Sequence[Intent]:
        """The run's answer and the cards it posted, oldest first."""
        ...

    async def route(self, channel: ChannelId) -> RouteStatus | None:
        """What is known of a channel that takes nothing; None where it works."""
        ...


class Bulks(Protocol):
    """Requests about many findings. Every method raises StoreError, those that name one BadArgument: it is gone."""

    async def offer(self, bulk: Bulk) -> Bulk:
        """Keep what somebody was shown until they submit; its id is given here. What is a day old is forgotten."""
        ...

    async def get(self, bulk: BulkId) -> Bulk: ...

    async def tick(self, bulk: BulkId, page: Collection[FindingId], ticked: Collection[FindingId]) -> Bulk:
        """Remember what is ticked on one page."""
        ...

    async def request(self, bulk: BulkId, order: Order, chosen: Sequence[FindingId], at: datetime) -> Bulk:
        """Store that it is to be done, with the intent of its answer; what was requested before stays as it is."""
        ...

    async def take(self, bulk: BulkId, at: datetime, lease: timedelta) -> Bulk | None:
        """Take up what was requested; None where it is done or another process works on it."""
        ...

    async def keep(self, bulk: BulkId, at: datetime, lease: timedelta) -> None:
        """Still at it."""
        ...

    async def finish(self, bulk: BulkId, tally: Tally, at: datetime) -> None:
        """Done: its answer is to be posted. A second time changes nothing."""
        ...

    async def left(self, at: datetime) -> Sequence[BulkId]:
        """What was requested and nobody works on, oldest first."""
        ...


class Homes(Protocol):
    """Home tabs that were opened lately. Every method raises StoreError."""

    async def open(self, user: UserId, at: datetime) -> Home:
        """They look at it, as they left it; the overview where they never did. Unused ones are forgotten."""
        ...

    async def choose(self, home: Home) -> None:
        """They look at something else in it."""
        ...

    async def get(self, user: UserId) -> Home | None: ...

    async def lately(self, at: datetime) -> Sequence[Home]:
        """Those that somebody looked at within SEEN_FOR, the latest first, MOST of them."""
        ...


class Exports(Protocol):
    """Findings that people want as a file. Every method raises StoreError."""

    async def request(self, asked: ExportRequest) -> Export | None:
        """Store it; None where this delivery was taken before. What is over for a month is forgotten."""
        ...

    async def take(self, export: ExportId, at: datetime) -> Export | None:
        """Take it up for a LEASE, its tries counted; None where it is over or another process works on it."""
        ...

    async def put_back(self, export: Export, not_before: datetime) -> None:
        """It did not go out: again from then on. Not where another process took it up since; so below."""
        ...

    async def end(self, export: Export, state: ExportState) -> None: ...

    async def left(self, at: datetime) -> Sequence[ExportId]:
        """What was requested and nobody works on, oldest first."""
        ...

    def pages(self, asked: ExportRequest, at: datetime) -> AsyncIterator[Sequence[Exported]]:
        """The findings asked for, the most severe first, some hundreds at a time: memory stays flat.

        Each page is a view of its own: a finding that changes its place meanwhile may come twice, or not.
        """
        ...


class AuditLog(Protocol):
    """The audit chain, read. Every method raises StoreError."""

    def chain(self, after: int = 0) -> AsyncIterator[Entry | Gap]:
        """All that comes after a place, in order, a batch at a time: memory stays flat, and nobody waits for long.

        Each batch is a view of its own: what is appended or purged meanwhile is followed.
        """
        ...

    def entries(self, since: datetime | None = None, finding: FindingId | None = None) -> AsyncIterator[Entry]:
        """Events in order, since a moment or of one finding or both."""
        ...

    async def tip(self) -> Tip: ...


class Retention(Protocol):
    """Forgetting on purpose. Every method raises StoreError."""

    async def take_turn(self, at: datetime, lease: timedelta) -> Turn:
        """Whether it is the caller's turn, which is then the caller's for a `lease`: see `domain/retention.Diary`."""
        ...

    async def finish_turn(self, at: datetime) -> None:
        """The purge is done."""
        ...

    async def purge(
        self,
        hits_before: datetime | None,
        resolved_before: datetime | None,
        at: datetime,
        within: timedelta | None = None,
    ) -> Purged:
        """Remove hits older than `hits_before` and findings resolved before `resolved_before`, with their history.

        Never an open finding, its history or the hit that is its face; the audit chain keeps the last hash of what
        was taken out. What is still to be delivered keeps its finding for the next purge. In portions, so that nobody
        waits for long; what is left after `within` is left to the next call.
        """
        ...


class Workspace(Protocol):
    """Slack, as the house needs it; how a message is drawn is the adapter's affair.

    Every method raises WorkspaceError.
    """

    async def post(
        self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None
    ) -> MessageTs: ...

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None: ...

    async def whisper(self, channel: ChannelId, user: UserId, what: Message) -> None:
        """Show it to one person only."""
        ...

    async def upload(
        self,
        channel: ChannelId,
        thread: MessageTs | None,
        name: str,
        content: BinaryIO,
        title: str,
        comment: str,
        alt: str = "",
    ) -> None:
        """Share a file in a channel, or with one person (by their id), beside a line of plain text.

        `content` is read from its beginning, a piece at a time, and not closed; `alt` is what a picture shows, in
        words. A file has no mark: one whose answer was lost may come twice.
        """
        ...

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        """Read the channel back for messages with this mark, oldest first: whether an unanswered post arrived."""
        ...

    async def remove(self, channel: ChannelId, ts: MessageTs) -> None:
        """Take a second copy back; one that is gone already is no error."""
        ...

    async def link(self, standing: Standing) -> str: ...

    async def is_member(self, channel: ChannelId) -> bool: ...

    async def channel_id(self, name: str) -> ChannelId:
        """The id of `#name` or of an id itself; raises RouteBroken where there is none."""
        ...


class People(Protocol):
    """Who is who in the workspace, asked anew each time.

    Every method raises WorkspaceError: RouteBroken and TokenRefused where asking again would change nothing.
    """

    async def person(self, user: UserId) -> Person: ...

    async def members(self, group: str) -> frozenset[UserId]:
        """Who is in a user group (S...); nobody, where it is disabled."""
        ...

    async def is_shared(self, channel: ChannelId) -> bool:
        """Whether people of another organization read along there, or were invited to."""
        ...


class EscalationTarget(Protocol):
    """Where escalated findings go beside Slack; idempotent by the finding or by the mark where the target can."""

    @property
    def name(self) -> TargetName: ...

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        """Tell it; `mark` is the same for every try of one call.

        Raises:
            WorkspaceError: RouteBroken where it refuses us for good (its key, its address), RateLimited,
                MessageRejected, WorkspaceUnavailable where it was not reached, OutcomeUnknown where no answer came.
        """
        ...
