"""The benches still measure what they say: in their quick form they run, and stay within their goals."""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench import archives, delivery, growth, peers, store, surface, targets
from bench.figures import read
from bench.huntbot_cases import CASES
from bench.running import FailedError, environment, run
from bench.trail.archive import Trail
from tests import fuzz

SOME = Trail(events=2_000, seed=6)  # grants a function once, a queue once


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told") / "trail"
    SOME.write(folder, processes=1)
    return folder


def test_the_store_is_measured_among_findings_that_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert store.measure(sizes=(1_000,), rounds=1, lately=1_000, postgres=None)
    printed = capsys.readouterr().out
    assert [act for act in store.ACTS if f"\n{act}" not in printed] == []


def test_messages_are_drained_at_the_pace_of_their_channel() -> None:
    assert delivery.measure(messages=100, postgres=None)


def test_people_are_answered_beside_a_bare_app(capsys: pytest.CaptureFixture[str]) -> None:
    """The table stands whole, each row with its ratio; what the times are is not this test's affair."""
    surface.measure(at_once=(2,), bursts=1, presses=1, messages=10)
    lines = capsys.readouterr().out.splitlines()
    told = Counter(line[:20].strip() for line in lines if " x" in line)
    commands, others = ("/hunt help", "/hunt findings", "/hunt lambda-perms"), ("plain dicts, ready",)
    assert [row for row in (*commands, *others) if told[row] != 1] == []
    assert told["bare Bolt app"] == 3  # commands, acknowledgements of presses, messages redrawn
    assert told["huntbot"] == 3  # the last two of these, and messages made


def test_a_trail_is_told_the_same_by_any_number_of_processes(trail: Path, tmp_path: Path) -> None:
    SOME.write(tmp_path / "again", processes=2)
    assert _files(tmp_path / "again") == _files(trail)
    assert len(_files(trail)) == SOME.files


def test_a_trail_is_as_large_and_as_varied_as_trails_are(trail: Path) -> None:
    packed = _files(trail).values()
    texts = [gzip.decompress(content) for content in packed]
    records = [record for text in texts for record in json.loads(text)["Records"]]
    assert len(records) == SOME.events
    assert 1_400 < sum(map(len, texts)) / len(records) < 1_800
    assert 5 < sum(map(len, texts)) / sum(map(len, packed)) < 7
    assert len({record["eventID"] for record in records}) == SOME.events
    assert len({record["eventSource"] for record in records}) > 10
    roles = Counter(record["userIdentity"]["arn"].split("/")[1] for record in records if _is_role(record))
    assert roles.most_common(1)[0][1] > 20 * roles.most_common()[-1][1]
    named = Counter(record["eventSource"] for record in records if record["eventName"].startswith("AddPermission"))
    assert named["lambda.amazonaws.com"] > 0
    assert named["sqs.amazonaws.com"] + named["sns.amazonaws.com"] > 0


def test_archives_are_measured_and_held_against_every_target(
    trail: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = archives.measure(trail, events=0, rounds=1, out=tmp_path / "run.json")
    printed = capsys.readouterr().out
    assert [name for name in figures if f"  {name}" not in printed] == []
    assert {target.name for target in targets.targets()} <= read(tmp_path / "run.json").keys()


def test_what_is_over_its_target_or_missing_is_told() -> None:
    met = {target.name: target.at_most for target in targets.targets()}
    assert targets.misses(met) == []
    over = met | {"cold-hunt": met["cold-hunt"] + 0.01}
    assert [miss.target.name for miss in targets.misses(over)] == ["cold-hunt"]
    del met["plan"]
    assert [(miss.target.name, miss.value) for miss in targets.misses(met)] == [("plan", None)]


def test_peers_find_what_huntbot_finds(trail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those that are here; each of the others is named."""
    assert peers.beside(trail)
    printed = capsys.readouterr().out
    assert [name for name in (peers.OURS, *peers.PEERS) if f"  {name}" not in printed] == []
    assert "gzip and json is not" not in printed


def test_growth_is_told_of_each_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(trail: Trail) -> Path:
        trail.write(tmp_path / str(trail.events), processes=1)
        return tmp_path / str(trail.events)

    growth.measure((20, 200), rounds=1, told=told)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:18].strip() for line in lines if line.endswith(" x")] == [*CASES, "hunt, kept", "group-by, kept"]


def test_memory_of_a_command_is_that_of_its_workers_too(tmp_path: Path) -> None:
    worker = "import time; held = bytearray(100_000_000); time.sleep(0.5)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}])"
    taken = run((sys.executable, "-c", script), environment(tmp_path), watches_memory=True)
    assert 100 < taken.peak_mb < 200


def test_a_command_that_fails_is_no_time(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="exit 3: no"):
        run((sys.executable, "-c", "import sys; sys.stderr.write('no'); sys.exit(3)"), environment(tmp_path))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json.gz")}


def _is_role(record: dict[str, dict[str, str]]) -> bool:
    return record["userIdentity"]["type"] == "AssumedRole"


def test_fuzzing_goes_on_with_other_seeds_until_its_time_is_over_or_a_round_fails() -> None:
    seeds: list[int] = []

    def play(seed: int) -> bool:
        seeds.append(seed)
        return len(seeds) < 3

    assert fuzz.played(2.0, play, iter((0.0, 1.0, 2.0)).__next__) is None
    assert len(set(seeds)) == 2
    assert fuzz.played(2.0, play, iter((0.0,)).__next__) == seeds[2]


def test_fuzzing_finds_the_tests_that_draw_what_they_try() -> None:
    rooms = {file.parent.name for file in fuzz.property_tests()}
    assert rooms == {"esql", "cloudtrail", "cache"}
