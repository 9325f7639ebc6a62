"""A digest: what changed since the last one, what nobody has looked at, and what could not be seen."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.daily import Daily
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Slug
from bot.domain.paging import DigestPage, Heading, pages, shown_of_each
from bot.domain.queue import Queued, whole
from bot.domain.response import Waited
from bot.domain.run import Novelty, Run, RunState
from bot.domain.source import Hush

DAY = timedelta(days=1)
AGES = (3 * DAY, DAY)  # what has been open for longer is aging

NOTHING = Queued()


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of findings in a stretch of time: the worst of each novelty, KNOWN left out.

    `ids` are all of them, listed or not; `untouched` of those are open and awake by now.
    """

    of: Mapping[Novelty, Queued] = field(default_factory=dict)
    ids: frozenset[FindingId] = frozenset()
    untouched: int = 0


@dataclass(frozen=True, slots=True)
class Aside:
    """What a digest tells beside the findings that changed.

    `aging` counts what nobody has looked at for longer than each of AGES. `waking` are the snoozes that end before
    the next digest, which is due at `next_at`. `incomplete` are earlier runs that were partial or cut off, `hushed`
    those who used to speak in the logs and do not any more.
    """

    failed: tuple[Run, ...] = ()
    skipped: tuple[Run, ...] = ()
    incomplete: tuple[Run, ...] = ()
    aging: Mapping[timedelta, Queued] = field(default_factory=dict)
    waking: Queued = NOTHING
    next_at: datetime | None = None
    hushed: tuple[Hush, ...] = ()
    waited: Waited | None = None
    daily: Daily | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """`since` is when the last digest's run finished (None: there was none), `at` this one's; both aware, in UTC.

    `untouched` are open, awake and no news here, oldest first; `failed` are the runs that failed since the last
    digest, this one included, `skipped` the due times that were passed over. `run` is None in a dry run.
    """

    hunt: Slug
    run: Run | None
    since: datetime | None
    at: datetime
    backlog: Queued = NOTHING
    new: Queued = NOTHING
    recurred: Queued = NOTHING
    worsened: Queued = NOTHING
    untouched: Queued = NOTHING
    aside: Aside = Aside()

    @property
    def failed(self) -> tuple[Run, ...]:
        return self.aside.failed

    @property
    def skipped(self) -> tuple[Run, ...]:
        return self.aside.skipped

    @property
    def pages(self) -> tuple[Queued, ...]:
        """What it lists, in the order of `Heading`."""
        return tuple(queued for _, queued in self.listed)

    @property
    def listed(self) -> tuple[tuple[Heading, Queued], ...]:
        """The same, each under its heading."""
        return (
            (Heading.WORSENED, self.worsened),
            (Heading.RECURRED, self.recurred),
            (Heading.NEW, self.new),
            (Heading.BACKLOG, self.backlog),
            (Heading.UNTOUCHED, self.untouched),
            (Heading.WAKING, self.aside.waking),
        )

    @property
    def shown_of_each(self) -> int:
        """How many findings its message lists under each heading."""
        return shown_of_each(self.pages)

    @property
    def overflow(self) -> tuple[DigestPage, ...]:
        """What its message has no room for."""
        return pages(self.listed)

    @property
    def headings(self) -> tuple[tuple[Finding, ...], ...]:
        """The findings of each page."""
        return tuple(page.findings for page in self.pages)

    @property
    def has_failed(self) -> bool:
        """Whether its own run failed."""
        return self.run is not None and self.run.state is RunState.FAILED

    @property
    def failures(self) -> tuple[Run, ...]:
        """The runs that failed, this one's own first."""
        if self.run is None or not self.has_failed:
            return self.failed
        return (self.run, *(run for run in self.failed if run.id != self.run.id))

    @property
    def missed(self) -> int:
        """How many earlier due times this digest stands for too."""
        return self.run.request.missed if self.run else 0

    @property
    def is_quiet(self) -> bool:
        """Nothing changed, nothing waits, nothing failed, and the logs spoke."""
        told = (*self.failures, *self.aside.incomplete, *self.aside.hushed)
        return not (any(page.total for page in self.pages) or told)

    @property
    def longest(self) -> Finding | None:
        """What has been waiting for the longest, of what nobody has looked at."""
        return self.untouched.findings[0] if self.untouched.findings else None

    @property
    def chart(self) -> Daily | None:
        """What is worth drawing; a quiet day is one line."""
        daily = self.aside.daily
        return daily if daily and daily.total and not self.is_quiet else None

    def waiting(self, finding: Finding) -> timedelta:
        """How long a finding has been open without anybody taking it."""
        return self.at - finding.opened_at


def compile_digest(
    hunt: Slug,
    run: Run | None,
    since: datetime | None,
    at: datetime,
    changed: Changed,
    untouched: Queued,
    aside: Aside = Aside(),
) -> Digest:
    """Sort what the store knows into a digest, each finding under one heading.

    `untouched` may hold what changed: it is taken out of the page and of the total.
    """
    return Digest(
        hunt=hunt,
        run=run,
        since=since,
        at=at,
        backlog=changed.of.get(Novelty.BACKLOG, NOTHING),
        new=changed.of.get(Novelty.NEW, NOTHING),
        recurred=changed.of.get(Novelty.RECURRED, NOTHING),
        worsened=changed.of.get(Novelty.WORSENED, NOTHING),
        untouched=_without(changed, untouched),
        aside=replace(aside, incomplete=tuple(each for each in aside.incomplete if run is None or each.id != run.id)),
    )


def with_news(changed: Changed, found: Iterable[tuple[Finding, Novelty]]) -> Changed:
    """The same with what a run would make of findings if it were recorded: its word is the later one."""
    news = [(finding, novelty) for finding, novelty in found if novelty is not Novelty.KNOWN]
    ids = frozenset(finding.id for finding, _ in news)
    of = {
        novelty: _joined(changed.of.get(novelty, NOTHING), ids, [f for f, as_ in news if as_ is novelty])
        for novelty in Novelty
    }
    return Changed(of, changed.ids | ids, changed.untouched)


def _joined(stored: Queued, ids: Collection[FindingId], more: Sequence[Finding]) -> Queued:
    left = [finding for finding in stored.findings if finding.id not in ids]
    worst_first = sorted([*left, *more], key=lambda f: (-f.severity.rank, f.opened_at, f.id))
    gone = len(stored.findings) - len(left)
    return Queued(tuple(worst_first), stored.total - gone + len(more), stored.is_more)


def _without(changed: Changed, untouched: Queued) -> Queued:
    """What waits and is no news; news were opened lately, so that few of them stand among those that wait longest."""
    left = tuple(finding for finding in untouched.findings if finding.id not in changed.ids)
    if len(untouched.findings) == untouched.total:
        return whole(left)
    return Queued(left, max(len(left), untouched.total - changed.untouched), untouched.is_more and bool(left))
