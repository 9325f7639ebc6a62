"""The local workspace in a real browser, with a scripted app on the other side of its Socket Mode."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, expect

from local.slack.sample import ESCALATIONS, HUNTS, MAYA, TOMAS
from tests.browser.faults import watch
from tests.browser.trying import Tried, box, hunt, log, run_hunt, visit, write

# --- commands and messages ----------------------------------------------------------------------------


async def test_a_command_brings_a_finding_without_a_reload(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await browser_page.evaluate("window.stayed = true")
    await expect(browser_page.get_by_text("Type /hunt lambda-perms")).to_be_visible()
    finding = await run_hunt(browser_page)
    await expect(finding).to_contain_text("F-1 Public invoke on payments-api")
    await expect(finding).to_contain_text("APP")
    await expect(finding.get_by_role("link", name="1 reply")).to_be_visible()
    await expect(browser_page.get_by_text("Type /hunt lambda-perms")).to_be_hidden()
    assert await browser_page.evaluate("window.stayed")


async def test_a_slash_offers_the_commands(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await box(browser_page).press_sequentially("/h")
    option = browser_page.get_by_role("option", name="/hunt")
    await expect(option).to_be_visible()
    await expect(option).to_have_attribute("aria-selected", "true")
    await box(browser_page).press("Enter")
    await expect(box(browser_page)).to_have_value("/hunt ")
    await expect(option).to_contain_text("list | findings")
    await box(browser_page).press("Escape")
    await expect(option).to_be_hidden()


async def test_the_direct_answer_of_a_command_is_only_for_its_author(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await write(browser_page, "/hunt help")
    answer = log(browser_page).get_by_role("article").filter(has_text="Only visible to you")
    await expect(answer).to_contain_text("Try /hunt lambda-perms")
    await answer.get_by_role("button", name="Dismiss message").click()
    await expect(answer).to_have_count(0)
    assert tried.workspace.messages_for(MAYA.id, HUNTS) == []


@pytest.mark.parametrize(
    ("text", "words"), [("/hunt quiet", "did not respond in time"), ("/nope", "/nope is not a valid command")]
)
async def test_a_command_that_fails_says_so(text: str, words: str, browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await write(browser_page, text)
    await expect(log(browser_page)).to_contain_text(words)


async def test_hostile_text_is_only_text(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await write(browser_page, "/hunt hostile")
    await expect(log(browser_page)).to_contain_text("<script>alert(1)</script> <javascript:alert(1)|x> <!channel>")
    await expect(log(browser_page).get_by_role("link", name="x")).to_have_count(0)
    assert tried.workspace.notifications_of(TOMAS.id) == []


async def test_what_is_being_typed_survives_what_arrives(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await box(browser_page).press_sequentially("half a sen")
    await tried.workspace.say(TOMAS.id, HUNTS, "hello from Tomás")
    await expect(log(browser_page)).to_contain_text("hello from Tomás")
    await browser_page.keyboard.type("tence")
    await expect(box(browser_page)).to_have_value("half a sentence")


async def test_what_comes_while_the_page_is_read_again_stays(browser_page: Page, tried: Tried) -> None:
    async def answer_late(route: Route) -> None:
        stale = await route.fetch()
        await tried.workspace.say(TOMAS.id, HUNTS, "meanwhile")
        await asyncio.sleep(0.3)
        await route.fulfill(response=stale)
        await tried.workspace.say(TOMAS.id, HUNTS, "afterwards")

    address = tried.at(MAYA.id)
    await browser_page.goto(address)
    await browser_page.route(lambda url: url == address, answer_late, times=1)
    await browser_page.evaluate("import('/page/static/live.js').then((live) => live.connect())")
    await expect(log(browser_page)).to_contain_text("afterwards")
    await expect(log(browser_page)).to_contain_text("meanwhile")


# --- presses ----------------------------------------------------------------------------------------------


async def test_a_press_redraws_the_message_for_everybody(browser_page: Page, browser: Browser, tried: Tried) -> None:
    colleague = await (await browser.new_context()).new_page()
    faults = watch(colleague)
    await visit(colleague, tried.at(TOMAS.id))
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Acknowledge").click()
    for page in (browser_page, colleague):
        await expect(log(page)).to_contain_text("Acknowledged by @Maya Chen")
        await expect(log(page)).to_contain_text("(edited)")
    await expect(finding.get_by_role("button", name="Acknowledge")).to_be_focused()
    assert faults == []
    await colleague.context.close()


@pytest.mark.parametrize(("answer", "is_left"), [("No", True), ("Yes", False)])
async def test_a_dangerous_press_asks_first(answer: str, is_left: bool, browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Resolve").click()
    question = browser_page.get_by_role("dialog", name="Sure?")
    await expect(question).to_contain_text("Resolve F-1?")
    await question.get_by_role("button", name=answer).click()
    await expect(question).to_have_count(0)
    await expect(finding).to_have_count(1 if is_left else 0)


async def test_an_overflow_menu_works_by_keyboard(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="More actions").press("Enter")
    await browser_page.keyboard.press("ArrowDown")
    await browser_page.keyboard.press("ArrowDown")
    await expect(browser_page.get_by_role("menuitem", name="Show rows")).to_be_focused()
    await browser_page.keyboard.press("Enter")
    await expect(log(browser_page)).to_contain_text("You chose rows")
    await expect(finding.get_by_role("button", name="More actions")).to_be_focused()


async def test_a_choice_in_a_message_is_heard_at_once(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("combobox", name="Severity").select_option("Medium")
    await expect(finding.get_by_role("link", name="2 replies")).to_be_visible()


# --- threads and people ---------------------------------------------------------------------------------------


async def test_a_thread_opens_beside_the_channel(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("link", name="1 reply").click()
    thread = log(browser_page, "Thread")
    await expect(thread).to_contain_text("3 events, first seen today")
    await expect(box(browser_page, "Reply")).to_be_focused()
    await write(browser_page, "ours, all fine", "Reply")
    await expect(thread).to_contain_text("ours, all fine")
    await expect(finding.get_by_role("link", name="2 replies")).to_be_visible()
    await browser_page.reload()
    await expect(thread).to_contain_text("ours, all fine")
    await browser_page.get_by_role("link", name="Close thread").click()
    await expect(thread).to_have_count(0)
    await browser_page.go_back()
    await expect(thread).to_contain_text("ours, all fine")


async def test_opening_a_thread_leaves_the_channel_where_it_was(browser_page: Page, tried: Tried) -> None:
    for number in range(160):
        await tried.workspace.say(TOMAS.id, HUNTS, f"line {number:03}")
    await visit(browser_page, tried.at(MAYA.id))
    channel = log(browser_page)
    await expect(channel.get_by_text("line 159")).to_be_in_viewport()
    await browser_page.get_by_role("link", name="Show earlier messages").click()
    await expect(channel.get_by_text("line 000")).to_have_count(1)
    await expect(channel.get_by_text("line 010")).to_be_in_viewport()
    old = channel.get_by_role("article").filter(has_text="line 012")
    await old.hover()
    await old.get_by_role("link", name="Reply in thread").click()
    await expect(log(browser_page, "Thread")).to_contain_text("line 012")
    await expect(old).to_be_in_viewport()


async def test_a_permalink_leads_to_its_message_for_who_follows_it(browser_page: Page, tried: Tried) -> None:
    await hunt(browser_page, tried)
    [finding, *_] = tried.workspace.messages_for(TOMAS.id, HUNTS)
    permalink = f"{tried.slack.page_url}archives/{HUNTS}/p{finding.ts.replace('.', '')}"
    await tried.workspace.say(MAYA.id, ESCALATIONS, f"see {permalink}")
    await visit(browser_page, tried.at(TOMAS.id, ESCALATIONS))
    await browser_page.get_by_role("link", name=permalink).click()
    await expect(log(browser_page, "Thread")).to_contain_text("F-1 Public invoke on payments-api")
    await expect(browser_page.get_by_role("link", name="Tomás Silva")).to_have_attribute("aria-current", "true")


async def test_switching_the_person_shows_their_world(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await expect(finding).to_contain_text("Dec 31, 2025 4:00 PM")
    people = browser_page.get_by_role("navigation", name="View as")
    await people.get_by_role("link", name="Tomás Silva").press("Enter")
    await expect(finding).to_contain_text("Jan 1, 2026 12:00 AM")
    await expect(people.get_by_role("link", name="Tomás Silva")).to_be_focused()
    await expect(browser_page.get_by_text("Times in Europe/Lisbon")).to_be_visible()
    await finding.get_by_role("button", name="Acknowledge").click()
    await expect(finding).to_contain_text("Acknowledged by @Tomás Silva")


async def test_unread_channels_and_pings_are_counted(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.at(MAYA.id))
    channel = browser_page.get_by_role("navigation", name="Channels").get_by_role("link", name="security-escalations")
    await tried.workspace.say(TOMAS.id, ESCALATIONS, "@maya please look")
    await expect(channel.get_by_label("1 mention")).to_be_visible()
    await expect(browser_page).to_have_title("(1) #security-hunts · Northwind Security")
    await channel.click()
    await expect(log(browser_page, "Messages in security-escalations")).to_contain_text("@Maya Chen please look")
    await expect(channel.get_by_label("1 mention")).to_have_count(0)


# --- forms and Home ----------------------------------------------------------------------------------------------


async def test_a_form_is_filled_mended_and_sent(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Add note").click()
    form = browser_page.get_by_role("dialog", name="Note on F-1")
    note = form.get_by_role("textbox", name="Note")
    await expect(note).to_be_focused()

    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Please complete this required field.")).to_have_count(3)
    await expect(note).to_have_attribute("aria-invalid", "true")

    await note.fill("the password is 1234")
    await form.get_by_role("combobox", name="Verdict").select_option("Benign")
    await form.get_by_text("Select options").click()
    await form.get_by_role("checkbox", name="IAM").check()
    await form.get_by_role("checkbox", name="S3").check()
    await form.get_by_role("radio", name="High").check()
    await form.get_by_role("checkbox", name="Page").check()
    await form.get_by_role("combobox", name="Owner").select_option("Tomás Silva")
    await form.get_by_role("combobox", name="Channel").select_option("#general")
    await form.get_by_label("Until").fill("2026-03-01")
    await form.get_by_label("Happened at").fill("2026-01-15T08:00")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("No secrets, please.")).to_be_visible()

    await note.fill("deploy role, reviewed")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await expect(finding.get_by_role("button", name="Add note")).to_be_focused()

    [sent] = tried.forms
    assert sent["text"]["text"]["value"] == "deploy role, reviewed"
    assert sent["verdict"]["verdict"]["selected_option"]["value"] == "benign"
    assert [option["value"] for option in sent["tags"]["tags"]["selected_options"]] == ["iam", "s3"]
    assert sent["sure"]["sure"]["selected_option"]["value"] == "high"
    assert [option["value"] for option in sent["also"]["also"]["selected_options"]] == ["page"]
    assert sent["who"]["who"]["selected_user"] == TOMAS.id
    assert sent["where"]["where"]["selected_channel"] == "C03GENER03"
    assert sent["until"]["until"]["selected_date"] == "2026-03-01"
    assert sent["at"]["at"]["selected_date_time"] == 1768492800  # 08:00 in Los Angeles is 16:00 UTC


async def test_a_form_the_app_redraws_keeps_what_was_typed(browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Add note").click()
    await browser_page.get_by_role("textbox", name="Note").fill("half done")
    await browser_page.get_by_role("button", name="Retitle").click()
    form = browser_page.get_by_role("dialog", name="A better title")
    await expect(form.get_by_role("textbox", name="Note")).to_have_value("half done")


@pytest.mark.parametrize("way", ["Escape", "Close", "Cancel"])
async def test_a_form_is_left_in_each_usual_way(way: str, browser_page: Page, tried: Tried) -> None:
    finding = await hunt(browser_page, tried)
    await finding.get_by_role("button", name="Add note").click()
    form = browser_page.get_by_role("dialog", name="Note on F-1")
    await expect(form).to_be_visible()
    if way == "Escape":
        await browser_page.keyboard.press("Escape")
    else:
        await form.get_by_role("button", name=way).click()
    await expect(form).to_have_count(0)
    assert tried.workspace.modals_of(MAYA.id) == ()
    await expect(finding.get_by_role("button", name="Add note")).to_be_focused()


async def test_the_home_tab_is_filled_when_it_is_opened(browser_page: Page, tried: Tried) -> None:
    await visit(browser_page, tried.slack.page_url)
    await browser_page.get_by_role("link", name="huntbot").click()
    home = browser_page.get_by_role("region", name="Home of huntbot")
    await expect(home).to_contain_text("Hello @Maya Chen, nothing waits for you.")
    await home.get_by_role("button", name="Write a note").click()
    await expect(browser_page.get_by_role("dialog", name="Note on F-1")).to_be_visible()


# --- small, wide, dark -------------------------------------------------------------------------------------


async def test_a_phone_has_everything_within_its_width(browser: Browser, tried: Tried) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = await context.new_page()
    finding = await hunt(page, tried)
    assert await page.evaluate("document.scrollingElement.scrollWidth") == 390
    for name in ("Acknowledge", "Add note", "Resolve"):
        await expect(finding.get_by_role("button", name=name)).to_be_in_viewport()
    channels = page.get_by_role("navigation", name="Channels")
    await expect(channels).to_be_hidden()
    await page.get_by_role("button", name="Channels").click()
    await channels.get_by_role("link", name="general").click()
    await expect(page.get_by_role("heading", name="general")).to_be_visible()
    await expect(channels).to_be_hidden()
    await context.close()


async def test_wide_and_long_content_stays_in_its_message(browser_page: Page, tried: Tried) -> None:
    cell = {"type": "raw_text", "text": "arn:aws:lambda:eu-west-1:123456789012:function:" + "x" * 80}
    rows = [[cell] * 8] * 4
    client = tried.workspace
    await visit(browser_page, tried.at(MAYA.id))
    await client.say(TOMAS.id, HUNTS, "w" * 600)
    post = {"blocks": [{"type": "table", "rows": rows}], "text": "rows"}
    await browser_page.request.post(
        f"{tried.slack.api_url}chat.postMessage",
        data={"channel": HUNTS, **post},
        headers={"Authorization": f"Bearer {tried.slack.credentials.bot_token}"},
    )
    await expect(log(browser_page).get_by_role("table")).to_be_visible()
    assert await browser_page.evaluate("document.scrollingElement.scrollWidth") == 1280
    assert await log(browser_page).evaluate("log => log.scrollWidth === log.clientWidth")


async def test_dark_mode_follows_the_system(browser: Browser, tried: Tried) -> None:
    context = await browser.new_context(color_scheme="dark")
    page = await context.new_page()
    await visit(page, tried.slack.page_url)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in background.removeprefix("rgb(").removesuffix(")").split(",")) < 60
    await context.close()
