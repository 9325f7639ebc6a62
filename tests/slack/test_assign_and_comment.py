"""Giving findings to people and talking about them over real sockets, both ways between thread and history."""

from collections.abc import Sequence

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.triage import Move, State
from local.slack.model import Message, Outcome, Ping, Seen, User, View
from local.slack.sample import AISHA, AUDITOR, BOT, CONTRACTOR, GENERAL, GUEST, HUNTS, MAYA, TOMAS
from tests.slack.house import House, shown
from tests.unit.blocks.examples import read


async def assign_form(house: House, who: User, card: Message) -> View:
    await house.press(who, card, actions.MORE, "assign:1")
    forms: Sequence[View] = await house.until(lambda: house.slack.modals_of(who.id), time_passes=False)
    return forms[-1]


async def give(house: House, who: User, form: View, to: User, note: str = "") -> Seen:
    written = {actions.NOTE_BLOCK: {actions.NOTE: note}} if note else {}
    values = {actions.ASSIGNEE_BLOCK: {actions.ASSIGNEE: to.id}, **written}
    return await house.slack.submit_view(who.id, form.id, values)


async def history(house: House, finding: int = 1) -> list[tuple[Move, str, str]]:
    events = (await house.life.bot.services.triage.show(FindingId(finding))).history
    return [(event.move, event.by, event.note) for event in events[1:]]


async def test_whoever_is_given_a_finding_is_told_in_its_thread(house: House) -> None:
    card = await house.find_one(MAYA)
    form = await assign_form(house, MAYA, card)
    assert (await give(house, MAYA, form, TOMAS, "you know this one")).outcome is Outcome.CLOSED

    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.card(AISHA)))
    said = f"<@{MAYA.id}> gave it to <@{TOMAS.id}>: you know this one"
    await house.until(lambda: any(said in line for line in house.thread(AISHA, card)))
    assert Ping.USER in {notified.ping for notified in house.slack.notifications_of(TOMAS.id)}
    finding = await house.life.bot.services.triage.get(FindingId(1))
    assert (finding.state, finding.owner) == (State.ACKNOWLEDGED, TOMAS.id)


async def test_to_give_it_to_oneself_is_to_take_it(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.ACKNOWLEDGE)
    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.card(AISHA)))
    await give(house, AISHA, await assign_form(house, AISHA, card), AISHA)

    await house.until(lambda: f"Acknowledged by <@{AISHA.id}>" in shown(house.card(MAYA)))
    await house.until(lambda: any(f"<@{AISHA.id}> took it" in line for line in house.thread(MAYA, card)))


async def test_to_take_again_what_one_holds_changes_nothing_and_says_who_holds_it(house: House) -> None:
    card = await house.find_one(MAYA)
    await give(house, AISHA, await assign_form(house, AISHA, card), AISHA)
    before = await house.life.bot.services.triage.get(FindingId(1))
    seen = await give(house, AISHA, await assign_form(house, AISHA, card), AISHA)

    assert seen.outcome is Outcome.UPDATED
    assert seen.view is not None
    told = read(seen.view.blocks)
    assert "You took it already" in told
    assert f"Acknowledged by <@{AISHA.id}>" in told
    assert await house.life.bot.services.triage.get(FindingId(1)) == before


async def test_of_two_who_give_it_away_the_second_is_told(house: House) -> None:
    card = await house.find_one(MAYA)
    mayas, aishas = [await assign_form(house, who, card) for who in (MAYA, AISHA)]
    first = await give(house, MAYA, mayas, TOMAS)
    second = await give(house, AISHA, aishas, AISHA)

    assert (first.outcome, second.outcome) == (Outcome.CLOSED, Outcome.UPDATED)
    assert second.view is not None
    assert f"<@{MAYA.id}> was first: gave it to <@{TOMAS.id}>" in read(second.view.blocks)


@pytest.mark.parametrize(
    ("whom", "told"),
    [(AUDITOR, "Guests"), (CONTRACTOR, "Guests"), (GUEST, "People of another workspace"), (BOT, "Bots")],
    ids=["a guest", "a contractor", "a stranger", "the bot"],
)
async def test_not_everybody_can_be_given_one(house: House, whom: User, told: str) -> None:
    card = await house.find_one(MAYA)
    seen = await give(house, MAYA, await assign_form(house, MAYA, card), whom)

    assert seen.outcome is Outcome.ERRORS
    assert told in seen.errors[actions.ASSIGNEE_BLOCK]
    assert await history(house) == []


# --- comments ----------------------------------------------------------------------------------------


async def test_a_reply_in_a_cards_thread_stands_in_its_history_and_is_not_echoed_there(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    await house.slack.say(TOMAS.id, HUNTS, f"asked @{AISHA.name}: it is <ours>", thread_ts=card.ts)
    await house.slack.redeliver(house.slack.envelopes[-1])
    await house.slack.say(TOMAS.id, HUNTS, "not in the thread")
    await _until_history(house, 1)
    await house.at_rest()

    assert await history(house) == [(Move.COMMENT, TOMAS.id, f"asked @{AISHA.id}: it is <ours>")]
    assert len(house.thread(MAYA, card)) == 1
    assert house.card(MAYA) == card


async def test_it_is_told_in_the_threads_of_other_channels(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(MAYA, card, actions.MORE, "resolve:1")
    (form,) = await house.until(lambda: house.slack.modals_of(MAYA.id), time_passes=False)
    await house.slack.submit_view(MAYA.id, form.id, {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}})
    house.happens_later("alice", "e-2")
    await house.hunt(MAYA, "grants", GENERAL)
    there = await house.until(lambda: house.card(MAYA, channel=GENERAL))
    here = await house.until(lambda: (c := house.card(MAYA)) and c.ts != card.ts and c)
    await house.at_rest()
    await house.slack.say(TOMAS.id, GENERAL, "seen in June too", thread_ts=there.ts)

    await house.until(lambda: any("wrote: seen in June too" in line for line in house.thread(MAYA, here)))
    assert not any("wrote" in line for line in house.thread(MAYA, there))


async def test_what_guests_say_is_no_comment(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    for who in (AUDITOR, GUEST):
        house.slack.directory.put_user(who)
        house.slack.directory.join(HUNTS, who.id)
        await house.slack.say(who.id, HUNTS, "hello", thread_ts=card.ts)
    await house.slack.say(TOMAS.id, HUNTS, "and this is one", thread_ts=card.ts)

    assert [by for _, by, _ in await _until_history(house, 1)] == [TOMAS.id]


async def test_a_reply_under_a_run_of_many_belongs_to_no_finding(house: House) -> None:
    for n in range(7):
        house.logs.happen(f"p{n}", f"e-{n}")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: any("7 hits = " in said for said in house.said(MAYA)))
    await house.at_rest()
    (answer,) = [m for m in house.slack.messages_for(MAYA.id, HUNTS) if "7 hits" in shown(m)]
    await house.slack.say(TOMAS.id, HUNTS, "many", thread_ts=answer.ts)
    await house.at_rest()

    assert [await history(house, number) for number in range(1, 8)] == [[]] * 7


async def test_a_comment_written_in_the_form_is_a_line_in_the_thread(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(MAYA, card, actions.DETAILS)
    details = await house.until(
        lambda: next((v for v in house.slack.modals_of(MAYA.id) if actions.COMMENT in str(v.blocks)), None),
        time_passes=False,
    )
    await house.slack.press_in_view(MAYA.id, details.id, actions.COMMENT)
    form = await house.until(
        lambda: next((v for v in house.slack.modals_of(MAYA.id) if actions.COMMENT_TEXT in str(v.blocks)), None),
        time_passes=False,
    )
    said = "looks like <!channel> ours"
    seen = await house.slack.submit_view(MAYA.id, form.id, {actions.COMMENT_BLOCK: {actions.COMMENT_TEXT: said}})

    assert seen.outcome is Outcome.CLOSED
    (under,) = await house.until(
        lambda: [v for v in house.slack.modals_of(MAYA.id) if f"wrote: {said}" in read(v.blocks)]
    )
    assert under.id == details.id
    await house.until(lambda: any(f"wrote: {said}" in line for line in house.thread(TOMAS, card)))
    assert await history(house) == [(Move.COMMENT, MAYA.id, said)]
    assert house.slack.notifications_of(TOMAS.id) == []


async def _until_history(house: House, number: int) -> list[tuple[Move, str, str]]:
    for _ in range(200):
        if len(told := await history(house)) >= number:
            return told
        await house.until(lambda: True)
        await house.life.bot.background.drain(1)
    raise AssertionError("no comment came")


# --- shortcuts ---------------------------------------------------------------------------------------


async def test_the_shortcut_opens_the_finding_of_a_message(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    await house.slack.message_shortcut(TOMAS.id, HUNTS, card.ts, actions.TRIAGE_SHORTCUT)

    await house.until(lambda: any("alice" in read(v.blocks) for v in house.slack.modals_of(TOMAS.id)))


async def test_the_shortcut_says_where_no_finding_stands(house: House) -> None:
    message = await house.slack.say(TOMAS.id, HUNTS, "good morning")
    await house.slack.message_shortcut(TOMAS.id, HUNTS, message.ts, actions.TRIAGE_SHORTCUT)

    (told,) = await house.until(lambda: house.privately(TOMAS))
    assert "No finding stands in this message" in told
    assert not house.slack.modals_of(TOMAS.id)
