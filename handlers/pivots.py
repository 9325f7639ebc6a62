"""What is asked around a finding: the same said again, a pivot, whether it is still true."""

import logging
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, history, pivots, refusal
from bot.blocks.rich import Json
from bot.domain.finding import Finding, FindingId, ref
from bot.domain.responder import UserId
from bot.domain.run import Run
from bot.domain.triage import EventId
from bot.errors import BadArgument, HuntbotError
from handlers import jobs, parse
from handlers.desk import Desk
from handlers.details import place_of
from handlers.modal import open_modal
from handlers.parse import ButtonPress
from handlers.pressing import aside, pressing, several
from handlers.reply import whisper

log = logging.getLogger(__name__)

_CHECKING = "The logs are asked again whether {} still stands. Its message will say what was seen."
_CHECKING_ALREADY = "The logs are being asked already whether {} still stands. Its message will say what was seen."


def register(app: AsyncApp, desk: Desk) -> None:
    async def say_again(args: AsyncArgs, pressed: ButtonPress) -> None:
        verdict, finding = _verdict_and_finding(pressed.value)
        await _say_again(desk, args, pressed, verdict, finding)

    async def ask(args: AsyncArgs, pressed: ButtonPress) -> None:
        key, finding = parse.choice(pressed.value)
        await _ask(desk, args, pressed, key, finding)

    app.action(actions.SAME_AGAIN)(pressing(desk, say_again))
    app.action(several(actions.PIVOT))(pressing(desk, ask))


async def still_true(desk: Desk, args: AsyncArgs, pressed: ButtonPress, finding: FindingId) -> None:
    """Store that it is asked, then acknowledge. Raises InputError, StoreError: both before it."""
    run = await desk.services.checks.request(finding, pressed.asker.user, pressed.delivery)
    await args.ack()
    _take_up(desk, run)
    said = (_CHECKING if run else _CHECKING_ALREADY).format(ref(finding))
    desk.background.spawn(whisper(aside(args, pressed), said), "the line to whoever asked again")


async def check_if_cheap(desk: Desk, taken: Finding, by: UserId) -> None:
    """Somebody took it: whether it was taken back meanwhile spares them most of the work. Nobody waits for this."""
    try:
        _take_up(desk, await desk.services.checks.request_if_cheap(taken.id, by))
    except HuntbotError as error:
        log.warning("Not checked when it was taken: %s: %s", taken.ref, error)


async def _say_again(desk: Desk, args: AsyncArgs, pressed: ButtonPress, verdict: EventId, finding: FindingId) -> None:
    """One transaction, then the acknowledgement. Raises UnknownFinding, StoreError: both before it."""
    became = await desk.services.triage.say_again(
        finding, verdict, pressed.asker.user, pressed.place, pressed.delivery
    )
    await args.ack()
    desk.services.delivery.nudge()
    if became.won:
        return
    if became.event.note:
        line = whisper(aside(args, pressed), refusal.line(f"{became.finding.ref}: {became.event.note}"))
    else:
        blocks = history.too_late_blocks(became.finding, became.first, pressed.asker.user)
        line = whisper(aside(args, pressed), f"{became.finding.ref}: somebody was first.", blocks)
    desk.background.spawn(line, "the line to whoever said it too late")


async def _ask(desk: Desk, args: AsyncArgs, pressed: ButtonPress, key: str, finding: FindingId) -> None:
    place = place_of(args, pressed)
    run = await desk.services.pivots.request(finding, key, pressed.asker.user, place, pressed.delivery)
    await args.ack()
    _take_up(desk, run)
    told = _show(args, pivots.asked(ref(finding), is_new=run is not None))
    desk.background.spawn(told, "what is said upon Details")


def _take_up(desk: Desk, run: Run | None) -> None:
    if run is not None:
        jobs.take_up(desk.services, desk.background, run.id)


def _verdict_and_finding(value: str) -> tuple[EventId, FindingId]:
    """`981:42`. Raises BadArgument."""
    verdict, finding = parse.choice(value)
    if re.fullmatch(r"[0-9]{1,15}", verdict) is None:
        raise BadArgument(value, "this button names nothing that was said before; use Resolve… instead")
    return EventId(int(verdict)), finding


async def _show(args: AsyncArgs, view: Json) -> None:
    await open_modal(args, view)
