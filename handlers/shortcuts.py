"""Shortcuts: on a message of huntbot's, everything about its finding; anywhere, the picker of hunts."""

import logging
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions
from bot.errors import HuntbotError
from handlers import parse, picker
from handlers.desk import Desk
from handlers.details import open_details
from handlers.errors import guarded
from handlers.reply import Aside, teller, whisper

log = logging.getLogger(__name__)

NO_FINDING = (
    "No finding stands in this message. The shortcut works on the messages of huntbot that show one; "
    "/hunt findings lists them."
)


def register(app: AsyncApp, desk: Desk) -> None:
    async def triage(args: AsyncArgs) -> None:
        await args.ack()
        await _open(desk, args)

    async def hunt(args: AsyncArgs) -> None:
        await args.ack()
        await picker.open_picker(desk, args)

    app.message_shortcut(actions.TRIAGE_SHORTCUT)(guarded(triage))
    app.global_shortcut(actions.HUNT_SHORTCUT)(guarded(hunt))
    app.shortcut(re.compile(".*"))(guarded(_anything_else))


async def _open(desk: Desk, args: AsyncArgs) -> None:
    place = parse.shortcut_place(args.body)
    try:
        finding = await desk.services.triage.at(place)
    except HuntbotError as error:
        await teller(Aside(args.respond))(str(error))
        return
    if finding is None:
        desk.background.spawn(whisper(Aside(args.respond), NO_FINDING), "a private line")
        return
    await open_details(desk, args, finding, place)


async def _anything_else(args: AsyncArgs) -> None:
    await args.ack()
    log.info("Nothing listens to shortcut %s", args.body.get("callback_id"))
