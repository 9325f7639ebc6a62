"""`huntbot` as a process of its own, in an environment of its own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIMEOUT_S = 60


def environment(home: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of the tester's own but the path; a home that is empty."""
    return {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": str(ROOT)} | dict(given or {})


def run(home: Path, *arguments: str, given: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-W", "error", "-m", "app", *arguments],
        env=environment(home, given),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@asynccontextmanager
async def started(
    home: Path, *arguments: str, given: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a command that goes on; on leaving it is killed where it has not ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *arguments),
        env=environment(home, given),
        cwd=home,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
