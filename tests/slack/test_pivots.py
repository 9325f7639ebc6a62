"""Pivots as people meet them: asked in Details, answered in the card's thread, over the bundled CloudTrail."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.responder import UserId
from bot.domain.run import RunState
from local.slack.delivery import Envelope
from local.slack.model import Message, User, View
from local.slack.sample import HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.rison import state_of
from tests.slack.archive import Archive
from tests.slack.house import Clock, House, open_house, shown
from tests.unit.blocks.examples import read
from tests.unit.blocks.test_memory import nodes

DID, GRANTS, CALLS = (f"{actions.PIVOT}:{number}" for number in range(3))
KIBANA = "https://kibana.example.com/s/soc"


@pytest.fixture
async def house(slack: LocalSlack, clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    given = {"HUNTBOT_KIBANA_URL": f"{KIBANA}/"}
    async with open_house(slack, Archive(clock), clock, tmp_path, given=given) as house:
        yield house


async def critical(house: House, who: User = MAYA) -> Message:
    """The card of the grant of payments-api to everybody."""
    await house.hunt(who, "lambda-perms since:2d severity:critical")
    said = "anyone may invoke payments-api"
    cards: list[Message] = await house.until(lambda: [c for c in messages(house) if said in shown(c)])
    return cards[0]


def messages(house: House) -> list[Message]:
    return [m for m in house.slack.messages_for(MAYA.id, HUNTS) if any(b["type"] == "actions" for b in m.blocks)]


async def details(house: House, who: User, card: Message) -> View:
    await house.press(who, card, actions.DETAILS)
    view: View = await house.until(
        lambda: (seen := top(house, who)) and "Ask around it" in read(list(seen.blocks)) and seen
    )
    return view


def top(house: House, who: User) -> View | None:
    stack = house.slack.modals_of(who.id)
    return stack[-1] if stack else None


def replies(house: House, card: Message) -> Sequence[Message]:
    thread = house.slack.thread_for(MAYA.id, card.channel, card.ts)[1:]
    return [reply for reply in thread if "asked by" in read(list(reply.blocks)) or "asking" in reply.text]


async def answered(house: House, card: Message, says: str) -> Message:
    found: list[Message] = await house.until(
        lambda: [reply for reply in replies(house, card) if says in read(list(reply.blocks))]
    )
    assert len(found) == 1
    return found[0]


async def test_what_the_actor_did_is_answered_as_a_table_in_the_cards_thread(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    await house.slack.press_in_view(TOMAS.id, view.id, DID)

    reply = await answered(house, card, "showing")

    told = read(list(reply.blocks))
    assert "What the actor did in the hour around it" in told
    assert f"asked by <@{TOMAS.id}>" in told
    [table] = [block for block in reply.blocks if block["type"] == "table"]
    assert [cell["text"] for cell in table["rows"][0]][:3] == ["When", "Call", "Outcome"]
    assert "AddPermission20150331v2" in told
    assert "UpdateFunctionCode20150331v2" not in told  # 32 minutes later
    assert len(replies(house, card)) == 1
    assert house.card(TOMAS, channel=HUNTS) is not None


async def test_whoever_asks_is_told_at_once_where_the_answer_comes(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    await house.slack.press_in_view(TOMAS.id, view.id, DID)

    said = await house.until(lambda: (v := top(house, TOMAS)) and v.id != view.id and read(list(v.blocks)))
    assert "is asked of the logs. The answer comes in the thread of F-" in said


async def test_the_functions_other_grants_leave_this_one_out(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    await house.slack.press_in_view(TOMAS.id, view.id, GRANTS)

    told = read(list((await answered(house, card, "showing 2 of 2")).blocks))
    assert "The function's other grants" in told
    assert "partner-sync" in told
    assert "debug-public" not in told


async def test_calls_that_no_trail_records_are_no_all_clear(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    await house.slack.press_in_view(TOMAS.id, view.id, CALLS)

    told = read(list((await answered(house, card, "No such event in these logs.")).blocks))
    assert "Lambda Invoke calls are data events that many trails do not record" in told


async def test_pressed_again_while_it_is_asked_it_is_asked_once(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    await asyncio.gather(*(house.slack.press_in_view(TOMAS.id, view.id, DID) for _ in range(5)))
    await answered(house, card, "showing")
    await house.at_rest()

    assert len(replies(house, card)) == 1


async def test_logs_that_are_down_are_said_in_the_thread(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    house.logs.is_down = True
    await house.slack.press_in_view(TOMAS.id, view.id, DID)

    reply = await house.until(
        lambda: [r for r in house.slack.thread_for(MAYA.id, card.channel, card.ts)[1:] if "did not say" in r.text]
    )
    assert "Elasticsearch could not be asked" in read(list(reply[0].blocks))


async def test_the_answer_survives_a_crash_between_the_press_and_the_logs(
    slack: LocalSlack, clock: Clock, tmp_path: Path
) -> None:
    """bolt-python#1071: what was acknowledged is done after a restart."""
    logs = Archive(clock)
    async with open_house(slack, logs, clock, tmp_path) as house:
        card = await critical(house)
        pivots = house.life.bot.services.pivots
        finding = int(shown(card).split("· F-")[1].split()[0])
        hunt = house.life.bot.services.hunts.shelf.find("lambda-perms")
        stored = await pivots.request(FindingId(finding), hunt.pivots[0].key, UserId(TOMAS.id))
        assert stored is not None
        assert stored.state is RunState.REQUESTED
    async with open_house(slack, logs, clock, tmp_path) as house:
        await answered(house, card, "showing")
        await house.at_rest()
        assert len(replies(house, card)) == 1


FORGED = ["x:1", ":1", "1", "ffffffffffff:1", "ffffffffffff:999", "'; DROP TABLE runs:1"]


async def test_a_forged_pivot_asks_nothing(house: House) -> None:
    card = await critical(house)
    view = await details(house, TOMAS, card)
    for value in FORGED:
        action = {"type": "button", "action_id": DID, "block_id": "b", "value": value}
        payload = house.slack.payloads.view_action(TOMAS, view, action | {"action_ts": house.slack.mint.ts()})
        await house.slack.delivery.deliver(Envelope("forged", "interactive", payload))
    await house.at_rest()

    assert replies(house, card) == []


# --- Kibana -----------------------------------------------------------------------------------------


async def test_details_and_the_menu_lead_into_discover_at_the_time_of_the_event(house: House) -> None:
    """The hunt's own query is longer than a link may be: the link shows the event, and Details says so."""
    card = await critical(house)
    view = await details(house, TOMAS, card)

    [menu] = [node for node in nodes(list(card.blocks)) if node.get("type") == "overflow"]
    [in_menu] = [option["url"] for option in menu["options"] if option["text"]["text"] == "Open in Kibana"]
    [in_details] = [str(n["url"]) for n in nodes(list(view.blocks)) if str(n.get("url")).startswith(KIBANA)]

    assert in_menu == in_details
    assert in_menu.startswith(f"{KIBANA}/app/discover#/?")
    state: Any = state_of(in_menu)
    assert state["_a"]["query"]["esql"].startswith("FROM logs-aws.cloudtrail-* | WHERE event.id ==")
    assert set(state["_g"]["time"]) == {"from", "to"}
    assert "the hunt's query is too long for a link" in read(list(view.blocks))


async def test_a_press_on_the_link_does_nothing_but_lead_there(house: House) -> None:
    card = await critical(house)
    number = shown(card).split("· F-")[1].split()[0]
    await house.at_rest()
    before = house.said(TOMAS)

    await house.press(TOMAS, card, actions.MORE, f"{actions.CHOOSE_KIBANA}:{number}")
    await house.at_rest()

    assert house.said(TOMAS) == before
