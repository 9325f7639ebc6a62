"""The flows beyond one finding: what one asks for, many at once, who is turned away, and the dark."""

import asyncio
import json
import re

import pytest
from playwright.async_api import Browser, Page, expect

from local.slack.model import User
from local.slack.sample import AUDIT, AUDITOR, GUEST, IVO, MAYA, PARTNERS
from tests.browser.demo import Demo
from tests.browser.places import home, messages, posted, privately, thread, type_command
from tests.browser.walk import DESKTOP, PHONE, REPLIES, Walk, Width, walking

ANSWERS = {
    "show F-2": "anyone may invoke payments-api",
    "help": "What you can type",
    "findings critical": "Not resolved · critical",
    "status": "1 hunt loaded",
    "findings grave": "grave: no option here",
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


# --- what one asks for ---------------------------------------------------------------------------


async def test_picker(walk: Walk) -> None:
    await walk.begin()
    await type_command(walk.page, "/hunt")
    form = walk.page.get_by_role("dialog", name="Run a hunt")
    await expect(form).to_be_visible()
    await walk.step("form")
    await form.get_by_role("combobox", name="Hunt").select_option(value="lambda-perms")
    await form.get_by_role("combobox", name="Stretch of time").select_option(value="24h")
    await form.get_by_role("combobox", name="Severity").select_option(value="high")
    await walk.step("filled-in")
    await form.get_by_role("button", name="Hunt", exact=True).click()
    await expect(form).to_have_count(0)
    await expect(messages(walk.page).filter(has_text="Only severity at least high").last).to_be_visible()
    await walk.step("answer")


async def test_answers(walk: Walk) -> None:
    await walk.begin()
    for typed, told in ANSWERS.items():
        await expect(await walk.hears(f"/hunt {typed}")).to_contain_text(told)
        await walk.step(typed.replace(" ", "-"), is_judged=False)
    await walk.step("all")


async def test_export(walk: Walk) -> None:
    name = walk.either("csv", "ndjson")
    await walk.begin()
    await type_command(walk.page, f"/hunt export critical {name}")
    await expect(privately(walk.page).last).to_contain_text("in your conversation with huntbot")
    await walk.page.goto(f"{walk.demo.page_url}?user={MAYA.id}&tab=home")
    await walk.page.get_by_role("link", name="Messages", exact=True).click()
    file = messages(walk.page, "huntbot").filter(has=walk.page.get_by_role("link", name=f".{name}")).last
    await file.scroll_into_view_if_needed()
    await walk.step("file")
    async with walk.page.expect_download() as waiting:
        await file.get_by_role("link", name="Download").click()
    path = await (await waiting.value).path()
    text = await asyncio.to_thread(path.read_text)
    assert "payments-api" in text
    if name == "ndjson":
        assert {json.loads(line)["severity"] for line in text.splitlines()} == {"critical"}


# --- many findings -------------------------------------------------------------------------------


async def test_home_and_many_at_once(lonely: Walk) -> None:
    page = lonely.page
    await page.goto(f"{lonely.demo.page_url}?user={MAYA.id}&tab=home")
    await expect(home(page)).to_contain_text("Nobody has it showing 10 of 21")
    await lonely.step("overview")
    await choose_in_home(page, "Severity", "High or worse")
    await expect(home(page)).to_contain_text("showing 8 of 8")
    for menu, chosen in (("Queue", "All that is not resolved"), ("Severity", "High or worse"), ("Age", "Any age")):
        await expect(home(page).get_by_role("combobox", name=menu).locator("option:checked")).to_have_text(chosen)
    await lonely.step("narrowed")
    await choose_in_home(page, "Severity", "Any severity")
    await home(page).get_by_role("button", name="Next 10").first.click()
    await expect(home(page)).to_contain_text("showing 11 to 20 of 21")
    await lonely.step("second-page", is_judged=False)
    await select_two(lonely)
    await acknowledge_all(lonely)


async def choose_in_home(page: Page, menu: str, entry: str) -> None:
    await home(page).get_by_role("combobox", name=menu).select_option(label=entry)


async def select_two(walk: Walk) -> None:
    await home(walk.page).get_by_role("button", name="Select").first.click()
    form = walk.page.get_by_role("dialog", name="Select findings")
    for number in (0, 2):
        await form.get_by_role("checkbox").nth(number).check()
    await form.get_by_role("radio", name="Acknowledge them").check()
    await walk.step("select")
    await form.get_by_role("button", name="Do it").click()
    await expect(walk.page.get_by_role("dialog", name="Under way")).to_be_visible()
    await walk.step("under-way", is_judged=False)
    await walk.page.keyboard.press("Escape")
    await walk.demo.everything_is_posted()


async def acknowledge_all(walk: Walk) -> None:
    await walk.begin()
    answer = await walk.hears("/hunt findings untaken")
    await answer.get_by_role("button", name="Acknowledge all 19").click()
    form = walk.page.get_by_role("dialog", name="Acknowledge 19")
    await expect(form).to_contain_text("Acknowledge 19 findings in your name?")
    await expect(form).to_contain_text(re.compile(r"🛑 \d+ critical, 🔺 \d+ high, 🔶 \d+ medium"))
    await walk.step("acknowledge-all-asks")
    await form.get_by_role("button", name="Acknowledge 19").click()
    await walk.page.keyboard.press("Escape")
    await walk.demo.everything_is_posted()
    await expect(privately(walk.page).last).to_contain_text("acknowledged: 19 findings")
    await walk.step("acknowledged-all")


async def test_digest(lonely: Walk) -> None:
    await lonely.begin()
    lonely.demo.something_happens()
    await lonely.demo.the_next_digest_is_due()
    await lonely.demo.everything_is_posted()
    digest = messages(lonely.page).filter(has_text="Digest").last
    await expect(digest.get_by_role("img", name="Bar chart")).to_be_visible()
    await digest.evaluate("message => message.scrollIntoView({block: 'start'})")
    await lonely.scroll_through(lonely.page.locator("[data-log=channel]"), "whole", most=4)
    await digest.get_by_role("link", name=REPLIES).click()
    page = thread(lonely.page).filter(has_text="11 to 21 of 21")
    await page.evaluate("message => message.scrollIntoView({block: 'start'})")
    await lonely.step("thread")


# --- who may not, and the dark --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "channel", "name", "told"),
    [
        (AUDITOR, AUDIT, "audit-2026", "huntbot takes no orders from guests."),
        (GUEST, PARTNERS, "partners-acme", "people of another workspace"),
    ],
    ids=["guest", "foreigner"],
)
async def test_turned_away(who: User, channel: str, name: str, told: str, walk: Walk) -> None:
    await walk.begin(who, channel)
    await type_command(walk.page, "/hunt lambda-perms")
    await expect(privately(walk.page, name).last).to_contain_text(told)
    await walk.step(who.name)
    await walk.begin(MAYA, channel)
    await expect(messages(walk.page, name).filter(has_text=told)).to_have_count(0)


async def test_a_viewer_may_only_look(walk: Walk) -> None:
    await walk.begin(IVO)
    finding = posted(walk.page, walk.either("F-22", "F-23"))
    await finding.get_by_role("button", name="Acknowledge").click()
    told = privately(walk.page).filter(has_text="That needs the role responder, and you are a viewer.")
    await expect(told.last).to_be_in_viewport()
    await walk.step("told")


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_dark(width: Width, chromium: Browser, shared: Demo, checker: str) -> None:
    async with walking("dark", width, chromium, shared, checker, "dark") as walk:
        await walk.into_the_thread()
        finding = await walk.card("F-2")
        await walk.step("card")
        await walk.details(finding, "F-2")
        await walk.step("details")
        await walk.page.keyboard.press("Escape")
        await walk.page.goto(f"{shared.page_url}?user={MAYA.id}&tab=home")
        await expect(home(walk.page)).to_contain_text("Nobody has it")
        await walk.step("home")
