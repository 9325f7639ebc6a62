"""A run of a hunt: what was asked, by whom, and the receipt of what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug, Window
from bot.domain.pivot import Answered
from bot.domain.responder import ChannelId, UserId
from bot.domain.severity import Severity
from bot.domain.source import Source
from bot.domain.wildcards import is_like

RunId = NewType("RunId", int)

RUN_LEASE = timedelta(seconds=60)  # how long a process that says nothing keeps a run
MOST_MISSED = 1_000  # due times are counted no further: after five years a minutely schedule has millions
MOST_FAILED = 50  # failed runs that are looked at together: more tell nobody anything new
MOST_HEARD = 200  # done runs among which the latest of each hunt is looked for
SKEW = timedelta(minutes=1)  # the clocks of one store's processes agree better than this


class Trigger(Enum):
    """What set a run off."""

    COMMAND = "command"
    SCHEDULE = "schedule"
    DIGEST = "digest"  # a digest that a person asked for
    PIVOT = "pivot"  # a question around one finding
    CHECK = "check"  # whether one finding is still true


class RunState(Enum):
    """How far a run is; REQUESTED and RUNNING are resumed after a restart."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # due times that passed too long ago to be worth a run; told in the next digest


class Novelty(Enum):
    """What a run's hits made of a finding."""

    BACKLOG = "from the backlog"
    NEW = "new"
    KNOWN = "known"
    RECURRED = "recurred"
    WORSENED = "worsened"


@dataclass(frozen=True, slots=True)
class Filter:
    """What of a hunt's hits a responder wants to see; empty lets everything through. Applied to the result."""

    account: str | None = None
    principal: str | None = None
    severity: Severity | None = None

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    def lets_through(self, hit: Hit) -> bool:
        """Account equal, principal containing (any case, `*` alone exact), severity at least."""
        return (
            (self.account is None or hit.text("account") == self.account)
            and (self.principal is None or _names(hit.text("principal"), self.principal))
            and (self.severity is None or hit.severity.rank >= self.severity.rank)
        )


def _names(principal: str | None, wanted: str) -> bool:
    """Whether it holds what is wanted, `*` for anything; `*` alone is the principal `*`, which is anyone."""
    return principal == "*" if wanted == "*" else is_like(principal or "", f"*{wanted}*")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked: `window` None means the hunt's own, counted back from when the run starts.

    `schedule_key` and `nominal` name a due time and are unique together, `due_at` is its instant. Of due times that
    were passed over `window` is the stretch in which they lay, and `missed` how many there were. Times are aware, in
    UTC.
    """

    hunt: Slug
    trigger: Trigger
    requested_at: datetime
    channel: ChannelId | None
    by: UserId | None = None
    window: Window | None = None
    filter: Filter = Filter()
    is_private: bool = False  # the bot is no member of the channel: answer only the person
    schedule_key: str | None = None
    nominal: str | None = None
    due_at: datetime | None = None
    dedupe_key: str | None = None  # one Slack delivery, however often it is redelivered
    missed: int = 0  # earlier due times that this one stands for too
    finding: FindingId | None = None  # with PIVOT and CHECK: the one it is about
    pivot: str | None = None  # with PIVOT: the name of the question


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where every hit went: `hits` = `new` + `known` + `suppressed` + `filtered`; counted in hits, not findings.

    Of the `new` ones, `backlog` belong to findings older than all that was searched before.
    `is_truncated`: the answer reached Elasticsearch's row limit. `sources` are what the hunt reads, as far as it was
    asked whether they speak: by every digest, and where an answer is empty.
    `is_baseline`: no complete, unfiltered run of the hunt came before.
    """

    hits: int
    new: int
    known: int
    suppressed: int = 0
    filtered: int = 0
    backlog: int = 0
    is_partial: bool = False
    is_truncated: bool = False
    is_baseline: bool = False
    took_ms: int = 0
    sources: tuple[Source, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not (self.is_partial or self.is_truncated)

    @property
    def silent(self) -> tuple[Source, ...]:
        """The sources of which no event at all arrived: of them nothing can be said."""
        return tuple(source for source in self.sources if source.is_silent)

    def counting(self, unseen: int, backlog: int, *, is_baseline: bool) -> "Receipt":
        """The same with what the store knew of the hits: `unseen` it did not have, `backlog` of them are old."""
        known = self.hits - self.filtered - self.suppressed - unseen
        return replace(self, new=unseen, known=known, backlog=backlog, is_baseline=is_baseline)


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run; `receipt` once it is done, `error` (fit to show) once it failed.

    `fence` grows with each process that takes it up. `answer` is what a pivot's query gave.
    """

    id: RunId
    request: RunRequest
    state: RunState
    window: Window | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    receipt: Receipt | None = None
    error: str | None = None
    fence: int = 0
    answer: Answered | None = None

    @property
    def is_over(self) -> bool:
        return self.state in {RunState.DONE, RunState.FAILED, RunState.SKIPPED}


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A finished run with what its hits made of each finding they belong to, most severe first."""

    run: Run
    findings: tuple[tuple[Finding, Novelty], ...]

    @property
    def news(self) -> tuple[Finding, ...]:
        """What was not known as it is now."""
        return tuple(finding for finding, novelty in self.findings if novelty is not Novelty.KNOWN)

    @property
    def known(self) -> tuple[Finding, ...]:
        return tuple(finding for finding, novelty in self.findings if novelty is Novelty.KNOWN)

    def count(self) -> Mapping[Novelty, int]:
        return {n: sum(1 for _, novelty in self.findings if novelty is n) for n in Novelty}
