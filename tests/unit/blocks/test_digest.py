"""What a digest may not leave out, on a lock screen as well as in the channel, and when it calls all well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.draw import draw
from bot.domain.digest import Digest
from bot.domain.finding import FindingId
from bot.domain.hunt import Window
from bot.domain.message import DigestPost
from bot.domain.queue import Queued, whole
from bot.domain.run import MOST_MISSED, Receipt, Run, RunId, RunState
from tests.unit.blocks.examples import GRANTS, NOON, digest, finding, read, run

DAY = timedelta(days=1)
NEWS = whole([finding()])
MANY = Queued(tuple(replace(finding(), id=FindingId(number)) for number in range(1, 26)), 1000, is_more=True)
DOWN = run(error="the API key is wrong")
EARLIER = replace(run(error="Elasticsearch was away"), id=RunId(3))

ALL_CLEAR = "quiet. Nothing new, and nothing waits for anybody."


def ran(receipt: Receipt, missed: int = 0) -> Run:
    done = run(receipt)
    return replace(done, request=replace(done.request, missed=missed))


def skipped(count: int, days_ago: int = 3) -> Run:
    over = run()
    stretch = Window(NOON - days_ago * DAY, NOON - DAY)
    return replace(over, state=RunState.SKIPPED, request=replace(over.request, missed=count, window=stretch))


COMPLETE, PARTIAL = Receipt(3, 0, 3), Receipt(3, 0, 3, is_partial=True)
CUT_OFF = Receipt(50, 1, 49, is_truncated=True)


@pytest.mark.parametrize(
    ("told", "in_text", "in_blocks"),
    [
        (digest(run=run(CUT_OFF), new=NEWS), "Not everything could be searched.", "Cut off: the answer reached"),
        (digest(run=run(PARTIAL), new=NEWS), "Not everything could be searched.", "Partial: Elasticsearch could not"),
        (digest(run=run(CUT_OFF)), "which was not everything", "which was not everything"),
        (digest(run=run(PARTIAL)), "which was not everything", "which was not everything"),
        (
            digest(run=DOWN, failed=(DOWN,)),
            "Its own run failed",
            "Its own run failed: it says nothing about the logs",
        ),
        (digest(run=DOWN, failed=(DOWN,)), "1 failed run", "the API key is wrong"),
        (digest(run=DOWN, untouched=NEWS), "1 nobody has looked at, 1 failed run", "Failed to run  showing 1 of 1"),
        (digest(run=run(COMPLETE), failed=(EARLIER,)), "1 failed run", "Elasticsearch was away"),
        (
            digest(run=ran(COMPLETE, missed=3)),
            "stands for 3 due times that were missed",
            "stands for 3 due times that",
        ),
        (digest(run=ran(COMPLETE, missed=1), new=NEWS), "1 due time that was missed", "1 due time that was missed"),
        (
            digest(skipped=(skipped(9),)),
            "9 due times were skipped.",
            "too long ago: 2026-03-01 12:00:00 UTC to 2026-03-03",
        ),
        (
            digest(skipped=(skipped(1), skipped(4, 9)), new=NEWS),
            "5 due times were skipped.",
            "ago: 2026-02-23 12:00:00 UTC",
        ),
        (
            digest(skipped=(skipped(MOST_MISSED),)),
            "At least 1,000 due times",
            "At least 1,000 due times were skipped",
        ),
        (digest(run=DOWN, skipped=(skipped(2),)), "2 due times were skipped.", "2 due times were skipped."),
        (digest(new=MANY), "more than 1,000 new", "New  showing 10 of more than 1,000"),
        (digest(untouched=MANY), "more than 1,000 nobody has looked at", "showing 10 of more than 1,000"),
        (
            digest(run=run(Receipt(137, 12, 120, suppressed=5)), new=NEWS),
            "1 new",
            "137 hits = 12 new + 120 known + 5 suppressed",
        ),
        (digest(run=run(Receipt(5, 0, 0, suppressed=5))), ALL_CLEAR, "5 hits = 0 new + 0 known + 5 suppressed"),
    ],
)
def test_it_is_said(told: Digest, in_text: str, in_blocks: str) -> None:
    drawn = draw(DigestPost(told, GRANTS, ()))

    assert in_text in drawn.text
    assert in_blocks in read(drawn.blocks)


@pytest.mark.parametrize(
    ("told", "all_is_well"),
    [
        (digest(run=run(COMPLETE)), True),
        (digest(run=ran(COMPLETE, missed=2), skipped=(skipped(2),)), True),
        (digest(run=run(PARTIAL)), False),
        (digest(run=run(Receipt(0, 0, 0, is_truncated=True))), False),
        (digest(run=DOWN), False),
        (digest(run=DOWN, failed=(DOWN,)), False),
        (digest(run=run(COMPLETE), failed=(EARLIER,)), False),
        (digest(run=run(COMPLETE), untouched=NEWS), False),
        (digest(run=run(COMPLETE), new=NEWS), False),
    ],
)
def test_all_is_well_only_where_everything_was_searched_and_nothing_is_left(
    told: Digest, *, all_is_well: bool
) -> None:
    drawn = draw(DigestPost(told, GRANTS, ()))

    assert (ALL_CLEAR in drawn.text, ALL_CLEAR in read(drawn.blocks)) == (all_is_well, all_is_well)
