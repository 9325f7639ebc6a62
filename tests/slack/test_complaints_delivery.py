"""What users of other tools complain of: alerts that are lost, doubled, cut or late. See tests/complaint_table.py."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from bot.blocks import actions
from local.slack.faults import Delay, DropAnswer, Fault, Faults, rate_limited
from local.slack.model import Message
from local.slack.sample import HUNTS, MAYA, TOMAS
from tests.slack.house import House, shown

MANY_S = 120  # for hundreds of messages on a busy machine
PAUSE_S = 30  # what Slack asks for


def cards(messages: Sequence[Message]) -> Counter[str]:
    """How often each finding has a card with buttons among these messages."""
    drawn = [shown(m) for m in messages if any(block["type"] == "actions" for block in m.blocks)]
    return Counter(ref for text in drawn for ref in re.findall(r"· (F-\d+)", text)[:1])


def posted(house: House) -> list[Message]:
    """What stands in the channel and in its threads."""
    top = house.slack.messages_for(MAYA.id, HUNTS)
    return [m for parent in top for m in house.slack.thread_for(MAYA.id, HUNTS, parent.ts)]


def every(number: int) -> Counter[str]:
    return Counter(f"F-{each}" for each in range(1, number + 1))


class Storm(Faults):
    """Faults that count how often one was met."""

    met = 0

    def take(self, method: str) -> Fault | None:
        fault = super().take(method)
        self.met += fault is not None
        return fault


def rate_limiting(house: House, retry_after_s: int) -> Storm:
    """From now on Slack takes no new message."""
    storm = Storm()
    storm.switch_on("chat.postMessage", rate_limited(retry_after_s))
    house.slack.faults = storm
    return storm


async def hunt_many(house: House, number: int) -> None:
    for each in range(number):
        house.logs.happen(f"p{each}", f"e-{each}")
    await house.hunt(MAYA, "grants")


async def status(house: House) -> str:
    """What /hunt status answers now."""
    before = len(house.privately(TOMAS))
    await house.hunt(TOMAS, "status")
    told = await house.until(lambda: house.privately(TOMAS)[before:], time_passes=False)
    return str(told[-1])


@pytest.mark.complaint("YelpArchive/elastalert#1345")
async def test_of_300_hits_each_is_posted_once_though_slack_says_stop_at_the_40th(house: House) -> None:
    """YelpArchive/elastalert#1345: a 429 kept alerts as unsent, and hundreds were sent for ever."""
    await hunt_many(house, 300)
    await house.until(lambda: len(posted(house)) >= 39, within_s=MANY_S)
    house.slack.faults.add("chat.postMessage", rate_limited(PAUSE_S))
    await house.at_rest(MANY_S)

    assert cards(posted(house)) == every(300)
    times = sorted(float(m.ts) for m in posted(house))
    longest = max(later - earlier for earlier, later in pairwise(times))
    assert longest >= PAUSE_S


@pytest.mark.complaint("jertel/elastalert2#1119", "SigNoz#12891")
async def test_what_slack_does_not_take_is_counted_until_it_is_there(house: House) -> None:
    """jertel/elastalert2#1119, SigNoz#12891: a 429 was logged, and the alert was gone."""
    storm = rate_limiting(house, retry_after_s=5)
    await hunt_many(house, 1)
    await house.waiting(2)
    for times in range(1, 4):  # it waits, however often Slack refuses it
        await house.until(partial(lambda wanted: storm.met >= wanted, times))
        assert "2 messages waiting for Slack" in await status(house)
    house.slack.faults.switch_off("chat.postMessage")

    assert await house.until(lambda: house.card(MAYA))
    await house.at_rest()
    assert "0 messages waiting for Slack" in await status(house)


@pytest.mark.complaint("OnCall distribute_alerts.py")
async def test_when_the_limit_lifts_the_backlog_is_posted_and_each_late_card_says_so(house: House) -> None:
    """OnCall distribute_alerts.py: under a rate limit an alert was marked as sent and never posted."""
    await hunt_many(house, 1)
    await house.until(lambda: cards(posted(house)) == every(1))
    storm = rate_limiting(house, retry_after_s=60)
    await hunt_many(house, 3)
    await house.until(lambda: storm.met >= 2)
    house.clock.ahead += timedelta(minutes=6)
    assert cards(posted(house)) == every(1)
    house.slack.faults.switch_off("chat.postMessage")
    await house.until(lambda: cards(posted(house)) == every(3), within_s=MANY_S)
    await house.at_rest()

    assert cards(posted(house)) == every(3)
    late = {ref: " · late\n" in shown(house.card(MAYA, ref)) for ref in every(3)}
    assert late == {"F-1": False, "F-2": True, "F-3": True}
    card = house.card(MAYA, "F-3")
    assert card is not None
    assert "Late: it was found " in shown(card)
    assert ", late: " in card.text

    await house.press(MAYA, card, actions.ACKNOWLEDGE)
    await house.until(lambda: "Acknowledged by" in shown(house.card(MAYA, "F-3")))
    assert "Late: it was found " in shown(house.card(MAYA, "F-3"))  # redrawn in time, and posted late all the same


@pytest.mark.complaint("elastic/kibana#155384", "kibana#44127")
async def test_100_hits_are_one_message_and_100_cards_in_its_thread(house: House) -> None:
    """elastic/kibana#155384, kibana#44127: a message for each of a hundred alerts, some of them lost."""
    await hunt_many(house, 100)
    await house.until(lambda: len(posted(house)) > 100, within_s=MANY_S)

    [answer] = house.slack.messages_for(TOMAS.id, HUNTS)
    assert "100 hits = 100 from the backlog" in shown(answer)
    assert cards(house.slack.thread_for(TOMAS.id, HUNTS, answer.ts)) == every(100)


@pytest.mark.complaint("YelpArchive/elastalert#1474", "slackapi/slack-api-specs#10")
async def test_a_post_that_slack_took_and_did_not_answer_for_is_found_and_not_repeated(house: House) -> None:
    """YelpArchive/elastalert#1474, slackapi/slack-api-specs#10: a timeout after the accept made a second message."""
    house.slack.faults.add("chat.postMessage", DropAnswer(), DropAnswer(), DropAnswer())
    await hunt_many(house, 2)
    await house.until(lambda: cards(posted(house)) == every(2))
    await house.at_rest()

    assert cards(posted(house)) == every(2)
    assert len(posted(house)) == 3
    assert any(call.method == "conversations.history" for call in house.slack.calls)


@pytest.mark.complaint("YelpArchive/elastalert#1954")
async def test_while_slack_swallows_every_call_hunts_run_and_posts_queue(house: House) -> None:
    """YelpArchive/elastalert#1954: a call without a timeout hung the whole tool."""
    for method in ("chat.postMessage", "chat.update"):
        house.slack.faults.switch_on(method, Delay(3600))
    for number in range(1, 4):
        house.logs.happen(f"p{number}", f"e-{number}")
        await house.hunt(MAYA, "grants")
        await house.until(partial(lambda asked: house.logs.asked == asked, number), time_passes=False)
    await house.waiting(6)  # three answers and three cards
    house.clock.ahead += timedelta(minutes=10)
    assert posted(house) == []
    assert "6 messages waiting for Slack, for 10 min" in await status(house)

    house.slack.faults.clear()
    await house.until(lambda: cards(posted(house)) == every(3))
    await house.at_rest()
    assert cards(posted(house)) == every(3)


@pytest.mark.complaint("target/goalert#4188")
async def test_a_backlog_of_more_than_a_minute_says_so_and_how_old_it_is(house: House) -> None:
    """target/goalert#4188: its own throttle held a message for 16 minutes, unseen."""
    storm = rate_limiting(house, retry_after_s=3600)
    await hunt_many(house, 3)
    await house.until(lambda: storm.met, time_passes=False)
    assert "waiting for Slack." in await status(house)
    house.clock.ahead += timedelta(minutes=16)

    told = await status(house)
    assert re.search(r"[1-9] messages waiting for Slack, for 16 min", told)
    assert "The oldest waits since" in told


@pytest.mark.complaint("elastic/kibana#92341")
async def test_a_list_that_is_cut_says_how_many_it_shows_of_how_many(house: House) -> None:
    """elastic/kibana#92341: the list was truncated, and nobody knew by how much."""
    await hunt_many(house, 137)
    answer = await house.until(lambda: next((said for said in house.said(MAYA) if "137 hits =" in said), None))
    assert (told := re.search(r"From the backlog  showing (\d+) of 137", answer))
    assert answer.count("may lambda:InvokeFunction") == int(told[1]) < 137

    await house.hunt(TOMAS, "findings")
    queue = await house.until(lambda: next((s for s in house.privately(TOMAS) if "of 137" in s), None))
    assert (told := re.search(r"showing (\d+) of 137", queue))
    assert len(set(re.findall(r"F-\d+", queue))) == int(told[1])
