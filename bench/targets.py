"""`python -m bench.targets [RUN]`: holds a run's figures against targets.toml; 1 where one is over, or missing."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.figures import RUN, read

TARGETS = Path(__file__).with_name("targets.toml")


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    at_most: float
    unit: str


@dataclass(frozen=True, slots=True)
class Miss:
    """`value` is None where the run has no such figure."""

    target: Target
    value: float | None

    def __str__(self) -> str:
        found = "      none" if self.value is None else f"{self.value:10,.2f}"
        return f"  {self.target.name:16}{found} {self.target.unit:3} at most {self.target.at_most:g}"


def targets(file: Path = TARGETS) -> Iterator[Target]:
    for name, said in tomllib.loads(file.read_text()).items():
        yield Target(name, float(said["at_most"]), str(said["unit"]))


def misses(values: Mapping[str, float]) -> list[Miss]:
    found = [Miss(target, values.get(target.name)) for target in targets()]
    return [miss for miss in found if miss.value is None or miss.value > miss.target.at_most]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.targets", description=__doc__)
    parser.add_argument("run", nargs="?", type=Path, default=RUN, help="what a run wrote (%(default)s)")
    missed = misses(read(parser.parse_args().run))
    count = sum(1 for _ in targets())
    print(f"Targets: {count - len(missed)} of {count} are met" + (", not these:" if missed else ""))
    for miss in missed:
        print(miss)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
