"""Private answers: what only the person who asked or pressed gets to see."""

import logging
from collections.abc import Sequence

from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.blocks.rich import Json
from bot.blocks.text import escaped
from handlers.errors import Tell

log = logging.getLogger(__name__)

_OK = 200


async def whisper(respond: AsyncRespond, text: str, blocks: Sequence[Json] = ()) -> None:
    """Answer through the response URL; `text` is already safe. Where Slack refuses the blocks, in words alone."""
    if respond.response_url is None:
        log.info("Nowhere to answer: %s", text)
        return
    answer = await respond(text=text, blocks=list(blocks), response_type="ephemeral", replace_original=False)
    if answer.status_code != _OK and blocks:
        log.warning("Slack refused a private answer's blocks: %s", answer.body)
        answer = await respond(text=text, response_type="ephemeral", replace_original=False)
    if answer.status_code != _OK:
        log.warning("Slack refused a private answer: %s", answer.body)


def teller(respond: AsyncRespond) -> Tell:
    """How `told` reaches the person; the sentence may quote what they typed."""

    async def tell(sentence: str) -> None:
        await whisper(respond, escaped(sentence))

    return tell
