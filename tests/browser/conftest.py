"""The browser of the browser tests, and the workspace that is tried without the bot.

``browser_page`` is a fresh tab of 1280 x 800. When the test is over it also fails on any script error,
console error, broken content policy, or request to another host than 127.0.0.1. Ask for ``browser`` to
open contexts of your own (a phone, dark mode, a second person), and watch their pages with
``tests.browser.faults.watch``.
"""

import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from local.slack.page.routes import page_of
from local.slack.sample import sample_workspace
from local.slack.server import LocalSlack
from tests.browser.chromium import launched, without_proxy
from tests.browser.faults import watch
from tests.browser.scripted_app import scripted_app
from tests.browser.trying import Tried


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with launched() as chromium:
        yield chromium


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
    without_proxy(monkeypatch)
    workspace = sample_workspace(clock=time.time)
    slack = LocalSlack(workspace, routes=[page_of(workspace)], ack_timeout_s=1.0)
    async with slack, scripted_app(slack) as forms:
        yield Tried(slack, workspace, forms)
        await browser_page.goto("about:blank")  # or the tab would miss its server, and say so
