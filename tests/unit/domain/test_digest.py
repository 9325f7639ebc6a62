"""What a digest says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.digest import NOTHING, Aside, Changed, Digest, compile_digest, with_news
from bot.domain.finding import UNSAVED, Finding
from bot.domain.queue import Queued, whole
from bot.domain.run import Novelty, Run, RunState
from bot.domain.severity import Severity
from tests.examples import GRANTS, finding, hit, run
from tests.stand_ins import START

UNCHANGED = Changed()
FAILED = replace(run(), state=RunState.FAILED, error="down")


def changed(novelty: Novelty, *findings: Finding) -> Changed:
    return Changed({novelty: whole(findings)}, frozenset(f.id for f in findings), len(findings))


def digest(
    news: Changed = UNCHANGED,
    untouched: Queued = NOTHING,
    failed: Sequence[Run] = (),
    skipped: Sequence[Run] = (),
    own: Run | None = None,
) -> Digest:
    aside = Aside(failed=tuple(failed), skipped=tuple(skipped))
    return compile_digest(GRANTS.slug, own or run(), None, START, news, untouched, aside)


def test_each_finding_stands_under_its_heading() -> None:
    one, two, three, four = (whole([finding(number=number)]) for number in range(1, 5))

    compiled = digest(
        Changed({Novelty.NEW: one, Novelty.RECURRED: two, Novelty.WORSENED: three, Novelty.BACKLOG: four})
    )

    assert (compiled.new, compiled.recurred, compiled.worsened, compiled.backlog) == (one, two, three, four)
    assert compiled.headings == tuple(page.findings for page in (three, two, one, four, Queued(), Queued()))


def test_untouched_are_those_nobody_looked_at_without_the_news() -> None:
    old, young, news = finding(number=1, at=START - timedelta(days=3)), finding(number=2), finding(number=3)

    compiled = digest(changed(Novelty.NEW, news), whole([old, young, news]))

    assert compiled.untouched == whole([old, young])
    assert compiled.waiting(old) == timedelta(days=3)


ONE, TWO = finding(number=1), finding(number=2)


@pytest.mark.parametrize(
    ("untouched", "news", "told"),
    [
        (Queued((ONE, TWO), 800), 1, Queued((TWO,), 799)),
        (Queued((ONE, TWO), 1000, is_more=True), 30, Queued((TWO,), 970, is_more=True)),
        (Queued((ONE,), 1000, is_more=True), 1200, NOTHING),
    ],
    ids=["a page of many", "more than are counted", "a page of nothing but news"],
)
def test_the_news_are_counted_out_of_what_waits(untouched: Queued, news: int, told: Queued) -> None:
    assert digest(replace(changed(Novelty.NEW, ONE), untouched=news), untouched).untouched == told


def test_what_a_run_would_find_has_the_later_word() -> None:
    stored, again = finding(number=1), finding(number=2)
    grave = replace(finding([hit(severity=Severity.CRITICAL)]), id=UNSAVED)

    news = with_news(
        changed(Novelty.NEW, stored, again),
        [(grave, Novelty.NEW), (again, Novelty.WORSENED), (stored, Novelty.KNOWN)],
    )

    assert news.of[Novelty.NEW] == whole([grave, stored])
    assert news.of[Novelty.WORSENED] == whole([again])


@pytest.mark.parametrize(
    ("compiled", "is_quiet"),
    [
        (digest(), True),
        (digest(skipped=[run()]), True),
        (digest(untouched=whole([finding()])), False),
        (digest(changed(Novelty.RECURRED, finding())), False),
        (digest(failed=[FAILED]), False),
        (digest(own=FAILED), False),
    ],
    ids=[
        "nothing",
        "due times that were skipped",
        "something waits",
        "something changed",
        "another failed",
        "it failed",
    ],
)
def test_it_is_quiet_when_there_is_nothing_to_do(compiled: Digest, *, is_quiet: bool) -> None:
    assert compiled.is_quiet is is_quiet


def test_its_own_failure_is_told_once_and_first() -> None:
    earlier = replace(FAILED, id=run(number=3).id)

    assert digest(failed=[earlier, FAILED], own=FAILED).failures == (FAILED, earlier)
    assert digest(failed=[earlier, FAILED]).failures == (earlier, FAILED)
