"""What is listed of a bucket, and with which requests."""

import threading
import time
from collections.abc import Iterable
from datetime import date

import pytest

from local.objects.layout import Days
from local.objects.listing import Listed, first_look, listed
from local.objects.place import PlaceError, place_of
from local.wanted import Deadline, OverdueError
from tests.buckets import SECRET_KEY, Bucket

ACCOUNT = "AWSLogs/111122223333"
LOGS = f"{ACCOUNT}/CloudTrail"
DAYS = Days(date(2026, 3, 4), date(2026, 3, 6))
EVERY_DAY = Days()


def key(day: str, region: str = "us-east-1", prefix: str = LOGS) -> str:
    return f"{prefix}/{region}/{day}/111122223333_CloudTrail_{region}_{day.replace('/', '')}T0000Z_a.json.gz"


def found(bucket: Bucket, prefix: str = "", days: Days = EVERY_DAY) -> Listed:
    place = place_of(f"s3://{bucket.name}/{prefix}")
    return listed(bucket.access().store(bucket.name), place, days, Deadline())


def keys(listing: Listed) -> list[str]:
    return [each.key for each in listing.objects]


def filled(bucket: Bucket, names: Iterable[str]) -> None:
    bucket.put(dict.fromkeys(names, b"{}"))


ORG = "ct/AWSLogs/o-a1b2c3d4e5/222233334444/CloudTrail"
SPREAD = [key(f"2026/{day}") for day in ("02/28", "03/03", "03/04", "03/05", "03/06", "03/07", "04/05")]
ELSEWHERE = [key("2026/03/05", "eu-west-1"), key("2025/03/05", "eu-west-1"), key("2026/03/05", "us-east-2", ORG)]
ODD = [f"{LOGS}/us-east-1/note.json", f"{LOGS}/us-east-1/old/2026.json", "exports/2026/01/01/x.json", "top.json"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", sorted([*SPREAD[2:5], ELSEWHERE[0], ELSEWHERE[2], *ODD])),
        ("AWSLogs", sorted([*SPREAD[2:5], ELSEWHERE[0], *ODD[:2]])),
        (ACCOUNT, sorted([*SPREAD[2:5], ELSEWHERE[0], *ODD[:2]])),
        (f"{LOGS}/us-east-1", sorted([*SPREAD[2:5], *ODD[:2]])),
        (f"{LOGS}/us-east-1/2026", SPREAD[2:5]),
        (f"{LOGS}/us-east-1/2026/03", SPREAD[2:5]),
        (f"{LOGS}/us-east-1/2026/03/05", [SPREAD[3]]),
        (f"{LOGS}/us-east-1/2026/04", []),
        ("ct", [ELSEWHERE[2]]),
        ("exports", [ODD[2]]),
        ("top.json", ["top.json"]),
    ],
)
def test_of_cloudtrails_folders_the_days_and_everything_else(
    bucket: Bucket, prefix: str, expected: list[str]
) -> None:
    filled(bucket, [*SPREAD, *ELSEWHERE, *ODD])
    assert keys(found(bucket, prefix, DAYS)) == expected


def test_without_a_window_all_is_listed(bucket: Bucket) -> None:
    filled(bucket, [*SPREAD, *ELSEWHERE, *ODD])
    assert keys(found(bucket)) == sorted([*SPREAD, *ELSEWHERE, *ODD])


def test_no_other_days_are_asked_for(bucket: Bucket) -> None:
    filled(bucket, [*SPREAD, *ELSEWHERE])
    found(bucket, "AWSLogs", DAYS)
    regions = [f"{LOGS}/{region}" for region in ("eu-west-1", "us-east-1")]
    days = [f"{region}/2026/03/{day}" for region in regions for day in ("04", "05", "06")]
    assert bucket.lists() == sorted(["AWSLogs", ACCOUNT, LOGS, *regions, *days])


def test_neighbours_are_left_alone_and_counted(bucket: Bucket) -> None:
    digest, config = f"{ACCOUNT}/CloudTrail-Digest", f"{ACCOUNT}/Config"
    filled(bucket, [SPREAD[3], f"{digest}/us-east-1/2026/03/05/d.json.gz", f"{config}/us-east-1/2026/3/5/c.json.gz"])
    listing = found(bucket, days=DAYS)
    assert (keys(listing), listing.neighbours) == ([SPREAD[3]], (digest, config))
    assert not [prefix for prefix in bucket.lists() if prefix.startswith((digest, config))]
    assert keys(found(bucket, digest, DAYS)) == [f"{digest}/us-east-1/2026/03/05/d.json.gz"]


def test_many_pages_and_odd_names_are_listed(bucket: Bucket) -> None:
    names = sorted([f"{LOGS}/us-east-1/2026/03/05/{n:04}.json.gz" for n in range(1100)] + ["a b/ü+%41&=.json"])
    filled(bucket, names)
    assert keys(found(bucket)) == sorted(names, key=str.encode)


def test_what_the_console_makes_of_a_folder_is_no_object(bucket: Bucket) -> None:
    filled(bucket, [SPREAD[3]])
    bucket.put({"empty.json": b""})
    for folder in ("AWSLogs/", f"{LOGS}/", "nothing-in-it/"):
        bucket.put_raw(folder)
    assert keys(found(bucket)) == [SPREAD[3], "empty.json", "nothing-in-it"]


def test_a_key_that_is_not_read_is_told_of_where_it_lies(bucket: Bucket) -> None:
    filled(bucket, [SPREAD[3], "exports/x.json"])
    bucket.put_raw("exports//y.json")
    listing = found(bucket, days=DAYS)
    assert keys(listing) == [SPREAD[3]]
    ((folder, reason),) = listing.unlisted
    assert (folder, "empty part" in reason) == ("exports", True)


def test_a_key_that_is_not_read_does_not_hide_the_others(bucket: Bucket) -> None:
    filled(bucket, SPREAD)
    bucket.put_raw("A//y.json")  # before all others
    first_look(bucket.access().store(bucket.name), place_of(f"s3://{bucket.name}"))
    listing = found(bucket)
    assert keys(listing) == SPREAD
    assert [folder for folder, _ in listing.unlisted] == ["A"]


def test_an_object_put_anew_has_another_stamp(bucket: Bucket) -> None:
    stamps = []
    for data in (b"1", b"2"):
        bucket.put({"x.json": data})
        stamps.append(found(bucket).objects[0].stamp)
    assert len(set(stamps)) == 2


def test_a_folder_that_is_not_to_be_listed_is_named_and_the_others_are(bucket: Bucket) -> None:
    filled(bucket, [SPREAD[3], ELSEWHERE[0]])
    bucket.refusals[f"LIST {LOGS}/eu-west-1"] = 403, "AccessDenied"
    listing = found(bucket, days=DAYS)
    assert keys(listing) == [SPREAD[3]]
    ((folder, reason),) = listing.unlisted
    assert folder == f"{LOGS}/eu-west-1"
    assert "s3:ListBucket" in reason


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "AccessDenied", "s3:ListBucket"),
        (403, "InvalidAccessKeyId", "credentials are refused"),
        (403, "SignatureDoesNotMatch", "credentials are refused"),
        (400, "ExpiredToken", "expired"),
        (403, "RequestTimeTooSkewed", "clock"),
        (404, "NoSuchBucket", "no such bucket"),
        (301, "PermanentRedirect", "AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "AWS_REGION"),
        (418, "Teapot", "answers Teapot"),
        (404, "", "answers status 404"),
    ],
)
def test_a_place_that_is_refused_says_why_and_no_secret(bucket: Bucket, status: int, code: str, said: str) -> None:
    bucket.refusals["LIST "] = status, code
    store, place = bucket.access().store(bucket.name), place_of(f"s3://{bucket.name}")
    with pytest.raises(PlaceError) as first:
        first_look(store, place)
    with pytest.raises(PlaceError) as later:
        listed(store, place, EVERY_DAY, Deadline())
    for text in (str(first.value), str(later.value)):
        assert said in text
        assert SECRET_KEY not in text


def test_a_server_that_asks_to_slow_down_is_asked_again(bucket: Bucket) -> None:
    filled(bucket, SPREAD)
    bucket.refusals["LIST "] = 503, "SlowDown"
    bucket.times = 2
    assert keys(found(bucket)) == SPREAD


@pytest.mark.parametrize("prefix", ["", "nothing/here"])
def test_where_nothing_is_it_is_said(bucket: Bucket, prefix: str) -> None:
    with pytest.raises(PlaceError, match="no object"):
        first_look(bucket.access().store(bucket.name), place_of(f"s3://{bucket.name}/{prefix}"))


def test_a_listing_ends_when_nobody_waits_any_more(bucket: Bucket) -> None:
    filled(bucket, SPREAD)
    bucket.refusals["LIST "] = 503, "SlowDown"
    deadline = Deadline()
    threading.Timer(0.3, deadline.cancel).start()
    began = time.monotonic()
    with pytest.raises(OverdueError):
        listed(bucket.access().store(bucket.name), place_of(f"s3://{bucket.name}"), EVERY_DAY, deadline)
    assert time.monotonic() - began < 3
