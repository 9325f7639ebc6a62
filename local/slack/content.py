"""What an app may say in one message: Slack's rules on text, blocks and metadata together."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.slack.blockkit import Problem, check_message_blocks, with_ids
from local.slack.errors import SlackError
from local.slack.mint import Mint
from local.slack.model import File, Json, Metadata

TEXT_LIMIT = 40_000  # chat.postMessage cuts longer text
EDIT_TEXT_LIMIT = 4_000  # chat.update refuses longer text
BLOCKS_TEXT_LIMIT = 11_000  # over all blocks of a message; undocumented, seen as msg_blocks_too_long
MARKDOWN_LIMIT = 12_000  # over all markdown blocks of a message
METADATA_LIMIT = 16_000


@dataclass(frozen=True, slots=True)
class Content:
    """Checked content: block and action ids are filled in where the app gave none."""

    text: str
    blocks: tuple[Json, ...]
    files: tuple[File, ...] = ()
    unfurl_links: bool = False
    unfurl_media: bool = True


def checked_content(text: str, blocks: Any, mint: Mint) -> Content:
    """Refuses what Slack refuses.

    Raises:
        SlackError: ``no_text``, ``invalid_blocks`` or ``msg_blocks_too_long``.
    """
    if not blocks:
        if not text:
            raise SlackError("no_text")
        return Content(text[:TEXT_LIMIT], ())
    problems = check_message_blocks(blocks)
    if problems:
        raise invalid("invalid_blocks", problems)
    if _text_length(blocks) > BLOCKS_TEXT_LIMIT or _markdown_length(blocks) > MARKDOWN_LIMIT:
        raise SlackError("msg_blocks_too_long")
    return Content(text[:TEXT_LIMIT], tuple(with_ids(blocks, mint.secret)))


def invalid(code: str, problems: Sequence[Problem]) -> SlackError:
    """The refusal of a payload, naming each pointer and reason as Slack does."""
    lines = [problem.line for problem in problems]
    return SlackError(code, errors=lines, response_metadata={"messages": lines})


def checked_metadata(raw: Any) -> Metadata | None:
    """Message metadata from the request; an empty object means none.

    Raises:
        SlackError: ``invalid_metadata_format`` or ``metadata_too_large``.
    """
    match raw:
        case None | {} if not raw:
            return None
        case {"event_type": str(event_type), "event_payload": dict(payload)} if event_type:
            if len(json.dumps(payload)) > METADATA_LIMIT:
                raise SlackError("metadata_too_large")
            return Metadata(event_type, payload)
        case _:
            raise SlackError("invalid_metadata_format")


def _text_length(blocks: Sequence[Json]) -> int:
    return sum(len(text) for block in blocks if block["type"] != "markdown" for text in _texts(block))


def _markdown_length(blocks: Sequence[Json]) -> int:
    return sum(len(block["text"]) for block in blocks if block["type"] == "markdown")


def _texts(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for key, child in node.items():
                if key == "text" and isinstance(child, str):
                    yield child
                else:
                    yield from _texts(child)
        case list():
            for child in node:
                yield from _texts(child)
        case _:
            return
