"""What a person does on the page, as the app hears of it."""

from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import BUTTON, MORNING, Browser, Heard, Json, act, bot_says, form


async def test_a_command_reaches_the_app_with_its_text(browser: Browser, heard: Heard) -> None:
    answer = await act(browser, "command", user=MAYA.id, channel=HUNTS, text="/hunt  lambda-perms since:24h ")
    assert (await answer.json())["outcome"] == "accepted"
    payload = heard.envelopes[0].payload
    assert (payload["command"], payload["text"]) == ("/hunt", "lambda-perms since:24h")
    assert (payload["user_id"], payload["channel_id"]) == (MAYA.id, HUNTS)


async def test_a_command_nobody_answers_says_so(browser: Browser) -> None:
    answer = await (await act(browser, "command", user=MAYA.id, channel=HUNTS, text="/hunt")).json()
    assert answer["outcome"] == "failed"
    assert "Only visible to you" in answer["html"]
    assert "dispatch_failed" in answer["html"]


async def test_a_command_in_a_thread_is_refused_as_slack_refuses_it(browser: Browser, heard: Heard) -> None:
    body = {"user": MAYA.id, "channel": HUNTS, "text": "/hunt", "thread": "1.1"}
    assert "not supported in threads" in (await (await act(browser, "command", **body)).json())["notice"]
    assert heard.envelopes == []


async def test_a_press_carries_block_action_and_person(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    ts = bot_says(workspace, "press", BUTTON)
    body: Json = {"channel": HUNTS, "ts": ts, "block_id": "b", "action_id": "go", "chosen": None, "values": {}}
    assert (await act(browser, "press", user=TOMAS.id, **body)).status == 200
    payload = heard.envelopes[0].payload
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", TOMAS.id)
    assert payload["actions"][0]["action_id"] == "go"


async def test_a_press_on_what_is_gone_says_so(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    ts = bot_says(workspace, "press", BUTTON)
    body = {"user": TOMAS.id, "channel": HUNTS, "ts": ts, "block_id": "b", "action_id": "other"}
    answer = await act(browser, "press", **body)
    assert (answer.status, await answer.json()) == (409, {"error": "no_longer_there"})
    answer = await act(browser, "press", **{**body, "ts": "1.1"})
    assert (answer.status, await answer.json()) == (400, {"error": "message_not_found"})
    assert heard.envelopes == []


async def test_a_form_is_sent_with_moments_in_the_persons_own_zone(
    browser: Browser, heard: Heard, workspace: Workspace
) -> None:
    elements = ({"type": "datetimepicker", "action_id": "at"}, {"type": "plain_text_input", "action_id": "t"})
    view = workspace.views.open(AISHA.id, form(*elements))
    assert view.id in await (await browser.get(f"/?user={AISHA.id}&channel={HUNTS}")).text()
    values = {"at": {"at": {"local": "2026-03-02T10:30"}}, "t": {"t": "x"}}
    answer = await act(browser, "view/submit", user=AISHA.id, view=view.id, values=values)
    assert (await answer.json())["outcome"] == "closed"
    state = heard.envelopes[0].payload["view"]["state"]["values"]
    assert state["at"]["at"]["selected_date_time"] == MORNING
    assert workspace.modals_of(AISHA.id) == ()


async def test_an_empty_form_is_not_sent(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    view = workspace.views.open(MAYA.id, form({"type": "plain_text_input", "action_id": "t"}))
    answer = await act(browser, "view/submit", user=MAYA.id, view=view.id, values={"t": {"t": None}})
    assert (await answer.json())["errors"] == {"t": "Please complete this required field."}
    assert heard.envelopes == []


async def test_closing_and_pressing_in_a_form(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    view = workspace.views.open(MAYA.id, {**form(), "blocks": [BUTTON]})
    pressed = await act(browser, "view/press", user=MAYA.id, view=view.id, block_id="b", action_id="go")
    assert pressed.status == 200
    assert heard.envelopes[0].payload["view"]["id"] == view.id
    assert (await act(browser, "view/close", user=MAYA.id, view=view.id, whole_stack=True)).status == 200
    assert workspace.modals_of(MAYA.id) == ()
    again = await act(browser, "view/close", user=MAYA.id, view=view.id, whole_stack=True)
    assert await again.json() == {"error": "not_found"}


async def test_an_external_select_is_filled_by_the_app(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    heard.answer = {"options": [{"text": {"type": "plain_text", "text": "Lambda"}, "value": "l"}]}
    view = workspace.views.open(MAYA.id, form({"type": "external_select", "action_id": "x"}))
    body = {"view": view.id, "block_id": "x", "action_id": "x", "query": "lam"}
    answer = await act(browser, "suggest", user=MAYA.id, **body)
    assert (await answer.json())["options"] == heard.answer["options"]
    assert heard.envelopes[0].payload["value"] == "lam"


async def test_an_ephemeral_line_can_be_dismissed_by_its_reader(browser: Browser, workspace: Workspace) -> None:
    ts = bot_says(workspace, "between us", ephemeral_to=TOMAS.id)
    assert (await act(browser, "dismiss", user=MAYA.id, channel=HUNTS, ts=ts)).status == 409
    assert (await act(browser, "dismiss", user=TOMAS.id, channel=HUNTS, ts=ts)).status == 200
    assert workspace.messages_for(TOMAS.id, HUNTS) == []


async def test_opening_the_home_tab_is_told_to_the_app(browser: Browser, heard: Heard) -> None:
    assert "Nothing on the Home tab yet" in await (await browser.get(f"/?user={MAYA.id}&tab=home")).text()
    await act(browser, "home", user=MAYA.id)
    assert heard.envelopes[0].payload["event"]["type"] == "app_home_opened"


async def test_shortcuts_reach_the_app(browser: Browser, heard: Heard, workspace: Workspace) -> None:
    ts = bot_says(workspace, "F-1", BUTTON)
    await act(browser, "shortcut", user=MAYA.id, callback_id="hunt")
    await act(browser, "message-shortcut", user=TOMAS.id, channel=HUNTS, ts=ts, callback_id="triage")
    first, second = (envelope.payload for envelope in heard.envelopes)
    assert (first["type"], first["callback_id"], first["user"]["id"]) == ("shortcut", "hunt", MAYA.id)
    assert (second["type"], second["message_ts"], second["user"]["id"]) == ("message_action", ts, TOMAS.id)


async def test_a_select_in_a_message_is_filled_by_the_app(
    browser: Browser, heard: Heard, workspace: Workspace
) -> None:
    heard.answer = {"options": [{"text": {"type": "plain_text", "text": "Lambda"}, "value": "l"}]}
    select = {"type": "external_select", "action_id": "x"}
    ts = bot_says(workspace, "F-1", {"type": "actions", "block_id": "b", "elements": [select]})
    body = {"channel": HUNTS, "ts": ts, "block_id": "b", "action_id": "x", "query": "lam"}
    answer = await act(browser, "suggest", user=MAYA.id, **body)
    assert (await answer.json())["options"] == heard.answer["options"]
    assert heard.envelopes[0].payload["container"]["message_ts"] == ts
