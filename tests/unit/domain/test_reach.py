"""How far back a digest's run looks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.hunt import Hunt
from bot.domain.reach import reach_back
from tests.examples import GRANTS
from tests.stand_ins import START

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BLIND = replace(GRANTS, query="FROM logs | KEEP principal")


@pytest.mark.parametrize(
    ("hunt", "covered_until", "oldest", "length"),
    [
        (GRANTS, None, None, 7 * DAY),
        (GRANTS, START - DAY, None, 7 * DAY),
        (replace(GRANTS, window=HOUR), START - DAY, None, DAY + HOUR),
        (GRANTS, START - 10 * DAY, None, 10 * DAY + HOUR),
        (GRANTS, START - DAY, START - 30 * DAY, 30 * DAY),
        (BLIND, START - DAY, START - 30 * DAY, 7 * DAY),
        (GRANTS, START - DAY, START - 200 * DAY, 90 * DAY),
        (GRANTS, START - 100 * DAY, None, 90 * DAY),
        (replace(GRANTS, window=120 * DAY), START - 200 * DAY, None, 120 * DAY),
    ],
    ids=[
        "the first time: the hunt's own window",
        "never shorter than the hunt's own",
        "over the ingest delay",
        "over what failed",
        "to the oldest unresolved, for removals",
        "not for a hunt that shows no removals",
        "at most 90 days for removals",
        "at most 90 days after an outage",
        "the hunt's own, however long",
    ],
)
def test_a_digest_reaches_back(
    hunt: Hunt, covered_until: datetime | None, oldest: datetime | None, length: timedelta
) -> None:
    window = reach_back(hunt, START, covered_until, oldest, HOUR)

    assert (window.end, window.end - window.start) == (START, length)
