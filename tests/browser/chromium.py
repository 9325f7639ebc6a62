"""The system's Chromium, headless; absent, the tests skip aloud."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright, expect

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS: Final = 15_000  # a machine that does other things beside is slow, and not wrong
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which(CHROMIUM)
    if path is None:
        pytest.skip(f"no Chromium at {CHROMIUM}: the page was not tried in a browser")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


def without_proxy(environment: pytest.MonkeyPatch) -> None:
    """Slack's SDK would send even loopback through one."""
    for name in PROXIES:
        environment.setenv(name, "")
