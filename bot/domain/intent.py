"""A delivery intent: a message that ought to stand in Slack, named by what it shows and never drawn here.

An intent is a wish that is kept until it is true: posted once (`ts` is known), and redrawn while `wanted` is ahead
of `drawn`. Twenty changes in a second raise `wanted` twenty times and cost one redraw.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NewType

from bot.domain.finding import FindingId
from bot.domain.paging import DigestPage
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.run import RunId
from bot.domain.triage import EventId

LATE = timedelta(minutes=5)  # what waited longer for Slack says so to whoever reads it

IntentKey = NewType("IntentKey", str)
Mark = NewType("Mark", str)


class Kind(Enum):
    """What an intent shows."""

    FINDING = "finding"
    NOTE = "note"
    RUN = "run"
    ESCALATION = "escalation"
    DIGEST = "digest"
    PAGE = "page"  # of a digest, in its thread
    CALL = "call"  # to an escalation target beside Slack; `channel` names it, see domain/escalation
    BULK = "bulk"  # what became of many findings that somebody changed at once
    ROUTE = "route"  # told in the fallback channel: another channel takes no messages


class Progress(Enum):
    """Whether the channel still takes the message."""

    ALIVE = "alive"
    RETIRED = "retired"  # a later message took its place: redrawn no more
    BROKEN = "broken"  # the channel is archived or closed to the bot; kept, never dropped


@dataclass(frozen=True, slots=True)
class Intent:
    """`key` is unique and ours; `mark` is a random word that stands in the message's metadata, given by the store.

    Times are aware, in UTC.

    `event` is the row id of the audit event that a NOTE or an ESCALATION is about; `only_for` makes it ephemeral.
    `thread_of` is the key of the intent whose message it hangs under: it waits until that one stands.
    """

    key: IntentKey
    kind: Kind
    channel: ChannelId
    created_at: datetime
    finding: FindingId | None = None
    run: RunId | None = None
    event: EventId | None = None
    thread_of: IntentKey | None = None
    only_for: UserId | None = None
    progress: Progress = Progress.ALIVE
    ts: MessageTs | None = None
    wanted: int = 1
    drawn: int = 0
    attempts: int = 0
    mark: Mark = Mark("")
    about_route: ChannelId | None = None  # the channel that a ROUTE is about
    tried_at: datetime | None = None  # since when a copy may stand that nobody knows of
    page: DigestPage | None = None  # what a PAGE lists
    bulk: int | None = None  # the id of the request that a BULK tells of

    @property
    def lane(self) -> "Lane":
        return Lane(self.channel, is_redraw=self.ts is not None)

    @property
    def is_late(self) -> bool:
        """Whether it came to stand, or comes to by the try that is under way, long after it was wished for."""
        stands = datetime.fromtimestamp(float(self.ts), UTC) if self.ts else self.tried_at
        return stands is not None and stands - self.created_at >= LATE


@dataclass(frozen=True, slots=True)
class Claim:
    """An intent taken for delivery until `lease_until`; only the holder of its latest `fence` may settle it.

    `may_stand`: an earlier try ended without anybody knowing whether it arrived; copies of it are no older than the
    intent's `tried_at`, which is this claim's own moment where there was no such try.
    """

    intent: Intent
    fence: int
    lease_until: datetime
    thread_ts: MessageTs | None = None
    may_stand: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue of its own towards Slack: what is posted to a channel, or what is redrawn there.

    `pace` is how long a lane stays shut after each message. Source: https://docs.slack.dev/apis/web-api/rate-limits
    (a channel takes about a message a second).
    """

    channel: ChannelId
    is_redraw: bool

    @property
    def pace(self) -> timedelta:
        return timedelta(seconds=0.5 if self.is_redraw else 1)


@dataclass(frozen=True, slots=True)
class RouteStatus:
    """A channel, or an escalation target, that takes nothing: why, since when, how much waits for it."""

    channel: ChannelId
    reason: str
    broken_at: datetime
    try_at: datetime
    waiting: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far Slack is behind: messages that wait, the longest of them since when, what was given up, what is shut.

    `waiting` and `since` leave out what a broken route holds up, which is told of that route. `broken` ones were
    given up. `fault` is why Slack takes nothing at all, such as `token_revoked`.
    """

    waiting: int
    broken: int
    since: datetime | None = None
    routes: tuple[RouteStatus, ...] = ()
    fault: str | None = None
