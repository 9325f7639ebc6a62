"""The watchdog: what stands still is noticed from another thread, and whoever is fed goes on."""

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.watchdog import Life, Watchdog, end_within
from tests.processes import environment

CODE = 4


@contextmanager
def watching(limit_s: float) -> Iterator[tuple[Watchdog, list[int], threading.Event]]:
    """A watchdog that looks every hundredth of a second and, instead of ending the process, says with which code."""
    ended, codes = threading.Event(), list[int]()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    limits = dict.fromkeys(Life, limit_s)
    watchdog = Watchdog(limits, CODE, asyncio.get_running_loop(), end, every_s=0.01)
    watchdog.start()
    try:
        yield watchdog, codes, ended
    finally:
        watchdog.call_off()


async def feed(watchdog: Watchdog, *lives: Life, times: int = 20) -> None:
    for _ in range(times):
        for life in lives:
            watchdog.feed(life)
        await asyncio.sleep(0.01)


async def test_a_life_that_is_fed_goes_on() -> None:
    with watching(0.1) as (watchdog, codes, _):
        await feed(watchdog, *Life)
        assert codes == []


@pytest.mark.parametrize("still", list(Life))
async def test_whichever_stands_still_ends_it(still: Life, caplog: pytest.LogCaptureFixture) -> None:
    with watching(0.05) as (watchdog, codes, ended):
        await feed(watchdog, *(life for life in Life if life is not still))
        assert ended.is_set()
    assert codes == [CODE]
    assert f"{still.value} has stood still" in caplog.text


async def test_it_tells_what_the_loop_hangs_in(caplog: pytest.LogCaptureFixture) -> None:
    with watching(0.05) as (_, _codes, ended):
        ended.wait(5)  # as a loop does that hangs: it blocks the thread
    [record] = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    stacks = vars(record)["stacks"]
    assert "test_it_tells_what_the_loop_hangs_in" in stacks
    assert "Thread 0x" in stacks


async def test_called_off_it_ends_nothing() -> None:
    with watching(0.02) as (watchdog, codes, _):
        watchdog.call_off()
        await asyncio.sleep(0.1)
    assert codes == []


def test_a_process_has_its_time_to_end_and_no_more() -> None:
    ended, codes = threading.Event(), list[int]()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    call_off = end_within(60, 3, end)
    call_off()
    end_within(0.01, 0, end)
    assert ended.wait(5)
    assert codes == [0]


PROCESS = """
import asyncio, time
from app.watchdog import Life, Watchdog

async def main():
    watchdog = Watchdog({Life.LOOP: 0.3}, 4, asyncio.get_running_loop(), every_s=0.05)
    watchdog.start()
    print("ready", flush=True)
    for _ in range(20):
        watchdog.feed(Life.LOOP)
        await asyncio.sleep(0.03)
    print("went on", flush=True)
    time.sleep(30)

asyncio.run(main())
"""


async def test_a_process_that_was_frozen_as_a_whole_goes_on_and_one_that_hangs_ends_with_its_code(
    tmp_path: Path,
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS),
        env=environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.6)
    process.send_signal(signal.SIGCONT)
    said, errors = await asyncio.wait_for(process.communicate(), 20)
    assert said == b"went on\n"
    assert process.returncode == CODE
    assert b"has stood still" in errors
