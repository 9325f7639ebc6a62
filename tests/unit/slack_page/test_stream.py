"""The stream of changes that keeps a tab true."""

import json
import re

from aiohttp import ClientResponse

from local.slack.content import Content
from local.slack.sample import ESCALATIONS, HUNTS, MAYA, TOMAS
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import BUTTON, Browser, Json, bot_says, form


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
