"""What is to be shown in Slack, in the words of the house; bot/blocks draws each of these."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.bulk import Bulk
from bot.domain.digest import Digest
from bot.domain.escalation import TargetName
from bot.domain.export import ExportRequest
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.intent import RouteStatus
from bot.domain.kibana import KibanaLink
from bot.domain.memory import SeenBefore
from bot.domain.paging import DigestPage
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import Novelty, Run, RunOutcome
from bot.domain.triage import AuditEvent


@dataclass(frozen=True, slots=True)
class Standing:
    """A message as it stands in Slack."""

    channel: ChannelId
    ts: MessageTs
    thread: MessageTs | None = None  # the parent's, where it hangs in a thread


@dataclass(frozen=True, slots=True)
class Link:
    """Where a finding's live message stands."""

    finding_ref: str
    url: str


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding with its buttons: the message that is redrawn in place on each change.

    `known_accounts` are the account ids that the settings call known, here and below.
    """

    finding: Finding
    hunt: Hunt
    novelty: Novelty | None = None  # what the run that posted it said: new, from the backlog, recurred, ...
    earlier: Link | None = None  # the message it had before it recurred or was worsened
    is_retired: bool = False  # a later message took its place: drawn once more, without buttons
    later: Link | None = None  # that later message, once it stands
    is_woken: bool = False  # posted anew because a snooze ended
    late_since: datetime | None = None  # when it ought to have been posted, where Slack took it much later
    seen_before: SeenBefore | None = None  # what was said of the same thing earlier
    check: Run | None = None  # the latest one that asked whether it is still true
    kibana: KibanaLink | None = None
    known_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HistoryNote:
    """One line of a finding's history, in the thread of its message."""

    finding: Finding
    event: AuditEvent


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A hunt that is still looking: the placeholder that becomes the answer."""

    run: Run


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """What a run came to: its receipt, the known findings with state and link, or the error.

    `links` are the permalinks of live messages by finding; `in_thread` says that the new ones follow in its thread.
    """

    outcome: RunOutcome
    hunt: Hunt
    links: tuple[Link, ...]
    in_thread: bool


@dataclass(frozen=True, slots=True)
class PivotReply:
    """What was asked around a finding, in the thread of its card: under way, then what the logs answered.

    `nothing` is what the hunt's author says of an empty answer.
    """

    run: Run
    finding: Finding
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class EscalationCall:
    """A finding handed to the people on call, with a link back to where it was found.

    It is drawn again as the finding moves on; `is_retired`: it was escalated again, and a later call stands.
    """

    finding: Finding
    hunt: Hunt
    event: AuditEvent
    back: Link | None
    on_call: str | None = None  # the id of the user group that is mentioned
    is_retired: bool = False
    known_accounts: frozenset[str] = frozenset()

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it over yet."""
        return self.finding.waits_for_takeover and not self.is_retired


@dataclass(frozen=True, slots=True)
class EscalationFailed:
    """The people on call were not told (`target`: by this target), yet; for the eyes of whoever escalated."""

    call: EscalationCall
    code: str
    target: TargetName | None = None


@dataclass(frozen=True, slots=True)
class RouteNotice:
    """A channel or target takes nothing since `broken_at`; `status` is None once it works again."""

    channel: ChannelId
    broken_at: datetime
    status: RouteStatus | None = None


@dataclass(frozen=True, slots=True)
class DigestPost:
    """A digest, with links to the live messages of what it names.

    `in_thread`: the cards of what its run found follow in its thread; `has_pages`: so does what its lists leave out.
    """

    digest: Digest
    hunt: Hunt
    links: tuple[Link, ...]
    in_thread: bool = False
    has_pages: bool = False


@dataclass(frozen=True, slots=True)
class DigestSheet:
    """A page in the thread of a digest that was made at `at`, its findings as they are now."""

    page: DigestPage
    findings: tuple[Finding, ...]
    hunt: Hunt
    links: tuple[Link, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ExportNotice:
    """Why somebody does not get the file that they asked for; for their eyes."""

    export: ExportRequest
    why: str


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What became of many findings that somebody changed at once."""

    bulk: Bulk


Message = (
    FindingCard
    | HistoryNote
    | RunProgress
    | RunAnswer
    | PivotReply
    | EscalationCall
    | EscalationFailed
    | DigestPost
    | DigestSheet
    | ExportNotice
    | RouteNotice
    | BulkAnswer
)
