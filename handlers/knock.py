"""Who stands at the door and what they ask for, read from any payload of Slack's before a listener sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from bot.blocks.modals import Carried
from bot.domain.access import Deed
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, Place
from bot.domain.triage import Move
from bot.errors import BadArgument, InputError
from handlers import deeds, parse
from handlers.command_line import read_command
from handlers.deeds import Asks
from handlers.parse import Asker, Payload


class Way(Enum):
    """How somebody came, which is how they are answered."""

    COMMAND = "command"
    PRESS = "press"
    FORM = "form"
    SUGGESTION = "suggestion"
    SHORTCUT = "shortcut"
    HOME = "home"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a person tries to do with a finding."""

    finding: FindingId
    move: Move
    place: Place
    delivery: str


@dataclass(frozen=True, slots=True)
class Knock:
    """`channel` is where they are, None where only they see the place; `attempt` the finding they would change."""

    way: Way
    asker: Asker
    deed: Deed
    channel: ChannelId | None = None
    attempt: Attempt | None = None


class Pass(Enum):
    """What needs no leave: nothing is done for it, or its listener asks once it knows what it is about."""

    FREE = "free"


def read(body: Payload) -> Knock | Pass | None:
    """None for what nobody listens to."""
    if "command" in body:
        return _command(body)
    reader = _READERS.get(str(body.get("type")))
    return reader(body) if reader else None


def _command(body: Payload) -> Knock:
    """What can not be read is answered with a hint, which is something to look at."""
    slash = parse.slash_command(body)
    try:
        deed = deeds.REQUESTS[type(read_command(slash.text))]
    except InputError:
        deed = Deed.LOOK
    return Knock(Way.COMMAND, slash.asker, deed, slash.channel)


def _press(body: Payload) -> Knock | Pass | None:
    pressed = parse.button_press(body)
    action_id = str(body["actions"][0].get("action_id"))
    if action_id in deeds.LINKS:
        return Pass.FREE
    asks = deeds.of_action(action_id, pressed.value)
    if asks is None:
        return None
    channel = pressed.place.channel or _place_carried(body).channel
    attempt = _attempt(asks, pressed.value.rpartition(":")[2], pressed.place, pressed.delivery)
    return Knock(Way.PRESS, pressed.asker, asks.deed, channel, attempt)


def _form(body: Payload) -> Knock | None:
    view = body["view"]
    asks = deeds.FORMS.get(str(view.get("callback_id")))
    if asks is None:
        return None
    carried, place = _carried(body), _place_carried(body)
    delivery = str(body.get("trigger_id") or f"{view.get('id')}:{view.get('hash')}")
    attempt = _attempt(asks, str(carried.finding), place, delivery) if carried else None
    return Knock(Way.FORM, parse.asker_of(body), asks.deed, place.channel, attempt)


def _shortcut(body: Payload) -> Knock | None:
    asks = deeds.SHORTCUTS.get(str(body.get("callback_id")))
    if asks is None:
        return None
    channel = (body.get("channel") or {}).get("id")
    return Knock(Way.SHORTCUT, parse.asker_of(body), asks.deed, ChannelId(channel) if channel else None)


def _suggestion(body: Payload) -> Knock | None:
    """What a menu offers while somebody types."""
    asks = deeds.of_action(str(body.get("action_id")), "")
    if asks is None:
        return None
    return Knock(Way.SUGGESTION, parse.asker_of(body), asks.deed, _place_carried(body).channel)


def _event(body: Payload) -> Knock | Pass | None:
    kind = str(body["event"].get("type"))
    if kind in deeds.ASK_LATER:
        return Pass.FREE
    asks = deeds.EVENTS.get(kind)
    if asks is None:
        return None
    asker = parse.home_opened(body)
    return None if asker is None else Knock(Way.HOME, asker, asks.deed)


_READERS: Mapping[str, Callable[[Payload], Knock | Pass | None]] = {
    "block_actions": _press,
    "view_submission": _form,
    "view_closed": lambda _: Pass.FREE,
    "message_action": _shortcut,
    "shortcut": _shortcut,
    "block_suggestion": _suggestion,
    "event_callback": _event,
}


def _attempt(asks: Asks, finding: str, place: Place, delivery: str) -> Attempt | None:
    """None where nothing would change, or no finding of ours is named."""
    if asks.move is None:
        return None
    try:
        return Attempt(parse.finding_id(finding), asks.move, place, delivery)
    except BadArgument:
        return None


def _place_carried(body: Payload) -> Place:
    """Where the modal was opened from."""
    carried = _carried(body)
    return carried.place if carried else Place()


def _carried(body: Payload) -> Carried | None:
    try:
        return Carried.unpacked(str((body.get("view") or {}).get("private_metadata") or ""))
    except (ValueError, KeyError, TypeError):
        return None
