"""Every message: blocks that Slack's own SDK reads, and bare words for when Slack refuses the rest."""

from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block

from bot.blocks import chart
from bot.blocks.help import hunt_list_blocks
from bot.domain.schedule import Schedule
from tests.unit.blocks.examples import GRANTS, read
from tests.unit.blocks.templates import TEMPLATES, Strings

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


def test_the_list_of_hunts_gives_the_gist_and_the_digest_that_is_set_up_here() -> None:
    hunt = replace(GRANTS, description="Who was granted what.\nA second sentence.")
    here = Schedule("*/2 * * * *")

    told = read(hunt_list_blocks([hunt], {hunt.slug: here}))
    assert "\nWho was granted what\nlooks back 7 d · digest */2 * * * * (UTC)" in told
    assert "no digest" in read(hunt_list_blocks([hunt], {}))
