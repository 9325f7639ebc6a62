"""Buttons and menus: a press is one transaction, acknowledged after it; whoever was second is told who was first."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError

from bot.blocks import actions, history, modals
from bot.blocks.rich import Json
from bot.blocks.text import escaped
from bot.domain.finding import Finding, FindingId
from bot.domain.triage import Move
from bot.errors import InputError
from bot.services.triage import Pressed
from handlers import gate, jobs, parse, pivots, runs
from handlers.answers import show_finding
from handlers.command_line import RunHunt
from handlers.desk import Desk
from handlers.details import open_details
from handlers.errors import Listener, guarded, told
from handlers.parse import ButtonPress
from handlers.reply import Aside, teller, whisper

log = logging.getLogger(__name__)

Do = Callable[[AsyncArgs, ButtonPress], Awaitable[None]]

CALLS_NOBODY = (
    "is escalated, and nobody was called: huntbot has no escalation channel (HUNTBOT_ESCALATION_CHANNEL). "
    "Please tell the people on call yourself."
)

_MOVES: Mapping[str, Move] = {actions.ACKNOWLEDGE: Move.ACKNOWLEDGE, actions.ESCALATE: Move.ESCALATE}
_CHOICES: Mapping[str, Move] = {
    actions.CHOOSE_RESOLVE: Move.RESOLVE,
    actions.CHOOSE_SNOOZE: Move.SNOOZE,
    actions.CHOOSE_REOPEN: Move.REOPEN,
}


def register(app: AsyncApp, desk: Desk) -> None:
    for action_id, move in _MOVES.items():
        app.action(action_id)(guarded(_listener(desk, _button(desk, move))))
    app.action(actions.MORE)(guarded(_listener(desk, _menu(desk))))
    app.action(actions.PICK_HUNT)(guarded(_listener(desk, _picker(desk))))
    app.action(re.compile(".*"))(guarded(_anything_else))


def _listener(desk: Desk, do: Do) -> Listener:
    """Parse, do it; an InputError is raised only before the acknowledgement."""

    async def pressed(args: AsyncArgs) -> None:
        press = parse.button_press(args.body)
        try:
            await do(args, press)
        except InputError as error:
            await _say(desk, args, press, str(error))

    return pressed


def _button(desk: Desk, move: Move) -> Do:
    async def press(args: AsyncArgs, pressed: ButtonPress) -> None:
        await _press(desk, args, pressed, parse.finding_id(pressed.value), move)

    return press


def _menu(desk: Desk) -> Do:
    async def choose(args: AsyncArgs, pressed: ButtonPress) -> None:
        word, finding = parse.choice(pressed.value)
        await _chosen(desk, args, pressed, word, finding)

    return choose


def _picker(desk: Desk) -> Do:
    async def pick(args: AsyncArgs, pressed: ButtonPress) -> None:
        channel = pressed.place.channel
        if channel is None:
            await args.ack()
            return
        is_private = not await runs.may_answer_in(desk, channel)
        asked = RunHunt(pressed.value)
        run = await runs.request_hunt(desk, asked, pressed.asker, channel, pressed.trigger_id, is_private=is_private)
        await args.ack()
        if run is None:
            return
        jobs.take_up(desk.services, desk.background, run.id)
        if is_private:
            desk.background.spawn(whisper(_aside(args, pressed), runs.PRIVATELY), "a private line")

    return pick


async def _chosen(desk: Desk, args: AsyncArgs, pressed: ButtonPress, word: str, finding: FindingId) -> None:
    match word:
        case actions.CHOOSE_REOPEN:
            await _press(desk, args, pressed, finding, Move.REOPEN)
        case actions.CHOOSE_RESOLVE | actions.CHOOSE_SNOOZE:
            await args.ack()
            form = _open_form(desk, args, pressed, finding, _CHOICES[word])
            desk.background.spawn(told(form, teller(_aside(args, pressed))), f"the {word} form")
        case actions.CHOOSE_SHOW:
            await args.ack()
            shown = show_finding(desk, _aside(args, pressed), finding)
            desk.background.spawn(told(shown, teller(_aside(args, pressed))), "a finding in full")
        case actions.CHOOSE_DETAILS:
            await args.ack()
            await open_details(desk, args, pressed.trigger_id, finding, pressed.place)
        case actions.CHOOSE_STILL:
            await pivots.still_true(desk, args, pressed, finding)
        case _:
            await _anything_else(args)


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
        line = whisper(_aside(args, pressed), f"{became.finding.ref} {CALLS_NOBODY}")
        desk.background.spawn(line, "the line to whoever escalated")
    if not became.won and not _is_echo(became, pressed):
        blocks = history.too_late_blocks(became.finding, became.first, pressed.asker.user)
        late = whisper(_aside(args, pressed), f"{became.finding.ref}: somebody was first.", blocks)
        desk.background.spawn(late, "the line to whoever was second")


def _is_echo(became: Pressed, pressed: ButtonPress) -> bool:
    """One press come twice, by a second delivery or a double click: made before the person's own one was stored."""
    first = became.first
    return first is not None and first.by == became.event.by and pressed.at <= first.at


async def _open_form(desk: Desk, args: AsyncArgs, pressed: ButtonPress, finding: FindingId, move: Move) -> None:
    """The trigger lives three seconds: the store is asked once, and the form opens complete."""
    shown = (await desk.services.triage.show(finding)).finding
    if not shown.allows(move):
        blocks = history.too_late_blocks(shown, None, pressed.asker.user)
        await whisper(_aside(args, pressed), f"{shown.ref} is resolved already.", blocks)
        return
    form = _form(desk, pressed, shown, move, gate.zone(desk, args))
    try:
        await args.client.views_open(trigger_id=pressed.trigger_id, view=form)
    except SlackApiError as error:
        log.warning("The %s form did not open: %s", move.value, error.response.get("error"))
        again = f"Choose {move.value.capitalize()} again."
        await whisper(_aside(args, pressed), f"Slack did not open the form for {shown.ref}. {again}")


def _form(desk: Desk, pressed: ButtonPress, shown: Finding, move: Move, zone: ZoneInfo) -> Json:
    hunt = desk.hunt_of(shown)
    if move is Move.SNOOZE:
        return modals.snooze_form(shown, hunt, pressed.place, str(zone))
    return modals.resolve_form(shown, hunt, pressed.place)


def _aside(args: AsyncArgs, pressed: ButtonPress) -> Aside:
    return Aside(args.respond, pressed.thread)


async def _say(desk: Desk, args: AsyncArgs, pressed: ButtonPress, sentence: str) -> None:
    """Acknowledge, and tell the person why nothing happened."""
    await args.ack()
    desk.background.spawn(whisper(_aside(args, pressed), escaped(sentence)), "a private line")


async def _anything_else(args: AsyncArgs) -> None:
    """Buttons that only lead somewhere, and those of a version long gone."""
    await args.ack()
    log.info("Nothing listens to action %s", (args.action or {}).get("action_id"))
