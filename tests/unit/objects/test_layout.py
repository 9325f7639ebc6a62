"""Which days of delivery a requirement needs, and what keys say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.objects import layout
from local.objects.layout import Days
from local.wanted import ANYTHING, Both, Either, Has, Match, Requirement, Within

ORG = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail"
LOGS = "AWSLogs/111122223333/CloudTrail"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def within(least: str | None = None, most: str | None = None, field: str = "@timestamp") -> Within:
    return Within(field, None if least is None else ms(least), None if most is None else ms(most))


OTHER = Has("event.action", Match.EQUALS, "x")
MARCH = within("2026-03-05T12:00", "2026-03-07T23:59:59.999")


@pytest.mark.parametrize(
    ("requirement", "days"),
    [
        (ANYTHING, "all"),
        (OTHER, "all"),
        (within("2026-03-05", "2026-03-06", field="event.created"), "all"),
        (MARCH, "2026-03-04 to 2026-03-08"),
        (within("2026-03-05"), "from 2026-03-04"),
        (within(None, "2026-03-05"), "up to 2026-03-06"),
        (within("2024-02-28T00:00", "2024-02-28T23:00"), "2024-02-27 to 2024-02-29"),
        (Both((MARCH, OTHER, within("2026-03-06"))), "2026-03-05 to 2026-03-08"),
        (Both((within("2026-03-05"), Either((within(None, "2026-03-06"), OTHER)))), "from 2026-03-04"),
        (Either((MARCH, within("2026-05-01", "2026-05-02"))), "2026-03-04 to 2026-05-03"),
        (Either((MARCH, OTHER)), "all"),
        (Within("@timestamp", -(10**18), 10**18), "all"),
    ],
)
def test_a_window_needs_its_days_and_one_more_on_either_side(requirement: Requirement, days: str) -> None:
    found = layout.days_of(requirement)
    assert ("all" if found.are_all else str(found)) == days


@pytest.mark.parametrize(
    ("key", "span"),
    [
        (f"{LOGS}/us-east-1/2026/03/05/x.json.gz", ("2026-03-05", "2026-03-05")),
        (f"some/prefix/{ORG}/us-gov-west-1/2026/03/05/x.json.gz", ("2026-03-05", "2026-03-05")),
        (f"{LOGS}-NetworkActivity/eu-west-1/2026/03/05", ("2026-03-05", "2026-03-05")),
        (f"{LOGS}/us-east-1/2024/02", ("2024-02-01", "2024-02-29")),
        (f"{LOGS}/us-east-1/2026/12/", ("2026-12-01", "2026-12-31")),
        (f"{LOGS}/us-east-1/2026", ("2026-01-01", "2026-12-31")),
        (f"{LOGS}/us-east-1/2026/02/31/x", None),
        (f"{LOGS}/us-east-1/0000/02/01/x", None),
        (f"{LOGS}/us-east-1/20260/02/01/x", None),
        (f"{LOGS}/us-east-1/x.json", None),
        (f"{LOGS}/2026/03/05/x.json", None),
        ("AWSLogs/1111/CloudTrail/us-east-1/2026/03/05/x", None),
        ("MyAWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/x", None),
        ("2026/03/05/x.json", None),
        ("", None),
    ],
)
def test_only_keys_of_the_layout_have_days(key: str, span: tuple[str, str] | None) -> None:
    assert layout.span_of(key) == (span and tuple(map(date.fromisoformat, span)))


@pytest.mark.parametrize(
    ("key", "neighbour"),
    [
        ("AWSLogs/111122223333/Config/us-east-1/2026/3/5/x", "AWSLogs/111122223333/Config"),
        (
            "p/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest",
            "p/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest",
        ),
        ("AWSLogs/111122223333/CloudTrail-Insight/x", "AWSLogs/111122223333/CloudTrail-Insight"),
        ("AWSLogs/111122223333/CloudTrail-Aggregated/x", "AWSLogs/111122223333/CloudTrail-Aggregated"),
        ("AWSLogs/111122223333/elasticloadbalancing/x", "AWSLogs/111122223333/elasticloadbalancing"),
        (f"{LOGS}/us-east-1/2026/03/05/x", None),
        (f"{LOGS}-NetworkActivity/us-east-1/2026/03/05/x", None),
        ("AWSLogs/111122223333", None),
        ("exports/Config/x", None),
    ],
)
def test_what_lies_beside_cloudtrail_is_known_by_its_folder(key: str, neighbour: str | None) -> None:
    assert layout.neighbour_of(key) == neighbour


DATES = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@given(DATES, DATES)
def test_the_folders_of_some_days_have_each_of_them_once_and_no_other(one: date, other: date) -> None:
    days = Days(min(one, other), max(one, other))
    region = f"{LOGS}/us-east-1"
    spans = [layout.span_of(folder) for folder in layout.folders(region, range(2023, 2027), days)]
    covered = [first + timedelta(n) for first, last in filter(None, spans) for n in range((last - first).days + 1)]
    assert covered == [days.first + timedelta(n) for n in range((days.last - days.first).days + 1)]


def test_all_days_are_a_folder_a_year() -> None:
    assert list(layout.folders("r", [2025, 2026], Days())) == ["r/2025", "r/2026"]
