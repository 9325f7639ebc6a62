"""What a digest says."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.digest import Digest, compile_digest
from bot.domain.finding import Finding, press
from bot.domain.run import Novelty, Run
from bot.domain.severity import Severity
from bot.domain.triage import Move, Press
from tests.examples import ANNA, GRANTS, finding, hit, run
from tests.stand_ins import START


def digest(
    changed: list[tuple[Finding, Novelty]], unresolved: list[Finding], failed: list[Run] | None = None
) -> Digest:
    return compile_digest(GRANTS.slug, run(), None, START, changed, unresolved, failed or [])


def test_each_finding_stands_under_its_heading_the_worst_first() -> None:
    low, high, back = finding([hit(severity=Severity.LOW)]), finding(number=2), finding(number=3)
    worse, old = finding(number=4), finding(number=5)

    compiled = digest(
        [
            *((low, Novelty.NEW), (high, Novelty.NEW), (back, Novelty.RECURRED), (worse, Novelty.WORSENED)),
            *((old, Novelty.BACKLOG), (finding(number=6), Novelty.KNOWN)),
        ],
        [],
    )

    assert compiled.new == (high, low)
    assert (compiled.recurred, compiled.worsened, compiled.backlog) == ((back,), (worse,), (old,))
    assert compiled.headings == ((worse,), (back,), (high, low), (old,), ())


def test_untouched_are_those_nobody_looked_at_longest_first() -> None:
    young, old = finding(number=1), finding(number=2, at=START - timedelta(days=3))
    taken, _ = press(finding(number=3), Press(Move.ACKNOWLEDGE, ANNA, START))
    just_found = finding(number=4)

    compiled = digest([(just_found, Novelty.NEW)], [just_found, young, old, taken])

    assert compiled.untouched == (old, young)
    assert compiled.waiting(old) == timedelta(days=3)


def test_it_is_quiet_when_there_is_nothing_to_say() -> None:
    assert digest([], []).is_quiet
    assert not digest([], [finding()]).is_quiet
    assert not digest([], [], [replace(run(), error="down")]).is_quiet
