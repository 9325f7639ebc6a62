"""When a digest is due."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.schedule import Schedule
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
        (Schedule("0 9 * * 1"), "2026-11-01T00:00", "2026-11-03T00:00", ["2026-11-02T09:00 = 09:00"]),
        (Schedule("0 9 * * *"), "2026-11-01T09:00", "2026-11-02T08:59", []),
    ],
    ids=[
        "weekdays, across the end of summer time",
        "no day is skipped after a spring change",
        "a skipped time comes at the end of the gap",
        "a repeated time comes once",
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
    "schedule", [("every day", "UTC"), ("0 9 * *", "UTC"), ("0 9 30 2 *", "UTC"), ("0 9 * * *", "Berlin")]
)
def test_what_is_never_due_is_refused(schedule: tuple[str, str]) -> None:
    with pytest.raises(BadArgument):
        Schedule(*schedule)
