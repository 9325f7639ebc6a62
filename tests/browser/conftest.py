"""The browser of the browser tests: the system's Chromium, headless; absent, the tests skip aloud.

``browser_page`` is a fresh tab of 1280 x 800. When the test is over it also fails on any script error,
console error, broken content policy, or request to another host than 127.0.0.1. Ask for ``browser`` to
open contexts of your own (a phone, dark mode, a second person), and watch their pages with
``tests.browser.faults.watch``.
"""

import shutil
import time
from collections.abc import AsyncIterator
from typing import Final

import pytest
from playwright.async_api import Browser, Page, async_playwright

from local.slack.page.routes import page_of
from local.slack.sample import sample_workspace
from local.slack.server import LocalSlack
from tests.browser.faults import watch
from tests.browser.scripted_app import scripted_app
from tests.browser.trying import Tried

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    path = shutil.which("chromium") or shutil.which(CHROMIUM)
    if path is None:
        pytest.skip(f"no Chromium at {CHROMIUM}: the page was not tried in a browser")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def browser_page(browser: Browser) -> AsyncIterator[Page]:
    """A tab that must stay free of errors and of requests to other hosts."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(10_000)
    faults = watch(page)
    yield page
    await context.close()
    assert faults == []


@pytest.fixture
async def tried(monkeypatch: pytest.MonkeyPatch, browser_page: Page) -> AsyncIterator[Tried]:
    """The workspace served, with the scripted app on its other side."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "")  # Slack's SDK would send even loopback through a proxy
    workspace = sample_workspace(clock=time.time)
    slack = LocalSlack(workspace, routes=[page_of(workspace)], ack_timeout_s=1.0)
    async with slack, scripted_app(slack) as forms:
        yield Tried(slack, workspace, forms)
        await browser_page.goto("about:blank")  # or the tab would miss its server, and say so
