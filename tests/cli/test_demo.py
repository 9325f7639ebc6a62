"""The demo as its own process: it prints an address and real findings, and leaves nothing behind."""

import asyncio
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from app.demo import digests_after
from tests.processes import run, started


@pytest.mark.complaint("hermetic demo")
def test_once_runs_the_first_hunt_and_ends(tmp_path: Path) -> None:
    """Hermetic demo: one command, no tokens."""
    ran = run(tmp_path, "demo", "--once", "--port", "0")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("http://127.0.0.1:")
    assert "anyone (*) may lambda:InvokeFunction on payments-api" in ran.stdout
    assert "28 hits in 21 findings" in ran.stderr
    assert list(tmp_path.iterdir()) == []


async def test_the_page_answers_until_ctrl_c(tmp_path: Path) -> None:
    async with started(tmp_path, "demo", "--port", "0") as process:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), 40)).decode().strip()
        async with aiohttp.ClientSession() as web, web.get(url) as page:
            assert page.status == 200
            assert "security-hunts" in await page.text()
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert "Traceback" not in errors.decode()


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    async with started(tmp_path, "demo", "--port", "0") as first:
        assert first.stdout is not None
        url = (await asyncio.wait_for(first.stdout.readline(), 40)).decode().strip()
        port = url.rstrip("/").rpartition(":")[2]
        second = await asyncio.to_thread(run, tmp_path, "demo", "--once", "--port", port)
    assert second.returncode == 2
    assert f"--port {port}" in second.stderr


@pytest.mark.parametrize("second", [0, 1, 59])
@pytest.mark.parametrize("minute", [0, 7, 58, 59])
def test_the_first_digest_leaves_time_to_try_the_buttons_and_the_others_follow(minute: int, second: int) -> None:
    start = datetime(2026, 11, 2, 9, minute, second, tzinfo=UTC)
    digests = digests_after(start)
    first = digests.next_after(start)
    assert timedelta(minutes=1) < first - start <= timedelta(minutes=2)
    assert digests.next_after(first) - first == timedelta(minutes=2)


async def test_the_terminal_says_when_the_first_digest_comes(tmp_path: Path) -> None:
    async with started(tmp_path, "demo", "--port", "0") as process:
        assert process.stderr is not None
        said = [await asyncio.wait_for(process.stderr.readline(), 40) for _ in range(8)]
    [digest] = [line.decode() for line in said if b"digest" in line]
    assert re.search(r"what is new: at \d\d:\d\d UTC, then every two minutes", digest)
