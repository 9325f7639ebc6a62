"""Delivery over real sockets: few redraws and the last one true, one copy of each, a channel that closes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.intent import Lane
from bot.domain.responder import ChannelId, UserId
from bot.domain.triage import Move, Resolution
from local.slack.faults import DropAnswer
from local.slack.sample import ESCALATIONS, GENERAL, HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house, shown

F1 = FindingId(1)


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
    given = {"HUNTBOT_FALLBACK_CHANNEL": GENERAL}
    async with (
        LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack,
        open_house(slack, Logs(clock), clock, tmp_path, given=given) as house,
    ):
        yield house


async def test_twenty_presses_in_a_second_are_a_few_redraws_and_the_last_one_is_true(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    triage, delivery = house.life.bot.services.triage, house.life.bot.services.delivery
    before, began = len(house.slack.calls), house.clock()
    for _ in range(10):
        await triage.press(F1, Move.RESOLVE, UserId(MAYA.id), resolution=Resolution.BENIGN)
        delivery.nudge()
        await triage.press(F1, Move.REOPEN, UserId(TOMAS.id))
        delivery.nudge()
        await asyncio.sleep(0.05)
    await triage.press(F1, Move.ACKNOWLEDGE, UserId(TOMAS.id))
    pressed_for = house.clock() - began
    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.again(card)))
    await house.at_rest()

    made = list(house.slack.calls)[before:]
    redraws = [call for call in made if call.method == "chat.update" and call.arguments["ts"] == card.ts]
    assert 1 <= len(redraws) <= pressed_for / Lane(ChannelId(HUNTS), is_redraw=True).pace + 2
    assert f"Acknowledged by <@{TOMAS.id}>" in shown(house.again(card))
    assert len(house.thread(MAYA, card)) == 21


@pytest.mark.complaint("YelpArchive/elastalert#1474", "slackapi/slack-api-specs#10")
async def test_posts_whose_answers_are_lost_stand_once(house: House) -> None:
    """YelpArchive/elastalert#1474, slackapi/slack-api-specs#10: a timeout after the accept made a second one."""
    house.slack.faults.add("chat.postMessage", *(DropAnswer() for _ in range(4)))
    for number in range(3):
        house.logs.happen(f"p{number}", f"e-{number}")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: all(house.card(MAYA, f"F-{number}") for number in (1, 2, 3)))
    await house.at_rest()

    standing = Counter(str(m.metadata.event_payload) for m in house.slack.messages_for(MAYA.id, HUNTS) if m.metadata)
    assert (len(standing), set(standing.values())) == (4, {1})


async def test_a_channel_that_closes_is_told_of_and_gets_everything_when_it_opens(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    archived = house.slack.channel(ESCALATIONS)
    house.slack.directory.put_channel(replace(archived, is_archived=True))
    await house.press(TOMAS, card, actions.ESCALATE)
    await house.until(lambda: any("Nobody on call was told of F-1" in said for said in house.privately(TOMAS)))
    told = await house.until(lambda: [m for m in house.slack.messages_for(MAYA.id, GENERAL) if "takes no" in m.text])

    house.slack.directory.put_channel(archived)
    house.clock.ahead += timedelta(minutes=10)
    await house.until(lambda: house.slack.messages_for(MAYA.id, ESCALATIONS))
    await house.until(lambda: "again" in house.again(told[0]).text)
    assert len([m for m in house.slack.messages_for(MAYA.id, GENERAL) if m.metadata]) == 1
