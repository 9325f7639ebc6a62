"""Cursor pages of the Web API; a cursor is opaque to clients and names where the next page begins."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from local.slack.arguments import Arguments
from local.slack.errors import SlackError
from local.slack.model import Json, Message

T = TypeVar("T")


def page(
    items: Sequence[T], arguments: Arguments, *, default: int = 100, most: int = 1000
) -> tuple[Sequence[T], Json]:
    """One page by offset and its ``response_metadata``.

    Raises:
        SlackError: ``invalid_limit`` or ``invalid_cursor``.
    """
    limit = _limit(arguments, default, most)
    cursor = _decoded(arguments, "offset")
    if cursor and not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    following = str(start + limit) if start + limit < len(items) else ""
    return items[start : start + limit], _metadata("offset", following)


def page_of_messages(items: Sequence[Message], arguments: Arguments) -> tuple[Sequence[Message], Json]:
    """One page by timestamp, so that messages posted meanwhile move nothing.

    Gives the messages and the facts ``has_more`` and ``response_metadata`` of the answer.
    """
    limit = _limit(arguments, 100, 999)
    cursor = _decoded(arguments, "next_ts")
    at = next((index for index, message in enumerate(items) if message.ts == cursor), None) if cursor else 0
    if at is None:
        raise SlackError("invalid_cursor")
    following = items[at + limit].ts if at + limit < len(items) else ""
    facts: Json = {"has_more": bool(following)}
    if following:
        facts |= {"response_metadata": _metadata("next_ts", following)}
    return items[at : at + limit], facts


def _limit(arguments: Arguments, default: int, most: int) -> int:
    limit = int(arguments.number("limit", default)) or default
    if limit < 1:
        raise SlackError("invalid_limit")
    return min(limit, most)


def _decoded(arguments: Arguments, kind: str) -> str:
    cursor = arguments.text("cursor")
    try:
        name, _, value = base64.b64decode(cursor.encode(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError):
        raise SlackError("invalid_cursor") from None
    if cursor and name != kind:
        raise SlackError("invalid_cursor")
    return value


def _metadata(kind: str, value: str) -> Json:
    return {"next_cursor": base64.b64encode(f"{kind}:{value}".encode()).decode() if value else ""}
