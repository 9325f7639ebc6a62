"""How long things are kept, and what a finding still knows of what was purged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.audit import Gap, joined
from bot.domain.hit import Hit
from bot.domain.merging import seen_again
from bot.domain.retention import NOTHING_FORGOTTEN, Forgotten, Keep, Purged
from bot.domain.severity import Severity
from tests.examples import finding, hit
from tests.stand_ins import START

DAY = timedelta(days=1)


def test_nothing_set_is_kept_for_good() -> None:
    assert Keep().is_for_good
    assert (Keep().hits_before(START), Keep().resolved_before(START)) == (None, None)


def test_each_length_counts_back_from_now() -> None:
    keep = Keep(hits=100 * DAY)
    assert not keep.is_for_good
    assert (keep.hits_before(START), keep.resolved_before(START)) == (START - 100 * DAY, None)


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (Keep(), Keep()),
        (Keep(hits=90 * DAY), Keep(hits=365 * DAY)),
        (Keep(hits=400 * DAY, resolved=90 * DAY), Keep(hits=400 * DAY, resolved=365 * DAY)),
    ],
)
def test_what_a_hunt_looks_back_at_is_kept(keep: Keep, expected: Keep) -> None:
    assert keep.no_less_than(365 * DAY) == expected


def test_what_was_removed_adds_up() -> None:
    assert Purged(1, 2, 3, 4) + Purged(10, 20, 30, 40) == Purged(11, 22, 33, 44)
    assert not (Purged() + Purged(is_all=False)).is_all


def test_what_is_forgotten_is_counted_with_what_it_granted() -> None:
    once = NOTHING_FORGOTTEN.with_more([hit("e-1", at=START), hit("e-2", at=START - DAY, outcome="attempted")])
    twice = once.with_more([hit("e-3", at=START - 2 * DAY, revoked_at="2026-11-01T00:00:00Z")])
    assert once == Forgotten(hits=2, granted=1, revoked=0, until=START)
    assert twice == Forgotten(hits=3, granted=2, revoked=1, until=START)


@pytest.mark.parametrize(
    ("seen", "is_known"),
    [
        (hit("x", at=START), True),
        (hit("x", at=START + timedelta(seconds=1)), False),
        (hit("x", at=START, severity=Severity.CRITICAL), False),
    ],
)
def test_what_may_have_been_purged_is_nothing_new(seen: Hit, *, is_known: bool) -> None:
    face = hit("e-1", at=START + DAY)
    known = replace(finding([face]), count=4, first_seen=START - DAY, forgotten=Forgotten(3, 3, 0, START))

    merged = seen_again(known, {face.id: face}, [seen], START + 2 * DAY)

    assert (merged.unseen, merged.finding.count) == ((0, 4) if is_known else (1, 5))
    assert merged.finding.first_seen == START - DAY


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(4, 5), (1, 2)], [(1, 2), (4, 5)]),
        ([(3, 3), (1, 2), (4, 9)], [(1, 9)]),
    ],
)
def test_gaps_that_touch_grow_together(stretches: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    whole = joined(Gap(first, last, f"hash of {last}", START) for first, last in stretches)
    assert [(gap.first, gap.last) for gap in whole] == expected
    assert all(gap.hash == f"hash of {gap.last}" for gap in whole)
