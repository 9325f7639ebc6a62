"""The Details modal: opened at once while the trigger lives, filled when the store has answered, and the logs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, details, pivots
from bot.blocks.details import RAW, Details
from bot.blocks.modals import Carried
from bot.blocks.rich import Json
from bot.domain.finding import FindingId
from bot.domain.hunt import Hunt
from bot.domain.memory import SeenBefore, seen_before
from bot.domain.raw_event import NoRawEvent
from bot.domain.responder import Place, UserId
from bot.errors import BadArgument, HuntbotError
from bot.services.triage import Shown
from handlers import gate, parse
from handlers.desk import Desk
from handlers.modal import Modal, draw_over, open_modal
from handlers.parse import ButtonPress
from handlers.pressing import pressing, several

_VALUE = re.compile(rf"(?P<finding>[0-9]{{1,15}}):(?:(?P<what>{RAW}|[0-9]{{1,5}}):)?(?P<page>[0-9]{{1,6}})")

Draw = Callable[[Details], Json]

_NOT_KNOWN = NoRawEvent("The logs were not asked for it.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a button of the modal carries: `42:2` is a page of it, `42:raw:1` and `42:17:1` are pages of a value."""

    finding: FindingId
    what: str
    page: int

    @classmethod
    def read(cls, value: str) -> "_Wanted":
        """Raises BadArgument."""
        match = _VALUE.fullmatch(value)
        if match is None:
            raise BadArgument(value, "this button is none of ours; open Details again")
        return cls(FindingId(int(match["finding"])), match["what"] or "", int(match["page"]))


def register(app: AsyncApp, desk: Desk) -> None:
    """Nothing here changes anything: each press is acknowledged first."""

    async def open_button(args: AsyncArgs, pressed: ButtonPress) -> None:
        finding = parse.finding_id(pressed.value)
        await args.ack()
        await open_details(desk, args, finding, place_of(args, pressed))

    async def turn_page(args: AsyncArgs, pressed: ButtonPress) -> None:
        wanted, place = _Wanted.read(pressed.value), place_of(args, pressed)
        await args.ack()
        drawn = partial(details.view, place=place, page=wanted.page)
        stands, carried = Modal.read(args.body["view"]), Carried(wanted.finding, place)
        desk.background.spawn(_fill(desk, args, stands, carried, drawn), "a page of details")

    async def show_all(args: AsyncArgs, pressed: ButtonPress) -> None:
        wanted, place = _Wanted.read(pressed.value), place_of(args, pressed)
        await args.ack()
        stands = await open_modal(args, details.loading(Carried(wanted.finding, place)))
        if stands is not None:
            _spawn_value(desk, args, stands, wanted, place)

    async def turn_value(args: AsyncArgs, pressed: ButtonPress) -> None:
        wanted, place = _Wanted.read(pressed.value), place_of(args, pressed)
        await args.ack()
        _spawn_value(desk, args, Modal.read(args.body["view"]), wanted, place)

    app.action(actions.DETAILS)(pressing(desk, open_button))
    app.action(several(actions.DETAILS_PAGE))(pressing(desk, turn_page))
    app.action(several(actions.SHOW_ALL))(pressing(desk, show_all))
    app.action(several(actions.SHOW_ALL_PAGE))(pressing(desk, turn_value))


async def open_details(desk: Desk, args: AsyncArgs, finding: FindingId, place: Place) -> None:
    """Open it while the trigger lives, and fill it in a task that is held; `place` is where it was asked for."""
    carried = Carried(finding, place)
    stands = await open_modal(args, details.loading(carried))
    if stands is not None:
        drawn = partial(details.view, place=place)
        desk.background.spawn(_fill(desk, args, stands, carried, drawn), "the details of a finding")


def redraw_below(desk: Desk, args: AsyncArgs, carried: Carried) -> None:
    """Details that a form lies upon say what the form did, once it has gone."""
    below = args.body["view"].get("previous_view_id")
    if below:
        drawn = partial(details.view, place=carried.place)
        filled = _fill(desk, args, Modal(str(below), ""), carried, drawn)
        desk.background.spawn(filled, "details that a form lay upon")


async def gather(desk: Desk, finding: FindingId, viewer: UserId) -> Details:
    """All that the store knows of a finding, and what its viewer may do with it; the logs are not asked.

    Raises UnknownFinding, StoreError.
    """
    shown = await desk.services.triage.show(finding)
    hunt = desk.hunt_of(shown.finding)
    return Details(
        finding=shown.finding,
        hunt=hunt,
        history=shown.history,
        hits=shown.hits,
        url=await desk.link(shown.standing) if shown.standing else None,
        known_accounts=desk.services.hunts.known_accounts,
        seen_before=await _seen_before(desk, hunt, shown),
        check=await desk.services.checks.last(finding),
        kibana=desk.discover.link(hunt, shown.finding) if desk.discover else None,
        pivots=pivots.buttons(shown.finding, hunt),
        viewer=viewer,
        may=await desk.services.access.deeds_of(viewer),
    )


async def _seen_before(desk: Desk, hunt: Hunt, shown: Shown) -> SeenBefore | None:
    if shown.verdict is None:
        return None
    url = await desk.link(shown.precedent) if shown.precedent else None
    return seen_before(hunt, shown.finding, shown.verdict, url)


async def with_raw_event(desk: Desk, known: Details) -> Details:
    """The same with what the logs answer; where they do not, it says so."""
    return replace(known, raw=await desk.services.evidence.raw_event(known.finding, known.hunt))


def _spawn_value(desk: Desk, args: AsyncArgs, stands: Modal, wanted: "_Wanted", place: Place) -> None:
    drawn = partial(details.whole_value, place=place, what=wanted.what, page=wanted.page)
    carried = Carried(wanted.finding, place)
    filled = _fill(desk, args, stands, carried, drawn, asks_logs=wanted.what == RAW)
    desk.background.spawn(filled, "a long value")


async def _fill(
    desk: Desk, args: AsyncArgs, stands: Modal, carried: Carried, drawn: Draw, *, asks_logs: bool = True
) -> None:
    """What the store knows at once; then, as the logs may take their time, the raw event."""
    try:
        known = await gather(desk, carried.finding, gate.person(args).user)
        after = await draw_over(args, stands, drawn(known if asks_logs else replace(known, raw=_NOT_KNOWN)))
        if asks_logs and after is not None:
            await draw_over(args, after, drawn(await with_raw_event(desk, known)))
    except HuntbotError as error:
        await draw_over(args, stands, details.failed(carried, str(error)))


def place_of(args: AsyncArgs, pressed: ButtonPress) -> Place:
    """Where the message stands; of a press in a modal, where that was opened from."""
    carried = (args.body.get("view") or {}).get("private_metadata")
    if pressed.place.channel or not carried:
        return pressed.place
    try:
        return Carried.unpacked(str(carried)).place
    except ValueError:
        return Place()
