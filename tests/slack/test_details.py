"""Everything about a finding, in a modal: opened at once, filled when the logs answer, paged."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.blocks import actions
from local.slack.model import Message, User, View
from local.slack.sample import HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house
from tests.unit.blocks.examples import read

ARN = "arn:aws:iam::111122223333:role/" + "deploy-" * 6_000


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's SDK sends loopback through a proxy when the environment names one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    async with (
        LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack,
        open_house(slack, Logs(clock), clock, tmp_path) as house,
    ):
        yield house


async def opened(house: House, who: User, card: Message, says: str) -> View:
    """The modal that Details opens, once it says so."""
    await house.press(who, card, actions.DETAILS)
    view: View = await house.until(lambda: says in top(house, who) and house.slack.modals_of(who.id)[-1])
    return view


def top(house: House, who: User) -> str:
    stack = house.slack.modals_of(who.id)
    return read(list(stack[-1].blocks)) if stack else ""


@pytest.mark.complaint("bolt-python#434", "#886")
async def test_details_open_at_once_and_are_filled_when_the_logs_answer(house: House) -> None:
    """bolt-python#434, #886: a trigger lives three seconds, however long Elasticsearch takes."""
    card = await house.find_one(MAYA)
    house.logs.answers.clear()
    await house.press(TOMAS, card, actions.DETAILS)

    await house.until(lambda: "The logs are being asked for it" in top(house, TOMAS))
    assert "alice may invoke pay" in top(house, TOMAS)
    house.logs.answers.set()
    told = await house.until(lambda: '"event_id": "e-1"' in top(house, TOMAS) and top(house, TOMAS))
    assert "Raw event  as it is indexed" in told
    assert "recorded it" in told


async def test_where_the_logs_can_not_be_asked_it_says_so(house: House) -> None:
    card = await house.find_one(MAYA)
    house.logs.is_down = True

    await opened(house, MAYA, card, "The logs could not be asked for it.")


@pytest.mark.complaint("oncall#5121")
async def test_a_long_value_is_shown_whole_on_top_and_page_by_page(house: House) -> None:
    """oncall#5121: over 3,000 characters it was refused; here it is cut with a mark, and shown whole on demand."""
    house.logs.happen("alice", "e-1", actor=ARN)
    await house.hunt(MAYA, "grants")
    card = await house.until(lambda: house.card(MAYA))
    view = await opened(house, MAYA, card, "more]…")
    button = next(e for block in view.blocks for e in block.get("elements", []) if "Show all of actor" in str(e))

    await house.slack.press_in_view(MAYA.id, view.id, button["action_id"])
    await house.until(lambda: "Page 1 of 2" in top(house, MAYA))
    assert len(house.slack.modals_of(MAYA.id)) == 2
    first = top(house, MAYA)
    await house.slack.press_in_view(MAYA.id, house.slack.modals_of(MAYA.id)[-1].id, f"{actions.SHOW_ALL_PAGE}:2")
    await house.until(lambda: "Page 2 of 2" in top(house, MAYA))
    assert (first + top(house, MAYA)).count("deploy-") >= 5_990  # some are cut in two between boxes


async def test_the_answer_to_show_has_the_same_and_opens_the_modal(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, "show F-1")
    private = await house.until(
        lambda: (
            [m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to == TOMAS.id]
            if house.privately(TOMAS)
            else []
        )
    )

    assert '"event_id": "e-1"' in read(list(private[0].blocks))
    await opened(house, TOMAS, private[0], "Every column")


async def test_the_modal_carries_ids_only(house: House) -> None:
    card = await house.find_one(MAYA)
    view = await opened(house, MAYA, card, "Every column")

    assert json.loads(view.private_metadata) == {
        "finding": 1,
        "channel": card.channel,
        "message": card.ts,
        "until": None,
    }
