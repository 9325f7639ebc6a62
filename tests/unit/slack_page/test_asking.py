"""Who may ask the page for anything, and what makes no sense."""

import pytest

from local.slack.sample import HUNTS, MAYA
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import BUTTON, OWN, Browser, Heard, Json, act, bot_says

SAY = {"user": MAYA.id, "channel": HUNTS, "text": "hello"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:1"},
        {**OWN, "Origin": "https://evil.example"},
        {**OWN, "Origin": "null"},
        {**OWN, "Host": "evil.example"},
    ],
)
async def test_no_other_site_acts_in_somebodys_name(
    headers: dict[str, str], browser: Browser, workspace: Workspace
) -> None:
    answer = await browser.post("/page/say", json=SAY, headers=headers)
    assert (answer.status, await answer.json()) == (403, {"error": "not_from_this_page"})
    assert workspace.messages_for(MAYA.id, HUNTS) == []


async def test_the_page_itself_may(browser: Browser, workspace: Workspace) -> None:
    own_origin = {"Origin": f"http://127.0.0.1:{browser.port}"}
    assert (await browser.post("/page/say", json=SAY, headers=OWN | own_origin)).status == 200
    assert [message.text for message in workspace.messages_for(MAYA.id, HUNTS)] == ["hello"]


@pytest.mark.parametrize("path", ["/", "/page/events", "/page/static/main.js"])
async def test_a_foreign_name_for_this_machine_reads_nothing(path: str, browser: Browser) -> None:
    answer = await browser.get(path, headers={"Host": "rebound.example"}, allow_redirects=False)
    assert answer.status == 403


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"user": 7}', '{"user": "U01MAYA001", "channel": ["C01HUNTS01"], "text": "x"}']
)
async def test_a_post_that_makes_no_sense_is_a_bad_request(body: str, browser: Browser) -> None:
    answer = await browser.post("/page/say", data=body, headers={**OWN, "Content-Type": "application/json"})
    assert (answer.status, await answer.json()) == (400, {"error": "bad_request"})


@pytest.mark.parametrize(
    "filled",
    [
        {"chosen": 7},
        {"chosen": {"local": "tomorrow"}},
        {"values": []},
        {"values": {"b": []}},
        {"values": {"b": {"a": {"local": "2026-13-01T00:00"}}}},
    ],
)
async def test_a_choice_that_makes_no_sense_is_a_bad_request(
    filled: Json, browser: Browser, heard: Heard, workspace: Workspace
) -> None:
    ts = bot_says(workspace, "press", BUTTON)
    body = {"user": MAYA.id, "channel": HUNTS, "ts": ts, "block_id": "b", "action_id": "go"}
    assert (await act(browser, "press", **body, **filled)).status == 400
    assert heard.envelopes == []
