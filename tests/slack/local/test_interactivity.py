"""Shortcuts, suggestions, buttons of context, and payloads that come twice."""

from typing import Any

import aiohttp
import pytest

from local.slack.content import checked_content
from local.slack.errors import NoSuchElementError, SlackError, UndeliveredError
from local.slack.model import Json, Outcome
from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS, WAR_ROOM
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.slack.local.kit import MODAL, actions, button, entry, option, plain


def posted(workspace: Workspace, *blocks: Json, **more: Any) -> str:
    content = checked_content("F-1", list(blocks), workspace.mint)
    return workspace.messages.post(HUNTS, workspace.app.bot_user_id, content, **more).ts


FEEDBACK = {
    "type": "context_actions",
    "block_id": "f",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "helped",
            "positive_button": {"text": plain("Good"), "value": "good"},
            "negative_button": {"text": plain("Bad"), "value": "bad"},
        },
        {"type": "icon_button", "action_id": "drop", "icon": "trash", "text": plain("Remove"), "value": "F-1"},
    ],
}
EXTERNAL = {"type": "external_select", "action_id": "who"}


async def test_a_message_shortcut_carries_the_message(workspace: Workspace, scripted: Any) -> None:
    ts = posted(workspace, actions(button()))
    assert (await workspace.message_shortcut(TOMAS.id, HUNTS, ts, "triage")).outcome is Outcome.ACCEPTED
    sent = scripted.payload
    assert (sent["type"], sent["callback_id"], sent["message_ts"]) == ("message_action", "triage", ts)
    assert (sent["message"]["text"], sent["message"]["ts"]) == ("F-1", ts)
    assert (sent["channel"], sent["user"]["id"]) == ({"id": HUNTS, "name": "security-hunts"}, TOMAS.id)
    assert workspace.triggers.exchange(sent["trigger_id"]) == TOMAS.id
    assert sent["response_url"].startswith(workspace.base_url)


async def test_its_response_url_answers_the_person_and_replaces_nothing(
    slack: LocalSlack, scripted: Any, http: aiohttp.ClientSession
) -> None:
    workspace = slack.workspace
    workspace.delivery = scripted
    ts = posted(workspace, actions(button()))
    await workspace.message_shortcut(TOMAS.id, HUNTS, ts, "triage")
    answer = {"text": "taken", "replace_original": True}
    async with http.post(scripted.payload["response_url"], json=answer) as response:
        assert response.status == 200
    first, second = workspace.messages_for(TOMAS.id, HUNTS)
    assert (first.text, second.text, second.ephemeral_to) == ("F-1", "taken", TOMAS.id)


async def test_a_shortcut_needs_a_message_one_can_see_and_that_lasts(workspace: Workspace, scripted: Any) -> None:
    private = posted(workspace, actions(button()), ephemeral_to=MAYA.id)
    for channel, ts in [(HUNTS, private), (HUNTS, "1.000001"), (WAR_ROOM, private)]:
        with pytest.raises(SlackError):
            await workspace.message_shortcut(TOMAS.id, channel, ts, "triage")
    with pytest.raises(SlackError):
        await workspace.message_shortcut(MAYA.id, HUNTS, private, "triage")
    assert scripted.heard == []


async def test_a_press_in_a_thread_and_on_a_private_line_says_where_it_was(
    workspace: Workspace, scripted: Any
) -> None:
    parent = posted(workspace, actions(button()))
    reply = posted(workspace, actions(button()), thread_ts=parent, ephemeral_to=MAYA.id)
    await workspace.press(MAYA.id, HUNTS, reply, "go")
    container = {
        "type": "message",
        "message_ts": reply,
        "channel_id": HUNTS,
        "is_ephemeral": True,
        "thread_ts": parent,
    }
    assert scripted.payload["container"] == container
    assert "message" not in scripted.payload


async def test_what_was_suggested_is_chosen_with_its_words(workspace: Workspace, scripted: Any) -> None:
    ts = posted(workspace, actions(EXTERNAL))
    scripted.answers.append({"options": [option("U1", plain("arn:aws:iam::1:role/deploy"))]})
    (offered,) = await workspace.suggest_in_message(AISHA.id, HUNTS, ts, "who", None, "dep")
    asked = scripted.payload
    assert (asked["type"], asked["value"], asked["container"]["message_ts"]) == ("block_suggestion", "dep", ts)
    await workspace.press(AISHA.id, HUNTS, ts, "who", chosen="U1")
    assert scripted.payload["actions"][0]["selected_option"] == offered
    (values,) = scripted.payload["state"]["values"].values()
    assert values["who"]["selected_option"] == offered


async def test_several_suggestions_in_groups_go_into_a_form(workspace: Workspace, scripted: Any) -> None:
    element = {"type": "multi_external_select", "action_id": "who", "initial_options": [option("U0")]}
    view = workspace.views.open(MAYA.id, {**MODAL, "blocks": [entry(element, block_id="b")]})
    scripted.answers.append({"option_groups": [{"label": plain("roles"), "options": [option("U1"), option("U2")]}]})
    await workspace.suggest(MAYA.id, view.id, "who", "b", "dep")
    await workspace.submit_view(MAYA.id, view.id, {"b": {"who": ["U0", "U2"]}})
    chosen = scripted.payload["view"]["state"]["values"]["b"]["who"]["selected_options"]
    assert chosen == [option("U0"), option("U2")]


async def test_buttons_of_context_say_which_was_pressed(workspace: Workspace, scripted: Any) -> None:
    ts = posted(workspace, FEEDBACK)
    await workspace.press(MAYA.id, HUNTS, ts, "helped", chosen="bad")
    (action,) = scripted.payload["actions"]
    assert (action["type"], action["value"], action["text"]["text"]) == ("feedback_buttons", "bad", "Bad")
    await workspace.press(MAYA.id, HUNTS, ts, "drop")
    (action,) = scripted.payload["actions"]
    assert (action["type"], action["value"], action["icon"]) == ("icon_button", "F-1", "trash")
    assert scripted.payload["state"] == {"values": {}}
    with pytest.raises(NoSuchElementError):
        await workspace.press(MAYA.id, HUNTS, ts, "helped", chosen="so-so")


async def test_a_press_inside_a_container_names_the_block_it_stands_in(workspace: Workspace, scripted: Any) -> None:
    inner = {**actions(button()), "block_id": "inner"}
    ts = posted(workspace, {"type": "container", "block_id": "outer", "title": plain(), "child_blocks": [inner]})
    await workspace.press(MAYA.id, HUNTS, ts, "go", "inner")
    assert scripted.payload["actions"][0]["block_id"] == "inner"
    with pytest.raises(NoSuchElementError):
        await workspace.press(MAYA.id, HUNTS, ts, "go", "outer")


async def test_payloads_come_again_as_often_as_is_switched_on(workspace: Workspace, scripted: Any) -> None:
    workspace.faults.redeliveries = 2
    ts = posted(workspace, actions(button()))
    assert (await workspace.press(MAYA.id, HUNTS, ts, "go")).outcome is Outcome.ACCEPTED
    first, *again = scripted.heard
    assert [(each.id, each.payload) for each in again] == [(first.id, first.payload)] * 2
    assert [(each.retry_attempt, each.retry_reason) for each in again] == [(1, "http_timeout"), (2, "http_timeout")]
    workspace.faults.clear()
    await workspace.press(MAYA.id, HUNTS, ts, "go")
    assert len(scripted.heard) == 4


async def test_a_repetition_that_fails_is_not_the_persons_trouble(workspace: Workspace, scripted: Any) -> None:
    workspace.faults.redeliveries = 1
    scripted.answers = [{}, UndeliveredError("operation_timeout")]
    assert (await workspace.shortcut(MAYA.id, "hunt")).outcome is Outcome.ACCEPTED
