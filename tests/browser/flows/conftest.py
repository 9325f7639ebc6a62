"""What the flows of the surface share: a demo for each file, and one of its own for what changes many findings.

A flow is walked through as a responder meets it, on a desk and on a phone, with a picture of every step. The pictures
are in `.artefacts/screenshots`, by flow and width (`HUNTBOT_TEST_SCREENSHOTS` names another folder): they are there
to be looked at.
"""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import axe
from tests.browser.chromium import launched, without_proxy
from tests.browser.demo import Demo, demonstrating
from tests.browser.places import hunt, posted, type_command
from tests.browser.walk import DESKTOP, PHONE, Walk, Width, walking

module = partial(pytest_asyncio.fixture, scope="module", loop_scope="module")
alone = partial(pytest_asyncio.fixture, loop_scope="module")


@pytest.fixture(scope="module", autouse=True)
def no_proxy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        without_proxy(environment)
        yield


@module()
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@module()
async def checker() -> str:
    return await axe.script()


@module()
async def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The demo after its first hunt, and two more that found one thing each: F-22 and F-23 stand in the channel."""
    async with demonstrating(tmp_path_factory.mktemp("shared")) as demo:
        page = await chromium.new_page()
        await hunt(page, demo)
        for ref in ("F-22", "F-23"):
            demo.something_happens()
            await type_command(page, "/hunt lambda-perms")
            await expect(posted(page, ref)).to_be_visible()
            await demo.everything_is_posted()
        await page.close()
        yield demo


@alone()
async def own(chromium: Browser, tmp_path: Path) -> AsyncIterator[Demo]:
    """A demo for what changes many findings at once, after its first hunt."""
    async with demonstrating(tmp_path) as demo:
        page = await chromium.new_page()
        await hunt(page, demo)
        await page.close()
        yield demo


@pytest.fixture(params=[DESKTOP, PHONE], ids=lambda width: str(width.name))
def width(request: pytest.FixtureRequest) -> Width:
    asked: Width = request.param
    return asked


@alone()
async def walk(
    request: pytest.FixtureRequest, width: Width, chromium: Browser, shared: Demo, checker: str
) -> AsyncIterator[Walk]:
    async with walking(flow(request), width, chromium, shared, checker) as begun:
        yield begun


@alone()
async def lonely(
    request: pytest.FixtureRequest, width: Width, chromium: Browser, own: Demo, checker: str
) -> AsyncIterator[Walk]:
    async with walking(flow(request), width, chromium, own, checker) as begun:
        yield begun


def flow(request: pytest.FixtureRequest) -> str:
    """`test_the_card[phone]` is the flow `the-card`."""
    return str(request.node.name).partition("[")[0].removeprefix("test_").replace("_", "-")
