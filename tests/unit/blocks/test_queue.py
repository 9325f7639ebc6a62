"""One finding in full, as `/hunt show` gives it."""

from dataclasses import replace

import pytest

from bot.blocks import queue
from bot.domain.retention import Forgotten
from tests.unit.blocks.examples import GRANTS, NOON, finding, hit, read


@pytest.mark.parametrize(
    ("forgotten", "says"),
    [
        (Forgotten(), "Events  showing 1 of 1\n"),
        (Forgotten(1, 1, 0, NOON), "Events  showing 1 of 2 (1 older one kept no longer)\n"),
        (Forgotten(1200, 1, 0, NOON), "Events  showing 1 of 1,201 (1,200 older ones kept no longer)\n"),
    ],
)
def test_events_that_were_purged_are_counted_and_said(forgotten: Forgotten, says: str) -> None:
    shown = replace(finding(), forgotten=forgotten)
    assert says in read(queue.show_blocks(shown, GRANTS, [], [hit()], None))
