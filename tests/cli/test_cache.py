"""Hunts over archives in processes of their own: when the copy is made, and what ends it."""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.cloudtrail import sample
from tests.processes import ROOT, environment, run

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HUNT = ("hunt", "lambda-perms", "--logs", "logs", "--format", "json")
COUNT = "FROM logs-aws.cloudtrail-* | STATS c = COUNT(*), s = SUM(LENGTH(event.id)) | LIMIT 1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of logs that nobody wrote to in this very moment."""
    write(tmp_path / "logs" / "a.json")
    return tmp_path


def write(path: Path, copies: int = 1) -> None:
    path.parent.mkdir(exist_ok=True)
    records = [
        {**record, "eventID": f"{n}-{record['eventID']}"} for n in range(copies) for record in sample.records(NOW)
    ]
    path.write_text(json.dumps({"Records": records}))


def copy_of(home: Path) -> dict[str, object]:
    listed: list[dict[str, object]] = json.loads(run(home, "cache", "--format", "json").stdout)
    [copy] = listed
    return copy


def findings(home: Path, *more: str) -> list[str]:
    ran = run(home, *HUNT, *more)
    assert ran.returncode == 0, ran.stderr
    return [finding["fingerprint"] for finding in json.loads(ran.stdout)["findings"]]


def test_the_second_hunt_makes_the_copy_and_the_third_reads_it(home: Path) -> None:
    first = findings(home)
    assert first
    assert copy_of(home)["files"] == 0
    assert findings(home) == first
    assert copy_of(home) | {"bytes": 0, "age_s": 0} == {
        "archive": str(home / "logs"),
        "files": 1,
        "records": len(sample.records(NOW)),
        "bytes": 0,
        "age_s": 0,
        "is_current": True,
        "note": "up to date",
    }
    assert findings(home) == first


def test_what_came_and_went_is_noticed(home: Path) -> None:
    run(home, "cache", "add", "logs")
    first = findings(home)
    (home / "logs" / "a.json").unlink()
    write(home / "logs" / "b.json")
    assert copy_of(home)["note"] == "1 file to read, 1 file gone"
    assert sorted(findings(home)) == sorted(first)


@pytest.mark.parametrize(
    ("more", "given"), [(("--no-cache",), {}), ((), {"HUNTBOT_CACHE": "off"})], ids=["option", "setting"]
)
def test_nobody_has_to_keep_a_copy(home: Path, more: Sequence[str], given: dict[str, str]) -> None:
    for _ in range(2):
        assert run(home, *HUNT, *more, given=given).returncode == 0
    assert not (home / ".cache").exists()


@pytest.mark.parametrize(
    ("given", "where"),
    [({"XDG_CACHE_HOME": "{home}/xdg"}, "xdg/huntbot"), ({"HUNTBOT_CACHE": "{home}/here"}, "here")],
)
def test_a_copy_is_where_it_was_asked_for(home: Path, given: dict[str, str], where: str) -> None:
    asked = {name: value.format(home=home) for name, value in given.items()}
    assert run(home, "cache", "add", "logs", given=asked).returncode == 0
    assert list((home / where).glob("logs-*/parts/*.parquet"))


def test_copies_are_cleared(home: Path) -> None:
    run(home, "cache", "add", "logs")
    assert run(home, "cache", "clear", "elsewhere").returncode == 2
    assert f"{home / 'logs'}: removed" in run(home, "cache", "clear", "logs").stderr
    assert json.loads(run(home, "cache", "--format", "json").stdout) == []
    assert "there is no copy in " in run(home, "cache", "clear").stderr


def test_two_at_once_make_one_copy(home: Path) -> None:
    write(home / "logs" / "b.json", copies=20)
    with ThreadPoolExecutor(2) as both:
        added = list(both.map(lambda _: run(home, "cache", "add", "logs"), range(2)))
    assert [ran.returncode for ran in added] == [0, 0]
    assert copy_of(home)["is_current"]
    assert copy_of(home)["records"] == 21 * len(sample.records(NOW))


@pytest.mark.parametrize("after_s", [0.2, 0.5, 0.9, 1.4, 2.5, 4.0])
def test_whoever_is_killed_leaves_what_the_next_one_can_use(home: Path, after_s: float) -> None:
    write(home / "logs" / "b.json", copies=30)
    expected = run(home, "esql", COUNT, "--logs", "logs", "--format", "json", "--no-cache").stdout
    with begun(home, "cache", "add", "logs") as killed:
        time.sleep(after_s)
        killed.kill()
    for _ in range(2):
        told = json.loads(run(home, "esql", COUNT, "--logs", "logs", "--format", "json").stdout)
        assert told["values"] == json.loads(expected)["values"]
    run(home, "cache", "add", "logs")
    assert copy_of(home)["is_current"]


def test_ctrl_c_stops_the_keeping_and_nothing_else(home: Path) -> None:
    run(home, *HUNT)
    write(home / "logs" / "b.json", copies=200)
    with begun(home, *HUNT) as hunt:
        assert hunt.stdout is not None
        answer = hunt.stdout.read()  # its end comes before the copy is made
        assert json.loads(answer)["findings"]
        hunt.send_signal(signal.SIGINT)
        _, said = hunt.communicate(timeout=30)
    assert hunt.returncode == 0
    assert "Traceback" not in said


def test_a_full_disk_costs_the_copy_and_not_the_answer(home: Path) -> None:
    run(home, *HUNT)
    hunt = begun(home, *HUNT, most_bytes=2000)
    answer, said = hunt.communicate(timeout=60)
    assert hunt.returncode == 0
    assert json.loads(answer)["findings"]
    assert "no copy of logs is kept: File too large" in said
    assert "Traceback" not in said


def begun(home: Path, *arguments: str, most_bytes: int | None = None) -> subprocess.Popen[str]:
    """A command that goes on; `most_bytes`: how large a file it may write, which is what a full disk is like."""

    def limit() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-B", "-m", "app", *arguments],
        env=environment(home) | {"PYTHONPATH": str(ROOT)},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - the child does nothing else before it is another program
    )


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
def test_what_needs_nothing_loads_nothing(home: Path, arguments: tuple[str, ...]) -> None:
    code = f"import sys; sys.argv[1:] = {arguments!r}; from app.cli import cli; cli(standalone_mode=False)"
    assert not loaded(home, code) & {"pydantic", "rich", "elasticsearch", "duckdb", "pyarrow", "asyncio"}


def test_a_hunt_over_an_archive_loads_no_client_and_no_store(home: Path) -> None:
    run(home, "cache", "add", "logs")
    code = f"import sys; from app.cli import cli; sys.argv[1:] = {list(HUNT)!r}; cli(standalone_mode=False)"
    unwanted = {
        "elasticsearch",
        "elastic_transport",
        "aiohttp",
        "rich",
        "sqlalchemy",
        "slack_bolt",
        "slack_sdk",
        "stringzilla",
    }
    assert loaded(home, code) & unwanted == set()


def loaded(home: Path, code: str) -> set[str]:
    """The top-level modules that are loaded once some code has run."""
    tell = "import json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    ran = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", f"{code}\n{tell}"],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(ran.stderr.splitlines()[-1]))
