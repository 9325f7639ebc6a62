"""Whatever Slack delivers again, with a retry number or as a new event, has one effect; over both roads."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.triage import Move
from local.slack.delivery import Envelope
from local.slack.model import Message
from local.slack.sample import MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house


@pytest.fixture(params=[False, True], ids=["socket mode", "signed http"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    clock = Clock()
    slack = LocalSlack(sample_workspace(clock=lambda: clock().timestamp()))
    bot = open_house(slack, Logs(clock), clock, tmp_path, over_http=request.param)
    async with slack, bot as house:
        yield house


async def again(house: House) -> None:
    """The last delivery comes again: twice with retry numbers, and once as something new."""
    envelope = house.slack.envelopes[-1]
    await house.slack.redeliver(envelope)
    await house.slack.redeliver(envelope, attempt=2)
    await house.slack.redeliver(as_new(envelope), attempt=0, reason="")


def as_new(envelope: Envelope) -> Envelope:
    payload = envelope.payload | (
        {"event_id": f"Ev{uuid4().hex[:9].upper()}"} if "event_id" in envelope.payload else {}
    )
    return replace(envelope, id=str(uuid4()), payload=payload)


async def history(house: House) -> list[tuple[Move, str, bool]]:
    shown = await house.life.bot.services.triage.show(FindingId(1))
    return [(event.move, event.by, event.accepted) for event in shown.history if event.move is not Move.RECORDED]


async def command(house: House, _: Message) -> None:
    await house.hunt(TOMAS, "grants")


async def press(house: House, card: Message) -> None:
    await house.press(TOMAS, card, actions.ACKNOWLEDGE)


async def form(house: House, card: Message) -> None:
    view = await house.resolve_form(TOMAS, card)
    values = {
        actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"},
        actions.NOTE_BLOCK: {actions.NOTE: "known"},
    }
    await house.slack.submit_view(TOMAS.id, view.id, values)


async def home(house: House, _: Message) -> None:
    await house.slack.open_home(TOMAS.id)


@pytest.mark.parametrize(
    ("does", "leaves"),
    [
        (press, [(Move.ACKNOWLEDGE, TOMAS.id, True)]),
        (form, [(Move.RESOLVE, TOMAS.id, True)]),
        (command, []),
        (home, []),
    ],
)
async def test_a_delivery_that_comes_again_has_one_effect(
    house: House, does: Callable[[House, Message], Awaitable[None]], leaves: list[tuple[Move, str, bool]]
) -> None:
    card = await house.find_one(MAYA)
    before = house.logs.asked
    await does(house, card)
    await again(house)
    await house.life.bot.background.drain(5)
    await house.until(lambda: not house.life.bot.background.holds("a private line"))
    assert await history(house) == leaves
    assert house.privately(TOMAS) == []
    assert house.logs.asked - before == (does is command)
    assert (house.slack.home_of(TOMAS.id) is not None) == (does is home)
