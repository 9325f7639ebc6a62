"""Every flow of the surface as a responder meets it, on a desk and on a phone, with a picture of every step.

The pictures are in `.artefacts/screenshots`, by flow and width (`HUNTBOT_TEST_SCREENSHOTS` names another folder):
they are there to be looked at. Flows that need a finding or two share a demo, and each width has findings of its own.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from local.slack.model import User
from local.slack.sample import AISHA, AUDIT, AUDITOR, ESCALATIONS, GUEST, IVO, MAYA, PARTNERS, TOMAS
from tests.browser import axe
from tests.browser.chromium import launched, without_proxy
from tests.browser.demo import Demo, demonstrating
from tests.browser.places import card, choose, home, hunt, messages, posted, privately, thread, type_command
from tests.browser.walk import DESKTOP, PHONE, Walk, Width, walking

REPLIES = re.compile(r"^\d+ repl(y|ies)$")
ANSWERS = {
    "show F-2": "anyone may invoke payments-api",
    "help": "What you can type",
    "findings critical": "Not resolved · critical",
    "status": "1 hunt loaded",
    "findings grave": "grave: no option here",
}

pytestmark = pytest.mark.asyncio(loop_scope="module")
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


# --- one finding --------------------------------------------------------------------------------


async def test_hunt(walk: Walk) -> None:
    await walk.begin()
    await type_command(walk.page, "/hunt lambda-perms severity:critical")
    answer = messages(walk.page).filter(has_text="Only severity at least critical").last
    await expect(answer).to_be_visible()
    await walk.step("answer")
    await walk.into_the_thread()
    await expect(await walk.card("F-1")).to_contain_text("Another account may do more than invoke the function.")
    await walk.step("card")


async def test_triage(walk: Walk) -> None:
    taken, raised, closed, asleep = walk.either(("F-1", "F-3", "F-8", "F-9"), ("F-10", "F-11", "F-12", "F-13"))
    await walk.into_the_thread()
    finding = await walk.card(taken)
    await finding.get_by_role("button", name="Acknowledge").click()
    await expect(finding).to_contain_text("Acknowledged by @Maya Chen")
    await walk.step("acknowledged", is_judged=False)
    await escalate(walk, raised)
    await resolve(walk, closed, "Expected", "Rolled out by the platform team, CHG-4711")
    await snooze(walk, asleep)


async def escalate(walk: Walk, ref: str) -> None:
    finding = await walk.card(ref)
    await finding.get_by_role("button", name="Escalate").click()
    confirm = walk.page.get_by_role("dialog", name=f"Escalate {ref}?")
    await expect(confirm).to_be_visible()
    await walk.step("escalate-asks")
    await confirm.get_by_role("button", name="Escalate").click()
    await expect(finding).to_contain_text("Escalated by @Maya Chen")
    await walk.step("escalated", is_judged=False)
    await walk.demo.everything_is_posted()
    await walk.begin(AISHA, ESCALATIONS)
    call = messages(walk.page, "security-escalations").filter(has_text=ref).last
    await expect(call).to_contain_text("Nobody has taken it over yet")
    await walk.step("called")
    await walk.into_the_thread()


async def resolve(walk: Walk, ref: str, reason: str, note: str) -> None:
    finding = await walk.card(ref)
    await finding.get_by_role("button", name="More actions").click()
    await walk.step("menu")
    await finding.get_by_role("menuitem", name="Resolve").click()
    await fill_in(walk, ref, reason, note)
    await expect(finding).to_contain_text(f"“{note}”")
    await walk.step("resolved", is_judged=False)


async def fill_in(walk: Walk, ref: str, reason: str, note: str) -> None:
    form = walk.page.get_by_role("dialog", name=f"Resolve {ref}")
    await form.get_by_role("radio", name=reason).check()
    await form.get_by_role("textbox", name="Note").fill(note)
    await walk.step("resolve-form")
    await form.get_by_role("button", name="Resolve").click()
    await expect(form).to_have_count(0)
    await expect(card(walk.page, ref)).to_contain_text(f"Resolved as {reason.lower()} by @Maya Chen")


async def snooze(walk: Walk, ref: str) -> None:
    finding = await walk.card(ref)
    await choose(finding, "Snooze")
    form = walk.page.get_by_role("dialog", name=f"Snooze {ref}")
    await form.get_by_role("radio", name="Until tomorrow").check()
    await walk.step("snooze-form")
    await form.get_by_role("button", name="Snooze").click()
    await expect(finding).to_contain_text("Snoozed by @Maya Chen until")
    await walk.step("snoozed")


async def test_details(walk: Walk) -> None:
    ref = walk.either("F-2", "F-14")
    await walk.into_the_thread()
    modal = await walk.details(await walk.card(ref), ref)
    for chapter in ("What to check", "Every column", "Raw event", "MITRE ATT&CK", "Ask around it", "History"):
        await expect(modal.get_by_text(chapter, exact=True)).to_be_visible()
    await walk.scroll_through(modal.locator(".modal-body"), "page")


async def test_a_pivot(walk: Walk) -> None:
    await walk.into_the_thread()
    modal = await walk.details(await walk.card("F-2"), "F-2")
    await modal.get_by_role("button", name=walk.either("hour around", "other grants")).click()
    await expect(walk.page.get_by_role("dialog", name="F-2: asked")).to_be_visible()
    await walk.step("asked")
    await walk.page.get_by_role("dialog", name="F-2: asked").get_by_role("button", name="Close").first.click()
    await walk.page.keyboard.press("Escape")
    await walk.demo.everything_is_posted()
    answer = thread(walk.page).filter(has=walk.page.get_by_role("table")).last
    await answer.scroll_into_view_if_needed()
    await walk.step("answer")


async def test_still_true(walk: Walk) -> None:
    await walk.into_the_thread()
    ref = walk.either("F-18", "F-19")
    finding = await walk.card(ref)
    await finding.get_by_role("button", name="More actions").click()
    await walk.step("menu")
    await finding.get_by_role("menuitem", name="Still true?").click()
    await expect(finding).to_contain_text("Checked")
    await walk.card(ref)
    await walk.step("checked")


async def test_seen_before(walk: Walk) -> None:
    before, now, reason = walk.either(("F-4", "F-5", "Benign"), ("F-6", "F-21", "Expected"))
    await walk.into_the_thread()
    await choose(await walk.card(before), "Resolve")
    await fill_in(walk, before, reason, "It is so on purpose")
    finding = await walk.card(now)
    await expect(finding).to_contain_text(f"Seen before: {before} with the same grantee and function was called")
    await walk.step("seen-before")
    await finding.get_by_role("button", name="Same again").click()
    await expect(finding).to_contain_text(f"Resolved as {reason.lower()} by @Maya Chen")
    await walk.step("same-again")


async def test_comment_and_assign(walk: Walk) -> None:
    ref = walk.either("F-22", "F-23")
    await walk.begin()
    finding = posted(walk.page, ref)
    modal = await walk.details(finding, ref)
    await modal.get_by_role("button", name="Comment").click()
    form = walk.page.get_by_role("dialog", name=f"Comment {ref}")
    await form.get_by_role("textbox").fill("Asked the payments team; nobody knows this URL.")
    await walk.step("comment-form")
    await form.get_by_role("button", name="Comment").click()
    await expect(form).to_have_count(0)
    await expect(modal).to_contain_text("wrote: Asked the payments team; nobody knows this URL.")
    await walk.step("commented")
    await walk.page.keyboard.press("Escape")
    await walk.demo.everything_is_posted()  # or the menu would go with the message that is drawn over
    await choose(finding, "Assign")
    form = walk.page.get_by_role("dialog", name=f"Assign {ref}")
    await form.get_by_role("combobox").select_option(label=TOMAS.real_name)
    await walk.step("assign-form")
    await form.get_by_role("button", name="Assign").click()
    await expect(finding).to_contain_text(f"Acknowledged by @{TOMAS.real_name}")
    await walk.step("assigned")
    await replies(walk, finding, ref)


async def replies(walk: Walk, finding: Locator, ref: str) -> None:
    """What a colleague answers in the thread stands in the history."""
    await walk.demo.everything_is_posted()
    await walk.begin(TOMAS)
    await finding.get_by_role("link", name=REPLIES).click()
    box = walk.page.get_by_role("textbox", name="Reply")
    await box.fill("It is ours after all: the URL of the new checkout.")
    await box.press("Enter")
    await expect(thread(walk.page).last).to_contain_text("It is ours after all")
    await walk.step("thread")
    await walk.begin(TOMAS)
    modal = await walk.details(finding, ref)
    said = modal.get_by_text("wrote: It is ours after all: the URL of the new checkout.")
    await said.scroll_into_view_if_needed()
    await walk.step("history")


async def test_shortcut(walk: Walk) -> None:
    await walk.begin()
    finding = posted(walk.page, walk.either("F-22", "F-23"))
    await finding.hover()
    await finding.get_by_role("button", name="Message menu").click()
    await walk.step("menu")
    await walk.page.get_by_role("menuitem", name="Triage with huntbot").click()
    await expect(walk.page.get_by_role("dialog", name="in full").get_by_text("Raw event", exact=True)).to_be_visible()
    await walk.step("details")


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
