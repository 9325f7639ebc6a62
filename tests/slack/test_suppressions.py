"""Suppression as people meet it: the receipt in the channel, and the rules in private."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.slack.sample import MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house

RULES = """[[suppression]]
hunt = "grants"
where = { principal = "ci-*" }
reason = "The pipeline grants what it <!channel> deploys"
owner = "maya"
expires = 2999-01-31

[[suppression]]
hunt = "grant"
where = { principal = "x" }
reason = "x"
owner = "x"
expires = 2999-01-31
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = Clock()
    (tmp_path / "suppressions.toml").write_text(RULES)
    given = {"HUNTBOT_SUPPRESSIONS": str(tmp_path / "suppressions.toml")}
    async with (
        LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack,
        open_house(slack, Logs(clock), clock, tmp_path, given=given) as house,
    ):
        house.logs.happen("alice", "e-1")
        house.logs.happen("ci-1", "e-2")
        house.logs.happen("ci-2", "e-3", severity="critical")
        yield house


@pytest.mark.complaint("run receipt")
async def test_the_receipt_says_how_many_were_suppressed_and_only_the_rest_has_a_card(house: House) -> None:
    """Run receipt: every hit is in it, suppressed ones as well."""
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(TOMAS))

    [answer] = await house.until(lambda: [said for said in house.said(TOMAS) if "hits =" in said])
    assert "3 hits = 1 from the backlog + 0 known + 2 suppressed" in answer
    assert not any("ci-" in said for said in house.said(TOMAS))


@pytest.mark.complaint("reviewable suppressions")
async def test_the_rules_are_shown_to_whoever_asks_and_to_nobody_else(house: House) -> None:
    """Reviewable suppressions: scope, reason, owner, end, and what each would have hidden."""
    await house.hunt(MAYA, "suppressions")
    said = await house.until(lambda: [line for line in house.privately(MAYA) if "Would have hidden" in line])

    [review] = said
    for part in (
        "showing 1 of 1",
        "principal is ci-*",
        "The pipeline grants what it <!channel> deploys · maya",
        "Would have hidden 2 hits in 2 findings, 🛑 CRITICAL at worst",
        "ci-2 may lambda:InvokeFunction on pay",
        "suppressions.toml:9: [[suppression]] hunt is 'grant', and there is no such hunt; did you mean grants?",
    ):
        assert part in review
    assert house.said(TOMAS) == []
    assert house.logs.asked == 1


async def test_elasticsearch_that_is_down_is_said_with_the_rules(house: House) -> None:
    house.logs.is_down = True
    await house.hunt(MAYA, "suppressions")
    assert await house.until(lambda: [line for line in house.privately(MAYA) if "Nobody knows what it hides" in line])
