"""The block checks are never laxer than Slack's own SDK."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from local.slack.blockkit import check_message_blocks, check_view
from local.slack.model import Json
from tests.slack.local.kit import GOOD, HOME, MODAL, plain

_LENGTHS = (0, 25, 76, 151, 256, 301, 2001, 3001, 12_001)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from _places(child, (*path, key))


def _replaced(whole: Json, path: tuple[Any, ...], make: Any) -> Json:
    changed = copy.deepcopy(whole)
    parent: Any = changed
    for key in path[:-1]:
        parent = parent[key]
    if make is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = make(parent[path[-1]])
    return changed


def _spoiled(whole: Json) -> Iterator[Json]:
    """The value with one thing wrong: text of every limit plus one, lists empty or long, fields gone."""
    for path in _places(whole):
        value: Any = whole
        for key in path:
            value = value[key]
        if path[-1] != "type":
            yield _replaced(whole, path, None)
        if isinstance(value, str) and path[-1] != "type":
            for length in _LENGTHS:
                yield _replaced(whole, path, lambda _old, length=length: "x" * length)
        if isinstance(value, list) and value:
            yield _replaced(whole, path, lambda _old: [])
            yield _replaced(whole, path, lambda old: old * 101)


def _sdk_refuses(parse: Any) -> bool:
    try:
        parsed = parse()
        parsed.validate_json()
        parsed.to_dict()
    except SlackObjectFormationError:
        return True
    except (AttributeError, TypeError, KeyError, ValueError):
        return False  # the SDK itself stumbled, which says nothing of Slack
    return False


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_slacks_sdk_refuses_is_refused_here_too(block: Json) -> None:
    spoiled = list(_spoiled(block))
    lax = [
        one for one in spoiled if _sdk_refuses(lambda one=one: Block.parse(one)) and not check_message_blocks([one])
    ]
    assert lax == []


@pytest.mark.parametrize("view", [{**MODAL, "callback_id": "c", "private_metadata": "m", "close": plain()}, HOME])
def test_what_slacks_sdk_refuses_of_a_view_is_refused_here_too(view: Json) -> None:
    lax = [one for one in _spoiled(view) if _sdk_refuses(lambda one=one: View(**one)) and not check_view(one)]
    assert lax == []


def test_the_sdk_refuses_enough_of_them_to_be_a_measure() -> None:
    spoiled = [one for block in GOOD for one in _spoiled(block)]
    refused = [one for one in spoiled if _sdk_refuses(lambda one=one: Block.parse(one))]
    assert len(refused) > 100
