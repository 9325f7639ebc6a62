"""The demo in a browser: where things are on its page, and how one gets there."""

import re

from playwright.async_api import Locator, Page, expect

from local.slack.model import User
from local.slack.sample import HUNTS, MAYA
from tests.browser.demo import Demo

CHANNEL = "security-hunts"
FIRST = "28 hits = 28 from the backlog + 0 known + 0 suppressed"  # what the first hunt of the demo counts


async def visit(page: Page, demo: Demo, who: User = MAYA, channel: str = HUNTS) -> None:
    await page.goto(f"{demo.page_url}?user={who.id}&channel={channel}")
    await expect(page.locator("body")).to_have_attribute("data-live", "yes")


async def become(page: Page, who: User) -> None:
    await page.get_by_role("navigation", name="View as").get_by_role("link", name=who.real_name).click()
    await expect(page.locator("body")).to_have_attribute("data-user", who.id)
    await expect(page.locator("body")).to_have_attribute("data-live", "yes")


async def enter(page: Page, channel: str) -> None:
    await page.get_by_role("navigation", name="Channels").get_by_role("link", name=channel).click()
    await expect(page.get_by_role("heading", name=channel)).to_be_visible()


async def type_command(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message #")
    await box.fill(text)
    await box.press("Enter")


def messages(page: Page, channel: str = CHANNEL) -> Locator:
    return page.get_by_role("log", name=f"Messages in {channel}").get_by_role("article")


def privately(page: Page, channel: str = CHANNEL) -> Locator:
    """What only the viewer sees."""
    return messages(page, channel).filter(has_text="Only visible to you")


def thread(page: Page) -> Locator:
    return page.get_by_role("log", name="Thread").get_by_role("article")


def card(page: Page, ref: str) -> Locator:
    """A finding's message in the open thread, as nobody but its heading and its menu tell it from its history."""
    return thread(page).filter(has=page.get_by_role("heading", name=re.compile(rf"· {ref}\b")))


def posted(page: Page, ref: str) -> Locator:
    """A finding's message in the channel itself."""
    return messages(page).filter(has=page.get_by_role("heading", name=re.compile(rf"· {ref}\b")))


def home(page: Page) -> Locator:
    return page.get_by_role("region", name="Home of huntbot")


async def hunt(page: Page, demo: Demo) -> Locator:
    """Maya hunts and opens the thread with the findings; gives the answer in the channel."""
    await visit(page, demo)
    await type_command(page, "/hunt lambda-perms")
    answer = messages(page).filter(has_text=FIRST)
    await expect(answer).to_contain_text("21 findings: 21 from the backlog. They follow in this thread.")
    await demo.everything_is_posted()
    await answer.get_by_role("link", name="21 replies").click()
    return answer


async def choose(finding: Locator, entry: str) -> None:
    await finding.get_by_role("button", name="More actions").click()
    choice = finding.get_by_role("menuitem", name=entry)
    await expect(choice).to_be_in_viewport(ratio=1)
    await choice.click()
