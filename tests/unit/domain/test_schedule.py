"""When a digest is due."""

from datetime import UTC, datetime, timedelta
from datetime import time as time_
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedule import Due, Schedule
from bot.errors import BadArgument


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "until", "due"),
    [
        (
            Schedule("0 9 * * 1-5", "Europe/Berlin"),
            *("2026-10-23T07:00", "2026-10-27T08:00"),
            ["2026-10-26T09:00 = 08:00", "2026-10-27T09:00 = 08:00"],
        ),
        (
            Schedule("0 0 * * *", "Europe/Berlin"),
            *("2027-03-27T00:00", "2027-03-30T00:00"),
            ["2027-03-28T00:00 = 23:00", "2027-03-29T00:00 = 22:00", "2027-03-30T00:00 = 22:00"],
        ),
        (
            Schedule("30 2 * * *", "Europe/Berlin"),
            *("2027-03-27T12:00", "2027-03-28T12:00"),
            ["2027-03-28T03:00 = 01:00"],
        ),
        (
            Schedule("30 2 * * *", "Europe/Berlin"),
            *("2026-10-24T12:00", "2026-10-25T12:00"),
            ["2026-10-25T02:30 = 00:30"],
        ),
        (
            Schedule("*/30 * * * *", "Europe/Berlin"),
            *("2026-10-25T00:00", "2026-10-25T01:30"),
            ["2026-10-25T02:30 = 00:30", "2026-10-25T02:00+01:00 = 01:00", "2026-10-25T02:30+01:00 = 01:30"],
        ),
        (
            Schedule("0,30 2,3 * * *", "Europe/Berlin"),
            *("2027-03-27T12:00", "2027-03-28T02:00"),
            ["2027-03-28T03:00 = 01:00", "2027-03-28T03:30 = 01:30"],
        ),
        (
            Schedule("30 2 * * *", "Europe/Berlin"),
            *("2026-10-25T01:15", "2026-10-26T02:00"),
            ["2026-10-26T02:30 = 01:30"],
        ),
        (Schedule("0 9 * * 1"), "2026-11-01T00:00", "2026-11-03T00:00", ["2026-11-02T09:00 = 09:00"]),
        (Schedule("0 9 * * *"), "2026-11-01T09:00", "2026-11-02T08:59", []),
    ],
    ids=[
        "weekdays, across the end of summer time",
        "no day is skipped after a spring change",
        "a skipped time comes at the end of the gap",
        "a repeated time comes once",
        "every half an hour also in the hour that is repeated, each by a name of its own",
        "times that a gap pushes together come once",
        "in the second pass of a repeated hour the first is over",
        "Monday is 1",
        "after is not included, until is",
    ],
)
def test_due_times(schedule: Schedule, after: str, until: str, due: list[str]) -> None:
    assert [f"{d.nominal} = {d.at:%H:%M}" for d in schedule.due(at(after), at(until))] == due


def test_the_next_due_time_is_later_than_now() -> None:
    nine = at("2026-11-02T09:00")

    assert Schedule("0 9 * * *").next_after(nine) == nine + timedelta(days=1)


@pytest.mark.parametrize(
    "schedule",
    [
        *(("every day", "UTC"), ("0 9 * *", "UTC"), ("* * * * * *", "UTC"), ("0 9 30 2 *", "UTC")),
        ("0 9 * * *", "Berlin"),
    ],
)
def test_what_is_never_due_is_refused(schedule: tuple[str, str]) -> None:
    with pytest.raises(BadArgument):
        Schedule(*schedule)


ZONES = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside it
CRONS = st.sampled_from(
    ["0 0 * * *", "30 0 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "0 3 * * 1-5", "*/30 * * * *"]
)


@given(zone=ZONES, cron=CRONS, after=MOMENTS, split=st.floats(0, 1))
@settings(deadline=None)
def test_in_any_zone_due_times_are_named_once_in_order_wherever_one_begins_to_look(
    zone: str, cron: str, after: datetime, split: float
) -> None:
    schedule = Schedule(cron, zone)
    until = after + timedelta(days=20)
    middle = after + split * (until - after)

    due = list(schedule.due(after, until))

    assert [*schedule.due(after, middle), *schedule.due(middle, until)] == due
    assert all(earlier.at < later.at for earlier, later in pairwise([Due("", after), *due]))
    assert len({each.nominal for each in due}) == len(due)
    assert schedule.next_after(after) == due[0].at


@given(zone=ZONES, time=st.times(), after=MOMENTS)
@settings(deadline=None)
def test_in_any_zone_a_daily_digest_comes_once_for_each_day_there_is(zone: str, time: time_, after: datetime) -> None:
    """At its wall time; where a gap swallowed that, when the gap ends, though that may be the next day."""
    local = ZoneInfo(zone)
    first = after.astimezone(local).date() + timedelta(days=1)
    midnight = datetime.combine(first, time_(), local).astimezone(UTC)
    days = [first + timedelta(days=n) for n in range(15)]

    due = list(
        Schedule(f"{time.minute} {time.hour} * * *", zone).due(
            midnight - timedelta(minutes=1), midnight + timedelta(days=15)
        )
    )

    for day in days[:-1]:
        wall = datetime.combine(day, time_(time.hour, time.minute))
        at = wall.replace(tzinfo=local).astimezone(UTC)
        is_there = at.astimezone(local).replace(tzinfo=None, fold=0) == wall
        near = [each.at for each in due if timedelta(0) <= each.at - at <= timedelta(hours=26)]
        assert (near[0] == at) if is_there else near
