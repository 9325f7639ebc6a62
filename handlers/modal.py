"""Modals: opened while their trigger lives, drawn over when what they show is there."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError

from bot.blocks.rich import Json
from handlers import parse
from handlers.reply import Aside, whisper

log = logging.getLogger(__name__)

PRESS_AGAIN = "Slack did not open it. Press once more."


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal that stands, as Slack names it: only one that nobody drew over since is drawn over."""

    id: str
    hash: str

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "Modal":
        return cls(str(view["id"]), str(view.get("hash") or ""))


async def open_modal(args: AsyncArgs, view: Json, otherwise: str = PRESS_AGAIN) -> Modal | None:
    """Upon a modal it is pushed, else opened; None where Slack refuses, which the person is told.

    A trigger lives three seconds: what takes longer opens a view that says so, and draws it over.
    """
    trigger = str(args.body.get("trigger_id") or "")
    is_in_modal = (args.body.get("view") or {}).get("type") == "modal"
    try:
        opened = await (args.client.views_push if is_in_modal else args.client.views_open)(
            trigger_id=trigger, view=view
        )
    except SlackApiError as error:
        log.warning("A modal did not open: %s", error.response.get("error"))
        await whisper(Aside(args.respond, parse.thread_of(args.body)), otherwise)
        return None
    return Modal.read(opened["view"])


async def draw_over(args: AsyncArgs, stands: Modal, view: Json) -> Modal | None:
    """None where it was closed or turned to another page meanwhile: then nobody waits for this."""
    try:
        drawn = await args.client.views_update(view_id=stands.id, hash=stands.hash or None, view=view)
    except SlackApiError as error:
        log.info("A modal was not drawn over: %s", error.response.get("error"))
        return None
    return Modal.read(drawn["view"])
