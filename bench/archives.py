"""How fast archives are searched and kept: each time as a ratio to what it can not be faster than, taken in one run.

Cold and ingest are held against libdeflate alone, queries over a kept archive against SQL written by hand. Rounds are
interleaved, so that a busy machine is busy for all of them; a time is the best of its rounds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure, Figures, show, write
from bench.floor import Unpacking, floor_of
from bench.huntbot_cases import BROAD, CASES, HUNT, cache_in, cold, copied, part_of, size_of, warm
from bench.running import Taken, environment, run
from bench.trail.archive import Trail, kept
from local.cloudtrail.scanning.cores import usable_cores

EVENTS, ROUNDS = 1_000_000, 3


def measure(archive: Path | None, events: int, rounds: int, out: Path) -> Figures:
    """Print every figure, and write them to a file that `bench.targets` holds against the targets."""
    folder = archive or kept(Trail(events))
    files = sorted(folder.rglob("*.json.gz"))
    size = size_of(files) / 1e6
    print(f"Archives: {len(files):,} files of {size:,.0f} MB, {usable_cores()} cores, best of {rounds} rounds")
    found: dict[str, Figure] = {}
    parts: Sequence[Callable[[], Figures]] = (
        lambda: _cold(folder, files, rounds),
        lambda: _peaks(folder),
        lambda: _kept(folder, rounds),
    )
    for part in parts:
        figures = part()
        show(figures)
        found |= figures
    write(found, out)
    return found


def _cold(folder: Path, files: Sequence[Path], rounds: int) -> Figures:
    """Whole commands less their start-up, which is told by the same command over a part of the archive."""
    floors: list[Unpacking] = []
    took: dict[str, list[tuple[Taken, Taken]]] = {name: [] for name in CASES}
    with part_of(folder, files) as part, floor_of(files, usable_cores()) as floor:
        for _ in range(rounds):
            floors.append(floor.take())
            for name, case in CASES.items():
                took[name].append((cold(case, folder), cold(case, part.folder)))
    least = min(unpacking.wall_s for unpacking in floors)
    least_cpu = min(unpacking.cpu_s for unpacking in floors)
    said = f"libdeflate alone, all files read and unpacked; {least_cpu:.2f} s of CPU"
    figures = {"floor": Figure(least, "s", said)}
    for name, pairs in took.items():
        wholes, parts = zip(*pairs, strict=True)
        whole = min(taken.wall_s for taken in wholes)
        work = part.work_s(whole, min(taken.wall_s for taken in parts))
        cpu = part.work_s(min(taken.cpu_s for taken in wholes), min(taken.cpu_s for taken in parts))
        said = f"{whole:.2f} s, {whole - work:.2f} s of it start-up; {cpu / least_cpu:.2f} x in CPU"
        figures[f"cold-{name}"] = Figure(work / least, "x", said)
    return figures


def _peaks(folder: Path) -> Figures:
    """In rounds of their own: looking at memory takes time."""
    said = "of memory at a time, the command with its workers, over an archive never seen"
    return {
        f"memory-{name}": Figure(cold(case, folder, watches_memory=True).peak_mb, "MB", said)
        for name, case in CASES.items()
    }


def _kept(folder: Path, rounds: int) -> Figures:
    with copied(folder) as home:
        fresh = {
            f"fresh-{name}": Figure(
                min(warm(case, folder, home).wall_s for _ in range(rounds)), "s", "a whole command"
            )
            for name, case in (("hunt", HUNT), ("group-by", BROAD))
        }
        beside_sql = (sys.executable, "-m", "bench.warm", str(folder), str(cache_in(home)))
        told = json.loads(run(beside_sql, environment(home)).output)
    warmed = {
        f"warm-{name}": Figure(
            pair["ours_ms"] / pair["sql_ms"], "x", f"{pair['ours_ms']:.0f} ms, by hand {pair['sql_ms']:.0f} ms"
        )
        for name, pair in told["pairs"].items()
    }
    plan = Figure(told["plan_ms"], "ms", f"from a query to its plan, median of {told['queries']} that are shipped")
    return {**warmed, **fresh, "plan": plan}
