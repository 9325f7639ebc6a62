"""What a browser gets: places, people, threads, what is unread."""

import re

import pytest

from local.slack.sample import AISHA, AUDITOR, BOT, ESCALATIONS, GUEST, HUNTS, MAYA, QUIET, TOMAS
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import Browser, bot_says, form


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


async def test_what_came_since_the_last_visit_is_marked_as_new(browser: Browser, workspace: Workspace) -> None:
    place = f"/?user={MAYA.id}&channel={HUNTS}"
    bot_says(workspace, "old")
    assert 'data-first-new=""' in await (await browser.get(place)).text()
    new = bot_says(workspace, "new")
    bot_says(workspace, "newer")
    assert f'data-first-new="{new}"' in await (await browser.get(place)).text()
    assert 'data-first-new=""' in await (await browser.get(place)).text()


async def test_a_guest_chooses_among_those_they_know(browser: Browser, workspace: Workspace) -> None:
    element = {"type": "users_select", "action_id": "who"}
    for guest, stranger_to_them in [(AUDITOR, GUEST), (GUEST, AUDITOR)]:
        workspace.views.open(guest.id, form(element))
        html = await (await browser.get(f"/?user={guest.id}")).text()
        options = html.partition('data-action-id="who"')[2].partition("</select>")[0]
        assert stranger_to_them.real_name not in options
        assert "Maya Chen" in options


async def test_a_conversation_of_several_is_named_by_the_others(browser: Browser, workspace: Workspace) -> None:
    several = workspace.directory.group_message([MAYA.id, TOMAS.id])
    html = await (await browser.get(f"/?user={MAYA.id}&channel={several.id}")).text()
    assert 'placeholder="Message Tomás Silva, huntbot"' in html
