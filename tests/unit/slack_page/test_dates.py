"""Times as Slack spells them, across zones and daylight saving."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from local.slack.page import dates

NOON = int(datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp())
NOW = datetime(2026, 6, 15, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "zone", "words"),
    [
        ("{time}", "UTC", "12:00 PM"),
        ("{time}", "America/Los_Angeles", "5:00 AM"),
        ("{time}", "Asia/Kolkata", "5:30 PM"),
        ("{date}", "UTC", "June 15th, 2026"),
        ("{date_short}", "UTC", "Jun 15, 2026"),
        ("{date_long}", "UTC", "Monday, June 15th, 2026"),
        ("{date_long_full}", "UTC", "June 15, 2026"),
        ("{date_slash}", "UTC", "06/15/2026"),
        ("{day_divider_pretty}", "UTC", "Today"),
        ("{date_long_pretty} {time}", "UTC", "today 12:00 PM"),
        ("{date_num}", "Pacific/Kiritimati", "2026-06-16"),
        ("{ago}", "UTC", "1 hour ago"),
    ],
)
def test_tokens(template: str, zone: str, words: str) -> None:
    assert dates.spell(template, NOON, ZoneInfo(zone), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (90_000, "1 day ago"), (-3600, "in 1 hour")],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    now = datetime.fromtimestamp(NOON + seconds, UTC)
    assert dates.spell("{ago}", NOON, ZoneInfo("UTC"), now) == words


@pytest.mark.parametrize(
    ("day", "ordinal"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (23, "23rd")]
)
def test_days_have_their_ordinals(day: int, ordinal: str) -> None:
    moment = int(datetime(2026, 6, day, tzinfo=UTC).timestamp())
    assert dates.spell("{date}", moment, ZoneInfo("UTC"), NOW) == f"June {ordinal}, 2026"


def test_the_hour_after_the_clocks_change_is_the_new_one() -> None:
    before = int(datetime(2026, 3, 29, 0, 59, tzinfo=UTC).timestamp())
    zone = ZoneInfo("Europe/Berlin")
    assert dates.spell("{time}", before, zone, NOW) == "1:59 AM"
    assert dates.spell("{time}", before + 60, zone, NOW) == "3:00 AM"


def test_a_day_of_another_year_is_named_in_full() -> None:
    moment = datetime(2025, 12, 31, tzinfo=UTC)
    assert dates.day_divider(moment, NOW) == "Wednesday, December 31st, 2025"
    assert dates.day_divider(moment.replace(year=2026, month=5), NOW) == "Sunday, May 31st"


def test_a_pointer_on_a_time_finds_zone_and_utc() -> None:
    moment = datetime(2026, 6, 15, 8, tzinfo=ZoneInfo("America/New_York"))
    assert dates.full(moment) == "Monday, June 15th, 2026 08:00:00 EDT (2026-06-15 12:00:00 UTC)"
