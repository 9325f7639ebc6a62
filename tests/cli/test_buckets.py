"""Hunts over a bucket, in processes of their own."""

import gzip
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.cloudtrail import sample
from tests.buckets import ACCESS_KEY, SECRET_KEY, Bucket
from tests.processes import environment, run

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.fixture
def trail(bucket: Bucket) -> Bucket:
    """The sample as CloudTrail delivers it, a file for each day and account, among what lies beside it."""
    files: dict[str, list[object]] = {}
    for record in sample.records(NOW):
        account, region = record["recipientAccountId"], record["awsRegion"]
        day = str(record["eventTime"])[:10].replace("-", "/")
        files.setdefault(f"AWSLogs/{account}/CloudTrail/{region}/{day}/log.json.gz", []).append(record)
    bucket.put({key: gzip.compress(json.dumps({"Records": some}).encode()) for key, some in files.items()})
    account = min(files).split("/")[1]
    bucket.put({f"AWSLogs/{account}/Config/us-east-1/2026/3/8/config.json.gz": b"{}"})
    return bucket


def hunted(home: Path, trail: Bucket, *more: str) -> subprocess.CompletedProcess[str]:
    ran = run(
        home,
        "hunt",
        "lambda-perms",
        "--logs",
        f"s3://{trail.name}/",
        "--format",
        "json",
        *more,
        given=trail.environment(),
    )
    assert SECRET_KEY not in ran.stdout + ran.stderr
    assert ACCESS_KEY not in ran.stdout + ran.stderr
    return ran


def fingerprints(ran: subprocess.CompletedProcess[str]) -> list[str]:
    assert ran.returncode == 0, ran.stderr
    return sorted(finding["fingerprint"] for finding in json.loads(ran.stdout)["findings"])


def test_a_hunt_over_a_bucket_finds_what_one_over_a_folder_does(tmp_path: Path, trail: Bucket) -> None:
    (tmp_path / "logs.json").write_text(json.dumps({"Records": list(sample.records(NOW))}))
    folder = run(tmp_path, "hunt", "lambda-perms", "--logs", "logs.json", "--format", "json")
    cold = hunted(tmp_path, trail, "--no-cache")
    assert fingerprints(cold) == fingerprints(folder)
    assert fingerprints(cold)
    assert "1 folder of other logs" in cold.stderr


def test_a_window_has_its_days_fetched_and_the_receipt_says_which(tmp_path: Path, trail: Bucket) -> None:
    window = ("--from", f"{NOW - timedelta(days=1):%Y-%m-%d}", "--to", f"{NOW:%Y-%m-%d}")
    ran = hunted(tmp_path, trail, "--no-cache", *window)
    assert ran.returncode == 0, ran.stderr
    assert "only the days from 2026-03-06 were looked at" in ran.stderr
    assert trail.fetched()
    assert min(key.split("/")[-2] for key in trail.fetched()) >= "06"


def test_a_copy_of_a_bucket_is_made_shown_and_cleared(tmp_path: Path, trail: Bucket) -> None:
    url, given = f"s3://{trail.name}", trail.environment()
    cold = fingerprints(hunted(tmp_path, trail, "--no-cache"))
    assert run(tmp_path, "cache", "add", f"{url}/", given=given).returncode == 0
    trail.asked.clear()
    assert fingerprints(hunted(tmp_path, trail)) == cold
    assert trail.fetched() == []
    (copy,) = json.loads(run(tmp_path, "cache", "--format", "json").stdout)
    assert (copy["archive"], copy["records"]) == (url, len(list(sample.records(NOW))))
    assert f"{url}: removed" in run(tmp_path, "cache", "clear", f"{url}/").stderr


def test_esql_reads_a_bucket_and_names_what_is_denied(tmp_path: Path, trail: Bucket) -> None:
    hunted(tmp_path, trail, "--no-cache")
    denied = trail.fetched()[0]
    trail.refusals[denied] = 403, "AccessDenied"
    query = "FROM logs-* | STATS c = COUNT(*)"
    ran = run(tmp_path, "esql", query, "--logs", f"s3://{trail.name}", "--no-cache", given=trail.environment())
    assert ran.returncode == 0
    assert f"s3://{trail.name}/{denied}: unreadable: access is denied" in ran.stderr


def test_no_record_is_no_all_clear(tmp_path: Path, trail: Bucket) -> None:
    ran = hunted(tmp_path, trail, "--no-cache", "--from", "2031-01-01", "--to", "2031-01-02")
    assert ran.returncode == 3
    assert "nothing was searched" in ran.stderr
    assert "only the days" in ran.stderr


@pytest.mark.parametrize(
    ("url", "given", "said"),
    [
        ("s3://absent-bucket/", {}, "there is no such bucket"),
        ("s3://{name}/AWSLogs/999999999999/", {}, "there is no object of this key, and none below it"),
        ("s3:///AWSLogs", {}, "write s3://BUCKET/AWSLogs/"),
        ("s3://{name}", {"AWS_PROFILE": "absent", "AWS_ACCESS_KEY_ID": ""}, "there is no profile absent"),
        ("s3://{name}", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "can not be reached"),
        ("s3://{name}", {"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not"),
    ],
)
def test_what_can_not_be_read_says_why(
    tmp_path: Path, trail: Bucket, url: str, given: dict[str, str], said: str
) -> None:
    named = url.format(name=trail.name)
    wanted = {name: value for name, value in (trail.environment() | given).items() if value}
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", named, given=wanted)
    assert (ran.returncode, f"--logs {named}" in ran.stderr, said in ran.stderr) == (2, True, True), ran.stderr


_ENDS_AT_ONCE = """
import pathlib, sys
from local.objects.access import Access, Patience
from local.objects.listing import first_look
from local.objects.place import PlaceError, place_of
access = Access({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, pathlib.Path.home())
try:
    first_look(access.store("bucket", None, Patience(5, 5, 0, 5)), place_of("s3://bucket"))
except PlaceError:
    sys.exit(2)
"""


def test_a_process_that_ends_on_a_fault_ends_as_it_says(tmp_path: Path, trail: Bucket) -> None:
    """Of ten, for it is a matter of milliseconds whether a thread of the library's is still about."""
    command, given = [sys.executable, "-c", _ENDS_AT_ONCE], environment(tmp_path, trail.environment())
    ended = [subprocess.Popen(command, env=given) for _ in range(10)]  # noqa: S603 - our own command
    assert [process.wait(60) for process in ended] == [2] * len(ended)


@pytest.mark.parametrize("at", ["first look", "cold", "warm"])
def test_ctrl_c_ends_it_at_once_while_the_server_hangs(tmp_path: Path, trail: Bucket, at: str) -> None:
    if at == "warm":
        run(tmp_path, "cache", "add", f"s3://{trail.name}", given=trail.environment())
        trail.put({"AWSLogs/new.json": b"{}"})
        trail.asked.clear()
    trail.delay_s = 30
    trail.list_delay_s = 30 if at == "first look" else 0
    command = [sys.executable, "-m", "app", "hunt", "lambda-perms", "--logs", f"s3://{trail.name}"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=tmp_path, env=environment(tmp_path, trail.environment()), stderr=subprocess.PIPE
    )
    with process:
        while not (trail.asked if at == "first look" else trail.fetched()):
            time.sleep(0.05)
            assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode != 0
    assert b"Traceback" not in said
