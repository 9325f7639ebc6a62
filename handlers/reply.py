"""Private answers: what only the person who asked or pressed gets to see."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.webhook import WebhookResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.blocks import refusal
from bot.blocks.rich import Json
from bot.domain.responder import MessageTs
from handlers.errors import Tell

log = logging.getLogger(__name__)

_OK = 200


@dataclass(frozen=True, slots=True)
class Aside:
    """Where a person is answered privately: the channel they acted in, or the thread whose message they pressed."""

    respond: AsyncRespond
    thread: MessageTs | None = None
    replaces: bool = False  # the private message in which they pressed

    async def send(self, text: str, blocks: Sequence[Json]) -> WebhookResponse:
        """One request to the response URL, which needs the thread named: without it Slack answers in the channel.

        Bolt's own `respond` repeats a request whose connection broke, so that the person may be answered twice.
        """
        client = AsyncWebhookClient(
            str(self.respond.response_url), proxy=self.respond.proxy, ssl=self.respond.ssl, retry_handlers=[]
        )
        said = {"text": text, "blocks": list(blocks), "response_type": "ephemeral", "replace_original": self.replaces}
        said |= {"unfurl_links": False, "unfurl_media": False}  # an address from a log is nothing to preview
        return await client.send_dict(said | ({"thread_ts": self.thread} if self.thread else {}))


async def whisper(aside: Aside, text: str, blocks: Sequence[Json] = ()) -> None:
    """Answer through the response URL; `text` is already safe. Where Slack refuses the blocks, in words alone."""
    if aside.respond.response_url is None:
        log.info("Nowhere to answer: %s", text)
        return
    answer = await aside.send(text, list(blocks))
    if answer.status_code != _OK and blocks:
        log.warning("Slack refused a private answer's blocks: %s", answer.body)
        answer = await aside.send(text, [])
    if answer.status_code != _OK:
        log.warning("Slack refused a private answer: %s", answer.body)


def teller(aside: Aside) -> Tell:
    """How `told` reaches the person; the sentence may quote what they typed."""

    async def tell(sentence: str) -> None:
        await whisper(aside, refusal.line(sentence))

    return tell
