"""Every message: blocks that Slack's own SDK reads, and bare words for when Slack refuses the rest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.blocks import chart
from bot.blocks.help import hunt_list_blocks
from bot.domain.schedule import Schedule
from tests.unit.blocks.emitted import Strings, Surface
from tests.unit.blocks.examples import GRANTS, read
from tests.unit.blocks.templates import TEMPLATES

LONGEST_LABEL = 75  # https://docs.slack.dev/reference/block-kit/block-elements/button-element
HOSTILE = "<!channel> <@U0ALICE000> *bold* `code` \u202e " + "payments-" * 700


@pytest.mark.parametrize("name", TEMPLATES)
def test_slacks_own_sdk_reads_every_block(name: str) -> None:
    for emitted in TEMPLATES[name](Strings(("a name", "another"))):
        for block in emitted.blocks:
            if chart.is_chart(block):  # younger than the SDK
                continue
            parsed = Block.parse(dict(block))
            assert parsed is not None
            assert parsed.to_dict()["type"] == block["type"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_bare_words_hold_nothing_of_a_log_or_a_person(name: str) -> None:
    plain, full = ([each.bare for each in TEMPLATES[name](Strings((text,)))] for text in ("", HOSTILE))

    assert plain == full
    assert all(len(said) < 200 for said in full)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_text_beside_the_blocks_reads_as_a_sentence_on_a_lock_screen(name: str) -> None:
    for emitted in TEMPLATES[name](Strings(("An error says so.",))):
        if emitted.surface is Surface.MESSAGE:
            assert emitted.text.endswith((".", "…")), emitted.text
            assert "\n" not in emitted.text


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_button_says_to_a_screen_reader_what_it_is_about(name: str) -> None:
    for emitted in TEMPLATES[name](Strings(("a name", "another"))):
        for button in buttons(list(emitted.blocks)):
            assert 0 < len(button["accessibility_label"]) <= LONGEST_LABEL


def buttons(node: Any) -> Iterator[dict[str, Any]]:
    match node:
        case {"type": "button"}:
            yield node
        case dict():
            yield from (button for child in node.values() for button in buttons(child))
        case list():
            yield from (button for child in node for button in buttons(child))


def test_the_list_of_hunts_gives_the_gist_and_the_digest_that_is_set_up_here() -> None:
    hunt = replace(GRANTS, description="Who was granted what.\nA second sentence.")
    here = Schedule("*/2 * * * *")

    told = read(hunt_list_blocks([hunt], {hunt.slug: here}))
    assert "\nWho was granted what\nlooks back 7 d · digest */2 * * * * (UTC)" in told
    assert "no digest" in read(hunt_list_blocks([hunt], {}))
