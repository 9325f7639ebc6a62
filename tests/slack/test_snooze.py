"""A finding put off and back again, and what nobody took, end to end over real sockets."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.triage import Move
from handlers import jobs
from local.slack.model import Message, Outcome, User, View
from local.slack.sample import AISHA, ESCALATIONS, GUEST, HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house, shown
from tests.unit.blocks.examples import read

HOUR = timedelta(hours=1)


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
    logs = Logs(clock)
    async with (
        LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack,
        open_house(slack, logs, clock, tmp_path) as house,
    ):
        yield house


async def snooze_form(house: House, who: User, card: Message) -> View:
    await house.press(who, card, actions.MORE, "snooze:1")
    forms = await house.until(lambda: house.slack.modals_of(who.id), time_passes=False)
    form: View = forms[-1]
    return form


def chosen(length: str, note: str = "") -> dict[str, dict[str, str]]:
    written = {actions.NOTE_BLOCK: {actions.NOTE: note}} if note else {}
    return {actions.SNOOZE_BLOCK: {actions.SNOOZE: length}, **written}


def _lines(said: Sequence[str]) -> set[str]:
    return {line for text in said for line in text.splitlines()}


async def test_the_form_says_where_a_snoozed_finding_is_still_told_of(house: House) -> None:
    form = await snooze_form(house, MAYA, await house.find_one(MAYA))
    told = read(form.blocks)
    for said in (
        "no queue but that of what is snoozed",
        "Home tells of it on the day when it wakes",
        "a digest where",
    ):
        assert said in told


async def tick(house: House) -> None:
    bot = house.life.bot
    await jobs.tick(bot.services, bot.background)


@pytest.mark.complaint("Netflix/dispatch#5421")
async def test_a_finding_is_put_off_and_comes_back_once(house: House) -> None:
    """Netflix/dispatch#5421: nobody saw what was snoozed, by whom, until when and why."""
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.ACKNOWLEDGE)
    form = await snooze_form(house, MAYA, card)
    assert "Until tomorrow, 9:00" in json.dumps(form.blocks, ensure_ascii=False)
    assert "Tomorrow is tomorrow in America/Los_Angeles" in read(form.blocks)

    seen = await house.slack.submit_view(MAYA.id, form.id, chosen("4h", "in a change window"))

    assert seen.outcome is Outcome.CLOSED
    asleep = await house.until(lambda: (c := house.card(AISHA)) and "💤 Snoozed by" in shown(c) and c)
    assert f"Acknowledged by <@{TOMAS.id}>" in shown(asleep)
    assert f"💤 Snoozed by <@{MAYA.id}> until " in shown(asleep)
    noted = ("snoozed it until", "in a change window")
    await house.until(lambda: any(all(part in said for part in noted) for said in house.thread(MAYA, card)))
    for typed in ("findings", "findings mine", "findings snoozed"):
        await house.hunt(TOMAS, typed)
    await house.until(lambda: {"Not resolved: none.", "Held by you: none."} <= _lines(house.privately(TOMAS)))
    await house.until(lambda: any("acknowledged, snoozed until" in said for said in house.privately(TOMAS)))

    await tick(house)
    assert house.card(MAYA) == asleep
    house.clock.ahead += 4 * HOUR
    for _ in range(2):
        await tick(house)
    anew = await house.until(lambda: (c := house.card(MAYA)) and c.ts != card.ts and c)

    assert "F-1 · its snooze is over" in shown(anew)
    assert "Open, nobody has it" in shown(anew)
    await house.until(lambda: "F-1 has a newer message" in shown(house.again(card)))
    opened = "huntbot opened it again: its snooze is over"
    await house.until(lambda: any(opened in said for said in house.thread(MAYA, card)))
    assert sum("· F-1" in said for said in house.said(MAYA)) == 2
    await house.hunt(MAYA, "findings untaken")
    await house.until(lambda: any("Nobody has it  showing 1 of 1" in said for said in house.privately(MAYA)))


@pytest.mark.parametrize("who", [MAYA, TOMAS], ids=["Los Angeles", "Lisbon"])
async def test_tomorrow_at_nine_is_nine_where_the_presser_is(house: House, who: User) -> None:
    card = await house.find_one(MAYA)
    form = await snooze_form(house, who, card)
    today = house.clock().astimezone(ZoneInfo(who.tz)).date()
    await house.slack.submit_view(who.id, form.id, chosen("tomorrow"))

    ends = (await house.life.bot.services.triage.show(FindingId(1))).finding.snoozed_until
    assert ends is not None
    there = ends.astimezone(ZoneInfo(who.tz))
    assert (there.date(), there.hour, there.minute) == (today + timedelta(days=1), 9, 0)


async def test_of_two_who_put_it_off_the_second_is_told_and_may_then_change_it(house: House) -> None:
    card = await house.find_one(MAYA)
    mayas, tomas_ = [await snooze_form(house, who, card) for who in (MAYA, TOMAS)]
    first = await house.slack.submit_view(MAYA.id, mayas.id, chosen("1h"))
    second = await house.slack.submit_view(TOMAS.id, tomas_.id, chosen("1w"))

    assert (first.outcome, second.outcome) == (Outcome.CLOSED, Outcome.UPDATED)
    assert second.view is not None
    assert f"<@{MAYA.id}> was first: snoozed it until" in read(second.view.blocks)

    again = await snooze_form(house, AISHA, card)
    assert f"Snoozed by <@{MAYA.id}>" in read(again.blocks)
    assert (await house.slack.submit_view(AISHA.id, again.id, chosen("1w"))).outcome is Outcome.CLOSED
    await house.until(lambda: f"Snoozed by <@{AISHA.id}>" in shown(house.card(MAYA)))


async def test_a_form_delivered_again_is_one_snooze(house: House) -> None:
    card = await house.find_one(MAYA)
    form = await snooze_form(house, MAYA, card)
    await house.slack.submit_view(MAYA.id, form.id, chosen("1h"))
    envelope = house.slack.envelopes[-1]
    house.clock.ahead += timedelta(minutes=1)
    await house.slack.redeliver(envelope)

    history = (await house.life.bot.services.triage.show(FindingId(1))).history
    assert [event.move for event in history] == [Move.RECORDED, Move.SNOOZE]


async def test_what_nobody_took_in_time_is_escalated_by_huntbot(clock: Clock, tmp_path: Path) -> None:
    logs = Logs(clock)
    async with (
        LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack,
        open_house(slack, logs, clock, tmp_path, given={"HUNTBOT_ESCALATE_AFTER": "15m"}) as house,
    ):
        await house.hunt(MAYA, "grants")  # what it finds from now on is no backlog
        await house.until(lambda: any("No hits" in said for said in house.said(MAYA)))
        logs.happen("alice", "e-1", severity="critical")
        await house.hunt(MAYA, "grants")
        await house.until(lambda: house.card(MAYA))
        house.clock.ahead += timedelta(minutes=15)
        for _ in range(2):
            await tick(house)
        (call,) = await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))

        assert "Escalated by huntbot" in shown(call)
        assert "“nobody acknowledged it within 15 minutes”" in shown(call)
        await house.until(lambda: "Escalated by huntbot" in shown(house.card(MAYA)))


async def test_what_people_of_another_workspace_try_is_remembered(house: House) -> None:
    card = await house.find_one(MAYA)
    house.slack.directory.put_user(GUEST)
    house.slack.directory.join(HUNTS, GUEST.id)
    await house.press(GUEST, card, actions.ACKNOWLEDGE)
    await house.press(GUEST, card, actions.MORE, "snooze:1")
    await house.press(GUEST, card, actions.DETAILS)
    await house.until(lambda: len(house.privately(GUEST)) == 3)

    shown_ = await house.life.bot.services.triage.show(FindingId(1))
    tried = [(event.move, event.by, event.accepted) for event in shown_.history[1:]]
    assert tried == [(Move.ACKNOWLEDGE, GUEST.id, False), (Move.SNOOZE, GUEST.id, False)]
    assert not house.slack.modals_of(GUEST.id)


async def test_a_form_that_a_stranger_sends_is_refused_and_remembered(house: House) -> None:
    form = await snooze_form(house, MAYA, await house.find_one(MAYA))
    house.slack.directory.put_user(replace(MAYA, team_id=GUEST.team_id))  # she left meanwhile

    seen = await house.slack.submit_view(MAYA.id, form.id, chosen("1h"))

    assert seen.outcome is Outcome.ERRORS
    assert "another workspace" in seen.errors[actions.SNOOZE_BLOCK]
    last = (await house.life.bot.services.triage.show(FindingId(1))).history[-1]
    assert (last.move, last.by, last.accepted) == (Move.SNOOZE, MAYA.id, False)
