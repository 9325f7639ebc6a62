"""Slack's payloads become values, whichever of their shapes arrives; what is not ours is refused in words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.blocks import actions
from bot.blocks.modals import Carried
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.snooze import Snooze
from bot.domain.triage import Resolution
from bot.errors import BadArgument
from handlers import parse
from handlers.parse import Asker

MAYA = Asker(UserId("U1"), "T1")
ACTION = {"value": "42", "action_ts": "1.0"}
PERSON = {"user": {"id": "U1", "team_id": "T1"}}
FORM = Carried(FindingId(42), Place(ChannelId("C1"), MessageTs("1.2")))


def test_a_command_carries_who_typed_what_where() -> None:
    body = {"user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": "t.1", "text": "list"}

    assert parse.slash_command(body) == parse.SlashCommand("list", MAYA, ChannelId("C1"), "t.1")
    assert parse.slash_command({**body, "text": None}).text == ""


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ({"type": "button", "value": "42"}, "42"),
        ({"type": "overflow", "selected_option": {"value": "resolve:42"}}, "resolve:42"),
        ({"type": "static_select", "selected_option": {"value": "grants"}}, "grants"),
        ({"type": "button", "url": "https://acme.slack.com"}, ""),
    ],
)
def test_a_press_carries_what_was_drawn(action: dict[str, Any], value: str) -> None:
    pressed = parse.button_press(
        {**PERSON, "actions": [{**action, "action_ts": "1767225600.5"}], "trigger_id": "t.1"}
    )

    assert (pressed.value, pressed.asker, pressed.trigger_id) == (value, MAYA, "t.1")
    assert pressed.at == datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"channel": {"id": "C1"}, "container": {"message_ts": "1.2"}}, FORM.place),
        ({"container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"}}, FORM.place),
        ({"container": {"type": "view", "view_id": "V1"}}, Place()),
        ({}, Place()),
    ],
)
def test_a_press_knows_its_place_or_that_it_has_none(where: dict[str, Any], place: Place) -> None:
    body = {**PERSON, **where, "actions": [ACTION]}

    assert parse.button_press(body).place == place


@pytest.mark.parametrize(("thread", "read"), [("0.5", "0.5"), ("1.2", None), (None, None)])
def test_a_press_knows_the_thread_its_message_is_a_reply_in(thread: str | None, read: str | None) -> None:
    """A message that replies hang under carries its own `ts` as its thread: it stands in the channel."""
    container = {"type": "message", "channel_id": "C1", "message_ts": "1.2", "thread_ts": thread}

    assert parse.button_press({**PERSON, "container": container, "actions": [ACTION]}).thread == read


def test_a_choice_names_its_finding() -> None:
    assert parse.choice("resolve:42") == ("resolve", FindingId(42))


@pytest.mark.parametrize("value", ["", "F-42", "resolve", "resolve:", "resolve:x", "²", "-1", "9" * 19, "9" * 5000])
def test_an_element_of_somebody_else_is_refused(value: str) -> None:
    with pytest.raises(BadArgument):
        parse.choice(value if ":" in value else f"x:{value}")


def submitted(**changes: Any) -> dict[str, Any]:
    values = {
        actions.RESOLUTION_BLOCK: {actions.RESOLUTION: {"selected_option": {"value": "benign"}}},
        actions.NOTE_BLOCK: {actions.NOTE: {"value": "  known deployer \n"}},
    }
    view = {"private_metadata": FORM.packed(), "state": {"values": values}, **changes}
    return {**PERSON, "trigger_id": "t.1", "view": view}


def read_form(body: dict[str, Any]) -> parse.Submission:
    return parse.submission(body, actions.RESOLUTION_BLOCK, actions.RESOLUTION)


def test_a_form_comes_back_whole() -> None:
    assert read_form(submitted()) == parse.Submission(FORM, "benign", "known deployer", MAYA, "t.1")


def test_a_form_remembers_the_snooze_that_was_there_when_it_opened() -> None:
    seen = replace(FORM, replaces=datetime(2026, 11, 3, 8, tzinfo=UTC))

    assert read_form(submitted(private_metadata=seen.packed())).form == seen


def test_a_form_that_was_open_through_an_upgrade_is_still_read() -> None:
    assert read_form(submitted(private_metadata='{"finding": 42, "channel": "C1", "message": "1.2"}')).form == FORM


@pytest.mark.parametrize(
    "changes",
    [
        {"private_metadata": ""},
        {"private_metadata": "{}"},
        {"private_metadata": "[1]"},
        {"private_metadata": '{"finding": 42, "channel": "C1", "message": "1.2", "until": "soon"}'},
        {"state": {"values": {}}},
        {"state": {"values": {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: {"selected_option": None}}}}},
    ],
)
def test_a_form_that_is_not_ours_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadArgument, match="open it again"):
        read_form(submitted(**changes))


@pytest.mark.parametrize("read", [parse.resolution, parse.snooze])
def test_a_choice_that_was_never_offered_is_refused(read: Callable[[str], object]) -> None:
    with pytest.raises(BadArgument, match="open it again"):
        read("forever")


def test_what_was_chosen_is_what_was_offered() -> None:
    assert (parse.resolution("benign"), parse.snooze("4h")) == (Resolution.BENIGN, Snooze.FOUR_HOURS)


def test_one_press_has_one_name_however_often_it_is_delivered() -> None:
    body = {**PERSON, "actions": [ACTION], "trigger_id": "t.1"}
    without = {**body, "trigger_id": ""}
    another = {**without, "actions": [{**ACTION, "action_ts": "2.0"}]}

    assert parse.button_press(body).delivery == "t.1"
    assert parse.button_press(without).delivery == parse.button_press(dict(without)).delivery
    assert parse.button_press(without).delivery != parse.button_press(another).delivery
    assert read_form({**submitted(), "trigger_id": None}).delivery.startswith("sha256:")


@pytest.mark.parametrize(
    ("event", "asker"),
    [
        ({"user": "U1", "tab": "home"}, MAYA),
        ({"user": "U1", "tab": "messages"}, None),
        ({"user": "U9", "tab": "home", "user_team": "T9"}, Asker(UserId("U9"), "T9")),
    ],
)
def test_only_the_home_tab_has_a_queue(event: dict[str, Any], asker: Asker | None) -> None:
    assert parse.home_opened({"team_id": "T1", "event": event}) == asker
