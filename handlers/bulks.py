"""Many findings at once: a form with their number, stored when it is submitted, carried out in the background."""

import logging
import re
from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, bulk, refusal
from bot.blocks.bulk import Form
from bot.blocks.rich import Json
from bot.domain.bulk import Bulk, Offer, Order
from bot.domain.responder import Place
from bot.domain.run import RunId
from bot.domain.triage import Move
from bot.errors import BadArgument, HuntbotError, InputError
from handlers import jobs, parse
from handlers.command_line import read_shown
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.modal import Modal, draw_over, open_modal
from handlers.parse import ButtonPress
from handlers.pressing import Do, pressing, several

log = logging.getLogger(__name__)

_BUTTONS: Mapping[str, Move | None] = {
    actions.BULK_ACKNOWLEDGE: Move.ACKNOWLEDGE,
    actions.BULK_RESOLVE: Move.RESOLVE,
    actions.BULK_SELECT: None,
}


def register(app: AsyncApp, desk: Desk) -> None:
    for action_id, move in _BUTTONS.items():
        app.action(action_id)(pressing(desk, _offering(desk, move)))
    app.action(several(actions.BULK_PAGE))(pressing(desk, _turning(desk)))

    async def submitted(args: AsyncArgs) -> None:
        try:
            await _submit(desk, args)
        except InputError as error:  # raised only before the acknowledgement
            await args.ack(response_action="errors", errors={_fault_block(args): refusal.under_field(error)})

    app.view(actions.BULK_FORM)(guarded(submitted))


def _offering(desk: Desk, move: Move | None) -> Do:
    """The trigger lives three seconds, and a queue may be long: the modal opens at once and is drawn over."""

    async def offer(args: AsyncArgs, pressed: ButtonPress) -> None:
        await args.ack()
        stands = await open_modal(args, bulk.loading())
        if stands is not None:
            desk.background.spawn(_fill(desk, args, stands, pressed, move), "the form for many findings")

    return offer


async def _fill(desk: Desk, args: AsyncArgs, stands: Modal, pressed: ButtonPress, move: Move | None) -> None:
    try:
        offer = await _offered(desk, pressed, move)
        view = bulk.form(offer, move) if move else await _page(desk, offer.bulk, 0)
    except HuntbotError as error:
        view = bulk.failed(str(error))
    await draw_over(args, stands, view)


async def _offered(desk: Desk, pressed: ButtonPress, move: Move | None) -> Offer:
    """Raises BadArgument, StoreError."""
    bulks, who = desk.services.bulks, pressed.asker.user
    queue = read_shown(pressed.value)
    if queue is not None:
        return await bulks.offer_queue(queue, who, _seen_by_all(pressed), move)
    match = re.fullmatch(r"run:([0-9]{1,15})", pressed.value)
    if match is None:
        raise BadArgument("this button", "it is none of ours; ask again with /hunt findings")
    return await bulks.offer_run(RunId(int(match[1])), who, pressed.place, move)


def _seen_by_all(pressed: ButtonPress) -> Place:
    """A queue is shown to one person: its answer is too, in the same channel."""
    return Place(pressed.place.channel)


def _turning(desk: Desk) -> Do:
    async def turn(args: AsyncArgs, pressed: ButtonPress) -> None:
        form = parse.bulk_form(args.body)
        ticked = parse.ticked(args.body)
        await args.ack()
        stands = Modal.read(args.body["view"])
        turned = _turn(desk, args, stands, form, pressed, ticked)
        desk.background.spawn(turned, "a page of findings to select")

    return turn


async def _turn(
    desk: Desk, args: AsyncArgs, stands: Modal, form: Form, pressed: ButtonPress, ticked: frozenset[int]
) -> None:
    try:
        stored = await desk.services.bulks.look(form.bulk, pressed.asker.user)
        view = await _page(desk, await _tick(desk, stored, form, ticked), parse.page(pressed.value))
    except HuntbotError as error:
        view = bulk.failed(str(error))
    await draw_over(args, stands, view)


async def _tick(desk: Desk, stored: Bulk, form: Form, ticked: frozenset[int]) -> Bulk:
    """The ticks of the page that shows, remembered."""
    page = bulk.page_of(stored, form.page)
    return await desk.services.bulks.tick(stored, page, [finding for finding in page if finding in ticked])


async def _page(desk: Desk, stored: Bulk, page: int) -> Json:
    if not stored.shown:
        return bulk.failed("There is nothing to select any more.")
    findings = await desk.services.bulks.findings(bulk.page_of(stored, page))
    return bulk.select_form(stored, page, findings, desk.hunt_of)


async def _submit(desk: Desk, args: AsyncArgs) -> None:
    """Stored, then acknowledged; the work itself has no end in three seconds. Raises InputError, StoreError."""
    form, who = parse.bulk_form(args.body), parse.asker_of(args.body).user
    stored = await desk.services.bulks.look(form.bulk, who)
    order = _order(args, form)
    if form.move is None:
        stored = await _tick(desk, stored, form, parse.ticked(args.body))
    chosen = stored.shown if form.move else stored.in_order
    requested = await desk.services.bulks.request(stored, order, chosen)
    await args.ack(response_action="update", view=bulk.under_way(requested, len(requested.chosen)))
    jobs.carry_out(desk.services, desk.background, requested.id)


def _order(args: AsyncArgs, form: Form) -> Order:
    """Raises BadArgument."""
    chosen, note = parse.bulk_deed(args.body)
    if form.move is Move.ACKNOWLEDGE:
        return Order(Move.ACKNOWLEDGE, note=note)
    order = bulk.deed_of(chosen)
    if order is None or (form.move is not None and order.move is not form.move):
        raise BadArgument("this form", "choose what is to be done")
    return Order(order.move, order.resolution, note)


def _fault_block(args: AsyncArgs) -> str:
    return parse.first_input(args.body) or actions.NOTE_BLOCK
