"""The main job as a newcomer does it, in a real browser over the demo: hunt, triage, second person, digest."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from local.slack.sample import AISHA, MAYA, TOMAS
from tests.browser.chromium import without_proxy
from tests.browser.demo import Demo, demonstrating
from tests.browser.faults import watch
from tests.browser.places import become, card, choose, enter, hunt, messages, thread, type_command, visit


@pytest.fixture
async def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Demo]:
    without_proxy(monkeypatch)
    async with demonstrating(tmp_path) as started:
        yield started


# --- the job ------------------------------------------------------------------------------------


async def test_the_main_job_from_the_hunt_to_the_digest(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    await hunt(page, demo)
    await take(card(page, "F-2"))
    await escalate(page, card(page, "F-1"))
    await resolve(page, card(page, "F-4"), "expected", "the status page is public")
    await demo.everything_is_posted()

    await become(page, TOMAS)
    await sees_who_has_it_and_what_comes_next(page, card(page, "F-2"))
    await follows_the_call_back(page, "F-1")

    demo.something_happens()
    await demo.the_next_digest_is_due()
    await the_digest_has_news(page)
    await demo.the_next_digest_is_due()
    await the_digest_says_what_nobody_looked_at(page)


async def take(finding: Locator) -> None:
    await finding.get_by_role("button", name="Acknowledge").click()
    await expect(finding).to_contain_text(f"Acknowledged by @{MAYA.real_name} today")


async def escalate(page: Page, finding: Locator) -> None:
    await finding.get_by_role("button", name="Escalate").click()
    await page.get_by_role("dialog", name="Escalate F-1?").get_by_role("button", name="Escalate").click()
    await expect(finding).to_contain_text(f"Escalated by @{MAYA.real_name} today")
    await expect(finding.get_by_role("button", name="Escalate")).to_have_count(0)


async def resolve(page: Page, finding: Locator, reason: str, note: str) -> None:
    await choose(finding, "Resolve")
    form = page.get_by_role("dialog", name="Resolve F-4")
    await form.get_by_role("button", name="Resolve").click()
    await expect(form.get_by_text("Please complete this required field.")).to_be_visible()
    await form.get_by_role("radio", name=reason.capitalize()).check()
    await form.get_by_role("textbox", name="Note").fill(note)
    await form.get_by_role("button", name="Resolve").click()
    await expect(form).to_have_count(0)
    await expect(finding).to_contain_text(f"Resolved as {reason} by @{MAYA.real_name} today")
    await expect(finding).to_contain_text(f"“{note}”")
    await expect(finding.get_by_role("button", name="Acknowledge")).to_have_count(0)


async def sees_who_has_it_and_what_comes_next(page: Page, finding: Locator) -> None:
    await expect(finding).to_contain_text(f"Acknowledged by @{MAYA.real_name} today")
    await expect(finding.get_by_role("button", name="Acknowledge")).to_have_count(0)
    await expect(finding.get_by_role("button", name="Escalate")).to_be_visible()
    await finding.get_by_role("button", name="Resolve").click()
    form = page.get_by_role("dialog", name="Resolve F-2")
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_have_count(0)
    await expect(thread(page).filter(has_text=re.compile(rf"F-2 .*@{MAYA.real_name} acknowledged it"))).to_have_count(
        1
    )


async def follows_the_call_back(page: Page, ref: str) -> None:
    await become(page, AISHA)
    await expect(page.get_by_label("1 mention")).to_be_visible()
    await enter(page, "security-escalations")
    call = messages(page, "security-escalations")
    await expect(call).to_contain_text(f"@on-call Escalated by @{MAYA.real_name} today")
    await expect(call).to_contain_text("444455556666 may lambda:UpdateFunctionCode on payments-api")
    await call.get_by_role("button", name=f"Open {ref}").click()
    await expect(page.get_by_role("heading", name="security-hunts")).to_be_visible()
    await expect(page.get_by_role("heading", name=re.compile(rf"· {ref}\b"))).to_be_in_viewport()


async def the_digest_has_news(page: Page) -> None:
    digest = messages(page).filter(has_text="Digest")
    await expect(digest).to_contain_text("No digest of this hunt came here before.")
    await expect(digest).to_contain_text("29 hits = 1 new + 28 known + 0 suppressed")
    await expect(digest).to_contain_text("New showing 1 of 1")
    await expect(digest).to_contain_text("From the backlog showing 10 of 21")
    news = messages(page).filter(has=page.get_by_role("heading", name="· F-22 · new"))
    await expect(news).to_contain_text("anyone (*) may lambda:InvokeFunctionUrl on payments-api")
    await expect(news.get_by_role("button", name="Acknowledge")).to_be_visible()


async def the_digest_says_what_nobody_looked_at(page: Page) -> None:
    digest = messages(page).filter(has_text="Digest").last
    await expect(digest).to_contain_text("29 hits = 0 new + 29 known + 0 suppressed")
    await expect(digest).to_contain_text("Nobody has looked at showing 10 of 19")
    await expect(digest).to_contain_text(re.compile(r"waiting for [4-9] minutes"))
    await expect(digest.get_by_role("link", name="F-2", exact=True)).to_have_count(0)


# --- what else they meet ------------------------------------------------------------------------


async def test_a_finding_says_who_may_do_what_and_who_did_it_in_the_viewers_time(
    browser_page: Page, demo: Demo
) -> None:
    await hunt(browser_page, demo)
    finding = card(browser_page, "F-2")
    for line in (
        "anyone (*) may lambda:InvokeFunction on payments-api",
        "Anyone may invoke the function; nothing narrows it.",
        "By arn:aws:iam::111122223333:user/ext-dario.conti · IAMUser",
        "Account 111122223333 · us-east-1",
        "No removal was seen (no proof that it still stands)",
        "Open, nobody has it.",
    ):
        await expect(finding).to_contain_text(line)
    at_mayas = await finding.get_by_text(re.compile(r"\d:\d\d:\d\d [AP]M")).first.text_content()
    await become(browser_page, AISHA)
    await expect(finding.get_by_text(re.compile(r"\d:\d\d:\d\d [AP]M")).first).not_to_have_text(at_mayas or "")


async def test_a_link_in_the_answer_leads_to_its_finding_in_the_thread(browser_page: Page, demo: Demo) -> None:
    answer = await hunt(browser_page, demo)
    await answer.get_by_role("link", name="F-9", exact=True).click()
    await expect(browser_page.get_by_role("heading", name=re.compile(r"· F-9\b"))).to_be_in_viewport()


async def test_what_a_phone_types_is_understood(browser_page: Page, demo: Demo) -> None:
    await visit(browser_page, demo)
    await type_command(browser_page, "/hunt lambda-perms —principal “*” severity:critical")
    answer = messages(browser_page).filter(has_text="filtered out")
    await expect(answer).to_contain_text("Only principal *, severity at least critical")
    await expect(answer.or_(messages(browser_page)).filter(has_text="anyone (*) may").first).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/hunt lamda-perm", "There is no hunt called lamda-perm. Did you mean lambda-perms?"),
        ("/hunt lambda-perms severity:huge", "severity:huge: write one of critical, high, medium, low, info"),
        ("/hunt help", "/hunt show F-42 everything about one finding"),
        ("/hunt list", "/hunt lambda-perms Lambda permissions granted"),
        ("/hunt findings", "Not resolved: none."),
        ("/hunt show F-9", "There is no finding F-9."),
        ("/hunt status", "1 hunt loaded"),
    ],
)
async def test_an_answer_that_concerns_one_person_is_shown_to_them_alone(
    typed: str, told: str, browser_page: Page, demo: Demo
) -> None:
    await visit(browser_page, demo)
    await type_command(browser_page, typed)
    await expect(messages(browser_page).filter(has_text="Only visible to you")).to_contain_text(told)
    await become(browser_page, TOMAS)
    await expect(messages(browser_page)).to_have_count(0)


async def test_the_home_tab_shows_what_somebody_holds(browser_page: Page, demo: Demo) -> None:
    await hunt(browser_page, demo)
    await take(card(browser_page, "F-2"))
    await browser_page.get_by_role("link", name="huntbot").click()
    home = browser_page.get_by_role("region", name="Home of huntbot")
    await expect(home).to_contain_text("Held by you showing 1 of 1")
    await expect(home).to_contain_text("Nobody has it showing 10 of 20")


async def test_a_phone_in_the_dark_can_triage(browser: Browser, demo: Demo) -> None:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark", reduced_motion="reduce"
    )
    page = await context.new_page()
    faults = watch(page)
    await hunt(page, demo)
    assert await page.evaluate("document.scrollingElement.scrollWidth") == 390
    await take(card(page, "F-2"))
    await resolve(page, card(page, "F-4"), "benign", "seen")
    await context.close()
    assert faults == []
