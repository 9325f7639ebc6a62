"""The page over HTTP: what a browser gets, what a person does, who may ask, and the stream of changes."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from local.slack.content import Content
from local.slack.delivery import Envelope
from local.slack.page.routes import page_of
from local.slack.sample import AISHA, BOT, ESCALATIONS, HUNTS, MAYA, QUIET, TOMAS, sample_workspace
from local.slack.workspace import Workspace

Json = dict[str, Any]
Browser = TestClient[web.Request, web.Application]

OWN = {"X-Local-Slack-Page": "1"}
MORNING = 1772443800.0  # 2026-03-02 09:30 UTC
BUTTON: Json = {
    "type": "actions",
    "block_id": "b",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
}


@dataclass
class Heard:
    """The app on the other side: keeps what it is told, answers what it was given to answer."""

    envelopes: list[Envelope] = field(default_factory=list)
    answer: Json = field(default_factory=dict)

    async def deliver(self, envelope: Envelope) -> Json:
        self.envelopes.append(envelope)
        return self.answer


@pytest.fixture
def workspace() -> Workspace:
    return sample_workspace(clock=lambda: MORNING)


@pytest.fixture
def heard(workspace: Workspace) -> Heard:
    app = Heard()
    workspace.delivery = app
    return app


@pytest.fixture
async def browser(workspace: Workspace) -> AsyncIterator[Browser]:
    app = web.Application()
    page_of(workspace)(app)
    async with TestClient(TestServer(app)) as client:
        yield client
        await workspace.close()


async def act(browser: Browser, path: str, **body: Any) -> ClientResponse:
    return await browser.post(f"/page/{path}", json=body, headers=OWN)


def bot_says(workspace: Workspace, text: str, *blocks: Json, channel: str = HUNTS, **more: Any) -> str:
    return workspace.messages.post(channel, BOT.id, Content(text, blocks), **more).ts


# --- looking ------------------------------------------------------------------------------------------


async def test_the_root_leads_to_a_first_person_in_a_channel_with_the_bot(browser: Browser) -> None:
    answer = await browser.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, f"/?user={MAYA.id}&channel={HUNTS}")


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (f"user=U404&channel={QUIET}", f"user={MAYA.id}&channel={QUIET}"),
        (f"user={TOMAS.id}&channel=C404", f"user={TOMAS.id}&channel={HUNTS}"),
        (f"user={TOMAS.id}&channel={HUNTS}&thread=1.1", f"user={TOMAS.id}&channel={HUNTS}"),
        (f"user={BOT.id}&channel={HUNTS}", f"user={MAYA.id}&channel={HUNTS}"),
        (f"user={TOMAS.id}&channel={HUNTS}&tab=home", f"user={TOMAS.id}&tab=home"),
    ],
)
async def test_a_place_that_is_not_there_leads_to_the_nearest(asked: str, place: str, browser: Browser) -> None:
    answer = await browser.get(f"/?{asked}", allow_redirects=False)
    assert answer.headers["Location"] == f"/?{place}"


async def test_the_page_loads_only_from_itself(browser: Browser) -> None:
    answer = await browser.get("/")
    html = await answer.text()
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', html)
    assert loaded
    assert all(address.startswith("/page/static/") for address in loaded)
    assert [(await browser.get(address)).status for address in loaded] == [200] * len(loaded)
    assert " style=" not in html


async def test_static_files_are_those_of_the_page_and_no_other(browser: Browser) -> None:
    assert (await browser.get("/page/static/main.js")).content_type == "text/javascript"
    for name in ("..%2Froutes.py", "nothing.js", "%2Fetc%2Fpasswd"):
        assert (await browser.get(f"/page/static/{name}")).status == 404


async def test_each_person_sees_their_own_clock(browser: Browser, workspace: Workspace) -> None:
    bot_says(workspace, "hello")
    times = {MAYA: "1:30 AM", TOMAS: "9:30 AM", AISHA: "10:30 AM"}
    for person, time in times.items():
        html = await (await browser.get(f"/?user={person.id}&channel={HUNTS}")).text()
        assert f">{time}</time>" in html
        assert f"Times in {person.tz}" in html


async def test_an_ephemeral_line_is_seen_by_its_reader_only(browser: Browser, workspace: Workspace) -> None:
    bot_says(workspace, "between us", ephemeral_to=TOMAS.id)
    seen = await (await browser.get(f"/?user={TOMAS.id}&channel={HUNTS}")).text()
    assert "between us" in seen
    assert "Only visible to you" in seen
    assert "between us" not in await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()


async def test_a_thread_stands_beside_its_channel_and_is_counted_under_its_parent(
    browser: Browser, workspace: Workspace
) -> None:
    parent = bot_says(workspace, "parent")
    bot_says(workspace, "first reply", thread_ts=parent)
    bot_says(workspace, "second reply", thread_ts=parent)
    closed = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()
    assert "2 replies" in closed
    assert "first reply" not in closed
    opened = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}&thread={parent}")).text()
    assert "first reply" in opened


async def test_pings_are_badges_until_the_channel_is_read(browser: Browser, workspace: Workspace) -> None:
    bot_says(workspace, f"<@{MAYA.id}> look", channel=ESCALATIONS)
    bot_says(workspace, "and this", channel=ESCALATIONS)
    other_channel = f"/?user={MAYA.id}&channel={HUNTS}"
    before = await (await browser.get(other_channel)).text()
    assert 'aria-label="1 mention"' in before
    assert "2 unread" in before
    await browser.get(f"/?user={MAYA.id}&channel={ESCALATIONS}")
    after = await (await browser.get(other_channel)).text()
    assert "mention" not in after.split('data-region="main"')[0]
    assert "2 unread" in await (await browser.get(f"/?user={TOMAS.id}&channel={HUNTS}")).text()


async def test_only_the_latest_messages_are_drawn_until_more_are_asked_for(
    browser: Browser, workspace: Workspace
) -> None:
    for number in range(160):
        bot_says(workspace, f"line-{number:03}")
    html = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()
    assert "line-009" not in html
    assert "line-010" in html
    assert "Show earlier messages" in html
    html = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}&shown=300")).text()
    assert "line-000" in html
    assert "Show earlier messages" not in html


async def test_what_people_write_stays_text(browser: Browser, workspace: Workspace) -> None:
    attack = "<script>alert(1)</script>"
    await workspace.say(TOMAS.id, HUNTS, attack)
    html = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()
    assert attack not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# --- doing ----------------------------------------------------------------------------------------------


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


def form(*elements: Json) -> Json:
    blocks = [
        {"type": "input", "block_id": e["action_id"], "label": {"type": "plain_text", "text": "L"}, "element": e}
        for e in elements
    ]
    title, submit = ({"type": "plain_text", "text": text} for text in ("Form", "Send"))
    return {"type": "modal", "callback_id": "f", "title": title, "submit": submit, "blocks": blocks}


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


# --- who may ask ------------------------------------------------------------------------------------------

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


# --- the stream -----------------------------------------------------------------------------------------------


class Stream:
    """The instructions a tab is sent, one by one."""

    def __init__(self, answer: ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> Json:
        while line := await self._answer.content.readline():
            if line.startswith(b"data: "):
                instruction: Json = json.loads(line.removeprefix(b"data: "))
                return instruction
        return {"do": "end"}

    async def until(self, what: str) -> Json:
        while (instruction := await self.next())["do"] not in {what, "end"}:
            pass
        return instruction


async def opened(browser: Browser, query: str) -> Stream:
    answer = await browser.get(f"/page/events?{query}")
    assert answer.content_type == "text/event-stream"
    stream = Stream(answer)
    assert await stream.next() == {"do": "resync"}
    return stream


async def test_a_new_message_is_put_into_the_open_channel(browser: Browser, workspace: Workspace) -> None:
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    ts = bot_says(workspace, "fresh")
    put = await stream.next()
    assert (put["do"], put["log"], put["ts"]) == ("put", "channel", ts)
    assert "fresh" in put["html"]
    assert (await stream.next())["do"] == "sidebar"


async def test_a_message_elsewhere_only_shows_in_the_sidebar(browser: Browser, workspace: Workspace) -> None:
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    bot_says(workspace, "<!channel>", channel=ESCALATIONS)
    assert "1 unread" in (await stream.next())["html"]
    assert "1 mention" in (await stream.next())["html"]


async def test_a_reply_redraws_its_parent_and_fills_the_open_thread(browser: Browser, workspace: Workspace) -> None:
    parent = bot_says(workspace, "parent")
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}&thread={parent}")
    reply = bot_says(workspace, "reply", thread_ts=parent)
    first, second = await stream.next(), await stream.next()
    assert (first["log"], first["ts"]) == ("thread", reply)
    assert (second["log"], second["ts"]) == ("channel", parent)
    assert "1 reply" in second["html"]


async def test_an_edit_is_put_again_with_another_version(browser: Browser, workspace: Workspace) -> None:
    ts = bot_says(workspace, "before")
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    workspace.messages.change(workspace.messages.get(HUNTS, ts), Content("after", ()))
    put = await stream.next()
    assert "(edited)" in put["html"]
    workspace.messages.change(workspace.messages.get(HUNTS, ts), Content("last", ()))
    version = re.compile(r'data-version="(\d+)"')
    again = await stream.until("put")
    assert version.findall(put["html"]) != version.findall(again["html"])


async def test_a_deleted_message_is_dropped(browser: Browser, workspace: Workspace) -> None:
    ts = bot_says(workspace, "gone soon")
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    workspace.messages.delete(workspace.messages.get(HUNTS, ts))
    assert await stream.next() == {"do": "drop", "channel": HUNTS, "ts": ts}


async def test_modals_come_and_go_for_their_person_only(browser: Browser, workspace: Workspace) -> None:
    mine = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    theirs = await opened(browser, f"user={TOMAS.id}&channel={HUNTS}")
    view = workspace.views.open(MAYA.id, form({"type": "plain_text_input", "action_id": "t"}))
    shown = await mine.next()
    assert (shown["do"], view.id in shown["html"]) == ("modals", True)
    workspace.views.close(view)
    assert view.id not in (await mine.next())["html"]
    bot_says(workspace, "for all")
    assert (await theirs.next())["do"] == "put"


async def test_a_published_home_shows_where_it_is_open(browser: Browser, workspace: Workspace) -> None:
    stream = await opened(browser, f"user={MAYA.id}&tab=home")
    workspace.views.publish(MAYA.id, {"type": "home", "blocks": [BUTTON]})
    shown = await stream.next()
    assert (shown["do"], "Go" in shown["html"]) == ("home", True)


async def test_a_home_published_elsewhere_leaves_a_channel_alone(browser: Browser, workspace: Workspace) -> None:
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    workspace.views.publish(MAYA.id, {"type": "home", "blocks": [BUTTON]})
    bot_says(workspace, "next")
    assert (await stream.next())["do"] == "put"


async def test_a_broadcast_reply_stands_in_the_channel_too(browser: Browser, workspace: Workspace) -> None:
    parent = bot_says(workspace, "parent")
    reply = bot_says(workspace, "told to all", thread_ts=parent, is_broadcast=True)
    html = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()
    assert f'data-ts="{reply}"' in html
    assert f"thread={parent}" in html
    assert "replied to" in html


async def test_streams_end_with_the_workspace(browser: Browser, workspace: Workspace) -> None:
    stream = await opened(browser, f"user={MAYA.id}&channel={HUNTS}")
    await workspace.close()
    assert await stream.next() == {"do": "end"}
