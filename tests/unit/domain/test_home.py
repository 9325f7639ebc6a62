"""Days of whoever looks at their Home tab."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.home import end_of_day


@pytest.mark.parametrize(
    ("now", "zone", "ends"),
    [
        ("2026-11-02T09:00", "UTC", "2026-11-02T23:59:59.999999"),
        ("2026-11-02T09:00", "America/Los_Angeles", "2026-11-03T07:59:59.999999"),
        ("2026-11-02T22:30", "Asia/Amman", "2026-11-03T20:59:59.999999"),
        ("2026-03-29T00:30", "Europe/Berlin", "2026-03-29T21:59:59.999999"),  # a day of 23 hours
    ],
)
def test_a_day_ends_where_the_viewer_is(now: str, zone: str, ends: str) -> None:
    at, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, ends))

    assert end_of_day(at, ZoneInfo(zone)) == end
