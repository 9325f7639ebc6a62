"""What is asked of huntbot: whole commands of its own, each in a process and with a cache folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.running import OURS, Taken, environment, run
from bench.trail.archive import Trail

ACTION, CALLER = "event.action", "aws.cloudtrail.user_identity.arn"
GROUP_BY = (
    f"FROM logs-aws.cloudtrail-* | STATS calls = COUNT(*) BY {ACTION}, {CALLER} "
    f"| SORT calls DESC, {ACTION}, {CALLER} | LIMIT 1000"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A command; `before` and `after`: what stands on either side of the archive's path."""

    before: tuple[str, ...]
    after: tuple[str, ...] = ()

    def command(self, archive: Path) -> tuple[str, ...]:
        return (*OURS, *self.before, str(archive), *self.after)


HUNTED = "lambda-perms"
HUNT = Case(("hunt", HUNTED, "--logs"), ("--format", "json"))
BROAD = Case(("esql", GROUP_BY, "--logs"), ("--format", "csv"))
INGEST = Case(("cache", "add"))
CASES: Mapping[str, Case] = {"hunt": HUNT, "group-by": BROAD, "ingest": INGEST}


@contextmanager
def one_event() -> Iterator[Path]:
    """An archive over which a command takes what it takes to start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "trail"
        Trail(1).write_file(folder, 0)
        yield folder


@dataclass(frozen=True, slots=True)
class Part:
    """Some files of an archive; `share`: of its bytes."""

    folder: Path
    share: float

    def work_s(self, whole_s: float, part_s: float) -> float:
        """What the whole takes less what a command takes to start, which both have in common."""
        return (whole_s - part_s) / (1 - self.share)


@contextmanager
def part_of(archive: Path, files: Sequence[Path], each: int = 40) -> Iterator[Part]:
    """Every so manieth file: enough of a large archive that a command starts its processes for it, too.

    Raises:
        ValueError: that is all of it.
    """
    chosen = files[::each]
    if len(chosen) == len(files):
        raise ValueError(f"{archive} has too few files to be measured")
    with tempfile.TemporaryDirectory() as name:
        for file in chosen:
            copy = Path(name) / file.relative_to(archive)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        yield Part(Path(name), size_of(chosen) / size_of(files))


def size_of(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def cold(case: Case, archive: Path, *, watches_memory: bool = False) -> Taken:
    """The command over an archive that it has never seen."""
    with tempfile.TemporaryDirectory() as home:
        return warm(case, archive, Path(home), watches_memory=watches_memory)


def warm(case: Case, archive: Path, home: Path, *, watches_memory: bool = False) -> Taken:
    """The command in a home where its cache is as it was left."""
    given = environment(home, HUNTBOT_CACHE=str(cache_in(home)))
    return run(case.command(archive), given, watches_memory=watches_memory)


@contextmanager
def copied(archive: Path) -> Iterator[Path]:
    """A home with the columnar copy of an archive."""
    with tempfile.TemporaryDirectory() as home:
        warm(INGEST, archive, Path(home))
        yield Path(home)


def cache_in(home: Path) -> Path:
    return home / "copies"
