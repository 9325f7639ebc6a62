"""The upload flow of today, by the official client and by hand."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.model import Message
from local.slack.sample import HUNTS, MAYA, QUIET, WAR_ROOM, sample_app, sample_workspace
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.waiting import until

CSV = "finding,severity\nF-1,critical\n"


@pytest.fixture
def workspace(clock: Any) -> Workspace:
    own = sample_workspace(clock=clock)
    own.sharing.delay_s = 0.02
    return own


async def shared(workspace: Workspace, channel: str = HUNTS) -> Message:
    """The message that carries files, when it is there."""
    await until(lambda: any(message.files for message in _all(workspace, channel)), 3.0)
    return next(message for message in _all(workspace, channel) if message.files)


def _all(workspace: Workspace, channel: str) -> list[Message]:
    shown = workspace.messages_for(MAYA.id, channel)
    return [
        each for message in shown for each in workspace.thread_for(MAYA.id, channel, message.thread_ts or message.ts)
    ]


async def error_of(answer: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await answer
    return str(caught.value.response["error"])


async def test_the_official_client_uploads_unchanged(web: AsyncWebClient, workspace: Workspace) -> None:
    done = await web.files_upload_v2(
        channel=HUNTS, content=CSV, filename="run.csv", title="A run", initial_comment="*12* findings", alt_txt="rows"
    )
    assert workspace.messages_for(MAYA.id, HUNTS) == []  # it comes a moment later
    message = await shared(workspace)
    assert (message.text, message.user) == ("*12* findings", workspace.app.bot_user_id)
    (file,) = message.files
    assert (file.id, file.name, file.title, file.mimetype) == (done["file"]["id"], "run.csv", "A run", "text/csv")
    assert workspace.files.body(file.id).decode() == CSV
    (told,) = (await web.conversations_history(channel=HUNTS))["messages"]
    assert [each["id"] for each in told["files"]] == [file.id]


async def test_several_files_make_one_message_in_a_thread(web: AsyncWebClient, workspace: Workspace) -> None:
    parent = (await web.chat_postMessage(channel=HUNTS, text="a run"))["ts"]
    uploads = [{"filename": f"run.{kind}", "content": CSV} for kind in ("csv", "ndjson")]
    await web.files_upload_v2(channel=HUNTS, thread_ts=parent, file_uploads=uploads)
    message = await shared(workspace)
    assert (message.thread_ts, [file.filetype for file in message.files]) == (parent, ["csv", "ndjson"])


async def test_where_a_file_was_shared_can_be_asked_for(web: AsyncWebClient, workspace: Workspace) -> None:
    done = await web.files_upload_v2(channel=WAR_ROOM, content=CSV, filename="run.csv")
    file_id = done["file"]["id"]
    before = (await web.files_info(file=file_id))["file"]
    assert (before["shares"], before["groups"], before["is_public"]) == ({}, [], False)
    message = await shared(workspace, WAR_ROOM)
    after = (await web.files_info(file=file_id))["file"]
    (share,) = after["shares"]["private"][WAR_ROOM]
    assert (share["ts"], share["channel_name"], after["groups"]) == (message.ts, "incident-room", [WAR_ROOM])
    assert (after["preview"], after["lines"], after["size"]) == (CSV, 3, len(CSV))


async def test_a_file_without_a_channel_stays_private(web: AsyncWebClient) -> None:
    done = await web.files_upload_v2(content=b"\x89PNG", filename="chart.png")
    await asyncio.sleep(0.05)
    file = (await web.files_info(file=done["file"]["id"]))["file"]
    assert (file["shares"], file["mimetype"], "preview" in file) == ({}, "image/png", False)


async def test_a_share_can_be_dropped_silently(web: AsyncWebClient, workspace: Workspace) -> None:
    workspace.sharing.is_dropping = True
    done = await web.files_upload_v2(channel=HUNTS, content=CSV, filename="run.csv")
    await asyncio.sleep(0.06)
    assert (await web.files_info(file=done["file"]["id"]))["file"]["shares"] == {}
    assert workspace.messages_for(MAYA.id, HUNTS) == []


@pytest.mark.parametrize("form", [False, True], ids=["raw bytes", "a form"])
async def test_bytes_go_up_without_a_token_once(
    web: AsyncWebClient, http: aiohttp.ClientSession, workspace: Workspace, form: bool
) -> None:
    begun = await web.files_getUploadURLExternal(filename="run.csv", length=len(CSV))
    data: Any = CSV.encode()
    if form:
        data = aiohttp.FormData()
        data.add_field("filename", CSV.encode(), filename="run.csv")
    async with http.post(begun["upload_url"], data=data) as response:
        assert (response.status, response.content_type) == (200, "text/plain")
        assert await response.text() == f"OK - {len(CSV)}"
    async with http.post(begun["upload_url"], data=CSV.encode()) as response:
        assert response.status == 404
    await web.files_completeUploadExternal(files=[{"id": begun["file_id"]}])
    assert workspace.files.body(begun["file_id"]).decode() == CSV


@pytest.mark.parametrize("body", ["short", CSV + "and more"])
async def test_other_bytes_than_announced_are_refused(
    web: AsyncWebClient, http: aiohttp.ClientSession, body: str
) -> None:
    begun = await web.files_getUploadURLExternal(filename="run.csv", length=len(CSV))
    async with http.post(begun["upload_url"], data=body.encode()) as response:
        assert (response.status, await response.text()) == (400, "invalid_length")
    assert await error_of(web.files_completeUploadExternal(files=[{"id": begun["file_id"]}])) == "file_not_found"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("files.getUploadURLExternal", {"filename": "x", "length": 0}, "missing_argument"),
        ("files.getUploadURLExternal", {"length": 3}, "invalid_arguments"),
        ("files.getUploadURLExternal", {"filename": "x", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ("files.getUploadURLExternal", {"filename": "x", "length": 2**40}, "file_upload_size_restricted"),
        ("files.completeUploadExternal", {"files": "[]"}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": '[{"id": "F0NOTHING0"}]'}, "file_not_found"),
        ("files.info", {"file": "F0NOTHING0"}, "file_not_found"),
        ("files.upload", {"content": "x"}, "unknown_method"),
    ],
)
async def test_what_cannot_be_done_is_named(
    web: AsyncWebClient, method: str, arguments: dict[str, Any], error: str
) -> None:
    assert await error_of(web.api_call(method, params=arguments)) == error


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"channel_id": "C0NOWHERE0"}, "channel_not_found"),
        ({"channel_id": QUIET}, "not_in_channel"),
        ({"channel_id": HUNTS, "thread_ts": "1.000001"}, "thread_not_found"),
        ({"thread_ts": "1.000001"}, "invalid_arguments"),
        ({"blocks": json.dumps([{"type": "markdown", "text": "x"}])}, "internal_error"),
        ({"blocks": json.dumps([{"type": "sparkle"}])}, "invalid_blocks"),
    ],
)
async def test_a_refused_share_leaves_the_upload_to_be_completed(
    web: AsyncWebClient, http: aiohttp.ClientSession, more: dict[str, Any], error: str
) -> None:
    begun = await web.files_getUploadURLExternal(filename="run.csv", length=1)
    async with http.post(begun["upload_url"], data=b"x"):
        pass
    files = [{"id": begun["file_id"]}]
    assert await error_of(web.files_completeUploadExternal(files=files, **more)) == error
    assert (await web.files_completeUploadExternal(files=files))["ok"]
    assert await error_of(web.files_completeUploadExternal(files=files)) == "file_update_failed"


async def test_an_app_reads_a_file_with_its_token(
    web: AsyncWebClient, http: aiohttp.ClientSession, slack: LocalSlack
) -> None:
    done = await web.files_upload_v2(content=CSV, filename="a run.csv")
    address = done["file"]["url_private_download"]
    async with http.get(address, headers={"Authorization": f"Bearer {slack.credentials.bot_token}"}) as response:
        assert (await response.text(), response.content_type) == (CSV, "text/csv")
    async with http.get(address, allow_redirects=False) as response:
        assert response.status == 302


async def test_each_method_wants_its_scope(clock: Any, http: aiohttp.ClientSession) -> None:
    poor = sample_workspace(clock=clock, app=sample_app(scopes=frozenset({"chat:write"})))
    async with LocalSlack(poor) as slack:
        client = AsyncWebClient(slack.credentials.bot_token, base_url=slack.api_url, session=http)
        client.proxy = None
        begun = client.files_getUploadURLExternal(filename="x", length=1)
        assert await error_of(begun) == "missing_scope"
        assert await error_of(client.files_info(file="F0NOTHING0")) == "missing_scope"


def picture(file_id: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "findings a day", "slack_file": {"id": file_id}}


async def test_a_block_shows_an_uploaded_picture_once_it_is_there(web: AsyncWebClient, workspace: Workspace) -> None:
    begun = await web.files_getUploadURLExternal(filename="chart.png", length=1)
    early = web.chat_postMessage(channel=HUNTS, text="chart", blocks=[picture(begun["file_id"])])
    assert await error_of(early) == "invalid_blocks"
    done = await web.files_upload_v2(content=b"\x89PNG", filename="chart.png")
    posted = await web.chat_postMessage(channel=HUNTS, text="chart", blocks=[picture(done["file"]["id"])])
    shares = (await web.files_info(file=done["file"]["id"]))["file"]["shares"]
    assert [share["ts"] for share in shares["public"][HUNTS]] == [posted["ts"]]
    await web.chat_update(channel=HUNTS, ts=posted["ts"], text="chart", blocks=[picture(done["file"]["id"])])
    assert len(workspace.files.shares(done["file"]["id"])) == 1
