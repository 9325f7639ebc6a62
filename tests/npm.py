"""Packages for Node that only tests want: installed outside the repository, kept for the next run."""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Final

import platformdirs
import pytest

OLDEST_NODE: Final = 20
_OPTIONS: Final = (
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
)
_TIMEOUT_S: Final = 90.0


async def installed(package: str, version: str) -> Path:
    """The folder whose ``node_modules`` holds the package; skips aloud where it cannot be had.

    Node and npm must be there, and whatever registry npm is set up for within reach.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"no Node or npm: {package} did not try the workspace")
    _, node = await _run("node", "--version")
    if int(node.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node {node.strip()} is too old for {package} {version}: it did not try the workspace")
    home = platformdirs.user_cache_path("huntbot-tests") / f"{package.strip('@').replace('/', '-')}-{version}"
    if not await asyncio.to_thread((home / "node_modules" / package).is_dir):
        await _install(f"{package}@{version}", home)
    return home


async def _install(wanted: str, home: Path) -> None:
    """Whole or not at all: another run may be installing the same."""
    await asyncio.to_thread(home.parent.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as folder:
        failed, said = await _run("npm", "install", "--prefix", folder, *_OPTIONS, wanted)
        if failed:
            reason = next(iter(said.strip().splitlines()), "")
            pytest.skip(f"{wanted} could not be installed, it did not try the workspace: {reason}")
        with contextlib.suppress(OSError):  # the other run was faster
            await asyncio.to_thread(Path(folder).rename, home)


async def _run(*command: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return 1, "it took too long"
    return process.returncode or 0, output.decode()
