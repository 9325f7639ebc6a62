"""Forms: each is one transaction, acknowledged after it."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, modals, refusal
from bot.domain.access import Deed
from bot.domain.responder import UserId
from bot.domain.snooze import snoozed_until
from bot.domain.triage import Move
from bot.errors import InputError
from bot.services.triage import Pressed
from handlers import gate, parse
from handlers.desk import Desk
from handlers.details import redraw_below
from handlers.errors import Listener, guarded
from handlers.knock import Attempt
from handlers.parse import Submission

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Form:
    """A form: where its choice stands, and what its submission does in the zone of whoever filled it in.

    One without an `action` asks for no choice: `block` is where a fault is told.
    """

    block: str
    action: str
    press: Callable[[Desk, Submission, ZoneInfo], Awaitable[Pressed]]


def register(app: AsyncApp, desk: Desk) -> None:
    for callback_id, form in _FORMS.items():
        app.view(callback_id)(guarded(_submitted(desk, form)))
    app.view(re.compile(".*"))(guarded(_anything_else))
    app.view_closed(re.compile(".*"))(guarded(_anything_else))


def _submitted(desk: Desk, form: _Form) -> Listener:
    async def submit(args: AsyncArgs) -> None:
        try:
            filled = parse.submission(args.body, form.block, form.action)
            became = await form.press(desk, filled, gate.zone(desk, args))
        except InputError as error:  # raised only before the acknowledgement
            await _refuse(args, form, refusal.under_field(error))
            return
        await _close(args, filled, became)
        redraw_below(desk, args, filled.form)
        desk.services.delivery.nudge()

    return submit


async def _resolve(desk: Desk, filled: Submission, _: ZoneInfo) -> Pressed:
    return await desk.services.triage.press(
        filled.form.finding,
        Move.RESOLVE,
        filled.asker.user,
        filled.form.place,
        resolution=parse.resolution(filled.chosen),
        note=filled.note,
        delivery=filled.delivery,
    )


async def _snooze(desk: Desk, filled: Submission, zone: ZoneInfo) -> Pressed:
    return await desk.services.triage.press(
        filled.form.finding,
        Move.SNOOZE,
        filled.asker.user,
        filled.form.place,
        note=filled.note,
        until=snoozed_until(parse.snooze(filled.chosen), desk.clock(), zone),
        replaces=filled.form.replaces,
        delivery=filled.delivery,
    )


async def _assign(desk: Desk, filled: Submission, _: ZoneInfo) -> Pressed:
    """To take it oneself is triage as any other; to give it to somebody else asks for more."""
    carried, assignee = filled.form, UserId(filled.chosen)
    if assignee != filled.asker.user:
        attempt = Attempt(carried.finding, Move.ASSIGN, carried.place, filled.delivery)
        await gate.admit(desk, filled.asker, Deed.ASSIGN, carried.place.channel, attempt)
        await desk.services.access.check_assignee(assignee)
    return await desk.services.triage.press(
        carried.finding,
        Move.ASSIGN,
        filled.asker.user,
        carried.place,
        note=filled.note,
        replaces=carried.replaces,
        assignee=assignee,
        delivery=filled.delivery,
    )


async def _take(desk: Desk, filled: Submission, zone: ZoneInfo) -> Pressed:
    return await _assign(desk, replace(filled, chosen=filled.asker.user), zone)


async def _comment(desk: Desk, filled: Submission, _: ZoneInfo) -> Pressed:
    return await desk.services.triage.press(
        filled.form.finding,
        Move.COMMENT,
        filled.asker.user,
        filled.form.place,
        note=filled.chosen,
        delivery=filled.delivery,
    )


_FORMS = {
    actions.RESOLVE_FORM: _Form(actions.RESOLUTION_BLOCK, actions.RESOLUTION, _resolve),
    actions.SNOOZE_FORM: _Form(actions.SNOOZE_BLOCK, actions.SNOOZE, _snooze),
    actions.ASSIGN_FORM: _Form(actions.ASSIGNEE_BLOCK, actions.ASSIGNEE, _assign),
    actions.TAKE_FORM: _Form(actions.NOTE_BLOCK, "", _take),
    actions.COMMENT_FORM: _Form(actions.COMMENT_BLOCK, actions.COMMENT_TEXT, _comment),
}


_asked = attrgetter("by", "move", "resolution", "until", "assignee", "note")


async def _close(args: AsyncArgs, filled: Submission, became: Pressed) -> None:
    """The form goes away; where it came too late, it says for what."""
    if became.won or _is_echo(filled, became):
        await args.ack()
        return
    view = modals.beaten_to_it(became.finding, became.first, became.event.by)
    await args.ack(response_action="update", view=view)


def _is_echo(filled: Submission, became: Pressed) -> bool:
    """One submission come twice; none is another form of the same person, with another reason or opened later."""
    saw_it = filled.form.replaces is not None and filled.form.replaces == became.finding.taken_at
    return not saw_it and became.first is not None and _asked(became.first) == _asked(became.event)


async def _refuse(args: AsyncArgs, form: _Form, sentence: str) -> None:
    await args.ack(response_action="errors", errors={form.block: sentence})


async def _anything_else(args: AsyncArgs) -> None:
    await args.ack()
    log.info("Nothing listens to view %s", (args.body.get("view") or {}).get("callback_id"))
