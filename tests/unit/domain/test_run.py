"""Runs: filters, receipts, outcomes."""

from dataclasses import replace

import pytest

from bot.domain.hit import Hit
from bot.domain.rows import Value
from bot.domain.run import Filter, Novelty, Receipt, RunOutcome, RunState
from bot.domain.severity import Severity
from tests.examples import finding, hit, run


def of(**columns: Value) -> Hit:
    return replace(hit(severity=Severity.MEDIUM), columns=columns)


@pytest.mark.parametrize(
    ("filter_", "passes", "stopped"),
    [
        (Filter(), of(), None),
        (Filter(account="1"), of(account="1"), of(account="12")),
        (Filter(principal="ci"), of(principal="arn:aws:iam::1:role/CI-runner"), of(principal="ops")),
        (Filter(principal="role/*-runner"), of(principal="arn:aws:iam::1:role/ci-runner"), of(principal="role/ci")),
        (Filter(principal="*"), of(principal="*"), of(principal="alice")),
        (Filter(principal="role/*ci*"), of(principal="role/x\nci"), of(principal="ci/role/")),
        (Filter(principal="a*" * 30 + "b"), of(principal="a" * 30 + "b"), of(principal="a" * 5000)),
        (Filter(principal="a.b"), of(principal="a.b"), of(principal="axb")),
        (Filter(principal="a"), of(principal="a"), of()),
        (Filter(severity=Severity.MEDIUM), of(), replace(of(), severity=Severity.LOW)),
        (Filter(account="1", principal="a"), of(account="1", principal="a"), of(account="1", principal="b")),
    ],
)
def test_a_filter_sifts_hits(filter_: Filter, passes: Hit, stopped: Hit | None) -> None:
    assert filter_.lets_through(passes)
    assert stopped is None or not filter_.lets_through(stopped)
    assert filter_.is_empty is (stopped is None)


def test_a_receipt_accounts_for_every_hit() -> None:
    receipt = Receipt(137, 0, 0, suppressed=5, filtered=3).counting(12, 12, is_baseline=True)

    assert (receipt.new, receipt.known, receipt.is_baseline) == (12, 117, True)
    assert receipt.hits == receipt.new + receipt.known + receipt.suppressed + receipt.filtered


@pytest.mark.parametrize(
    ("receipt", "is_complete"),
    [
        (Receipt(1, 1, 0), True),
        (Receipt(1, 1, 0, is_partial=True), False),
        (Receipt(1, 1, 0, is_truncated=True), False),
    ],
)
def test_a_run_is_complete_when_nothing_was_left_out(receipt: Receipt, *, is_complete: bool) -> None:
    assert receipt.is_complete is is_complete


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_over_once_it_is_done_or_failed(state: RunState) -> None:
    assert replace(run(), state=state).is_over is (state in {RunState.DONE, RunState.FAILED, RunState.SKIPPED})


def test_an_outcome_counts_what_became_of_findings() -> None:
    outcome = RunOutcome(run(), ((finding(), Novelty.NEW), (finding(number=2), Novelty.NEW)))

    assert {novelty: count for novelty, count in outcome.count().items() if count} == {Novelty.NEW: 2}
