"""The picker: a form instead of a command line; what it asks for is stored and worked on as `/hunt x` is."""

import logging

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError

from bot.blocks import actions, picker, refusal
from bot.domain.responder import ChannelId
from bot.errors import BadArgument, InputError, UnknownHunt
from handlers import jobs, parse, runs
from handlers.command_line import read_picked
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.parse import ButtonPress
from handlers.pressing import pressing
from handlers.reply import Aside, whisper

log = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    async def again(args: AsyncArgs, pressed: ButtonPress) -> None:
        await args.ack()
        await open_picker(desk, args, pressed.place.channel)

    async def suggest(args: AsyncArgs) -> None:
        hunts = tuple(desk.services.hunts.shelf.hunts.values())
        await args.ack(options=picker.options(hunts, parse.typed(args.body)))

    async def submitted(args: AsyncArgs) -> None:
        try:
            await _submit(desk, args)
        except InputError as error:  # raised only before the acknowledgement
            await args.ack(response_action="errors", errors={_field(error): refusal.under_field(error)})

    app.action(actions.OPEN_PICKER)(pressing(desk, again))
    app.options(actions.PICKED_HUNT)(guarded(suggest))
    app.view(actions.PICKER_FORM)(guarded(submitted))


async def open_picker(desk: Desk, args: AsyncArgs, channel: ChannelId | None = None) -> None:
    """Nothing has to be asked for it: it opens complete. Where Slack does not open it, a button tries again."""
    hunts = tuple(desk.services.hunts.shelf.hunts.values())
    try:
        await args.client.views_open(trigger_id=str(args.body["trigger_id"]), view=picker.view(hunts, channel))
    except SlackApiError as error:
        log.warning("The picker did not open: %s", error.response.get("error"))
        line = whisper(Aside(args.respond), "Slack did not open the form in time.", picker.retry())
        desk.background.spawn(line, "a second chance at the picker")


async def _submit(desk: Desk, args: AsyncArgs) -> None:
    """Stored, then acknowledged; a form that is delivered again is the same run. Raises InputError, StoreError."""
    picked = parse.picked(args.body)
    asked = read_picked(picked.hunt, picked.window, picked.account, picked.principal, picked.severity)
    desk.services.hunts.shelf.find(asked.slug)
    channel = picked.channel
    is_private = channel is None or not await runs.may_answer_in(desk, channel)
    where = channel or ChannelId(picked.asker.user)  # their own conversation with the bot
    run = await runs.request_hunt(desk, asked, picked.asker, where, picked.delivery, is_private=is_private)
    await args.ack()
    if run is not None:
        jobs.take_up(desk.services, desk.background, run.id)


_FIELDS = {"account": actions.PICKED_ACCOUNT, "severity": actions.PICKED_SEVERITY, "since": actions.PICKED_WINDOW}


def _field(error: InputError) -> str:
    """Under which field a fault is told."""
    match error:
        case BadArgument(argument=argument):
            return _FIELDS.get(argument.partition(":")[0], actions.PICKED_PRINCIPAL)
        case UnknownHunt():
            return actions.PICKED_HUNT
        case _:
            return actions.PICKED_CHANNEL
