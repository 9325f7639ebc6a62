"""The main job end to end, over real sockets: hunt, triage, escalate, resolve, be told who was first."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import RunRequest, Trigger
from bot.domain.triage import Move, Resolution
from local.slack.faults import DropAnswer
from local.slack.model import Outcome, Ping
from local.slack.sample import AISHA, ESCALATIONS, GENERAL, GUEST, HUNTS, MAYA, QUIET, TOMAS
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, composed, open_house, shown
from tests.unit.blocks.examples import read

# --- a hunt --------------------------------------------------------------------------------------


@pytest.mark.parametrize("over_http", [False, True], ids=["socket mode", "signed http"])
async def test_a_hunt_is_answered_with_its_receipt_and_a_card(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, *, over_http: bool
) -> None:
    async with open_house(slack, logs, clock, tmp_path, over_http=over_http) as house:
        logs.happen("alice", "e-1")
        seen = await house.hunt(MAYA, "grants")
        card = await house.until(lambda: house.card(TOMAS))
        await house.until(lambda: any("1 hit = 1 from the backlog" in said for said in house.said(TOMAS)))

    assert (seen.outcome, seen.message) == (Outcome.ACCEPTED, None)
    assert "🔺 HIGH · F-1 · from the backlog" in shown(card)
    assert "alice may lambda:InvokeFunction on pay" in shown(card)
    assert not any("is looking" in said for said in house.said(TOMAS))


@pytest.mark.complaint("the whole loop", "errbot#1145")
async def test_options_typed_on_a_phone_narrow_the_answer(house: House) -> None:
    """The whole loop, with filters. errbot#1145: smart quotes and long dashes."""
    house.logs.happen("alice", "e-1")
    house.logs.happen("bob", "e-2")
    await house.hunt(MAYA, "grants —principal “bob”")
    await house.until(lambda: house.card(MAYA))

    (answer,) = await house.until(lambda: [said for said in house.said(MAYA) if "hits =" in said])
    assert "+ 1 filtered out" in answer
    assert "Only principal bob" in answer
    assert "bob may" in shown(house.card(MAYA))


async def test_elasticsearch_down_is_said_and_the_next_run_catches_up(house: House) -> None:
    house.logs.is_down = True
    house.logs.happen("alice", "e-1")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: any("It did not run" in said for said in house.said(MAYA)))

    house.logs.is_down = False
    await house.hunt(MAYA, "grants")
    assert await house.until(lambda: house.card(MAYA))


async def test_a_second_run_says_what_is_known_and_posts_no_second_card(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, "grants")
    await house.until(lambda: any("1 hit = 0 new + 1 known + 0 suppressed" in said for said in house.said(MAYA)))

    known = next(said for said in house.said(MAYA) if "1 known" in said)
    assert "Known  showing 1 of 1" in known
    assert sum("· F-1" in said for said in house.said(MAYA)) == 1


async def test_one_delivery_of_a_command_is_one_run_however_often_it_comes(house: House) -> None:
    house.logs.happen("alice", "e-1")
    await house.hunt(MAYA, "grants")
    envelope = house.slack.envelopes[-1]
    await house.slack.redeliver(envelope)
    await house.slack.redeliver(envelope, attempt=2)
    await house.until(lambda: house.card(MAYA) and any("hit = " in said for said in house.said(MAYA)))

    assert house.logs.asked == 1
    assert sum("hit = " in said for said in house.said(MAYA)) == 1


@pytest.mark.parametrize("channel", [QUIET, "their own"])
async def test_where_the_bot_may_not_speak_the_answer_is_private(house: House, channel: str) -> None:
    direct = next(c for c in house.slack.channels_of(TOMAS.id) if c.is_im).id
    house.logs.happen("alice", "e-1")
    seen = await house.hunt(TOMAS, "grants", direct if channel == "their own" else channel)
    assert seen.message is not None
    assert "to you alone" in seen.message.text

    await house.until(lambda: any("From the backlog  showing 1 of 1" in said for said in house.said(TOMAS, direct)))
    assert house.said(AISHA, QUIET) == []


# --- presses -------------------------------------------------------------------------------------


@pytest.mark.complaint("race-honest buttons")
async def test_of_two_at_once_one_wins_and_the_other_is_told_who(house: House) -> None:
    """race-honest buttons: the winner is named to the loser."""
    card = await house.find_one(MAYA)
    both = await asyncio.gather(*(house.press(who, card, actions.ACKNOWLEDGE) for who in (MAYA, TOMAS)))
    assert [seen.outcome for seen in both] == [Outcome.ACCEPTED, Outcome.ACCEPTED]

    await house.until(lambda: "Acknowledged by" in shown(house.card(AISHA)))
    winner, loser = (MAYA, TOMAS) if f"<@{MAYA.id}>" in shown(house.card(AISHA)) else (TOMAS, MAYA)
    (told,) = await house.until(lambda: house.privately(loser))
    assert f"<@{winner.id}> was first: acknowledged it" in told
    assert house.privately(winner) == []
    notes = await house.until(lambda: house.thread(AISHA, card))
    assert [f"<@{winner.id}> acknowledged it" in note for note in notes] == [True]


async def test_a_press_delivered_again_is_no_news(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(MAYA, card, actions.ACKNOWLEDGE)
    await house.slack.redeliver(house.slack.envelopes[-1])
    await house.until(lambda: house.thread(MAYA, card))

    assert house.privately(MAYA) == []


async def test_an_escalation_calls_the_people_on_call_and_leads_back(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.ESCALATE)
    call = await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))

    assert "alice may lambda:InvokeFunction on pay" in shown(call[0])
    assert Ping.GROUP in {n.ping for n in house.slack.notifications_of(AISHA.id)}
    assert f"/archives/{HUNTS}/p{card.ts.replace('.', '')}" in str(call[0].blocks)
    await house.until(lambda: "Nobody has taken it over yet" in shown(house.card(MAYA)))

    await house.press(AISHA, call[0], actions.ACKNOWLEDGE)
    await house.until(lambda: f"Held by <@{AISHA.id}>" in shown(house.card(MAYA)))
    await house.until(lambda: f"Held by <@{AISHA.id}>" in shown(house.again(call[0])))
    assert "Take over" not in shown(house.again(call[0]))


async def test_an_escalation_that_calls_nobody_says_so(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    async with open_house(slack, logs, clock, tmp_path, escalates=False) as house:
        await house.press(TOMAS, await house.find_one(MAYA), actions.ESCALATE)
        (told,) = await house.until(lambda: house.privately(TOMAS))

        assert "F-1 is escalated, and nobody was called" in told
        await house.until(lambda: "Escalated by" in shown(house.card(MAYA)))


async def test_a_finding_is_resolved_with_a_reason_and_reopened(house: House) -> None:
    card = await house.find_one(MAYA)
    form = await house.resolve_form(MAYA, card)
    note = "our pipeline <!channel>"
    values = {
        actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "expected"},
        actions.NOTE_BLOCK: {actions.NOTE: note},
    }
    seen = await house.slack.submit_view(MAYA.id, form.id, values)
    assert seen.outcome is Outcome.CLOSED

    resolved = await house.until(lambda: (c := house.card(TOMAS)) and "Resolved as expected" in shown(c) and c)
    assert f"“{note}”" in shown(resolved)
    assert "Acknowledge" not in str(resolved.blocks)
    await house.until(lambda: any(f"resolved it as expected: {note}" in said for said in house.thread(TOMAS, card)))

    await house.press(TOMAS, resolved, actions.MORE, "reopen:1")
    await house.until(lambda: "Open, nobody has it" in shown(house.card(MAYA)))


async def test_a_form_that_somebody_else_was_faster_than_says_so(house: House) -> None:
    card = await house.find_one(MAYA)
    values = {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}}
    mayas, tomas_ = [await house.resolve_form(who, card) for who in (MAYA, TOMAS)]
    first = await house.slack.submit_view(MAYA.id, mayas.id, values)
    second = await house.slack.submit_view(TOMAS.id, tomas_.id, values)

    assert (first.outcome, second.outcome) == (Outcome.CLOSED, Outcome.UPDATED)
    assert second.view is not None
    assert f"<@{MAYA.id}> was first: resolved it as benign" in read(second.view.blocks)


async def test_a_form_left_open_that_would_change_ones_own_reason_says_that_it_did_not(house: House) -> None:
    card = await house.find_one(MAYA)
    form = await house.resolve_form(MAYA, card)
    triage = house.life.bot.services.triage  # from her other device
    await triage.press(FindingId(1), Move.RESOLVE, UserId(MAYA.id), resolution=Resolution.BENIGN)
    malicious = {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "malicious"}}
    seen = await house.slack.submit_view(MAYA.id, form.id, malicious)

    assert seen.outcome is Outcome.UPDATED
    assert seen.view is not None
    assert "ou resolved it as benign already" in read(seen.view.blocks)


async def test_a_change_is_redrawn_in_every_channel(house: House) -> None:
    await house.find_one(MAYA)
    await _resolve(house)
    house.happens_later("alice", "e-2")
    await house.hunt(MAYA, "grants", GENERAL)  # it came back, seen from another channel
    there = await house.until(lambda: house.card(MAYA, channel=GENERAL))
    here = await house.until(lambda: (c := house.card(MAYA)) and "recurred" in shown(c) and c)

    await house.press(TOMAS, there, actions.ACKNOWLEDGE)
    await house.until(lambda: all("Acknowledged by" in shown(house.again(card)) for card in (here, there)))
    await house.until(lambda: all(house.thread(MAYA, card) for card in (here, there)))


async def test_what_can_not_be_stored_is_not_acknowledged(house: House, tmp_path: Path) -> None:
    card = await house.find_one(MAYA)
    with closing(sqlite3.connect(tmp_path / "huntbot.db", timeout=0, isolation_level=None)) as other:
        await house.until(lambda: _holds(other))
        pressed, typed = await asyncio.gather(
            house.press(MAYA, card, actions.ACKNOWLEDGE), house.hunt(MAYA, "grants")
        )
        other.rollback()

    assert (pressed.outcome, pressed.error) == (Outcome.FAILED, "operation_timeout")
    assert (typed.outcome, typed.error) == (Outcome.FAILED, "operation_timeout")
    assert (await house.press(MAYA, card, actions.ACKNOWLEDGE)).outcome is Outcome.ACCEPTED
    await house.until(lambda: "Acknowledged by" in shown(house.card(MAYA)))


def _holds(other: sqlite3.Connection) -> bool:
    """Whether the store is now held by somebody else, so that nothing can be written."""
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


async def test_people_of_another_workspace_do_nothing(house: House) -> None:
    card = await house.find_one(MAYA)
    house.slack.directory.put_user(GUEST)
    house.slack.directory.join(HUNTS, GUEST.id)
    await house.press(GUEST, card, actions.ACKNOWLEDGE)

    (told,) = await house.until(lambda: house.privately(GUEST))
    assert "another workspace" in told
    assert "Open, nobody has it" in shown(house.card(MAYA))


# --- the same events, and new ones -----------------------------------------------------------------


async def _resolve(house: House) -> None:
    card = house.card(MAYA)
    assert card is not None
    form = await house.resolve_form(MAYA, card)
    await house.slack.submit_view(MAYA.id, form.id, {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}})
    await house.until(lambda: "Resolved as benign" in shown(house.card(MAYA)))


async def test_a_resolved_finding_is_reopened_by_a_new_event_and_by_nothing_less(house: House) -> None:
    first = await house.find_one(MAYA)
    await _resolve(house)
    await house.hunt(MAYA, "grants")
    await house.until(lambda: any("1 known" in said for said in house.said(MAYA)))
    assert "Resolved as benign" in shown(house.card(MAYA))

    house.happens_later("alice", "e-2")
    await house.hunt(MAYA, "grants")
    again = await house.until(lambda: (c := house.card(MAYA)) and c.ts != first.ts and c)
    assert "F-1 · recurred" in shown(again)
    assert "Seen  2 times" in shown(again)
    await house.until(lambda: "has a newer message" in shown(house.again(first)))


@pytest.mark.parametrize("is_taken_by_slack", [False, True], ids=["nothing was sent", "its answer was lost"])
async def test_a_restart_between_store_and_post_posts_once(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, *, is_taken_by_slack: bool
) -> None:
    async with composed(slack, logs, clock, tmp_path) as bot:
        logs.happen("alice", "e-1")
        asked = RunRequest(Slug("grants"), Trigger.COMMAND, clock(), ChannelId(HUNTS), UserId(MAYA.id))
        stored = await bot.services.hunts.request(asked)
        assert stored is not None
        await bot.services.hunts.work(stored.id)
        if is_taken_by_slack:
            slack.workspace.faults.add("chat.postMessage", DropAnswer())
            assert await bot.services.delivery.deliver_due() == 0
    async with open_house(slack, logs, clock, tmp_path) as house:
        await house.until(lambda: house.card(MAYA))
        await house.until(lambda: any("1 hit =" in said for said in house.said(MAYA)))

        assert sum("· F-1" in said for said in house.said(MAYA)) == 1
        assert sum("1 hit =" in said for said in house.said(MAYA)) == 1


# --- what a log says -----------------------------------------------------------------------------


@pytest.mark.complaint("NousResearch/hermes-agent#26869", "brexhq/CrabTrap#20")
async def test_hostile_values_are_shown_literally_and_notify_nobody(house: House) -> None:
    """NousResearch/hermes-agent#26869, brexhq/CrabTrap#20: a value of <!channel> called everybody."""
    hostile = f"<!channel> <@{TOMAS.id}> <!subteam^S01ONCALL1> <https://evil.example|*click*> \u202e`x`"
    card = await house.find_one(MAYA, hostile)
    house.logs.rows[0]["actor"] = house.logs.rows[0]["reason"] = hostile
    house.logs.happen(hostile, "e-2", function=hostile)
    await house.hunt(MAYA, "digest grants")
    await house.until(lambda: any("Digest" in said for said in house.said(MAYA)))

    assert hostile.replace("\u202e", "\\u{202e}") in shown(card)
    for person in (MAYA, TOMAS, AISHA):
        assert house.slack.notifications_of(person.id) == []


# --- what is answered privately --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("help", "/hunt show F-42"),
        ("list", "Grants on functions"),
        ("findings", "F-1"),
        ("findings mine", "Held by you: none."),
        ("show F-1", "alice may lambda:InvokeFunction on pay"),
        ("show F-9", "There is no finding F-9."),
        ("status", "2 hunts loaded"),
        ("grant", "Did you mean grants?"),
        ("grants since:soon", "soon: write a length of time"),
        ("digest nothing", "There is no hunt called nothing."),
    ],
)
async def test_questions_are_answered_to_whoever_asked(house: House, typed: str, says: str) -> None:
    await house.find_one(MAYA)
    seen = await house.hunt(TOMAS, typed)
    assert seen.outcome is Outcome.ACCEPTED

    told = await house.until(lambda: house.privately(TOMAS))
    assert says in "\n".join(told)
    assert house.privately(MAYA) == []


async def test_a_finding_shown_privately_has_buttons_that_work(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, "show F-1")
    (private,) = await house.until(lambda: [m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to])
    assert "History" in shown(private)

    await house.press(TOMAS, private, actions.ACKNOWLEDGE)
    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.card(MAYA)))


async def test_the_home_tab_is_the_queue(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(MAYA, card, actions.ACKNOWLEDGE)
    await house.slack.open_home(MAYA.id)

    home = await house.until(lambda: house.slack.home_of(MAYA.id))
    assert "Held by you  showing 1 of 1" in read(home.blocks)
    assert "Nobody has it: none." in read(home.blocks)
    assert f"/archives/{HUNTS}/p{card.ts.replace('.', '')}" in str(home.blocks)


async def test_the_list_of_findings_leads_to_their_messages(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.at_rest()
    await house.hunt(TOMAS, "findings")
    (told,) = await house.until(lambda: [m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to])

    assert f"/archives/{HUNTS}/p{card.ts.replace('.', '')}" in str(told.blocks)


async def test_a_digest_is_sent_when_somebody_asks(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(MAYA, "digest grants")
    await house.until(lambda: any("From the backlog  showing 1 of 1" in said for said in house.said(TOMAS)))
    await house.hunt(MAYA, "digest grants")
    await house.until(lambda: any("Nobody has looked at  showing 1 of 1" in said for said in house.said(TOMAS)))
