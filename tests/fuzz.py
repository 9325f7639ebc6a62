"""The property tests of the engine, of archives and of their copies, with another seed each round.

`python -m tests.fuzz --seconds 600` ends with the round in which the time is over, or with the first that fails: the
command that plays it again is printed. A round tries what the Hypothesis profile `fuzz` has: more than `make test`.
"""

import argparse
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

HERE = Path(__file__).parent
ROOMS = ("unit/esql", "unit/cloudtrail", "unit/cache")
_SEEDS = 2**32


def property_tests() -> Iterator[Path]:
    """The files that draw what they try."""
    for room in ROOMS:
        for file in sorted((HERE / room).glob("test_*.py")):
            if "from hypothesis import" in file.read_text(encoding="utf-8"):
                yield file


def played(seconds: float, play: Callable[[int], bool], clock: Callable[[], float] = monotonic) -> int | None:
    """Rounds until the time is over, one at least; the seed of one that fails, None where all went well."""
    until = clock() + seconds
    while True:
        seed = secrets.randbelow(_SEEDS)
        if not play(seed):
            return seed
        if clock() >= until:
            return None


def play(seed: int) -> bool:
    """One round; True where every test passed."""
    return subprocess.run(command(seed), check=False).returncode == 0  # noqa: S603 - our own tests


def command(seed: int) -> Sequence[str]:
    files = [str(file) for file in property_tests()]
    fuzzing = ("--hypothesis-profile=fuzz", f"--hypothesis-seed={seed}", "--numprocesses=auto", "--quiet")
    return (sys.executable, "-m", "pytest", *files, *fuzzing)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for which to go on (%(default)s)")
    seed = played(parser.parse_args().seconds, play)
    if seed is not None:
        sys.stderr.write(f"fuzz: a round failed; again: {' '.join(command(seed))}\n")
    return 0 if seed is None else 1


if __name__ == "__main__":
    sys.exit(main())
