"""`python -m bench.trail.archive FOLDER --events N`: an archive as CloudTrail leaves it in a bucket.

FOLDER/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/*.json.gz, each `{"Records":[...]}` on one line. A file depends
on the seed, its number and the number of all events only, so any number of processes writes the same bytes (what gzip
makes of them may differ from one zlib to another).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import multiprocessing
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson

from bench.running import ROOT
from bench.trail.moment import Moment
from bench.trail.records import record
from local.cloudtrail.scanning.cores import usable_cores

ACCOUNTS = {"600000000001": 55, "600000000002": 25, "600000000003": 14, "600000000004": 6}
REGIONS = {"eu-central-1": 58, "us-east-1": 27, "eu-north-1": 10, "ap-south-1": 5}
EVENTS_A_FILE = 500
START, SPAN = datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=7)
_DELIVERED_AFTER = timedelta(minutes=4)
_LEVEL = 6
_KEPT = ROOT / "artifacts/bench"


@dataclass(frozen=True, slots=True)
class Trail:
    """`events` in files of about 500, over a week."""

    events: int
    seed: int = 1

    @property
    def files(self) -> int:
        return max(1, self.events // EVENTS_A_FILE)

    def write(self, folder: Path, processes: int) -> None:
        """Every file, in a folder that has none."""
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for _ in pool.imap_unordered(partial(self.write_file, folder), range(self.files), 4):
                pass

    def write_file(self, folder: Path, number: int) -> None:
        dice = random.Random(f"{self.seed} {number} {self.events}")  # noqa: S311 - the same story each time
        account, region = (_one(dice, weights) for weights in (ACCOUNTS, REGIONS))
        content = orjson.dumps(
            {"Records": [record(moment) for moment in self._moments(dice, account, region, number)]}
        )
        at = START + SPAN * (number + 1) / self.files + _DELIVERED_AFTER
        day = folder / "AWSLogs" / account / "CloudTrail" / region / f"{at:%Y/%m/%d}"
        day.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{dice.getrandbits(64):016x}.json.gz"
        (day / name).write_bytes(gzip.compress(content, _LEVEL, mtime=0))

    def _moments(self, dice: random.Random, account: str, region: str, number: int) -> Iterator[Moment]:
        """In the order of time, spread over the file's share of the week."""
        some, more = divmod(self.events, self.files)
        share = SPAN / self.files
        for part in sorted(dice.random() for _ in range(some + (number < more))):
            yield Moment(dice, account, region, START + share * (number + part))


def kept(trail: Trail) -> Path:
    """The trail, written once and then kept: a million events take minutes."""
    folder = _KEPT / f"trail-{trail.events}-{trail.seed}-{_told_by()}"
    if not folder.exists():
        print(f"writing {trail.events:,} events to {folder}")
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        trail.write(unfinished, usable_cores())
        unfinished.rename(folder)
    return folder


def _told_by() -> str:
    """Another one as soon as another archive may be told."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]


def _one(dice: random.Random, weights: dict[str, int]) -> str:
    [drawn] = dice.choices(list(weights), list(weights.values()))
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.trail.archive", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=usable_cores())
    args = parser.parse_args()
    Trail(args.events, args.seed).write(args.folder, args.workers)


if __name__ == "__main__":
    main()
