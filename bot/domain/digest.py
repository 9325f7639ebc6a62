"""A digest: what changed since the last one and what nobody has looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.finding import Finding
from bot.domain.hunt import Slug
from bot.domain.run import Novelty, Run
from bot.domain.triage import State


@dataclass(frozen=True, slots=True)
class Digest:
    """`since` is when the last digest's run finished (None: there was none), `at` this one's; both aware, in UTC.

    `untouched` are open, nobody's and no news here, oldest first; `failed` are the runs that failed since the last
    digest, this one included. `run` is None in a dry run.
    """

    hunt: Slug
    run: Run | None
    since: datetime | None
    at: datetime
    backlog: tuple[Finding, ...]
    new: tuple[Finding, ...]
    recurred: tuple[Finding, ...]
    worsened: tuple[Finding, ...]
    untouched: tuple[Finding, ...]
    failed: tuple[Run, ...]

    @property
    def headings(self) -> tuple[tuple[Finding, ...], ...]:
        """What it lists, the most pressing first: worsened, recurred, new, from the backlog, untouched."""
        return (self.worsened, self.recurred, self.new, self.backlog, self.untouched)

    @property
    def is_quiet(self) -> bool:
        return not (any(self.headings) or self.failed)

    def waiting(self, finding: Finding) -> timedelta:
        """How long a finding has been open without anybody taking it."""
        return self.at - finding.opened_at


def compile_digest(
    hunt: Slug,
    run: Run | None,
    since: datetime | None,
    at: datetime,
    changed: Iterable[tuple[Finding, Novelty]],
    unresolved: Iterable[Finding],
    failed: Iterable[Run],
) -> Digest:
    """Sort what the store knows into a digest, each finding under one heading."""
    by_novelty: dict[Novelty, list[Finding]] = {novelty: [] for novelty in Novelty}
    for finding, novelty in changed:
        if novelty is not Novelty.KNOWN:
            by_novelty[novelty].append(finding)
    news = {finding.id for findings in by_novelty.values() for finding in findings}
    untouched = [f for f in unresolved if f.state is State.OPEN and f.id not in news]
    return Digest(
        hunt=hunt,
        run=run,
        since=since,
        at=at,
        backlog=_worst_first(by_novelty[Novelty.BACKLOG]),
        new=_worst_first(by_novelty[Novelty.NEW]),
        recurred=_worst_first(by_novelty[Novelty.RECURRED]),
        worsened=_worst_first(by_novelty[Novelty.WORSENED]),
        untouched=tuple(sorted(untouched, key=lambda f: (f.opened_at, f.id))),
        failed=tuple(failed),
    )


def _worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (-f.severity.rank, f.opened_at, f.id)))
