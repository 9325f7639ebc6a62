"""Who may do what, end to end over real sockets and signed HTTP: refused, told alone, audited; nothing shown."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.triage import AuditEvent, Move, State
from local.slack.delivery import Envelope
from local.slack.faults import Delay, refusal, server_error
from local.slack.model import Json, Message, Outcome, Seen, User, View
from local.slack.sample import (
    AISHA,
    AUDITOR,
    GUEST,
    HUNTS,
    LEADS,
    MAYA,
    PARTNERS,
    QUIET,
    RESPONDERS,
    TEAM,
    TOMAS,
    sample_workspace,
)
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house, shown
from tests.unit.blocks.examples import read

# Maya leads and Tomás responds, each by a group; Aisha looks, by her id; Nils has no role.
NILS = User("U05NILS005", "nils", "Nils Berg", "Europe/Oslo", TEAM.id)
ROLES = {
    "HUNTBOT_LEADS": LEADS.id,
    "HUNTBOT_RESPONDERS": RESPONDERS.id,
    "HUNTBOT_VIEWERS": AISHA.id,
}
SOCKET_MODE, SIGNED_HTTP = "socket mode", "signed http"

both_ways = pytest.mark.parametrize("house", [SOCKET_MODE, SIGNED_HTTP], indirect=True)
by_http = pytest.mark.parametrize("house", [SIGNED_HTTP], indirect=True)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's SDK sends loopback through a proxy when the environment names one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    clock, way = Clock(), getattr(request, "param", SOCKET_MODE)
    workspace = sample_workspace(clock=lambda: clock().timestamp())
    workspace.directory.put_user(NILS)
    workspace.directory.put_usergroup(replace(RESPONDERS, users=(TOMAS.id,)))
    for guest in (NILS, AUDITOR, GUEST):
        workspace.directory.join(HUNTS, guest.id)
    bot = (LocalSlack(workspace), Logs(clock), clock, tmp_path)
    async with bot[0], open_house(*bot, over_http=way == SIGNED_HTTP, given=ROLES) as house:
        yield house


async def history(house: House) -> Sequence[AuditEvent]:
    """What happened to F-1 since it was found."""
    return (await house.life.bot.services.triage.show(FindingId(1))).history[1:]


async def refused(house: House, who: User, channel: str = HUNTS) -> str:
    """The one private line that the person got."""
    (told,) = await house.until(lambda: house.privately(who, channel))
    return str(told)


def answer(seen: Seen) -> str:
    """What a command was answered with on the spot."""
    assert seen.outcome is Outcome.ACCEPTED
    return seen.message.text if seen.message else ""


# --- guests, people of other workspaces, members without a role ------------------------------------


@both_ways
@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (AUDITOR, "huntbot takes no orders from guests."),
        (GUEST, "huntbot takes no orders from people of another workspace."),
        (NILS, "You asked to triage a finding. That needs the role responder, and you have no role here."),
        (AISHA, "You asked to triage a finding. That needs the role responder, and you are a viewer."),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
async def test_whoever_may_not_press_is_told_alone_and_stands_in_the_history(
    house: House, who: User, sentence: str
) -> None:
    card = await house.find_one(MAYA)
    assert (await house.press(who, card, actions.ACKNOWLEDGE)).outcome is Outcome.ACCEPTED

    assert sentence in await refused(house, who)
    await house.at_rest()
    (tried,) = await history(house)
    assert (tried.move, tried.by, tried.accepted) == (Move.ACKNOWLEDGE, who.id, False)
    assert sentence in tried.note
    assert (tried.before, tried.after) == (State.OPEN, State.OPEN)
    assert "Open, nobody has it" in shown(house.card(MAYA))
    assert house.privately(MAYA) == []


@pytest.mark.parametrize("who", [AUDITOR, GUEST, NILS], ids=lambda who: who.name)
async def test_whoever_has_no_role_is_shown_nothing(house: House, who: User) -> None:
    await house.find_one(MAYA)
    before = len(house.said(who))
    typed = ("grants", "findings", "show F-1", "list", "status", "help", "no such hunt", "")
    told = [answer(await house.hunt(who, text)) for text in typed]

    assert all("huntbot takes no orders from" in said or "you have no role here" in said for said in told)
    assert not any("alice" in said for said in told)
    assert len(house.said(who)) == before + len(typed)
    assert await house.life.bot.services.hunts.unfinished() == []


@pytest.mark.parametrize("who", [AUDITOR, NILS], ids=lambda who: who.name)
async def test_their_home_says_so_and_has_no_rows(house: House, who: User) -> None:
    await house.find_one(MAYA)
    await house.slack.open_home(who.id)

    home = await house.until(lambda: house.slack.home_of(who.id))

    assert "huntbot takes no orders from guests" in read(home.blocks) or "no role here" in read(home.blocks)
    assert len(home.blocks) == 1
    assert "F-1" not in read(home.blocks)


async def test_no_form_opens_for_whoever_may_not_fill_it_in(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(AISHA, card, actions.MORE, "resolve:1")

    assert "That needs the role responder" in await refused(house, AISHA)
    assert not house.slack.modals_of(AISHA.id)
    assert [(event.move, event.accepted) for event in await history(house)] == [(Move.RESOLVE, False)]


# --- each role ---------------------------------------------------------------------------------------


async def test_a_viewer_looks_and_no_more(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(AISHA, "findings")
    await house.until(lambda: any("F-1" in said for said in house.privately(AISHA)))
    await house.slack.open_home(AISHA.id)
    home = await house.until(lambda: house.slack.home_of(AISHA.id))
    assert "F-1" in read(home.blocks)

    assert "You asked to run a hunt. That needs the role responder" in answer(await house.hunt(AISHA, "grants"))


async def test_a_responder_triages_and_sends_no_digest(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.ACKNOWLEDGE)
    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.card(MAYA)))

    said = answer(await house.hunt(TOMAS, "digest grants"))
    assert "You asked to send a digest. That needs the role lead, and you are a responder." in said
    assert "role lead" not in answer(await house.hunt(MAYA, "digest grants"))


async def test_a_responder_is_asked_whether_to_take_it_and_not_whom_to_give_it_to(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.DETAILS)
    says = await house.until(lambda: _top(house, TOMAS, "Every column"), time_passes=False)
    await house.slack.press_in_view(TOMAS.id, says.id, actions.ASSIGN)
    form = await house.until(lambda: _top(house, TOMAS, "It becomes yours"), time_passes=False)
    assert (form.payload["submit"]["text"], actions.ASSIGNEE in str(form.blocks)) == ("Take it", False)
    await house.slack.submit_view(TOMAS.id, form.id, {actions.NOTE_BLOCK: {actions.NOTE: "on it"}})

    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.card(MAYA)))
    await house.until(lambda: _top(house, TOMAS, f"Acknowledged by <@{TOMAS.id}>"))
    assert [(event.move, event.note) for event in await history(house)] == [(Move.ASSIGN, "on it")]
    await house.press(TOMAS, card, actions.MORE, "assign:1")
    assert "You hold it already." in await refused(house, TOMAS)


def _top(house: House, who: User, says: str) -> View | None:
    """The modal that lies on top, where it says so."""
    views = house.slack.modals_of(who.id)
    return views[-1] if views and says in read(views[-1].blocks) else None


async def test_a_role_that_was_taken_is_missed_when_the_form_is_sent(house: House) -> None:
    """What is kept of a group ends after five minutes; the form stays, with what was written in it."""
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.MORE, "resolve:1")
    form = (await house.until(lambda: house.slack.modals_of(TOMAS.id), time_passes=False))[-1]
    house.slack.directory.put_usergroup(replace(RESPONDERS, users=()))
    house.clock.ahead += timedelta(minutes=5)

    filled = {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}, actions.NOTE_BLOCK: {actions.NOTE: "ours"}}
    seen = await house.slack.submit_view(TOMAS.id, form.id, filled)

    assert seen.outcome is Outcome.ERRORS
    assert "you have no role here" in seen.errors[actions.RESOLUTION_BLOCK]
    assert [(event.move, event.accepted) for event in await history(house)] == [(Move.RESOLVE, False)]


# --- channels that others read -----------------------------------------------------------------------


async def test_in_a_channel_shared_with_another_organization_nothing_is_shown(house: House) -> None:
    await house.find_one(MAYA)
    for typed in ("grants", "findings", "show F-1", "digest grants"):
        said = answer(await house.hunt(MAYA, typed, PARTNERS))
        assert said.startswith("This channel is shared with another organization")

    await house.at_rest()
    assert house.said(GUEST, PARTNERS) == []
    assert await house.life.bot.services.hunts.unfinished() == []


async def test_a_card_in_a_channel_that_was_shared_later_takes_no_press(house: House) -> None:
    card = await house.find_one(MAYA)
    channel = house.slack.directory.channel(HUNTS)
    house.slack.directory.put_channel(replace(channel, is_ext_shared=True))
    house.clock.ahead += timedelta(minutes=5)
    await house.press(MAYA, card, actions.ACKNOWLEDGE)

    assert "shared with another organization" in await refused(house, MAYA)
    (tried,) = await history(house)
    assert (tried.by, tried.accepted) == (MAYA.id, False)


async def test_where_huntbot_can_not_see_who_reads_along_nothing_is_done(house: House) -> None:
    private = replace(house.slack.directory.channel(QUIET), id="C0PRIVATE0", name="private", is_private=True)
    house.slack.directory.put_channel(private)

    said = answer(await house.hunt(MAYA, "grants", private.id))

    assert said.startswith("huntbot can not see this conversation")


# --- a Slack that does not say -----------------------------------------------------------------------


async def test_while_slack_does_not_say_who_somebody_is_they_may_nothing(house: House) -> None:
    house.slack.faults.switch_on("users.info", server_error())
    house.logs.happen("alice", "e-1")
    assert answer(await house.hunt(MAYA, "grants")).startswith("Slack does not say who you are just now")

    house.slack.faults.switch_off("users.info")
    await house.hunt(MAYA, "grants")
    card: Message = await house.until(lambda: house.card(MAYA))
    house.slack.faults.switch_on("users.info", server_error())
    await house.press(MAYA, card, actions.ACKNOWLEDGE)  # she is known since a minute ago
    await house.until(lambda: f"Acknowledged by <@{MAYA.id}>" in shown(house.card(MAYA)))

    house.clock.ahead += timedelta(minutes=15)
    await house.press(MAYA, card, actions.ESCALATE)
    assert "Slack does not say who you are just now" in await refused(house, MAYA)
    assert [(event.move, event.accepted) for event in await history(house)] == [
        (Move.ACKNOWLEDGE, True),
        (Move.ESCALATE, False),
    ]


async def test_on_a_plan_without_user_groups_ids_still_give_roles(house: House) -> None:
    house.slack.faults.switch_on("usergroups.users.list", refusal("plan_upgrade_required"))

    assert answer(await house.hunt(TOMAS, "grants")).startswith("Slack does not say who is in the user groups")
    listed = await house.hunt(AISHA, "list")
    assert listed.message is not None
    assert "grants" in read(list(listed.message.blocks))


async def test_two_hundred_at_once_ask_slack_once_for_each_person_group_and_channel(house: House) -> None:
    """Only the first question about each is answered: a second one would find Slack down."""
    for method, questions in (("users.info", 1), ("usergroups.users.list", 2), ("conversations.info", 1)):
        house.slack.faults.add(method, *[Delay(0.05)] * questions)
        house.slack.faults.switch_on(method, server_error())

    seen = await asyncio.gather(*(house.hunt(TOMAS, "help") for _ in range(200)))

    assert {answer(each) for each in seen} == {"What you can type after /hunt."}


# --- forged payloads -----------------------------------------------------------------------------------


async def forge(house: House, who: User, card: Message, action_id: str, change: Callable[[Json], Any]) -> Json:
    """A press as Slack would send it, changed by somebody who holds the app's secrets; the acknowledgement."""
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": "1"}
    action |= {"action_ts": house.slack.mint.ts()}
    payload = house.slack.payloads.message_action(who, card, action, {"values": {}})
    change(payload)
    return await house.slack.delivery.deliver(Envelope("forged", "interactive", payload))


def carrying(value: str) -> Callable[[Json], Any]:
    return lambda payload: payload["actions"][0].update(value=value)


@by_http
async def test_a_value_that_names_no_finding_changes_none(house: House) -> None:
    card = await house.find_one(MAYA)
    values = ("2", "999999", "1; DROP TABLE findings", "resolve:1", "", "1" * 400, "F-1")
    for value in values:
        await forge(house, TOMAS, card, actions.ACKNOWLEDGE, carrying(value))

    await house.until(lambda: len(house.privately(TOMAS)) == len(values))
    assert [event for event in await history(house) if event.accepted] == []
    assert "Open, nobody has it" in shown(house.card(MAYA))


@by_http
@pytest.mark.parametrize(
    "user",
    [
        {"id": AUDITOR.id, "team_id": TEAM.id},
        {"id": GUEST.id, "team_id": TEAM.id},
        {"id": MAYA.id, "team_id": GUEST.team_id},
        {"id": MAYA.id},
        {"id": "U0NOBODY00", "team_id": TEAM.id},
    ],
    ids=["a guest as a member", "a stranger as ours", "ours from elsewhere", "from nowhere", "nobody"],
)
async def test_who_somebody_is_does_not_come_from_the_payload(house: House, user: Json) -> None:
    card = await house.find_one(MAYA)
    await forge(house, MAYA, card, actions.ACKNOWLEDGE, lambda payload: payload.update(user=user))

    await refused(house, MAYA)  # whose response URL it is
    assert [(event.by, event.accepted) for event in await history(house)] == [(user["id"], False)]


@by_http
async def test_where_a_card_stands_does_not_come_from_the_payload(house: House) -> None:
    """A press that claims another channel changes the finding it may change, and what stands where it stands."""
    card = await house.find_one(MAYA)

    def elsewhere(payload: Json) -> None:
        payload["channel"] = {"id": QUIET, "name": "random"}
        payload["container"] |= {"channel_id": QUIET, "message_ts": "1.2"}

    await forge(house, TOMAS, card, actions.ACKNOWLEDGE, elsewhere)

    await house.until(lambda: f"Acknowledged by <@{TOMAS.id}>" in shown(house.again(card)))
    await house.at_rest()
    assert house.said(MAYA, QUIET) == []


@by_http
async def test_a_channel_that_is_not_there_takes_no_press(house: House) -> None:
    card = await house.find_one(MAYA)
    await forge(
        *(house, MAYA, card, actions.ACKNOWLEDGE),
        lambda payload: payload.update(channel={"id": "C0NOWHERE0", "name": "nowhere"}),
    )

    assert "huntbot can not see this conversation" in await refused(house, MAYA)
    assert [event.accepted for event in await history(house)] == [False]


@by_http
async def test_an_action_that_is_in_no_table_reaches_no_listener(house: House) -> None:
    card = await house.find_one(MAYA)
    acknowledged = await forge(house, MAYA, card, "finding.delete", lambda _: None)

    assert acknowledged == {}
    assert list(await history(house)) == []
    assert house.privately(MAYA) == []


async def test_a_link_opens_for_whoever_sees_it(house: House) -> None:
    """A browser opens it and Slack reports the press: nothing is done, and nobody is told off."""
    card = await house.find_one(MAYA)
    await forge(house, AUDITOR, card, actions.OPEN_LINK, lambda _: None)

    assert house.privately(AUDITOR) == []
