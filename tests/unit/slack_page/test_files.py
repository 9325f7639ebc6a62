"""Files on the page: previews that show what is in them, and bytes only for those who may have them."""

import pytest

from local.slack.content import Content
from local.slack.model import File
from local.slack.page.file_view import FileView, view_of
from local.slack.sample import AUDIT, AUDITOR, BOT, HUNTS, MAYA
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import Browser

PNG = b"\x89PNG\r\n\x1a\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def uploaded(workspace: Workspace, name: str, body: bytes) -> File:
    file_id, address = workspace.files.begin(name, len(body), BOT.id)
    workspace.files.receive(address.rpartition("/")[2], body)
    return workspace.files.complete(file_id, "")


def shared(workspace: Workspace, name: str, body: bytes, channel: str = HUNTS) -> File:
    file = uploaded(workspace, name, body)
    workspace.files.shared(workspace.messages.post(channel, BOT.id, Content("see", (), (file,))))
    return file


def seen(workspace: Workspace, name: str, body: bytes) -> FileView:
    return view_of(uploaded(workspace, name, body), body, MAYA.id)


def test_a_csv_is_the_head_of_a_table(workspace: Workspace) -> None:
    lines = [",".join(f"c{n}" for n in range(10)), *(",".join(f"{row}.{n}" for n in range(10)) for row in range(9))]
    view = seen(workspace, "run.csv", "\n".join(lines).encode())
    assert view.rows[0] == ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"]
    assert (len(view.rows), view.rest) == (7, "3 more rows and 2 more columns")


def test_a_cell_of_a_csv_may_hold_commas_and_lines(workspace: Workspace) -> None:
    view = seen(workspace, "run.csv", b'a,b\n"x, y","two\nlines"\n')
    assert view.rows == [["a", "b"], ["x, y", "two\nlines"]]


@pytest.mark.parametrize("name", ["run.ndjson", "run.json", "notes.txt", "huntbot.log"])
def test_a_text_is_its_first_lines(workspace: Workspace, name: str) -> None:
    view = seen(workspace, name, b"\n".join(b"line %d" % n for n in range(13)))
    assert (view.text.splitlines()[-1], view.rest) == ("line 11", "1 more line")


def test_bytes_that_are_no_text_are_shown_as_far_as_they_go(workspace: Workspace) -> None:
    assert seen(workspace, "notes.txt", b"caf\xe9").text == "caf\N{REPLACEMENT CHARACTER}"


def test_anything_else_is_only_named(workspace: Workspace) -> None:
    view = seen(workspace, "dump.bin", bytes(3000))
    assert (view.picture, view.rows, view.text, view.size) == ("", (), "", "3 kB")


async def test_a_message_shows_its_file(browser: Browser, workspace: Workspace) -> None:
    shared(workspace, "run.csv", b"finding,<b>severity</b>\nF-1,high\n")
    html = await (await browser.get(f"/?user={MAYA.id}&channel={HUNTS}")).text()
    assert '<th scope="col">&lt;b&gt;severity&lt;/b&gt;</th>' in html
    assert 'aria-label="Download run.csv"' in html


async def test_a_picture_is_shown_and_anything_with_a_script_only_saved(
    browser: Browser, workspace: Workspace
) -> None:
    for name, body, kind, saved in [
        ("c.png", PNG, "image/png", False),
        ("c.svg", SVG, "application/octet-stream", True),
    ]:
        file = shared(workspace, name, body)
        answer = await browser.get(f"/page/file/{file.id}?user={MAYA.id}")
        assert (answer.content_type, await answer.read()) == (kind, body)
        assert ("attachment" in answer.headers.get("Content-Disposition", "")) is saved
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_is_handed_out_under_its_name(browser: Browser, workspace: Workspace) -> None:
    file = shared(workspace, 'a "run".csv', b"a,b\n")
    answer = await browser.get(f"/page/file/{file.id}?user={MAYA.id}&download=1")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20%22run%22.csv"


async def test_only_those_who_see_the_channel_have_the_file(browser: Browser, workspace: Workspace) -> None:
    hidden, open_to_guests = shared(workspace, "a.csv", b"a"), shared(workspace, "b.csv", b"b", AUDIT)
    private = uploaded(workspace, "c.csv", b"c")
    statuses = [
        (await browser.get(f"/page/file/{file.id}?user={AUDITOR.id}")).status
        for file in (hidden, open_to_guests, private)
    ]
    assert statuses == [400, 200, 400]
    assert (await browser.get(f"/page/file/F0NOTHING0?user={MAYA.id}")).status == 400


async def test_a_picture_in_ones_own_view_is_shown_to_oneself(browser: Browser, workspace: Workspace) -> None:
    file = uploaded(workspace, "c.png", PNG)
    block = {"type": "image", "alt_text": "a chart", "slack_file": {"id": file.id}}
    workspace.views.publish(MAYA.id, {"type": "home", "blocks": [block]})
    html = await (await browser.get(f"/?user={MAYA.id}&tab=home")).text()
    assert f'src="/page/file/{file.id}?user={MAYA.id}"' in html
    assert (await browser.get(f"/page/file/{file.id}?user={MAYA.id}")).status == 200
    assert (await browser.get(f"/page/file/{file.id}?user={AUDITOR.id}")).status == 400
