"""Whole payloads: the blocks of a message, a modal, a Home tab.

Source: https://docs.slack.dev/reference/views and https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local.slack.blockkit import blocks, charts
from local.slack.blockkit.objects import plain
from local.slack.blockkit.rules import Problem, Rule, array, boolean, failed, string, typed, unique, variant
from local.slack.model import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100

_KEPT: Final[Mapping[str, Rule]] = {
    "private_metadata": string(most=3000),
    "callback_id": string(most=255),
    "external_id": string(most=255),
}


def check_message_blocks(value: Any, at: str = "/blocks") -> list[Problem]:
    """Every fault of a message's blocks, pointers beginning with ``at``."""
    rule = array(typed(blocks.IN_MESSAGE), most=MESSAGE_BLOCKS)
    return list(rule(value, at)) or [
        *_unique_block_ids(value, at),
        *_at_most(value, at, "table", 1),
        *_at_most(value, at, "data_visualization", charts.PER_MESSAGE),
    ]


def check_view(value: Any, kind: str | None = None, at: str = "/view") -> list[Problem]:
    """Every fault of a view; ``kind`` is the surface it is meant for, when only one will do."""
    kinds = _VIEWS if kind is None else {kind: _VIEWS[kind]}
    return list(typed(kinds)(value, at))


def _unique_block_ids(value: list[Json], at: str) -> Iterator[Problem]:
    ids = [(b["block_id"], f"{at}/{index}/block_id") for index, b in enumerate(value) if b.get("block_id")]
    yield from unique(ids, "block_id")


def _at_most(value: list[Json], at: str, kind: str, most: int) -> Iterator[Problem]:
    """Blocks of which a message holds only so many, those in containers counted with it."""
    for index in [index for index, block in enumerate(value) for _ in _of_kind(block, kind)][most:]:
        allowed = f"one {kind} block is" if most == 1 else f"{most} {kind} blocks are"
        yield failed(f"{at}/{index}", f"only {allowed} allowed in a message")


def _of_kind(block: Json, kind: str) -> list[Json]:
    return [each for each in (block, *block.get("child_blocks", ())) if each["type"] == kind]


def _view_block_ids(view: Json, at: str) -> Iterator[Problem]:
    yield from _unique_block_ids(view["blocks"], f"{at}/blocks")


def _submit_for_inputs(view: Json, at: str) -> Iterator[Problem]:
    if not view.get("submit") and any(block["type"] == "input" for block in view["blocks"]):
        message = "`submit` is required when an `input` block is within the `blocks` array"
        yield Problem(at, "missing_required_field", message, field="submit")


def _one_focus(view: Json, at: str) -> Iterator[Problem]:
    focused = [block for block in view["blocks"] if block.get("element", {}).get("focus_on_load")]
    if len(focused) > 1:
        yield failed(f"{at}/blocks", "only one element can have `focus_on_load`")


_VIEWS: Final[Mapping[str, Rule]] = {
    "modal": variant(
        {"title": plain(24), "blocks": array(typed(blocks.IN_MODAL), most=VIEW_BLOCKS)},
        {
            **_KEPT,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        [_view_block_ids, _submit_for_inputs, _one_focus],
    ),
    "home": variant({"blocks": array(typed(blocks.IN_HOME), most=VIEW_BLOCKS)}, _KEPT, [_view_block_ids, _one_focus]),
}
