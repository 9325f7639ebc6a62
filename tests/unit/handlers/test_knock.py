"""Who stands at the door and what they ask for, read from each of Slack's payloads."""

from typing import Any

import pytest

from bot.blocks import actions
from bot.blocks.modals import Carried
from bot.domain.access import Deed
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.triage import Move
from handlers import knock
from handlers.knock import Attempt, Knock, Pass, Way
from handlers.parse import Asker

MAYA = Asker(UserId("U1"), "T1")
HERE = Place(ChannelId("C1"), MessageTs("1.2"))
PERSON = {"user": {"id": "U1", "team_id": "T1"}, "trigger_id": "t.1"}
MESSAGE = {"channel": {"id": "C1"}, "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1"}}
FORM = {"callback_id": actions.RESOLVE_FORM, "private_metadata": Carried(FindingId(42), HERE).packed(), "id": "V1"}


def press(action_id: str, value: str = "42", **where: Any) -> dict[str, Any]:
    action = {"action_id": action_id, "value": value, "action_ts": "1.0"}
    return {"type": "block_actions", **PERSON, **(where or MESSAGE), "actions": [action]}


def attempt(move: Move) -> Attempt:
    return Attempt(FindingId(42), move, HERE, "t.1")


@pytest.mark.parametrize(
    ("typed", "deed"),
    [
        ("lambda-perms since:24h", Deed.HUNT),
        ("digest lambda-perms", Deed.DIGEST),
        ("show F-42", Deed.LOOK),
        ("findings mine", Deed.LOOK),
        ("", Deed.HUNT),
        ("show F-x", Deed.LOOK),
        ("lambda-perms since:never", Deed.LOOK),
    ],
)
def test_a_command_asks_for_what_is_typed(typed: str, deed: Deed) -> None:
    """What can not be read is answered with a hint, and so is something to look at."""
    body = {
        "command": "/hunt",
        "user_id": "U1",
        "team_id": "T1",
        "channel_id": "C1",
        "trigger_id": "t",
        "text": typed,
    }

    assert knock.read(body) == Knock(Way.COMMAND, MAYA, deed, ChannelId("C1"))


@pytest.mark.parametrize(
    ("body", "deed", "tried"),
    [
        (press(actions.ACKNOWLEDGE), Deed.TRIAGE, attempt(Move.ACKNOWLEDGE)),
        (press(actions.MORE, "snooze:42"), Deed.TRIAGE, attempt(Move.SNOOZE)),
        (press(actions.ESCALATE, "F-42"), Deed.TRIAGE, None),
        (press(actions.OPEN_PICKER, "again"), Deed.HUNT, None),
    ],
)
def test_a_press_names_its_deed_and_the_finding_it_would_change(
    body: dict[str, Any], deed: Deed, tried: Attempt | None
) -> None:
    assert knock.read(body) == Knock(Way.PRESS, MAYA, deed, ChannelId("C1"), tried)


def test_a_press_in_a_modal_stands_where_the_modal_was_opened() -> None:
    body = press(actions.OPEN_PICKER, view=FORM, container={"type": "view", "view_id": "V1"})

    assert knock.read(body) == Knock(Way.PRESS, MAYA, Deed.HUNT, ChannelId("C1"))


def test_a_form_names_what_it_carries() -> None:
    body = {"type": "view_submission", **PERSON, "view": FORM}

    assert knock.read(body) == Knock(Way.FORM, MAYA, Deed.TRIAGE, ChannelId("C1"), attempt(Move.RESOLVE))


@pytest.mark.parametrize("carried", ["", "{}", "not json", '{"finding": "1"}', "[]"])
def test_a_form_that_carries_nothing_of_ours_changes_nothing(carried: str) -> None:
    body = {"type": "view_submission", **PERSON, "view": FORM | {"private_metadata": carried}}

    assert knock.read(body) == Knock(Way.FORM, MAYA, Deed.TRIAGE)


def test_whoever_opens_home_asks_to_look() -> None:
    event = {"type": "app_home_opened", "user": "U1", "tab": "home"}

    assert knock.read({"type": "event_callback", "team_id": "T1", "event": event}) == Knock(Way.HOME, MAYA, Deed.LOOK)


@pytest.mark.parametrize(
    "body",
    [
        press(actions.OPEN_LINK),
        {"type": "view_closed", **PERSON, "view": FORM},
        {"type": "event_callback", "event": {"type": "message", "user": "U1"}},
    ],
)
def test_what_does_nothing_by_itself_needs_no_leave(body: dict[str, Any]) -> None:
    assert knock.read(body) is Pass.FREE


@pytest.mark.parametrize(
    "body",
    [
        press("finding.erase"),
        press(actions.MORE, "erase:42"),
        {"type": "view_submission", **PERSON, "view": {"callback_id": "another"}},
        {"type": "shortcut", **PERSON, "callback_id": "another"},
        {"type": "message_action", **PERSON, "callback_id": "another", "channel": {"id": "C1"}},
        {"type": "block_suggestion", **PERSON, "action_id": "another"},
        {
            "type": "event_callback",
            "team_id": "T1",
            "event": {"type": "app_home_opened", "user": "U1", "tab": "about"},
        },
        {"type": "event_callback", "event": {"type": "team_join"}},
        {"type": "workflow_step_edit"},
        {},
    ],
)
def test_what_is_in_no_table_reaches_nobody(body: dict[str, Any]) -> None:
    assert knock.read(body) is None
