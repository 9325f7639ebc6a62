"""The numbers of a digest's chart."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.domain.daily import DAYS, FEWEST, bounds, daily
from bot.domain.severity import Severity
from tests.stand_ins import START

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_days_are_those_of_the_zone_the_last_one_is_today() -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # the next day in Berlin

    of = bounds(late, BERLIN)

    assert len(of) == DAYS + 1
    assert (of[-2], of[-1]) == (
        datetime(2026, 11, 1, 23, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 23, 0, tzinfo=UTC),
    )
    assert daily({}, of, BERLIN).days[-1] == date(2026, 11, 2)


def test_a_day_on_which_clocks_change_is_as_long_as_it_is() -> None:
    of = bounds(datetime(2026, 10, 25, 12, 0, tzinfo=UTC), BERLIN, days=2)
    assert [end - start for start, end in pairwise(of)] == [timedelta(hours=24), timedelta(hours=25)]


def test_a_chart_begins_where_there_is_something_to_see_and_shows_a_week_at_least() -> None:
    of = bounds(START, UTC)
    lately = daily({Severity.LOW: [0] * 12 + [1, 1]}, of, UTC)
    long_ago = daily({Severity.LOW: [0] * 4 + [1] + [0] * 9}, of, UTC)

    assert len(lately.from_the_first.days) == FEWEST
    assert (len(long_ago.from_the_first.days), long_ago.from_the_first.by_day[0]) == (10, 1)
    assert lately.from_the_first.total == 2


def test_grades_that_have_none_are_left_out_and_days_are_summed() -> None:
    of = bounds(START, UTC, days=3)

    shown = daily({Severity.LOW: [1, 0, 2], Severity.HIGH: [0, 0, 1], Severity.INFO: [0, 0, 0]}, of, UTC)

    assert list(shown.counts) == [Severity.HIGH, Severity.LOW]
    assert (shown.by_day, shown.total) == ((1, 0, 3), 4)
    assert shown.busiest == (date(2026, 11, 2), 3)
    assert daily({}, of, UTC).by_day == (0, 0, 0)
