"""One walk through a flow of the surface: a tab of some width, a picture of every step, and what axe says of each."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from local.slack.model import User
from local.slack.sample import HUNTS, MAYA
from tests.browser import axe, places
from tests.browser.demo import Demo
from tests.browser.faults import watch

T = TypeVar("T")

Scheme = Literal["light", "dark"]
REPLIES: Final = re.compile(r"^\d+ repl(y|ies)$")  # the link under a message
_ROOT: Final = Path(__file__).parents[2]
_VARIABLE: Final = "HUNTBOT_TEST_SCREENSHOTS"


@dataclass(frozen=True)
class Width:
    """What somebody holds in their hand."""

    name: str
    size: ViewportSize

    @property
    def is_phone(self) -> bool:
        return self.name == "phone"


DESKTOP: Final = Width("desktop", {"width": 1280, "height": 860})
PHONE: Final = Width("phone", {"width": 390, "height": 844})


def screenshots() -> Path:
    """Where pictures are kept: a folder that git ignores, or the one that the environment of the tests names."""
    named = os.environ.get(_VARIABLE)  # noqa: TID251 - who runs the tests says where their pictures go
    return Path(named) if named else _ROOT / ".artefacts" / "screenshots"


@dataclass
class Walk:
    """`found` is what axe found on the way, `faults` what the browser complained of."""

    flow: str
    width: Width
    page: Page
    demo: Demo
    checker: str
    found: list[str] = field(default_factory=list)
    steps: int = 0

    def either(self, desktop: T, phone: T) -> T:
        """The findings of a demo are shared by both widths, so each has its own."""
        return phone if self.width.is_phone else desktop

    async def begin(self, who: User = MAYA, channel: str = HUNTS) -> None:
        await places.visit(self.page, self.demo, who, channel)

    async def hears(self, command: str) -> Locator:
        """What a command answers to its asker alone."""
        before = await places.privately(self.page).count()
        await places.type_command(self.page, command)
        await expect(places.privately(self.page)).to_have_count(before + 1)
        return places.privately(self.page).last

    async def into_the_thread(self) -> None:
        """Of the demo's first hunt, which all that it found hangs under."""
        await self.begin()
        answer = places.messages(self.page).filter(has_text=places.FIRST)
        await answer.get_by_role("link", name="replies").click()
        await expect(places.thread(self.page).first).to_be_visible()

    async def card(self, ref: str) -> Locator:
        """A finding's message in that thread, in view."""
        found = places.card(self.page, ref)
        await found.evaluate("card => card.scrollIntoView({block: 'start'})")
        return found

    async def details(self, finding: Locator, ref: str) -> Locator:
        """Everything about a finding, once the logs have answered too."""
        await finding.get_by_role("button", name="Details").click()
        modal = self.page.get_by_role("dialog", name=f"{ref} in full")
        await expect(modal.get_by_text("Raw event", exact=True)).to_be_visible()
        await expect(modal.get_by_text("The logs are being asked for it…")).to_have_count(0)
        return modal

    async def step(self, name: str, *, is_judged: bool = True) -> None:
        """A picture of what is seen now, and axe's judgement of it; nothing may stick out at the side."""
        self.steps += 1
        folder = screenshots() / self.flow
        await self.page.screenshot(path=folder / f"{self.width.name}-{self.steps:02}-{name}.png")
        assert await self.page.evaluate("document.scrollingElement.scrollWidth") == self.width.size["width"]
        if is_judged:
            front = await self._front()
            self.found += [f"{name}: {fault}" for fault in await axe.grave_faults(self.page, self.checker, front)]

    async def _front(self) -> str | None:
        """What lies in front of all else: a modal, a thread. None: the page itself."""
        for front in ("dialog[open]:last-of-type", "aside.thread:not([hidden])"):
            if await self.page.locator(front).count():
                return front
        return None

    async def scroll_through(self, whole: Locator, name: str, most: int = 12) -> None:
        """A step for each screenful of what has to be scrolled; axe sees all of it at the first."""
        for number in range(1, most + 1):
            await self.step(f"{name}-{number}", is_judged=number == 1)
            if await whole.evaluate(_FURTHER):
                return


# Scrolls on by a screenful; whether the end was in sight already.
_FURTHER: Final = """it => {
    const isOver = it.scrollTop + it.clientHeight >= it.scrollHeight - 1;
    it.scrollTop += it.clientHeight - 40;
    return isOver;
}"""


@asynccontextmanager
async def walking(
    flow: str, width: Width, browser: Browser, demo: Demo, checker: str, scheme: Scheme = "light"
) -> AsyncIterator[Walk]:
    """A walk in a tab of its own; at its end the browser has complained of nothing, and axe of nothing serious."""
    context = await browser.new_context(
        viewport=width.size, color_scheme=scheme, reduced_motion="reduce", has_touch=width.is_phone
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    faults = watch(page)
    demo.nothing_is_open()
    walk = Walk(flow, width, page, demo, checker)
    yield walk
    await context.close()
    assert not faults, "\n".join(faults)
    assert not walk.found, "\n".join(walk.found)
