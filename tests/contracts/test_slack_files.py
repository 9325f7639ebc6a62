"""Files and charts in Slack, over the real client and a real socket."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from PIL import Image
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import SlackWorkspace
from bot.blocks.chart import TYPE, in_words
from bot.domain.daily import bounds, daily
from bot.domain.intent import Mark
from bot.domain.message import DigestPost
from bot.domain.queue import whole
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.severity import Severity
from bot.errors import OutcomeUnknown, RouteBroken, WorkspaceError, WorkspaceUnavailable
from local.slack.faults import DropAnswer, DropRequest, refusal, server_error
from local.slack.model import Message
from local.slack.sample import HUNTS, MAYA, QUIET, TOMAS
from local.slack.server import LocalSlack
from tests.unit.blocks.examples import GRANTS, NOON, digest, finding, read
from tests.waiting import until

HOME, CLOSED, ALONE = ChannelId(HUNTS), ChannelId(QUIET), ChannelId(MAYA.id)
MARK = Mark("mark-1")
DAYS = daily({Severity.CRITICAL: [0] * 13 + [2], Severity.LOW: [1] * 14}, bounds(NOON, UTC), UTC)
DIGEST = DigestPost(digest(new=whole([finding()]), daily=DAYS), GRANTS, ())
URL, DONE = "files.getUploadURLExternal", "files.completeUploadExternal"


@pytest.fixture
def workspace(local: LocalSlack, client: AsyncWebClient) -> SlackWorkspace:
    local.workspace.sharing.delay_s = 0.0
    return SlackWorkspace(client, f"{local.workspace.base_url}/", timeout_s=2.0)


async def upload(
    workspace: SlackWorkspace,
    channel: ChannelId = HOME,
    thread: MessageTs | None = None,
    content: bytes = b"a,b\n",
    comment: str = "1 finding",
) -> None:
    await workspace.upload(channel, thread, "findings.csv", io.BytesIO(content), "All of them", comment)


async def seen(messages: Callable[[], Sequence[Message]]) -> Sequence[Message]:
    """Those with files; Slack shares a file a moment after it said so."""
    await until(lambda: any(message.files for message in messages()), within_s=5)
    return [message for message in messages() if message.files]


def in_home(local: LocalSlack) -> Callable[[], Sequence[Message]]:
    return lambda: local.workspace.messages_for(MAYA.id, HOME)


async def test_a_file_is_shared_with_its_title_and_its_line(local: LocalSlack, workspace: SlackWorkspace) -> None:
    body = bytes(range(256)) * 4_000

    await upload(workspace, content=body)

    [message] = await seen(in_home(local))
    [file] = message.files
    assert (message.text, file.name, file.title) == ("1 finding", "findings.csv", "All of them")
    assert local.workspace.files.body(file.id) == body


async def test_a_file_hangs_in_a_thread_or_goes_to_one_person(local: LocalSlack, workspace: SlackWorkspace) -> None:
    parent = await workspace.post(HOME, DIGEST, MARK)
    await upload(workspace, thread=parent)
    await upload(workspace, channel=ALONE)

    [reply] = await seen(lambda: local.workspace.thread_for(MAYA.id, HOME, parent))
    assert reply.thread_ts == parent
    direct = local.workspace.directory.target(MAYA.id).id
    [private] = await seen(lambda: local.workspace.messages_for(MAYA.id, direct))
    assert [file.name for file in private.files] == ["findings.csv"]
    assert not [m for m in local.workspace.messages_for(TOMAS.id, HOME) if m.files]


async def test_the_line_beside_a_file_pings_nobody(local: LocalSlack, workspace: SlackWorkspace) -> None:
    await upload(workspace, comment="of <!channel> & <@U02TOMAS02>")

    [message] = await seen(in_home(local))
    assert message.text == "of &lt;!channel&gt; &amp; &lt;@U02TOMAS02&gt;"


@pytest.mark.parametrize(
    ("method", "fault", "error"),
    [
        (URL, refusal("missing_scope"), RouteBroken("missing_scope")),
        (URL, DropAnswer(), WorkspaceUnavailable("ServerDisconnectedError")),
        (URL, server_error(500), WorkspaceUnavailable("http_500")),
        (DONE, refusal("file_not_found"), WorkspaceUnavailable("file_not_found")),
        (DONE, DropAnswer(), OutcomeUnknown("ServerDisconnectedError")),
    ],
    ids=str,
)
async def test_only_where_it_was_sent_off_nobody_knows(
    local: LocalSlack, workspace: SlackWorkspace, method: str, fault: Any, error: WorkspaceError
) -> None:
    local.workspace.faults.add(method, fault)

    with pytest.raises(WorkspaceError) as raised:
        await upload(workspace)

    assert (type(raised.value), raised.value) == (type(error), error)


async def test_a_channel_that_is_closed_takes_no_file(workspace: SlackWorkspace) -> None:
    with pytest.raises(RouteBroken):
        await upload(workspace, channel=CLOSED)


async def test_a_shared_channel_takes_no_file(local: LocalSlack, client: AsyncWebClient) -> None:
    async def everything_is(_: ChannelId) -> bool:
        return True

    workspace = SlackWorkspace(client, local.workspace.base_url, is_shared=everything_is)
    with pytest.raises(RouteBroken, match="is_ext_shared"):
        await upload(workspace)
    await upload(workspace, channel=ALONE)


# --- charts -------------------------------------------------------------------------------------------


def kinds(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]


async def test_slack_draws_the_chart_where_it_can(local: LocalSlack, workspace: SlackWorkspace) -> None:
    ts = await workspace.post(HOME, DIGEST, MARK)
    await workspace.redraw(HOME, ts, DIGEST, MARK)

    [stands] = local.workspace.messages_for(MAYA.id, HOME)
    assert TYPE in kinds(stands)
    assert in_words(DAYS) in read(list(stands.blocks))
    assert len(local.workspace.thread_for(MAYA.id, HOME, ts)) == 1


async def test_where_slack_draws_none_a_picture_hangs_in_the_thread(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    local.workspace.faults.add("chat.postMessage", refusal("invalid_blocks"))

    ts = await workspace.post(HOME, DIGEST, MARK)
    await workspace.redraw(HOME, ts, DIGEST, MARK)

    [picture] = await seen(lambda: local.workspace.thread_for(MAYA.id, HOME, ts))
    stands = local.workspace.messages.get(HOME, ts)
    assert TYPE not in kinds(stands)
    assert in_words(DAYS) in read(list(stands.blocks))
    [file] = picture.files
    assert (file.alt_text, picture.text) == (in_words(DAYS), in_words(DAYS))
    image = Image.open(io.BytesIO(local.workspace.files.body(file.id)))
    assert (image.format, image.width) == ("PNG", 1120)
    assert len(image.getcolors(1 << 16) or ()) > 4


async def test_a_slack_that_draws_no_charts_is_asked_once(local: LocalSlack, workspace: SlackWorkspace) -> None:
    local.workspace.faults.add("chat.postMessage", refusal("invalid_blocks"))
    await workspace.post(HOME, DIGEST, MARK)

    ts = await workspace.post(HOME, DIGEST, Mark("mark-2"))

    assert TYPE not in kinds(local.workspace.messages.get(HOME, ts))
    posts = [call for call in local.workspace.calls if call.method == "chat.postMessage"]
    assert len(posts) == 2  # beside the one that was refused


async def test_what_is_refused_for_another_reason_says_nothing_of_charts(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    local.workspace.faults.add("chat.postMessage", *(refusal("invalid_blocks") for _ in range(2)))

    plain = await workspace.post(HOME, DIGEST, MARK)
    drawn = await workspace.post(HOME, DIGEST, Mark("mark-2"))

    assert kinds(local.workspace.messages.get(HOME, plain)) == []
    assert TYPE in kinds(local.workspace.messages.get(HOME, drawn))


async def test_a_picture_that_is_not_taken_holds_up_no_digest(local: LocalSlack, workspace: SlackWorkspace) -> None:
    local.workspace.faults.add("chat.postMessage", refusal("invalid_blocks"))
    local.workspace.faults.add(URL, DropRequest())

    ts = await workspace.post(HOME, DIGEST, MARK)

    assert in_words(DAYS) in read(list(local.workspace.messages.get(HOME, ts).blocks))


async def test_a_digest_without_findings_has_nothing_to_draw(local: LocalSlack, workspace: SlackWorkspace) -> None:
    empty = replace(DIGEST, digest=digest(untouched=whole([finding()]), daily=daily({}, bounds(NOON, UTC), UTC)))
    ts = await workspace.post(HOME, empty, MARK)
    assert TYPE not in kinds(local.workspace.messages.get(HOME, ts))
