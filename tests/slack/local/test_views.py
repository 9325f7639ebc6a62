"""Modals and the Home tab: triggers, stacks, versions, forms."""

from typing import Any

import pytest

from local.slack.errors import NoSuchElementError, SlackError, UndeliveredError
from local.slack.model import HomePublished, Json, Outcome, ViewClosed, ViewOpened, ViewUpdated
from local.slack.sample import AISHA, MAYA
from local.slack.workspace import Workspace


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def choices(*values: str) -> list[Json]:
    return [{"text": words(value.title()), "value": value} for value in values]


def entry(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": words(block_id), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    shown = blocks or ({"type": "section", "text": words("hello")},)
    return {"type": "modal", "title": words("Form"), "submit": words("Go"), "blocks": list(shown), **more}


NOTE = entry("note", {"type": "plain_text_input", "action_id": "text", "max_length": 5})
HOME = {"type": "home", "blocks": [{"type": "section", "text": words("queue")}]}


@pytest.mark.parametrize(
    ("waited_s", "uses", "error"),
    [(2.9, 1, None), (3.1, 1, "expired_trigger_id"), (0, 2, "exchanged_trigger_id")],
)
def test_a_trigger_opens_one_view_within_three_seconds(
    workspace: Workspace, clock: Any, waited_s: float, uses: int, error: str | None
) -> None:
    trigger = workspace.triggers.issue(MAYA.id)
    clock.advance(waited_s)
    outcome = None
    for _ in range(uses):
        try:
            assert workspace.triggers.exchange(trigger) == MAYA.id
        except SlackError as refused:
            outcome = refused.code
    assert outcome == error


async def test_pushed_views_stack_up_to_three_and_close_one_by_one(workspace: Workspace) -> None:
    root = workspace.views.open(MAYA.id, modal())
    second = workspace.views.push(MAYA.id, modal())
    third = workspace.views.push(MAYA.id, modal())
    assert (third.root_view_id, third.previous_view_id) == (root.id, second.id)
    with pytest.raises(SlackError, match="push_limit_reached"):
        workspace.views.push(MAYA.id, modal())
    with pytest.raises(SlackError, match="not_found"):
        workspace.views.push(AISHA.id, modal())
    assert (await workspace.close_view(MAYA.id, third.id)).view == second
    assert workspace.modals_of(MAYA.id) == (root, second)


async def test_a_view_changes_only_from_the_version_it_had(workspace: Workspace) -> None:
    view = workspace.views.open(MAYA.id, modal())
    updated = workspace.views.update(view, modal(NOTE), if_hash=view.hash)
    assert updated.hash != view.hash
    with pytest.raises(SlackError, match="hash_conflict"):
        workspace.views.update(updated, modal(), if_hash=view.hash)
    assert workspace.modals_of(MAYA.id) == (updated,)


def test_an_external_id_names_one_view(workspace: Workspace) -> None:
    view = workspace.views.open(MAYA.id, modal(external_id="F-1"))
    assert workspace.views.by_external_id("F-1") == view
    workspace.views.update(view, modal(external_id="F-1"))
    with pytest.raises(SlackError, match="duplicate_external_id"):
        workspace.views.open(AISHA.id, modal(external_id="F-1"))


def test_a_view_too_large_is_refused(workspace: Workspace) -> None:
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    with pytest.raises(SlackError, match="view_too_large"):
        workspace.views.open(MAYA.id, modal(*[text] * 90))


async def test_a_person_watches_their_own_views(workspace: Workspace) -> None:
    changes = workspace.subscribe(MAYA.id)
    view = workspace.views.open(MAYA.id, modal())
    workspace.views.open(AISHA.id, modal())
    updated = workspace.views.update(view, modal())
    workspace.views.close(updated)
    home = workspace.views.publish(MAYA.id, HOME)
    await workspace.close()
    seen = [change async for change in changes]
    assert seen == [ViewOpened(view), ViewUpdated(updated), ViewClosed(view.id), HomePublished(home)]


@pytest.mark.parametrize(
    ("element", "chosen", "field", "shown"),
    [
        ({"type": "plain_text_input"}, "why", "value", "why"),
        ({"type": "plain_text_input"}, "", "value", None),
        ({"type": "plain_text_input", "initial_value": "so"}, ..., "value", "so"),
        (
            {"type": "static_select", "options": choices("low", "high")},
            "high",
            "selected_option",
            choices("high")[0],
        ),
        (
            {
                "type": "static_select",
                "options": choices("low", "high"),
                "initial_option": choices("low")[0],
            },
            ...,
            "selected_option",
            choices("low")[0],
        ),
        (
            {
                "type": "static_select",
                "option_groups": [{"label": words("all"), "options": choices("low", "high")}],
            },
            "low",
            "selected_option",
            choices("low")[0],
        ),
        (
            {"type": "checkboxes", "options": choices("a", "b")},
            ["a", "b"],
            "selected_options",
            choices("a", "b"),
        ),
        ({"type": "checkboxes", "options": choices("a", "b")}, ..., "selected_options", []),
        ({"type": "radio_buttons", "options": choices("a", "b")}, "b", "selected_option", choices("b")[0]),
        ({"type": "multi_users_select"}, [MAYA.id], "selected_users", [MAYA.id]),
        ({"type": "users_select"}, AISHA.id, "selected_user", AISHA.id),
        ({"type": "datepicker", "initial_date": "2026-11-01"}, ..., "selected_date", "2026-11-01"),
        ({"type": "timepicker"}, "09:30", "selected_time", "09:30"),
        ({"type": "datetimepicker"}, "1795000000", "selected_date_time", 1795000000),
        ({"type": "number_input", "is_decimal_allowed": False}, "7", "value", "7"),
    ],
)
async def test_a_form_reaches_the_app_in_slacks_shape(
    workspace: Workspace, scripted: Any, element: Json, chosen: Any, field: str, shown: Any
) -> None:
    block = entry("ask", {**element, "action_id": "it"}, optional=True)
    view = workspace.views.open(MAYA.id, modal(block, private_metadata="F-1", callback_id="triage"))
    values = {} if chosen is ... else {"ask": {"it": chosen}}
    assert (await workspace.submit_view(MAYA.id, view.id, values)).outcome is Outcome.CLOSED
    sent = scripted.payload
    assert sent["view"]["state"]["values"] == {"ask": {"it": {"type": element["type"], field: shown}}}
    assert (sent["type"], sent["view"]["id"]) == ("view_submission", view.id)
    assert (sent["view"]["private_metadata"], sent["view"]["callback_id"]) == ("F-1", "triage")
    assert sent["user"] == {"id": MAYA.id, "username": "maya", "name": "maya", "team_id": MAYA.team_id}


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        ({"type": "plain_text_input"}, "", "Please complete this required field."),
        ({"type": "plain_text_input", "max_length": 3}, "long", "Please enter no more than 3 characters."),
        ({"type": "plain_text_input", "min_length": 5}, "s", "Please enter at least 5 characters."),
        (
            {"type": "number_input", "is_decimal_allowed": False, "max_value": "10"},
            "11",
            "Please enter a number of at most 10.",
        ),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a valid number."),
        ({"type": "email_text_input"}, "nobody", "Please enter a valid email address."),
        ({"type": "url_text_input"}, "nowhere", "Please enter a valid URL."),
    ],
)
async def test_slack_itself_checks_a_form_before_the_app_hears_of_it(
    workspace: Workspace, scripted: Any, element: Json, value: str, complaint: str
) -> None:
    view = workspace.views.open(MAYA.id, modal(entry("ask", {**element, "action_id": "it"})))
    seen = await workspace.submit_view(MAYA.id, view.id, {"ask": {"it": value}})
    assert (seen.outcome, seen.errors, scripted.heard) == (Outcome.ERRORS, {"ask": complaint}, [])


@pytest.mark.parametrize(
    ("answer", "outcome", "depth"),
    [
        ({}, Outcome.CLOSED, 1),
        ({"response_action": "clear"}, Outcome.CLOSED, 0),
        ({"response_action": "update", "view": modal()}, Outcome.UPDATED, 2),
        ({"response_action": "push", "view": modal()}, Outcome.PUSHED, 3),
        ({"response_action": "errors", "errors": {"note": "no"}}, Outcome.ERRORS, 2),
        ({"response_action": "errors", "errors": {"elsewhere": "no"}}, Outcome.FAILED, 2),
        ({"response_action": "update", "view": {"type": "modal"}}, Outcome.FAILED, 2),
        ({"response_action": "dance"}, Outcome.FAILED, 2),
        (UndeliveredError("operation_timeout"), Outcome.FAILED, 2),
    ],
)
async def test_the_apps_answer_decides_what_the_form_does(
    workspace: Workspace, scripted: Any, answer: Any, outcome: Outcome, depth: int
) -> None:
    workspace.views.open(MAYA.id, modal())
    view = workspace.views.push(MAYA.id, modal(NOTE))
    scripted.answers.append(answer)
    seen = await workspace.submit_view(MAYA.id, view.id, {"note": {"text": "ok"}})
    stack = workspace.modals_of(MAYA.id)
    assert (seen.outcome, len(stack)) == (outcome, depth)
    if outcome is not Outcome.FAILED:
        assert seen.view is None or seen.view.id == stack[-1].id


async def test_using_an_element_of_a_view_sends_what_stands_in_the_others(
    workspace: Workspace, scripted: Any
) -> None:
    select = {"type": "static_select", "action_id": "level", "options": choices("low", "high")}
    view = workspace.views.open(MAYA.id, modal(NOTE, {"type": "actions", "block_id": "pick", "elements": [select]}))
    seen = await workspace.press_in_view(MAYA.id, view.id, "level", "pick", "high", values={"note": {"text": "half"}})
    assert seen.outcome is Outcome.ACCEPTED
    sent = scripted.payload
    assert sent["container"] == {"type": "view", "view_id": view.id}
    assert sent["view"]["state"]["values"]["note"]["text"]["value"] == "half"
    assert sent["view"]["state"]["values"]["pick"]["level"]["selected_option"]["value"] == "high"
    assert sent["actions"][0]["selected_option"]["value"] == "high"
    assert "response_url" not in sent


async def test_what_is_not_on_the_screen_cannot_be_used(workspace: Workspace, scripted: Any) -> None:
    select = {"type": "static_select", "action_id": "level", "options": choices("low")}
    view = workspace.views.open(MAYA.id, modal({"type": "actions", "elements": [select]}))
    with pytest.raises(NoSuchElementError):
        await workspace.press_in_view(MAYA.id, view.id, "gone")
    with pytest.raises(NoSuchElementError):
        await workspace.press_in_view(MAYA.id, view.id, "level", chosen="made up")
    with pytest.raises(SlackError, match="not_found"):
        await workspace.press_in_view(AISHA.id, view.id, "level", chosen="low")
    assert scripted.heard == []


@pytest.mark.parametrize(("whole_stack", "told"), [(False, [False]), (True, [True, True])])
async def test_closing_is_told_to_an_app_that_asked(
    workspace: Workspace, scripted: Any, whole_stack: bool, told: list[bool]
) -> None:
    workspace.views.open(MAYA.id, modal(notify_on_close=True))
    top = workspace.views.push(MAYA.id, modal(notify_on_close=True))
    assert (await workspace.close_view(MAYA.id, top.id, whole_stack=whole_stack)).outcome is Outcome.CLOSED
    assert [envelope.payload["type"] for envelope in scripted.heard] == ["view_closed"] * len(told)
    assert [envelope.payload["is_cleared"] for envelope in scripted.heard] == told


async def test_opening_the_home_tab_shows_what_was_published(workspace: Workspace, scripted: Any) -> None:
    home = workspace.views.publish(MAYA.id, HOME)
    seen = await workspace.open_home(MAYA.id)
    assert (seen.outcome, seen.view) == (Outcome.ACCEPTED, home)
    event = scripted.payload["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", MAYA.id, "home")
    assert event["view"]["id"] == home.id
    assert workspace.home_of(AISHA.id) is None


async def test_an_external_select_offers_what_the_app_suggests(workspace: Workspace, scripted: Any) -> None:
    select = {"type": "external_select", "action_id": "hunt"}
    view = workspace.views.open(MAYA.id, modal(entry("which", select)))
    scripted.answers.append({"options": choices("lambda-perms")})
    assert await workspace.suggest(MAYA.id, view.id, "hunt", "which", "lam") == choices("lambda-perms")
    assert (scripted.payload["type"], scripted.payload["value"]) == ("block_suggestion", "lam")


async def test_a_shortcut_carries_a_trigger(workspace: Workspace, scripted: Any) -> None:
    assert (await workspace.shortcut(MAYA.id, "hunt_now")).outcome is Outcome.ACCEPTED
    sent = scripted.payload
    assert (sent["type"], sent["callback_id"]) == ("shortcut", "hunt_now")
    assert workspace.triggers.exchange(sent["trigger_id"]) == MAYA.id
