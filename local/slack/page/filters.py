"""What the templates may ask for: text objects as HTML, times and names as one reader sees them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined
from markupsafe import Markup

from local.slack.model import Channel
from local.slack.page import charts, dates, emoji, file_view, markdown, mrkdwn, rich_text
from local.slack.page.nodes import Nodes, Text
from local.slack.page.typeset import typeset
from local.slack.page.viewer import Viewer

_Json = Mapping[str, Any]

_BAR_COLOURS: Final = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_NO_COLOUR: Final = "#bbbbbb"


def _nodes(text: _Json) -> Nodes:
    """The nodes of a text object (``{"type": "mrkdwn" | "plain_text", "text": ...}``)."""
    if text.get("type") == "mrkdwn":
        return mrkdwn.parse(str(text["text"]), verbatim=bool(text.get("verbatim")))
    return mrkdwn.parse_plain(str(text["text"]), with_emoji=bool(text.get("emoji", True)))


@pass_context
def _text(context: Context, text: _Json) -> Markup:
    return _typeset(context, _nodes(text))


@pass_context
def _mrkdwn(context: Context, text: str) -> Markup:
    return _typeset(context, mrkdwn.parse(text))


@pass_context
def _rich_text(context: Context, block: _Json) -> Markup:
    return _typeset(context, rich_text.parse(block))


@pass_context
def _markdown(context: Context, text: str) -> Markup:
    return _typeset(context, markdown.parse(text))


@pass_context
def _cell(context: Context, cell: _Json) -> Markup:
    """A table's cell: rich_text, or raw text or number as it is."""
    if cell.get("type") == "rich_text":
        return _rich_text(context, cell)
    shown = cell.get("text", cell.get("value", ""))
    return _typeset(context, (Text(str(shown)),))


def _typeset(context: Context, nodes: Nodes) -> Markup:
    viewer: Viewer = context["viewer"]
    return typeset(nodes, viewer)


def _plain(text: _Json) -> str:
    """A text object where no markup can stand: an option, a placeholder, a title."""
    shown = mrkdwn.unescape(str(text["text"]))
    return re.sub(r":([a-z0-9_+'-]+):", lambda found: emoji.sign(found[1]), shown)


def _css(kind: object) -> str:
    """A block's type as a class name, whatever an app put there."""
    return re.sub(r"[^a-z0-9_]", "", str(kind))


def _colour(colour: object) -> str:
    """An attachment's colour: one of Slack's three words, or hex with or without ``#``."""
    named = _BAR_COLOURS.get(str(colour))
    found = _HEX.fullmatch(str(colour))
    return named or (f"#{found[1]}" if found else _NO_COLOUR)


# --- times, on the reader's clock ------------------------------------------------------------------


@pass_context
def _time(context: Context, ts: str) -> str:
    viewer: Viewer = context["viewer"]
    return dates.clock_time(viewer.at(ts))


@pass_context
def _full_time(context: Context, ts: str) -> str:
    viewer: Viewer = context["viewer"]
    return dates.full(viewer.at(ts))


@pass_context
def _day(context: Context, ts: str) -> str:
    viewer: Viewer = context["viewer"]
    return dates.day_divider(viewer.at(ts), viewer.now.astimezone(viewer.zone))


@pass_context
def _ago(context: Context, ts: str) -> str:
    viewer: Viewer = context["viewer"]
    return dates.spell("{ago}", int(float(ts)), viewer.zone, viewer.now) or ""


def _zone_time(zone: str, now: datetime) -> str:
    """The time in another person's zone."""
    return dates.clock_time(now.astimezone(ZoneInfo(zone)))


def _city(zone: str) -> str:
    """``Europe/Berlin`` as people say it."""
    return zone.rpartition("/")[2].replace("_", " ")


@pass_context
def _local_input(context: Context, timestamp: int | Undefined) -> str:
    """A moment as a ``datetime-local`` field holds it, in the reader's zone."""
    viewer: Viewer = context["viewer"]
    return f"{viewer.at(timestamp):%Y-%m-%dT%H:%M}" if not isinstance(timestamp, Undefined) else ""


# --- lists to choose from ---------------------------------------------------------------------------


def _option(label: str, value: str) -> _Json:
    return {"text": {"type": "plain_text", "text": label, "emoji": False}, "value": value}


def _people_options(viewer: Viewer) -> Sequence[_Json]:
    people = (user for user in viewer.people.values() if not user.is_deleted)
    return [_option(user.real_name, user.id) for user in sorted(people, key=lambda user: user.real_name)]


def _channel_options(viewer: Viewer) -> Sequence[_Json]:
    """Public channels only, as a channels_select offers them."""
    return [_option(f"#{channel.name}", channel.id) for channel in _channels(viewer) if not channel.is_private]


def _conversation_options(viewer: Viewer) -> Sequence[_Json]:
    return [_option(f"#{channel.name}", channel.id) for channel in _channels(viewer)]


def _channels(viewer: Viewer) -> Sequence[Channel]:
    shown = (channel for channel in viewer.channels.values() if not (channel.is_direct or channel.is_archived))
    return sorted(shown, key=lambda channel: channel.name)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "text": _text,
    "mrkdwn": _mrkdwn,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "cell": _cell,
    "plain": _plain,
    "css": _css,
    "colour": _colour,
    "time": _time,
    "full_time": _full_time,
    "day": _day,
    "ago": _ago,
    "zone_time": _zone_time,
    "city": _city,
    "sign": emoji.sign,
    "local_input": _local_input,
    "people_options": _people_options,
    "channel_options": _channel_options,
    "conversation_options": _conversation_options,
    "is_followable": mrkdwn.is_followable,
    "chart": charts.draw,
    "page_file": file_view.address,
    "unescape": mrkdwn.unescape,
}
