"""A message never grows past what Slack takes, and says when something was left out."""

from bot.blocks import rich
from bot.blocks.limits import BLOCKS, CHARACTERS, Keep, Part, characters, fit
from tests.unit.blocks.examples import read


def test_what_fits_is_left_alone() -> None:
    parts = [Part(rich.section([rich.words("a")])), Part(rich.section([rich.words("b")]), Keep.SHORT)]

    assert fit(parts) == tuple(part.block for part in parts)


def test_the_last_of_what_may_go_goes_first_and_it_is_said() -> None:
    always = Part(rich.section([rich.words("the finding")]))
    rows = [Part(rich.section([rich.words(f"row {n} " + "x" * 1000)]), Keep.SHORT) for n in range(20)]
    facts = Part(rich.section([rich.words("the facts")]), Keep.LONG)

    told = read(list(fit([always, *rows, facts])))

    assert "the finding" in told
    assert "the facts" in told
    assert "row 8 " in told
    assert "row 19 " not in told
    assert told.endswith("left out here to fit into one Slack message.\n")


def test_neither_blocks_nor_characters_pass_the_limit() -> None:
    many = [Part(rich.section([rich.words("x" * 300)]), Keep.SHORT) for _ in range(120)]

    blocks = fit(many)

    assert len(blocks) <= BLOCKS
    assert sum(map(characters, blocks)) <= CHARACTERS
