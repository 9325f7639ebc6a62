"""Jobs done side by side: results, errors, deaths and ends are told; no process outlives its work or its parent."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from local.cloudtrail.scanning.cores import usable_cores
from local.cloudtrail.scanning.crew import Crew, CrewError, Lost
from local.wanted import Deadline, OverdueError

ROOT = Path(__file__).parents[4]


class Unreadable:
    """Work that no other process can take up."""

    def __reduce__(self) -> tuple[object, ...]:
        return (__import__, ("no_such_module_anywhere",))

    def __call__(self, job: int) -> int:
        return job


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_each_job_gives_one_result(processes: int) -> None:
    results = Crew(processes).run(math.sqrt, [float(number * number) for number in range(20)], Deadline())
    assert sorted(result for result in results if not isinstance(result, Lost)) == list(range(20))


@pytest.mark.parametrize("processes", [1, 2])
def test_no_job_is_no_work(processes: int) -> None:
    assert list(Crew(processes).run(math.sqrt, [], Deadline())) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_work_raises_is_raised_here(processes: int) -> None:
    with pytest.raises(ValueError, match="no number"):
        list(Crew(processes).run(int, ["1", "no number", "2"], Deadline()))


def test_a_process_that_dies_loses_its_job_and_no_other() -> None:
    # Signal 0 does nothing; SIGKILL is what the system sends when memory runs out.
    jobs = [0, 0, int(signal.SIGKILL), 0, 0, 0]
    outcomes = list(Crew(2).run(signal.raise_signal, jobs, Deadline()))
    assert outcomes.count(Lost(int(signal.SIGKILL))) == 1
    assert outcomes.count(None) == len(jobs) - 1


def test_processes_that_do_not_start_are_an_error_and_no_waiting() -> None:
    with pytest.raises(CrewError, match="before it began"):
        list(Crew(2).run(Unreadable(), [1, 2], Deadline()))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


def test_a_deadline_ends_all_work_at_once() -> None:
    with within(20), pytest.raises(OverdueError):
        list(Crew(2).run(time.sleep, [60, 60, 60], Deadline(0.2)))


def children() -> set[str]:
    """The processes that this one has started, ended ones that nobody waited for included."""
    return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}


def test_closed_early_it_leaves_no_process() -> None:
    before = children()
    with within(30), closing(Crew(2).run(time.sleep, [0, 60, 60], Deadline())) as results:
        assert next(iter(results)) is None
        assert children() > before
    assert children() <= before


PARENT = """
import sys, time
from local.cloudtrail.scanning.crew import Crew
from local.wanted import Deadline
for result in Crew(2).run(eval, ["__import__('os').getpid()"] * 2 + ["__import__('time').sleep(60)"] * 2, Deadline()):
    print(result, flush=True)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_their_parent_however_it_ends(ending: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603  # this very Python
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        parent.send_signal(ending)
        parent.wait(20)
    end = time.monotonic() + 20
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_there_is_a_core_to_use() -> None:
    assert usable_cores() >= 1
