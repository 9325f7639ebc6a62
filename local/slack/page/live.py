"""What a change in the workspace does to one open tab, as instructions its script carries out.

``put`` a message into a log, ``drop`` one, show the ``sidebar``, the ``modals`` or the ``home`` anew;
``resync`` when the tab should read itself again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from local.slack.model import (
    Change,
    HomePublished,
    Message,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    Notified,
    ViewClosed,
    ViewOpened,
    ViewUpdated,
)
from local.slack.page.place import Place, thread_of
from local.slack.page.screen import Screen
from local.slack.workspace import Workspace

Instruction = Mapping[str, Any]
RESYNC: Instruction = {"do": "resync"}


def instructions(change: Change, place: Place, screen: Screen, workspace: Workspace) -> Iterator[Instruction]:
    """The instructions for a tab at this place; what it does not show costs it nothing."""
    match change:
        case MessagePosted(message) | MessageChanged(message):
            yield from _put(message, place, screen)
            yield from _put_parent(message.channel, message.thread_ts, place, screen, workspace)
            yield _sidebar(place, screen)
        case MessageDeleted(channel, ts, thread_ts):
            yield {"do": "drop", "channel": channel, "ts": ts}
            yield from _put_parent(channel, thread_ts, place, screen, workspace)
            yield _sidebar(place, screen)
        case ViewOpened() | ViewUpdated() | ViewClosed():
            yield {"do": "modals", "html": screen.modals(place.user)}
        case HomePublished() if place.is_home:
            yield {"do": "home", "html": screen.home(place.user)}
        case HomePublished():
            return
        case Notified():
            yield _sidebar(place, screen)


def _put(message: Message, place: Place, screen: Screen) -> Iterator[Instruction]:
    if message.channel != place.channel:
        return
    if not message.is_reply or message.is_broadcast:
        yield _in_log("channel", message, place, screen)
    if place.thread and place.thread in {message.ts, message.thread_ts}:
        yield _in_log("thread", message, place, screen)


def _put_parent(
    channel: str, thread_ts: str | None, place: Place, screen: Screen, workspace: Workspace
) -> Iterator[Instruction]:
    """A reply changes what stands under its parent: how many there are."""
    if channel == place.channel and thread_ts:
        for parent in thread_of(workspace, place.user, channel, thread_ts)[:1]:
            yield _in_log("channel", parent, place, screen)


def _in_log(pane: str, message: Message, place: Place, screen: Screen) -> Instruction:
    html = screen.message(place, message, pane)
    return {"do": "put", "log": pane, "ts": message.ts, "html": html}


def _sidebar(place: Place, screen: Screen) -> Instruction:
    if place.channel:
        screen.reading.mark(place.user, place.channel)  # it is open in a tab
    return {"do": "sidebar", "html": screen.sidebar(place)}
