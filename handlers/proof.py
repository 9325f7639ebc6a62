"""The press that `huntbot doctor --press` waits for: its message is redrawn, as a finding's would be."""

import logging

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError

from bot.blocks import actions, proof
from handlers.desk import Desk
from handlers.parse import ButtonPress
from handlers.pressing import pressing

log = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    async def press(args: AsyncArgs, pressed: ButtonPress) -> None:
        await args.ack()
        desk.background.spawn(_answer(args, pressed), "the answer to doctor's button")

    app.action(actions.PROVE)(pressing(desk, press))


async def _answer(args: AsyncArgs, pressed: ButtonPress) -> None:
    place, blocks = pressed.place, list(proof.answered(pressed.asker.user))
    try:
        await args.client.chat_update(
            channel=str(place.channel), ts=str(place.message), text=proof.ANSWERED, blocks=blocks
        )
    except SlackApiError as error:  # doctor waits no longer and took its message away
        log.info("Doctor's button was not redrawn: %s", error.response.get("error"))
