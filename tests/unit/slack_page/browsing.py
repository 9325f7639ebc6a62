"""The page over HTTP as a browser has it: an app on the other side, acts of the page, things to show."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from local.slack.content import Content
from local.slack.delivery import Envelope
from local.slack.sample import BOT, HUNTS
from local.slack.workspace import Workspace

Json = dict[str, Any]
Browser = TestClient[web.Request, web.Application]

OWN = {"X-Local-Slack-Page": "1"}
MORNING = 1772443800.0  # 2026-03-02 09:30 UTC
BUTTON: Json = {
    "type": "actions",
    "block_id": "b",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
}


@dataclass
class Heard:
    """The app on the other side: keeps what it is told, answers what it was given to answer."""

    envelopes: list[Envelope] = field(default_factory=list)
    answer: Json = field(default_factory=dict)

    async def deliver(self, envelope: Envelope) -> Json:
        self.envelopes.append(envelope)
        return self.answer


async def act(browser: Browser, path: str, **body: Any) -> ClientResponse:
    return await browser.post(f"/page/{path}", json=body, headers=OWN)


def bot_says(workspace: Workspace, text: str, *blocks: Json, channel: str = HUNTS, **more: Any) -> str:
    return workspace.messages.post(channel, BOT.id, Content(text, blocks), **more).ts


def form(*elements: Json) -> Json:
    blocks = [
        {"type": "input", "block_id": e["action_id"], "label": {"type": "plain_text", "text": "L"}, "element": e}
        for e in elements
    ]
    title, submit = ({"type": "plain_text", "text": text} for text in ("Form", "Send"))
    return {"type": "modal", "callback_id": "f", "title": title, "submit": submit, "blocks": blocks}
