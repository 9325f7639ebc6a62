"""Forms: the resolve form is one transaction, acknowledged after it."""

import logging
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, modals
from bot.domain.triage import Move
from bot.errors import InputError
from bot.services.triage import Pressed
from handlers import parse
from handlers.desk import Desk
from handlers.errors import Listener, guarded
from handlers.foreign import REFUSAL, is_foreign

log = logging.getLogger(__name__)


def register(app: AsyncApp, desk: Desk) -> None:
    app.view(actions.RESOLVE_FORM)(guarded(_resolve(desk)))
    app.view(re.compile(".*"))(guarded(_anything_else))
    app.view_closed(re.compile(".*"))(guarded(_anything_else))


def _resolve(desk: Desk) -> Listener:
    async def submit(args: AsyncArgs) -> None:
        try:
            if is_foreign(parse.asker_of(args.body), args):
                await _refuse(args, REFUSAL)
                return
            became = await _pressed(desk, parse.submission(args.body))
        except InputError as error:  # raised only before the acknowledgement
            await _refuse(args, str(error))
            return
        await _close(args, became)
        desk.services.delivery.nudge()

    return submit


async def _pressed(desk: Desk, filled: parse.Submission) -> Pressed:
    return await desk.services.triage.press(
        filled.form.finding, Move.RESOLVE, filled.asker.user, filled.form.place, filled.resolution, filled.note
    )


async def _close(args: AsyncArgs, became: Pressed) -> None:
    """The form goes away; where it came too late, it says for what."""
    if became.won or _is_echo(became):
        await args.ack()
        return
    view = modals.beaten_to_it(became.finding, became.first, became.event.by)
    await args.ack(response_action="update", view=view)


def _is_echo(became: Pressed) -> bool:
    """One submission come twice; another form of the same person, with another reason, is none."""
    first, late = became.first, became.event
    return first is not None and (first.by, first.resolution, first.note) == (late.by, late.resolution, late.note)


async def _refuse(args: AsyncArgs, sentence: str) -> None:
    await args.ack(response_action="errors", errors={actions.RESOLUTION_BLOCK: sentence})


async def _anything_else(args: AsyncArgs) -> None:
    await args.ack()
    log.info("Nothing listens to view %s", (args.body.get("view") or {}).get("callback_id"))
