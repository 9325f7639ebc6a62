"""A digest: what changed since the last one and what nobody has looked at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Slug
from bot.domain.queue import Queued, whole
from bot.domain.run import Novelty, Run, RunState

LISTED = 25  # findings of one heading that are loaded: more than a message shows

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
    failed: tuple[Run, ...] = ()
    skipped: tuple[Run, ...] = ()

    @property
    def pages(self) -> tuple[Queued, ...]:
        """What it lists, the most pressing first: worsened, recurred, new, from the backlog, untouched."""
        return (self.worsened, self.recurred, self.new, self.backlog, self.untouched)

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
        """Nothing changed, nothing waits and nothing failed."""
        return not (any(page.total for page in self.pages) or self.failures)

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
    failed: Iterable[Run],
    skipped: Iterable[Run],
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
        failed=tuple(failed),
        skipped=tuple(skipped),
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
