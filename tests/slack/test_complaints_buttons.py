"""What users of other tools complain of: buttons and commands that do nothing, too much, or twice. See the table."""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.responder import UserId
from bot.domain.triage import Move, Resolution, State
from local.slack.delivery_http import SignedHttp
from local.slack.faults import rate_limited
from local.slack.model import Message, Outcome, User
from local.slack.sample import AISHA, ESCALATIONS, HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.contracts.escalation.conftest import ROUTING_KEY
from tests.contracts.escalation.peers import Answer, listening
from tests.postgres import Server
from tests.processes import started
from tests.slack.house import Clock, House, Logs, open_house, shown

F1 = FindingId(1)


@asynccontextmanager
async def somebody_else_writes(folder: Path) -> AsyncIterator[None]:
    """Nothing can be stored meanwhile."""
    other = sqlite3.connect(folder / "huntbot.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def card_that_says(house: House, words: str) -> Message | None:
    card = house.card(MAYA)
    return card if words in shown(card) else None


def elements(message: Message, kind: str) -> list[Mapping[str, Any]]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element for row in rows for element in row if element["type"] == kind]


async def doctor(folder: Path, slack: LocalSlack, within_s: int, presses: Sequence[User]) -> tuple[int | None, str]:
    """`huntbot doctor --press`, whose button these people press; its exit code and its report."""
    given = {
        "SLACK_BOT_TOKEN": slack.credentials.bot_token,
        "HUNTBOT_SLACK_API_URL": slack.api_url,
        "HUNTBOT_CHANNEL": HUNTS,
    }
    async with started(folder, "doctor", "--press", "--within", str(within_s), given=given) as process:
        if presses:
            message = await button_of_doctor(slack)
            for person in presses:
                await slack.workspace.press(person.id, HUNTS, message.ts, actions.PROVE)
        report, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, " ".join(report.decode().split())


async def button_of_doctor(slack: LocalSlack) -> Message:
    async with asyncio.timeout(30):
        while True:  # doctor is another process
            for message in slack.workspace.messages_for(MAYA.id, HUNTS):
                if any(element["action_id"] == actions.PROVE for element in elements(message, "button")):
                    return message
            await asyncio.sleep(0.1)


@pytest.mark.complaint("oncall#5409", "#3375", "#3771")
@pytest.mark.parametrize("over_http", [False, True], ids=["socket mode", "signed http"])
async def test_doctor_proves_that_a_press_reaches_the_bot_and_its_answer_slack(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, *, over_http: bool
) -> None:
    """oncall#5409, #3375: buttons did nothing, and nobody could say where they got lost. #3771: a firewall."""
    async with open_house(slack, logs, clock, tmp_path, over_http=over_http):
        _, report = await doctor(tmp_path, slack, 40, [TOMAS])
    assert "ok │ press │ a button's whole way is open" in report
    [stands] = slack.workspace.messages_for(MAYA.id, HUNTS)
    assert "A press reached huntbot" in shown(stands)
    assert elements(stands, "button") == []


@pytest.mark.complaint("#3771", "oncall#5409")
async def test_doctor_says_that_a_press_got_lost_and_takes_its_button_away(slack: LocalSlack, tmp_path: Path) -> None:
    """#3771: a firewall answered 403 for the bot. oncall#5409: the button looked alive all the same."""
    async with listening(Answer(403)) as firewall, AsyncExitStack() as later:
        signed = SignedHttp(slack.credentials, firewall.url, slack.workspace.mint.clock, 3.0)
        later.push_async_callback(signed.close)
        slack.workspace.delivery = signed
        code, report = await doctor(tmp_path, slack, 4, [MAYA])
    assert "fault │ press │ no press arrived within 4 s" in report
    assert "a firewall" in report
    assert code != 0
    assert len(firewall.received) == 1
    assert slack.workspace.messages_for(MAYA.id, HUNTS) == []


@pytest.mark.complaint("oncall#3161")
async def test_acknowledging_what_is_closed_changes_nothing_and_says_who_closed_it(house: House) -> None:
    """oncall#3161: a late acknowledgement un-resolved a resolved alert."""
    card = await house.find_one(MAYA)
    await house.at_rest()
    house.slack.faults.switch_on("chat.update", rate_limited(3600))  # so that the button still stands
    triage = house.life.bot.services.triage
    await triage.press(F1, Move.RESOLVE, UserId(MAYA.id), resolution=Resolution.BENIGN)
    seen = await house.press(TOMAS, card, actions.ACKNOWLEDGE)

    [told] = await house.until(lambda: house.privately(TOMAS))
    assert seen.outcome is Outcome.ACCEPTED
    assert f"<@{MAYA.id}> was first: resolved it as benign" in told
    stored = await triage.show(F1)
    assert stored.finding.state is State.RESOLVED
    assert [(event.move, event.accepted) for event in stored.history[1:]] == [
        (Move.RESOLVE, True),
        (Move.ACKNOWLEDGE, False),
    ]


@pytest.mark.complaint("OnCall/GoAlert race", "race-honest buttons")
async def test_of_presses_at_two_replicas_at_once_one_wins_and_the_others_learn_who_and_when(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, postgres: Server
) -> None:
    """OnCall/GoAlert race: two people press at once, and both believe that it is theirs. race-honest buttons."""
    database, people = postgres.fresh_database(), (MAYA, TOMAS, AISHA)
    async with AsyncExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        given = {"DATABASE_URL": database}
        house, _ = [
            await stack.enter_async_context(open_house(slack, logs, clock, folder, given=given)) for folder in folders
        ]
        assert slack.sockets.connection_count == 4  # they take turns: three in a row reach both replicas
        card = await house.find_one(MAYA)
        began = time.monotonic()
        pressing = [asyncio.create_task(house.press(who, card, actions.ACKNOWLEDGE)) for who in people]
        await asyncio.sleep(0)  # each is on its way
        assert time.monotonic() - began < 0.01
        assert {seen.outcome for seen in await asyncio.gather(*pressing)} == {Outcome.ACCEPTED}
        await house.until(lambda: sum(bool(house.privately(who)) for who in people) == 2)
        [winner] = [who for who in people if not house.privately(who)]
        history = (await house.life.bot.services.triage.show(F1)).history[1:]

        for loser in {*people} - {winner}:
            [told] = house.privately(loser)
            assert f"<@{winner.id}> was first: acknowledged it" in told
            assert re.search(r"\d\d:\d\d:\d\d UTC", told)
        assert sorted((event.by == winner.id, event.accepted) for event in history) == [
            (False, False),
            (False, False),
            (True, True),
        ]
        await house.at_rest()
    postgres.drop(database)


@pytest.mark.complaint("Netflix/dispatch#5046")
async def test_take_over_is_offered_once_an_escalation_is_stored_and_not_before(house: House, tmp_path: Path) -> None:
    """Netflix/dispatch#5046: "Join" was shown before there was an incident to join."""
    card = await house.find_one(MAYA)
    await house.at_rest()
    async with somebody_else_writes(tmp_path):
        seen = await house.press(TOMAS, card, actions.ESCALATE)
        assert (seen.outcome, seen.error) == (Outcome.FAILED, "operation_timeout")
        assert house.slack.messages_for(AISHA.id, ESCALATIONS) == []
        assert "Take over" not in shown(house.again(card))
    await house.press(TOMAS, card, actions.ESCALATE)
    [call] = await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))
    stored = (await house.life.bot.services.triage.show(F1)).finding
    assert stored.state is State.ESCALATED
    assert "Take over" in str(call.blocks)


@pytest.mark.complaint("Netflix/dispatch#2848", "#2907")
async def test_while_elasticsearch_thinks_for_30_s_the_command_is_taken_and_its_line_becomes_the_answer(
    house: House,
) -> None:
    """Netflix/dispatch#2848, #2907: a slow query was an operation_timeout."""
    house.logs.happen("alice", "e-1")
    house.logs.answers.clear()
    began = time.monotonic()
    seen = await house.hunt(MAYA, "grants")
    assert seen.outcome is Outcome.ACCEPTED
    assert time.monotonic() - began < 1

    [placeholder] = await house.until(lambda: house.slack.messages_for(TOMAS.id, HUNTS))
    assert "grants is looking" in shown(placeholder)
    house.clock.ahead += timedelta(seconds=30)
    house.logs.answers.set()
    await house.until(lambda: "1 hit = 1 from the backlog" in shown(house.again(placeholder)))


@pytest.mark.complaint("errbot#1145")
@pytest.mark.parametrize(
    "typed", ["grants —principal “alice”", "grants –principal ‘alice’", "grants principal:alice"]
)
async def test_what_a_phone_makes_of_quotes_and_dashes_is_understood(house: House, typed: str) -> None:
    """errbot#1145: smart quotes and long dashes broke commands."""
    house.logs.happen("alice", "e-1")
    house.logs.happen("bob", "e-2")
    await house.hunt(MAYA, typed)

    await house.until(lambda: any("1 filtered out" in said for said in house.said(MAYA)))
    assert "alice may" in shown(await house.until(lambda: house.card(MAYA)))
    assert not any("bob may" in said for said in house.said(MAYA))


@pytest.mark.complaint("oncall#5198", "PR#4206")
async def test_no_state_of_a_finding_shows_more_than_three_buttons_and_a_menu_of_five(house: House) -> None:
    """oncall#5198, PR#4206: too many buttons to find the right one."""
    await house.find_one(MAYA)
    triage, told = house.life.bot.services.triage, {}
    moves: Mapping[str, Mapping[str, Any]] = {
        "Acknowledged by": {"move": Move.ACKNOWLEDGE},
        "Escalated by": {"move": Move.ESCALATE},
        "Snoozed by": {"move": Move.SNOOZE, "until": house.clock() + timedelta(days=30)},
        "Resolved as": {"move": Move.RESOLVE, "resolution": Resolution.BENIGN},
        "Open, nobody has it": {"move": Move.REOPEN},
    }
    for says, press in moves.items():
        await triage.press(F1, by=UserId(MAYA.id), **press)
        told[says] = await house.until(partial(card_that_says, house, says))
    await house.hunt(TOMAS, "show F-1")
    told["in private"] = await house.until(
        lambda: next((m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to), None)
    )
    for says, message in told.items():
        menus = elements(message, "overflow")
        assert len(elements(message, "button")) <= 3, says
        assert len(menus) <= 1, says
        assert all(len(menu["options"]) <= 5 for menu in menus), says


@pytest.mark.complaint("elastic/kibana#76908")
async def test_a_finding_escalated_twice_is_one_incident_and_two_findings_are_two(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    """elastic/kibana#76908: one PagerDuty dedup key for all alerts."""
    async with listening() as pagerduty:
        given = {"HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY, "HUNTBOT_PAGERDUTY_URL": pagerduty.url}
        async with open_house(slack, logs, clock, tmp_path, given=given) as house:
            logs.happen("bob", "e-2")
            card = await house.find_one(MAYA)
            await house.press(MAYA, card, actions.ESCALATE)
            triage = house.life.bot.services.triage
            await triage.press(F1, Move.RESOLVE, UserId(MAYA.id), resolution=Resolution.BENIGN)
            await house.until(lambda: "Resolved as" in shown(house.card(MAYA, "F-1")))
            await house.press(MAYA, card, actions.MORE, "reopen:1")
            await house.until(lambda: "Open, nobody has it" in shown(house.card(MAYA, "F-1")))
            await house.press(MAYA, card, actions.ESCALATE)
            other = await house.until(lambda: house.card(MAYA, "F-2"))
            await house.press(MAYA, other, actions.ESCALATE)
            await house.until(lambda: len(pagerduty.received) >= 3)
    sent = [got.json for got in pagerduty.received if got.json["event_action"] == "trigger"]
    by_finding = {ref: {e["dedup_key"] for e in sent if ref in e["payload"]["summary"]} for ref in ("F-1", "F-2")}
    assert [len(keys) for keys in by_finding.values()] == [1, 1]
    assert by_finding["F-1"].isdisjoint(by_finding["F-2"])
    assert len(sent) == 3
