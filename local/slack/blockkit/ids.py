"""The ids Slack makes up where an app gave none."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from local.slack.blockkit import elements
from local.slack.model import Json

_ID_LENGTH = 5
_INTERACTIVE: Final = {*elements.IN_ACTIONS, *elements.IN_INPUT, *elements.IN_CONTEXT_ACTIONS} - {"image"}


def with_ids(blocks: Sequence[Json], secret: Callable[[], str]) -> list[Json]:
    """Copies of sound blocks, each with a ``block_id`` and its elements with an ``action_id``."""
    return [_named({"block_id": secret()[-_ID_LENGTH:], **_filled(block, secret)}, secret) for block in blocks]


def _named(block: Json, secret: Callable[[], str]) -> Json:
    """Blocks in a container have ids of their own."""
    if "child_blocks" not in block:
        return block
    return {**block, "child_blocks": with_ids(block["child_blocks"], secret)}


def _filled(node: Any, secret: Callable[[], str]) -> Any:
    match node:
        case dict():
            copy = {name: _filled(child, secret) for name, child in node.items()}
            if node.get("type") in _INTERACTIVE:
                return {"action_id": secret()[-_ID_LENGTH:], **copy}
            return copy
        case list():
            return [_filled(child, secret) for child in node]
        case _:
            return node
