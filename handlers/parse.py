"""Slack's payloads, read once into values; the only place that digs in them.

Shapes: https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.blocks import actions, picker
from bot.blocks.bulk import Form
from bot.blocks.modals import Carried
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.snooze import Snooze
from bot.domain.triage import Resolution
from bot.errors import BadArgument
from handlers.keyboard import unescaped

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asker:
    """A person and the workspace they belong to, which is another one for guests of a shared channel."""

    user: UserId
    team: str | None


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """`/hunt` as typed; `trigger_id` is the same however often one command is delivered."""

    text: str
    asker: Asker
    channel: ChannelId
    trigger_id: str


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A button or a choice of a menu: `value` is what the drawn element carried, `at` when Slack saw the press.

    `delivery` names the press, the same however often it is delivered; `thread` is the thread that the pressed
    message is a reply in.
    """

    value: str
    at: datetime
    asker: Asker
    place: Place
    trigger_id: str
    delivery: str
    thread: MessageTs | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form, filled in: what was `chosen`, a reason or a length, depends on the form."""

    form: Carried
    chosen: str
    note: str
    asker: Asker
    delivery: str


@dataclass(frozen=True, slots=True)
class Picked:
    """The picker, filled in; what was left as it is, is empty. One form is one `delivery`, however often it comes."""

    hunt: str
    window: str
    severity: str
    account: str
    principal: str
    channel: ChannelId | None
    asker: Asker
    delivery: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person said in a thread."""

    text: str
    asker: Asker
    channel: ChannelId
    thread: MessageTs
    ts: MessageTs


def slash_command(body: Payload) -> SlashCommand:
    return SlashCommand(
        text=str(body.get("text") or ""),
        asker=Asker(UserId(body["user_id"]), body.get("team_id")),
        channel=ChannelId(body["channel_id"]),
        trigger_id=str(body["trigger_id"]),
    )


def button_press(body: Payload) -> ButtonPress:
    action = body["actions"][0]
    chosen = action.get("selected_option") or action
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    message = container.get("message_ts")
    return ButtonPress(
        value=str(chosen.get("value") or ""),
        at=datetime.fromtimestamp(float(action["action_ts"]), UTC),
        asker=_asker(body),
        place=Place(ChannelId(channel) if channel else None, MessageTs(message) if message else None),
        trigger_id=str(body.get("trigger_id") or ""),
        delivery=_delivery(body, (action.get("action_ts"), action.get("action_id"), chosen.get("value"), message)),
        thread=thread_of(body),
    )


def finding_id(value: str) -> FindingId:
    """The finding an element carries.

    Raises:
        BadArgument: the element is not one of ours.
    """
    if re.fullmatch(r"[0-9]{1,15}", value) is None:
        raise BadArgument(value, "this button carries no finding; open it with /hunt show F-42")
    return FindingId(int(value))


def choice(value: str) -> tuple[str, FindingId]:
    """`resolve:42`: what was chosen in a finding's menu. Raises BadArgument."""
    word, _, number = value.partition(":")
    return word, finding_id(number)


def submission(body: Payload, block: str, action: str) -> Submission:
    """A form whose choice stands in `block` under `action`; an empty `action` is a form that asks for none.

    Raises BadArgument where the form is none of ours.
    """
    view = body["view"]
    values = view["state"]["values"]
    try:
        form = Carried.unpacked(view["private_metadata"])
        chosen = _chosen(values[block][action]) if action else ""
        note = _note(values)
    except (ValueError, KeyError, TypeError) as fault:
        raise _not_ours() from fault
    delivery = _delivery(body, (view.get("id"), view.get("hash"), view["private_metadata"], chosen, note))
    return Submission(form, chosen, note, _asker(body), delivery)


def page(value: str) -> int:
    """The number of a page, from 0. Raises BadArgument."""
    if not re.fullmatch("[0-9]{1,6}", value):
        raise _not_ours()
    return int(value)


def resolution(chosen: str) -> Resolution:
    """Raises BadArgument."""
    try:
        return Resolution(chosen)
    except ValueError as fault:
        raise _not_ours() from fault


def snooze(chosen: str) -> Snooze:
    """Raises BadArgument."""
    try:
        return Snooze(chosen)
    except ValueError as fault:
        raise _not_ours() from fault


def bulk_form(body: Payload) -> Form:
    """What the form for many findings carries. Raises BadArgument."""
    try:
        return Form.unpacked(body["view"]["private_metadata"])
    except (ValueError, KeyError, TypeError) as fault:
        raise _not_ours() from fault


def bulk_deed(body: Payload) -> tuple[str, str]:
    """What is to be done with many findings, empty where the form does not ask, and the note. Raises BadArgument."""
    values = _values(body)
    deed = (values.get(actions.BULK_DEED_BLOCK) or {}).get(actions.BULK_DEED) or {}
    return str((deed.get("selected_option") or {}).get("value") or ""), _note(values)


def ticked(body: Payload) -> frozenset[int]:
    """The findings that are ticked on the page that shows. Raises BadArgument."""
    boxes = [block.get(actions.TICKS) or {} for block in _values(body).values()]
    chosen = [option["value"] for box in boxes for option in box.get("selected_options") or ()]
    return frozenset(finding_id(str(value)) for value in chosen)


def picked(body: Payload) -> Picked:
    """The picker, filled in. Raises BadArgument."""
    view, values = body["view"], _values(body)

    def of(name: str) -> str:
        element = (values.get(name) or {}).get(name) or {}
        option = (element.get("selected_option") or {}).get("value")
        return str(option or element.get("value") or element.get("selected_conversation") or "").strip()

    if not of(actions.PICKED_HUNT):
        raise _not_ours()
    window, severity = of(actions.PICKED_WINDOW), of(actions.PICKED_SEVERITY)
    channel = of(actions.PICKED_CHANNEL)
    return Picked(
        hunt=of(actions.PICKED_HUNT),
        window="" if window == picker.HUNTS_OWN else window,
        severity="" if severity == picker.ANY else severity,
        account=of(actions.PICKED_ACCOUNT),
        principal=of(actions.PICKED_PRINCIPAL),
        channel=ChannelId(channel) if channel else None,
        asker=_asker(body),
        delivery=f"view:{view['id']}:{view.get('hash', '')}",
    )


def typed(body: Payload) -> str:
    """What somebody has typed into a menu so far."""
    return str(body.get("value") or "")


def shortcut_place(body: Payload) -> Place:
    """The message that a shortcut was chosen on."""
    channel, message = (body.get("channel") or {}).get("id"), body.get("message_ts")
    return Place(ChannelId(channel) if channel else None, MessageTs(message) if message else None)


def reply(body: Payload) -> Reply | None:
    """What a person said in a thread; None for everything else that is told as a message, our own among it.

    Source: https://docs.slack.dev/reference/events/message (subtypes; a bot's message has a `bot_id`).
    """
    event = body["event"]
    thread, ts = event.get("thread_ts"), event.get("ts")
    is_said = event.get("subtype") in _SAID_BY_PEOPLE and event.get("user") and not event.get("bot_id")
    text = said(str(event.get("text") or ""))
    if not is_said or not text or thread in {None, ts}:
        return None
    team = event.get("user_team") or event.get("team") or body.get("team_id")
    return Reply(
        text, Asker(UserId(event["user"]), team), ChannelId(event["channel"]), MessageTs(thread), MessageTs(ts)
    )


_SAID_BY_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
_MARKUP = re.compile(r"<(?P<kind>[@#!]?)(?P<bare>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")


def said(text: str) -> str:
    """What a person wrote, without Slack's markup: `<@U1|ann>` is @ann, `<https://a|b>` is https://a.

    Source: https://docs.slack.dev/messaging/formatting-message-text (retrieving messages).
    """

    def plain(found: re.Match[str]) -> str:
        kind, bare, label = found["kind"], found["bare"], found["label"]
        if not kind:
            return bare.removeprefix("mailto:")
        return f"{'#' if kind == '#' else '@'}{(label or bare).removeprefix('@').removeprefix('#')}"

    return unescaped(_MARKUP.sub(plain, text)).strip()


def home_opened(body: Payload) -> Asker | None:
    """Who opened the Home tab; None for the other tabs."""
    event = body["event"]
    if event.get("tab") != "home":
        return None
    return Asker(UserId(event["user"]), event.get("user_team") or body.get("team_id"))


def first_input(body: Payload) -> str | None:
    """The block of a form that a fault can be shown under; None where nothing is asked in it."""
    blocks = body["view"].get("blocks") or ()
    return next((str(block["block_id"]) for block in blocks if block.get("type") == "input"), None)


def thread_of(body: Payload) -> MessageTs | None:
    """The thread that a pressed message is a reply in."""
    container = body.get("container") or {}
    message, thread = container.get("message_ts"), container.get("thread_ts")
    return MessageTs(thread) if thread and thread != message else None


def asker_of(body: Payload) -> Asker:
    """Whoever is behind an interaction or a command."""
    return _asker(body) if "user" in body else Asker(UserId(body["user_id"]), body.get("team_id"))


def _values(body: Payload) -> Mapping[str, Any]:
    values: Mapping[str, Any] = ((body["view"].get("state") or {}).get("values")) or {}
    return values


def _chosen(element: Mapping[str, Any]) -> str:
    """An option's value, a person, or what was written. Raises KeyError, TypeError: nothing was."""
    if "selected_option" in element:
        return str(element["selected_option"]["value"])
    return str(element.get("selected_user") or element["value"]).strip()


def _note(values: Mapping[str, Any]) -> str:
    note = (values.get(actions.NOTE_BLOCK) or {}).get(actions.NOTE) or {}
    return str(note.get("value") or "").strip()


def _delivery(body: Payload, parts: tuple[Any, ...]) -> str:
    """What Slack repeats when it delivers again: the trigger; where there is none, what was pressed, by whom."""
    trigger = body.get("trigger_id")
    if trigger:
        return str(trigger)
    pressed = json.dumps([_asker(body).user, *parts], default=str)
    return f"sha256:{hashlib.sha256(pressed.encode()).hexdigest()}"


def _not_ours() -> BadArgument:
    return BadArgument("this form", "it does not come from this huntbot; open it again")


def _asker(body: Payload) -> Asker:
    user = body["user"]
    return Asker(UserId(user["id"]), user.get("team_id"))
