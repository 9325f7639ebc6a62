"""Rows of a bucket: what a query has fetched, what is kept of it, and what its receipt says."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from local.cache.copy import Copy
from local.cache.shelf import Cache
from local.cloudtrail.receipt import Receipt
from local.cloudtrail.refusal import Kind
from local.elasticsearch.archive_rows import ArchiveRows
from local.elasticsearch.bucket import Bucket as BucketArchive
from local.elasticsearch.folder import NoArchiveError
from tests.buckets import SECRET_KEY, Bucket
from tests.unit.cache.archives import answer, later, record

LOGS = "AWSLogs/111122223333/CloudTrail/us-east-1"
NAMES = "FROM logs-* | STATS names = VALUES(event.id) | EVAL names = MV_SORT(names)"


def day(number: int) -> str:
    return f"{LOGS}/2026/03/{number:02}/log.json.gz"


def log(number: int) -> bytes:
    """Of one event, at noon of a day."""
    event = record(number, eventTime=f"2026-03-{number:02}T12:00:00Z", eventID=f"day{number:02}")
    return gzip.compress(json.dumps({"Records": [event]}).encode())


@pytest.fixture
def week(bucket: Bucket) -> Bucket:
    """A log each day from the 1st to the 9th."""
    bucket.put({day(number): log(number) for number in range(1, 10)})
    return bucket


def rows_of(bucket: Bucket, copy: Copy | None = None) -> ArchiveRows:
    archive = BucketArchive.at(f"s3://{bucket.name}/", bucket.access(), later)
    bucket.asked.clear()
    return ArchiveRows(archive, copy, 1, lambda *_: None)


def copy_of(bucket: Bucket, folder: Path) -> Copy:
    return Cache(folder, later).copy(f"s3://{bucket.name}")


def events(rows: ArchiveRows, condition: str = "true") -> Sequence[str]:
    ((found,),) = answer(rows, NAMES.replace("STATS", f"WHERE {condition} | STATS"))
    return [found] if isinstance(found, str) else list(found or ())  # type: ignore[call-overload]


def receipt(rows: ArchiveRows) -> Receipt:
    assert rows.receipt is not None
    return rows.receipt


BETWEEN = '@timestamp >= "2026-03-04" AND @timestamp < "2026-03-06"'


@pytest.mark.parametrize(
    ("condition", "fetched"),
    [
        ("true", range(1, 10)),
        (BETWEEN, range(3, 7)),
        ('@timestamp >= "2026-03-08T12:00:00Z"', range(7, 10)),
        ('@timestamp < "2026-03-02"', range(1, 3)),
        (f'({BETWEEN}) OR event.id == "day09"', range(1, 10)),
        (f'{BETWEEN} AND cloud.region == "eu-west-1"', range(3, 7)),
        (f'{BETWEEN} AND cloud.account.id == "999999999999"', range(3, 7)),
        ('NOT @timestamp >= "2026-03-04"', range(1, 10)),
    ],
)
def test_a_query_has_the_days_fetched_that_it_needs(week: Bucket, condition: str, fetched: Sequence[int]) -> None:
    rows = rows_of(week)
    found = events(rows, condition)
    assert week.fetched() == [day(number) for number in fetched]
    assert ("only the days" in rows.scope) == (len(fetched) < 9)
    assert set(found) <= {f"day{number:02}" for number in fetched}


def test_an_answer_is_that_of_the_whole_bucket(week: Bucket) -> None:
    assert events(rows_of(week), BETWEEN) == ["day04", "day05"]
    assert events(rows_of(week)) == [f"day{number:02}" for number in range(1, 10)]


def test_a_record_that_was_delivered_the_day_after_is_found(bucket: Bucket) -> None:
    bucket.put({day(6): log(5)})
    assert events(rows_of(bucket), BETWEEN) == ["day05"]


def test_what_is_refused_or_gone_is_named_and_the_rest_is_read(week: Bucket) -> None:
    week.refusals = {day(4): (403, "AccessDenied"), day(5): (404, "NoSuchKey")}
    rows = rows_of(week)
    assert len(events(rows)) == 7
    skipped = {entry.where: entry.reason for entry in receipt(rows).skipped}
    assert sorted(skipped) == [f"s3://{week.name}/{day(4)}", f"s3://{week.name}/{day(5)}"]
    assert "s3:GetObject" in skipped[f"s3://{week.name}/{day(4)}"]
    assert SECRET_KEY not in str(rows.receipt)


def test_neighbours_are_counted_and_not_fetched(week: Bucket) -> None:
    week.put({"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/d.json.gz": b"{}"})
    rows = rows_of(week)
    events(rows)
    assert receipt(rows).by_kind() == {Kind.NEIGHBOUR: 1}
    assert len(week.fetched()) == 9


def test_a_copy_is_read_in_place_of_what_has_the_same_tag(week: Bucket, tmp_path: Path) -> None:
    copy = copy_of(week, tmp_path)
    rows = rows_of(week, copy)
    first = events(rows)
    assert rows.keep()
    week.asked.clear()
    assert events(rows_of(week, copy)) == first
    assert week.fetched() == []
    week.put({day(4): log(14), day(10): log(10)})
    week.delete(day(1))
    assert events(rows_of(week, copy)) == sorted({*first, "day10", "day14"} - {"day01", "day04"})
    assert week.fetched() == [day(4), day(10)]


def test_only_what_was_asked_for_is_kept_and_what_was_kept_before_stays(week: Bucket, tmp_path: Path) -> None:
    copy = copy_of(week, tmp_path)
    for condition in (BETWEEN, '@timestamp >= "2026-03-09"'):
        rows = rows_of(week, copy)
        events(rows, condition)
        rows.after_answer()
        rows.after_answer()
    kept = [3, 4, 5, 6, 8, 9]
    assert sorted(copy.load().files) == [day(number) for number in kept]
    rows = rows_of(week, copy)
    events(rows)
    assert week.fetched() == [day(1), day(2), day(7)]


def test_what_could_not_be_fetched_is_tried_again(week: Bucket, tmp_path: Path) -> None:
    copy = copy_of(week, tmp_path)
    week.refusals = {day(4): (403, "AccessDenied")}
    rows_of(week, copy).keep()
    assert len(copy.load().files) == 8
    week.refusals.clear()
    rows = rows_of(week, copy)
    assert len(events(rows)) == 9
    assert receipt(rows).skipped == ()


def test_a_folder_that_is_not_listed_this_time_is_still_kept(week: Bucket, tmp_path: Path) -> None:
    copy = copy_of(week, tmp_path)
    rows_of(week, copy).keep()
    rows = rows_of(week, copy)
    week.refusals = {"LIST AWSLogs/111122223333/CloudTrail": (403, "AccessDenied")}
    assert events(rows) == []
    assert receipt(rows).by_kind() == {Kind.UNREADABLE: 1}
    assert len(copy.load().files) == 9


@pytest.mark.parametrize(("url", "said"), [("s3://", "BUCKET"), ("s3://no-such-bucket-here/", "no such bucket")])
def test_a_place_that_is_none_says_so(bucket: Bucket, url: str, said: str) -> None:
    with pytest.raises(NoArchiveError, match=said):
        BucketArchive.at(url, bucket.access(), later)


def test_a_bucket_of_another_region_is_found_where_the_server_says(week: Bucket) -> None:
    week.refusals = {"LIST ": (400, "AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region><Code>x")}
    week.times = 1
    archive = BucketArchive.at(f"s3://{week.name}", week.access(), later)
    assert archive.fetching.store.config["region"] == "eu-west-1"
