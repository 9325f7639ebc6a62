"""The local workspace under trial in a browser: where things are on the page, and what one does first."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from local.slack.sample import HUNTS, MAYA
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.browser.scripted_blocks import Json

CHANNEL = "Message #security-hunts"


@dataclass(frozen=True)
class Tried:
    """The server under trial, its workspace, and the forms the app was sent."""

    slack: LocalSlack
    workspace: Workspace
    forms: list[Json]

    def at(self, user: str, channel: str = HUNTS) -> str:
        return f"{self.slack.page_url}?user={user}&channel={channel}"


async def visit(page: Page, address: str) -> None:
    """Opens an address and waits until its changes are listened for."""
    await page.goto(address)
    await expect(page.locator("body")).to_have_attribute("data-live", "yes")


def box(page: Page, name: str = CHANNEL) -> Locator:
    return page.get_by_role("textbox", name=name)


def log(page: Page, name: str = "Messages in security-hunts") -> Locator:
    return page.get_by_role("log", name=name)


async def write(page: Page, text: str, name: str = CHANNEL) -> None:
    await box(page, name).fill(text)
    await box(page, name).press("Enter")


async def hunt(page: Page, tried: Tried, user: str = MAYA.id) -> Locator:
    """Runs the app's hunt as somebody; gives the finding's message."""
    await visit(page, tried.at(user))
    await write(page, "/hunt lambda-perms")
    finding = log(page).get_by_role("article").filter(has=page.get_by_role("button", name="Acknowledge"))
    await expect(finding).to_be_visible()
    return finding


async def run_hunt(page: Page) -> Locator:
    """The same in the channel that is open; gives its first message."""
    await write(page, "/hunt lambda-perms")
    return log(page).get_by_role("article").first
