"""What a bot may bring in the local workspace: shortcuts, files, charts, tables, searches, forms on forms; guests."""

import asyncio

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from local.slack.model import User
from local.slack.sample import AUDIT, AUDITOR, GUEST, HUNTS, MAYA, PARTNERS, TOMAS
from tests.browser.scripted_app import CSV
from tests.browser.trying import Tried, hunt, log, visit, write


async def gallery(page: Page, tried: Tried) -> Locator:
    """Every block of 2026; gives the log."""
    tried.workspace.limits.is_enabled = False
    await visit(page, tried.at(MAYA.id))
    await write(page, "/hunt gallery")
    await expect(log(page).get_by_role("article")).to_have_count(4)
    return log(page)


# --- shortcuts ------------------------------------------------------------------------------------------


async def test_a_message_has_its_shortcuts_by_keyboard(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Message menu").press("Enter")
    for _ in range(2):
        await browser_page.keyboard.press("ArrowDown")
    await expect(browser_page.get_by_role("menuitem", name="Triage with huntbot")).to_be_focused()
    await browser_page.keyboard.press("Enter")
    private = log(browser_page).get_by_role("article").filter(has_text="Only visible to you")
    await expect(private).to_contain_text("About F-1")
    await expect(finding.get_by_role("button", name="Message menu")).to_be_focused()


async def test_a_shortcut_beside_the_box_opens_a_form_that_is_searched_in(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.at(MAYA.id))
    await browser_page.get_by_role("button", name="Shortcuts").click()
    await browser_page.get_by_role("menuitem", name="Run a hunt").click()
    form = browser_page.get_by_role("dialog", name="Run a hunt")
    field = form.get_by_role("combobox", name="Roles")
    for number in (1, 2):
        await field.fill("dep")
        await form.get_by_role("option", name=f"role/dep-{number}").click()
    await form.get_by_role("button", name="Remove role/dep-1").click()
    await form.get_by_role("button", name="Run").click()
    await expect(form).to_have_count(0)
    [sent] = tried.forms
    assert [option["text"]["text"] for option in sent["roles"]["roles"]["selected_options"]] == ["role/dep-2"]


async def test_a_shortcut_nobody_takes_says_so(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.at(MAYA.id))
    tried.slack.sockets.is_muted = True
    await browser_page.get_by_role("button", name="Shortcuts").click()
    await browser_page.get_by_role("menuitem", name="Run a hunt").click()
    await expect(browser_page.get_by_role("alert")).to_contain_text("huntbot did not respond in time")


# --- files ------------------------------------------------------------------------------------------------


async def test_files_come_with_a_preview_and_can_be_had(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.at(MAYA.id))
    await write(browser_page, "/hunt export")
    message = log(browser_page).get_by_role("article")
    await expect(message).to_contain_text("The whole run")
    table = message.get_by_role("region", name="Preview of run.csv").get_by_role("table")
    await expect(table.get_by_role("cell", name="refund")).to_be_visible()
    await expect(message.get_by_text('{"finding": "F-1"}')).to_be_visible()
    picture = message.get_by_role("img", name="findings a day")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("naturalWidth", 1)
    async with browser_page.expect_download() as waiting:
        await message.get_by_role("link", name="Download run.csv").click()
    download = await waiting.value
    assert download.suggested_filename == "run.csv"
    assert await asyncio.to_thread((await download.path()).read_text) == CSV


# --- blocks -------------------------------------------------------------------------------------------------


async def test_a_chart_is_told_in_words_and_in_numbers(browser_page: Page, tried: Tried) -> None:
    shown = await gallery(browser_page, tried)
    words = "Bar chart. critical: Mon 1, Tue 0, Wed 2, Thu 1, Fri 3; high: Mon 4, Tue 2, Wed 5, Thu 3, Fri 1."
    await expect(shown.get_by_role("img", name=words)).to_be_visible()
    chart = shown.get_by_role("figure", name="Findings a day")
    await chart.get_by_text("Numbers").click()
    await expect(chart.get_by_role("row", name="Wed 2 5")).to_be_visible()


async def test_a_long_table_is_paged_and_sorted(browser_page: Page, tried: Tried) -> None:
    shown = await gallery(browser_page, tried)
    table = shown.get_by_role("table", name="Calls")
    await expect(table.get_by_role("row")).to_have_count(4)
    await shown.get_by_role("button", name="Next").click()
    await expect(shown.get_by_text("4 to 6 of 8")).to_be_visible()
    await table.get_by_role("button", name="calls").click()
    await table.get_by_role("button", name="calls").click()
    await expect(table.get_by_role("columnheader", name="calls")).to_have_attribute("aria-sort", "descending")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("pay-3")  # 3 * 7 % 11 is 10, the most


async def test_a_select_in_a_message_is_searched_in(browser_page: Page, tried: Tried) -> None:
    shown = await gallery(browser_page, tried)
    await shown.get_by_role("combobox", name="Owner").fill("ops")
    await shown.get_by_role("option", name="role/ops-2").click()
    await expect(shown).to_contain_text("role/ops-2 owns it")


async def test_a_frame_folds(browser_page: Page, tried: Tried) -> None:
    shown = await gallery(browser_page, tried)
    await expect(shown.get_by_text("Seen 3 times")).to_be_visible()
    await shown.get_by_text("anyone may invoke pay").click()
    await expect(shown.get_by_text("Seen 3 times")).to_be_hidden()


async def test_a_form_on_a_form_goes_back_to_the_first(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Add note").click()
    first = browser_page.get_by_role("dialog", name="Note on F-1")
    await first.get_by_role("textbox", name="Note").fill("half done")
    await first.get_by_role("button", name="What is this?").click()
    second = browser_page.get_by_role("dialog", name="About notes")
    await expect(second).to_contain_text("A note is kept with the finding.")
    await browser_page.keyboard.press("Escape")
    await expect(second).to_have_count(0)
    await expect(first.get_by_role("textbox", name="Note")).to_have_value("half done")


# --- what is new, and for whom --------------------------------------------------------------------------------


async def test_what_came_meanwhile_stands_under_a_line(browser_page: Page, tried: Tried) -> None:
    await tried.workspace.say(TOMAS.id, HUNTS, "before")
    await visit(browser_page, tried.at(MAYA.id))
    await expect(log(browser_page).get_by_text("New", exact=True)).to_be_hidden()
    await visit(browser_page, tried.at(MAYA.id, PARTNERS))
    await tried.workspace.say(TOMAS.id, HUNTS, "meanwhile")
    await visit(browser_page, tried.at(MAYA.id))
    new = log(browser_page).get_by_role("article").filter(has_text="meanwhile")
    await expect(new.get_by_text("New", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("user", "channel", "role"),
    [(AUDITOR, AUDIT, "guest"), (GUEST, PARTNERS, "other workspace")],
    ids=["guest", "stranger"],
)
async def test_a_guest_is_shown_a_guests_world(
    user: User, channel: str, role: str, browser_page: Page, tried: Tried
) -> None:
    await visit(browser_page, tried.at(user.id))
    assert f"channel={channel}" in browser_page.url
    rooms = browser_page.get_by_role("navigation", name="Channels")
    await expect(rooms.get_by_role("link")).to_have_count(2)  # the channel, and the app
    people = browser_page.get_by_role("navigation", name="View as")
    await expect(people.get_by_role("link", name=user.real_name)).to_contain_text(role)


async def test_a_phone_reaches_shortcuts_and_threads_by_the_menu(browser: Browser, tried: Tried) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = await context.new_page()
    finding = await hunt(page, tried)
    await finding.get_by_role("button", name="Message menu").tap()
    await page.get_by_role("menuitem", name="Reply in thread").tap()
    await expect(log(page, "Thread")).to_contain_text("3 events, first seen today")
    assert await page.evaluate("document.scrollingElement.scrollWidth") == 390
    await context.close()
