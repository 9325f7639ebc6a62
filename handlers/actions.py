"""Buttons and menus: a press is one transaction, acknowledged after it; whoever was second is told who was first."""

import logging
import re
from collections.abc import Mapping
from functools import partial
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, history, modals, state
from bot.blocks.rich import Json
from bot.domain.access import takes_alone
from bot.domain.finding import Finding, FindingId
from bot.domain.responder import Place
from bot.domain.triage import Move
from bot.services.triage import Pressed
from handlers import gate, parse, pivots
from handlers.answers import show_finding
from handlers.desk import Desk
from handlers.details import open_details, place_of
from handlers.errors import guarded, told
from handlers.modal import open_modal
from handlers.parse import ButtonPress
from handlers.pressing import Do, aside, pressing, tell_why
from handlers.reply import whisper

log = logging.getLogger(__name__)

CALLS_NOBODY = (
    "is escalated, and nobody was called: huntbot has no escalation channel (HUNTBOT_ESCALATION_CHANNEL). "
    "Please tell the people on call yourself."
)

_MOVES: Mapping[str, Move] = {actions.ACKNOWLEDGE: Move.ACKNOWLEDGE, actions.ESCALATE: Move.ESCALATE}
_CHOICES: Mapping[str, Move] = {
    actions.CHOOSE_RESOLVE: Move.RESOLVE,
    actions.CHOOSE_SNOOZE: Move.SNOOZE,
    actions.CHOOSE_REOPEN: Move.REOPEN,
    actions.CHOOSE_ASSIGN: Move.ASSIGN,
}
_FORM_BUTTONS: Mapping[str, Move] = {
    actions.RESOLVE: Move.RESOLVE,
    actions.ASSIGN: Move.ASSIGN,
    actions.COMMENT: Move.COMMENT,
}


def register(app: AsyncApp, desk: Desk) -> None:
    for action_id, move in _MOVES.items():
        app.action(action_id)(pressing(desk, _button(desk, move)))
    app.action(actions.MORE)(pressing(desk, _menu(desk)))
    for action_id, move in _FORM_BUTTONS.items():
        app.action(action_id)(pressing(desk, _form_button(desk, move)))
    app.action(re.compile(".*"))(guarded(_anything_else))


def _button(desk: Desk, move: Move) -> Do:
    async def press(args: AsyncArgs, pressed: ButtonPress) -> None:
        await _press(desk, args, pressed, parse.finding_id(pressed.value), move)

    return press


def _menu(desk: Desk) -> Do:
    async def choose(args: AsyncArgs, pressed: ButtonPress) -> None:
        word, finding = parse.choice(pressed.value)
        await _chosen(desk, args, pressed, word, finding)

    return choose


async def _chosen(desk: Desk, args: AsyncArgs, pressed: ButtonPress, word: str, finding: FindingId) -> None:
    match word:
        case actions.CHOOSE_REOPEN:
            await _press(desk, args, pressed, finding, Move.REOPEN)
        case actions.CHOOSE_RESOLVE | actions.CHOOSE_SNOOZE | actions.CHOOSE_ASSIGN:
            await _ask(desk, args, pressed, finding, _CHOICES[word])
        case actions.CHOOSE_SHOW:
            await args.ack()
            shown = show_finding(desk, aside(args, pressed), finding, pressed.asker.user)
            desk.background.spawn(told(shown, partial(tell_why, args)), "a finding in full")
        case actions.CHOOSE_DETAILS:
            await args.ack()
            await open_details(desk, args, finding, pressed.place)
        case actions.CHOOSE_STILL:
            await pivots.still_true(desk, args, pressed, finding)
        case _:
            await _anything_else(args)


def _form_button(desk: Desk, move: Move) -> Do:
    async def press(args: AsyncArgs, pressed: ButtonPress) -> None:
        await _ask(desk, args, pressed, parse.finding_id(pressed.value), move)

    return press


async def _ask(desk: Desk, args: AsyncArgs, pressed: ButtonPress, finding: FindingId, move: Move) -> None:
    await args.ack()
    form = _open_form(desk, args, pressed, finding, move)
    desk.background.spawn(told(form, partial(tell_why, args)), f"the {move.value} form")


async def _press(desk: Desk, args: AsyncArgs, pressed: ButtonPress, finding: FindingId, move: Move) -> None:
    """One transaction, then the acknowledgement. Raises UnknownFinding, StoreError: both before it."""
    became = await desk.services.triage.press(
        finding, move, pressed.asker.user, pressed.place, delivery=pressed.delivery
    )
    await args.ack()
    desk.services.delivery.nudge()
    if became.won and move is Move.ACKNOWLEDGE:
        check = pivots.check_if_cheap(desk, became.finding, pressed.asker.user)
        desk.background.spawn(check, "a check of what was taken")
    if became.calls_nobody:
        line = whisper(aside(args, pressed), f"{became.finding.ref} {CALLS_NOBODY}")
        desk.background.spawn(line, "the line to whoever escalated")
    if not became.won and not _is_echo(became, pressed):
        blocks = history.too_late_blocks(became.finding, became.first, pressed.asker.user)
        late = whisper(aside(args, pressed), f"{became.finding.ref}: somebody was first.", blocks)
        desk.background.spawn(late, "the line to whoever was second")


def _is_echo(became: Pressed, pressed: ButtonPress) -> bool:
    """One press come twice, by a second delivery or a double click: made before the person's own one was stored."""
    first = became.first
    return first is not None and first.by == became.event.by and pressed.at <= first.at


async def _open_form(desk: Desk, args: AsyncArgs, pressed: ButtonPress, finding: FindingId, move: Move) -> None:
    """The trigger lives three seconds: the store is asked once, and the form opens complete."""
    shown = await desk.services.triage.get(finding)
    takes = move is Move.ASSIGN and takes_alone(await desk.services.access.deeds_of(pressed.asker.user))
    if not shown.allows(move) or (takes and shown.is_with(pressed.asker.user)):
        await _say_late(args, pressed, shown)
        return
    form = _form(desk, shown, move, place_of(args, pressed), gate.zone(desk, args), takes=takes)
    again = f"Slack did not open the form for {shown.ref}. Choose {move.value.capitalize()} again."
    await open_modal(args, form, again)


async def _say_late(args: AsyncArgs, pressed: ButtonPress, shown: Finding) -> None:
    """What is pressed upon a modal has no channel to be answered in."""
    if args.respond.response_url is None:
        await open_modal(args, modals.beaten_to_it(shown, None, pressed.asker.user))
        return
    blocks = history.too_late_blocks(shown, None, pressed.asker.user)
    await whisper(aside(args, pressed), f"{shown.ref} is {state.in_a_word(shown)} already.", blocks)


def _form(desk: Desk, shown: Finding, move: Move, place: Place, zone: ZoneInfo, *, takes: bool) -> Json:
    """`takes`: whoever asks may assign it to themselves alone."""
    hunt = desk.hunt_of(shown)
    match move:
        case Move.SNOOZE:
            return modals.snooze_form(shown, hunt, place, str(zone))
        case Move.ASSIGN if takes:
            return modals.take_form(shown, hunt, place)
        case Move.ASSIGN:
            return modals.assign_form(shown, hunt, place)
        case Move.COMMENT:
            return modals.comment_form(shown, hunt, place)
        case _:
            return modals.resolve_form(shown, hunt, place)


async def _anything_else(args: AsyncArgs) -> None:
    """Buttons that only lead somewhere, and those of a version long gone."""
    await args.ack()
    log.info("Nothing listens to action %s", (args.action or {}).get("action_id"))
