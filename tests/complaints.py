"""What users of other triage tools complain of in public, what huntbot promises instead, and which test holds it.

`python -m tests.complaints` lists it line by line and exits 1 where a promise has no test. A test holds a line by
`@pytest.mark.complaint("oncall#3161")` and names the thread in its docstring. Tests are collected here, not run.
"""

import argparse
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import groupby
from pathlib import Path

import pytest

from tests.complaint_table import COMPLAINTS, Complaint

HERE = Path(__file__).parent
OVER_SOCKETS = "tests/slack/"  # where a line has to be held at least once: a whole bot beside a whole workspace
MARK = "complaint"

_WIDTH = 118


@dataclass(frozen=True, slots=True)
class Holder:
    """A test that says it holds complaints; `docstring` is what it says in words."""

    test: str  # path::name, without its parameters
    names: tuple[str, ...]
    docstring: str


def faults(complaints: Sequence[Complaint], holders: Sequence[Holder]) -> Iterator[str]:
    """What is missing: a line without a test, a mark that names no line, a docstring that names no thread."""
    known = {name for complaint in complaints for name in complaint.names}
    for complaint in complaints:
        tests = [holder.test for holder in held_by(complaint, holders)]
        if not tests:
            yield f"{complaint.names[0]}: no test holds it"
        elif complaint.is_thread and not any(test.startswith(OVER_SOCKETS) for test in tests):
            yield f"{complaint.names[0]}: no test over sockets ({OVER_SOCKETS}) holds it"
    for holder in holders:
        if not holder.names:
            yield f"{holder.test}: its mark names no complaint"
        for name in holder.names:
            if name not in known:
                yield f"{holder.test}: {name} is no complaint of the table"
            elif name.lower() not in " ".join(holder.docstring.lower().split()):
                yield f"{holder.test}: its docstring does not name {name}"


def held_by(complaint: Complaint, holders: Iterable[Holder]) -> list[Holder]:
    return [holder for holder in holders if set(complaint.names) & set(holder.names)]


def listed(complaints: Sequence[Complaint], holders: Sequence[Holder]) -> Iterator[str]:
    """The table as people read it: who complained of what, what huntbot does, and the tests below."""
    for part, lines in groupby(complaints, key=lambda complaint: complaint.part):
        yield f"\n{part}"
        for complaint in lines:
            tests = [holder.test for holder in held_by(complaint, holders)]
            yield f"{'held' if tests else 'OPEN'}  {', '.join(complaint.names)}"
            said = f"{complaint.symptom} -> {complaint.promise}" if complaint.symptom else complaint.promise
            yield textwrap.fill(said, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
            yield from (f"        {test}" for test in tests)


class _Collector:
    """A pytest plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.holders: dict[str, Holder] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marks = list(item.iter_markers(MARK))
            if marks:
                test = item.nodeid.partition("[")[0]
                names = tuple(dict.fromkeys(str(name) for mark in marks for name in mark.args))
                self.holders[test] = Holder(test, names, getattr(item, "obj", None).__doc__ or "")


def collected() -> Sequence[Holder]:
    """Every test that bears the mark. Only files that speak of it are imported, so that it is quick.

    Raises:
        RuntimeError: a file can not be collected; with what pytest says of it.
    """
    files = [path for path in sorted(HERE.rglob("test_*.py")) if f"mark.{MARK}" in path.read_text(encoding="utf-8")]
    collector, said = _Collector(), StringIO()
    options = ["--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--rootdir={HERE.parent}"]
    with redirect_stdout(said):
        code = pytest.main([*options, *map(str, files)], plugins=[collector])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise RuntimeError(f"the tests can not be collected:\n{said.getvalue()}")
    return list(collector.holders.values())


def counts(complaints: Sequence[Complaint], holders: Sequence[Holder]) -> Mapping[str, int]:
    held = sum(bool(held_by(complaint, holders)) for complaint in complaints)
    return {"lines": len(complaints), "held": held, "tests": len(holders)}


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.complaints", description=__doc__).parse_args()
    holders = collected()
    missing = list(faults(COMPLAINTS, holders))
    sys.stdout.write("\n".join(listed(COMPLAINTS, holders)).lstrip("\n") + "\n\n")
    number = counts(COMPLAINTS, holders)
    sys.stdout.write(f"{number['held']} of {number['lines']} lines are held, by {number['tests']} tests\n")
    sys.stdout.writelines(f"fault: {fault}\n" for fault in missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
