"""What every Workspace promises: over Slack's own client against the local workspace, and over the stand-in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import SlackWorkspace
from bot.blocks.draw import draw
from bot.domain.finding import FindingId
from bot.domain.intent import Mark
from bot.domain.message import FindingCard, Message
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.errors import MessageGone, RouteBroken
from bot.ports.workspace import Workspace
from local.slack.sample import HUNTS, MAYA, QUIET, TOMAS
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace as LocalWorkspace
from tests.stand_ins import RecordingWorkspace
from tests.unit.blocks.examples import GRANTS, finding

HOME, CLOSED = ChannelId(HUNTS), ChannelId(QUIET)
MARK, OTHER = Mark("mark-1"), Mark("mark-2")
LONG_AGO = datetime.fromtimestamp(time.time() - 3600, UTC)


@dataclass(frozen=True)
class World:
    """A workspace under test and a look at what a member of its home channel reads there."""

    workspace: Workspace
    texts: Callable[[MessageTs | None], Sequence[str]]
    whispered_to: Callable[[UserId], Sequence[str]]


def card(number: int = 42) -> FindingCard:
    return FindingCard(replace(finding(), id=FindingId(number)), GRANTS)


def text(what: Message) -> str:
    return draw(what).text


def _over_slack(slack: LocalWorkspace, client: AsyncWebClient) -> World:
    def texts(thread: MessageTs | None) -> Sequence[str]:
        if thread is None:
            return [m.text for m in slack.messages_for(MAYA.id, HOME) if m.ephemeral_to is None]
        return [m.text for m in slack.thread_for(MAYA.id, HOME, thread)[1:]]

    def whispered_to(user: UserId) -> Sequence[str]:
        return [m.text for m in slack.messages_for(user, HOME) if m.ephemeral_to == user]

    return World(SlackWorkspace(client, slack.base_url), texts, whispered_to)


def _stand_in() -> World:
    recording = RecordingWorkspace(broken={CLOSED})

    def texts(thread: MessageTs | None) -> Sequence[str]:
        return [text(m.what) for m in recording.in_channel(HOME) if m.thread == thread]

    def whispered_to(user: UserId) -> Sequence[str]:
        return [text(what) for _, to, what in recording.whispers if to == user]

    return World(recording, texts, whispered_to)


@pytest.fixture(params=["slack", "stand-in"])
def world(request: pytest.FixtureRequest, local: LocalSlack, client: AsyncWebClient) -> World:
    return _over_slack(local.workspace, client) if request.param == "slack" else _stand_in()


async def test_a_post_stands_where_it_was_put(world: World) -> None:
    ts = await world.workspace.post(HOME, card(), MARK)
    await world.workspace.post(HOME, card(43), OTHER, thread=ts)

    assert world.texts(None) == [text(card())]
    assert world.texts(ts) == [text(card(43))]


async def test_a_redraw_replaces_what_stands(world: World) -> None:
    ts = await world.workspace.post(HOME, card(), MARK)

    await world.workspace.redraw(HOME, ts, card(43), MARK)

    assert world.texts(None) == [text(card(43))]


async def test_a_whisper_is_for_one_person(world: World) -> None:
    await world.workspace.whisper(HOME, UserId(MAYA.id), card())

    assert world.whispered_to(UserId(MAYA.id)) == [text(card())]
    assert world.whispered_to(UserId(TOMAS.id)) == []
    assert world.texts(None) == []


async def test_every_copy_is_found_by_its_mark_before_and_after_a_redraw(world: World) -> None:
    first = await world.workspace.post(HOME, card(), MARK)
    await world.workspace.post(HOME, card(43), OTHER)
    second = await world.workspace.post(HOME, card(), MARK)

    assert await world.workspace.copies(HOME, MARK, LONG_AGO) == [first, second]
    await world.workspace.redraw(HOME, first, card(44), MARK)
    assert await world.workspace.copies(HOME, MARK, LONG_AGO) == [first, second]
    assert await world.workspace.copies(HOME, Mark("never-posted"), LONG_AGO) == []


async def test_a_reply_is_found_in_its_thread_and_only_there(world: World) -> None:
    parent = await world.workspace.post(HOME, card(), MARK)
    reply = await world.workspace.post(HOME, card(43), OTHER, thread=parent)

    assert await world.workspace.copies(HOME, OTHER, LONG_AGO, thread=parent) == [reply]
    assert await world.workspace.copies(HOME, OTHER, LONG_AGO) == []


async def test_a_copy_is_removed_and_removing_it_again_does_nothing(world: World) -> None:
    first = await world.workspace.post(HOME, card(), MARK)
    second = await world.workspace.post(HOME, card(), MARK)

    for _ in range(2):
        await world.workspace.remove(HOME, second)

    assert await world.workspace.copies(HOME, MARK, LONG_AGO) == [first]


async def test_a_message_and_a_thread_that_are_gone_are_told_apart_from_a_closed_channel(world: World) -> None:
    gone = await world.workspace.post(HOME, card(), MARK)
    await world.workspace.remove(HOME, gone)

    with pytest.raises(MessageGone):
        await world.workspace.redraw(HOME, gone, card(), MARK)
    with pytest.raises(MessageGone):
        await world.workspace.post(HOME, card(), OTHER, thread=gone)
    with pytest.raises(MessageGone):
        await world.workspace.copies(HOME, OTHER, LONG_AGO, thread=gone)


async def test_a_closed_channel_takes_nothing(world: World) -> None:
    assert await world.workspace.is_member(HOME)
    assert not await world.workspace.is_member(CLOSED)
    with pytest.raises(RouteBroken):
        await world.workspace.post(CLOSED, card(), MARK)
