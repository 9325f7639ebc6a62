"""The flows of one finding: hunted for, triaged, looked into, said again, talked about."""

import pytest
from playwright.async_api import Locator, expect

from local.slack.sample import AISHA, ESCALATIONS, TOMAS
from tests.browser.places import card, choose, messages, posted, thread, type_command
from tests.browser.walk import REPLIES, Walk

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
