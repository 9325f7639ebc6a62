"""How each command grows with the archive: what ten times the events cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from bench.huntbot_cases import BROAD, CASES, HUNT, INGEST, Case, cold, copied, one_event, warm
from bench.trail.archive import Trail, kept

SIZES = (10_000, 100_000, 1_000_000)
_KEPT: Mapping[str, Case] = {"hunt, kept": HUNT, "group-by, kept": BROAD}


def measure(sizes: Sequence[int], rounds: int, told: Callable[[Trail], Path] = kept) -> None:
    """Print the seconds over each size, and how many times those over the size before it that is."""
    print(f"Growth: whole commands, best of {rounds} rounds (ingest: one); x: times the size before")
    folders = [told(Trail(size)) for size in sizes]
    with one_event() as tiny:
        columns = [_seconds(folder, rounds) for folder in (tiny, *folders)]
    print(f"  {'events':16}{1:>12,}" + "".join(f"{size:>21,}" for size in sizes))
    for name in columns[0]:
        seconds = [column[name] for column in columns]
        cells = (f"{now:10.2f} s{now / before:7.1f} x" for before, now in pairwise(seconds))
        print(f"  {name:16}{seconds[0]:10.2f} s" + "".join(cells))


def _seconds(folder: Path, rounds: int) -> Mapping[str, float]:
    times = {
        name: min(cold(case, folder).wall_s for _ in range(_rounds(case, rounds))) for name, case in CASES.items()
    }
    with copied(folder) as home:
        for name, case in _KEPT.items():
            times[name] = min(warm(case, folder, home).wall_s for _ in range(rounds))
    return times


def _rounds(case: Case, rounds: int) -> int:
    return 1 if case is INGEST else rounds
