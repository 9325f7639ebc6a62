"""How each command grows with the archive: what ten times the events cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.huntbot_cases import BROAD, CASES, HUNT, Case, cold, copied, one_event, warm
from bench.trail.archive import Trail, kept

SIZES = (10_000, 100_000, 1_000_000)
_KEPT: Mapping[str, Case] = {"hunt, kept": HUNT, "group-by, kept": BROAD}


def measure(sizes: Sequence[int], rounds: int, told: Callable[[Trail], Path] = kept) -> None:
    """Print the seconds over each size, and how many times those over the size before it that is."""
    print(f"Growth: whole commands less their start-up, best of {rounds} rounds (ingest: one); x the size before")
    with one_event() as tiny:
        starts = {name: min(cold(case, tiny).wall_s for _ in range(rounds)) for name, case in CASES.items()}
    print(f"  {'':16}{'start-up':>12}" + "".join(f"{size:>20,}" for size in sizes))
    columns = [_seconds(told(Trail(size)), rounds) for size in sizes]
    for name in columns[0]:
        start = starts[name.split(",")[0]]
        cells = _cells([max(column[name] - start, 0.001) for column in columns])
        print(f"  {name:16}{start:10.2f} s" + "".join(cells))


def _seconds(folder: Path, rounds: int) -> Mapping[str, float]:
    times = {
        name: min(cold(case, folder).wall_s for _ in range(1 if name == "ingest" else rounds))
        for name, case in CASES.items()
    }
    with copied(folder) as home:
        for name, case in _KEPT.items():
            times[name] = min(warm(case, folder, home).wall_s for _ in range(rounds))
    return times


def _cells(seconds: Sequence[float]) -> list[str]:
    befores = (None, *seconds)
    return [
        f"{now:10.2f} s" + (f"{now / before:6.1f} x" if before else " " * 8)
        for now, before in zip(seconds, befores, strict=False)
    ]
