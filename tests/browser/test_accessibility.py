"""axe finds no serious fault on the page: each place, desktop and phone, light and dark.

axe-core comes from npm at the time of the test; where it cannot be had the test is skipped aloud.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from local.slack.sample import GUEST, HUNTS, MAYA
from tests.browser import axe
from tests.browser.trying import Tried, hunt, log, visit, write


async def _channel(page: Page, tried: Tried) -> None:
    await visit(page, tried.at(MAYA.id))
    for what in ("gallery", "export", "help", "lambda-perms"):
        await write(page, f"/hunt {what}")
    await expect(log(page).get_by_role("img", name="findings a day")).to_be_attached()
    await expect(log(page).get_by_role("button", name="Acknowledge")).to_be_visible()


async def _thread(page: Page, tried: Tried) -> None:
    finding = await hunt(page, tried)
    await finding.get_by_role("link", name="1 reply").click()
    await expect(log(page, "Thread")).to_contain_text("3 events")


async def _menu(page: Page, tried: Tried) -> None:
    finding = await hunt(page, tried)
    await finding.hover()
    await finding.get_by_role("button", name="Message menu").click()


async def _form(page: Page, tried: Tried) -> None:
    finding = await hunt(page, tried)
    await finding.get_by_role("button", name="Add note").click()
    form = page.get_by_role("dialog", name="Note on F-1")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Please complete this required field.")).to_have_count(3)


async def _home(page: Page, tried: Tried) -> None:
    await visit(page, f"{tried.slack.page_url}?user={MAYA.id}&tab=home")
    await expect(page.get_by_role("button", name="Write a note")).to_be_visible()


async def _guest(page: Page, tried: Tried) -> None:
    await visit(page, tried.at(GUEST.id))


PLACES: Final[tuple[Callable[[Page, Tried], Awaitable[None]], ...]] = (_channel, _thread, _menu, _form, _home, _guest)


def _start_anew(tried: Tried) -> None:
    for view in tried.workspace.modals_of(MAYA.id):
        tried.workspace.views.close(view)
    for message in tried.workspace.messages_for(MAYA.id, HUNTS):
        tried.workspace.messages.delete(message)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_axe_finds_nothing_serious(
    width: int, scheme: Literal["light", "dark"], browser: Browser, tried: Tried
) -> None:
    checker = await axe.script()
    tried.workspace.limits.is_enabled = False
    found = []
    for place in PLACES:
        context = await browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = await context.new_page()
        await place(page, tried)
        found += [f"{place.__name__} {fault}" for fault in await axe.grave_faults(page, checker)]
        await context.close()
        _start_anew(tried)
    assert found == []
