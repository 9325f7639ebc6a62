"""What SlackWorkspace makes of Slack's answers, refusals and silences, over the real client and a real socket."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import SlackWorkspace, identify
from bot.blocks.draw import draw
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall, FindingCard, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.triage import Move
from bot.errors import (
    MessageGone,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    RouteBroken,
    TokenRefused,
    WorkspaceError,
    WorkspaceUnavailable,
)
from local.slack.faults import (
    NOT_JSON,
    Answer,
    DelayAnswer,
    DropAnswer,
    DropRequest,
    Fault,
    rate_limited,
    refusal,
    server_error,
)
from local.slack.model import Channel, Ping
from local.slack.sample import AISHA, BOT, ESCALATIONS, HUNTS, MAYA, ON_CALL, QUIET, TOMAS
from local.slack.server import LocalSlack
from tests.unit.blocks.examples import GRANTS, event, finding, hit

HOME, CALLS = ChannelId(HUNTS), ChannelId(ESCALATIONS)
MARK = Mark("mark-1")
CARD = FindingCard(finding(), GRANTS)
HOSTILE = FindingCard(
    finding(face=hit({"principal": "<!channel> <@U02TOMAS02> <!subteam^S01ONCALL1>", "function": "<!here|x>"})),
    GRANTS,
)
CALL = EscalationCall(finding(), GRANTS, event(Move.ESCALATE, UserId(MAYA.id)), None)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def workspace(local: LocalSlack, client: AsyncWebClient) -> SlackWorkspace:
    return SlackWorkspace(client, f"{local.workspace.base_url}/", timeout_s=1.0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal("channel_not_found"), RouteBroken("channel_not_found")),
        (refusal("is_archived"), RouteBroken("is_archived")),
        (refusal("not_in_channel"), RouteBroken("not_in_channel")),
        (refusal("missing_scope"), RouteBroken("missing_scope")),
        (refusal("restricted_action"), RouteBroken("restricted_action")),
        *((refusal(code), TokenRefused(code)) for code in ("token_expired", "token_revoked", "account_inactive")),
        *(
            (refusal(code), MessageGone(code))
            for code in ("message_not_found", "thread_not_found", "edit_window_closed")
        ),
        (refusal("service_unavailable"), WorkspaceUnavailable("service_unavailable")),
        (refusal("a_code_of_next_year"), WorkspaceUnavailable("a_code_of_next_year")),
        (refusal("internal_error"), OutcomeUnknown("internal_error")),
        (rate_limited(30), RateLimited("ratelimited", 30.0)),
        (rate_limited(7, ""), RateLimited("http_429", 7.0)),
        (rate_limited(7, "slow down"), RateLimited("http_429", 7.0)),
        (Answer(429, "{}"), RateLimited("http_429", 1.0)),
        (Answer(200, '{"ok":false,"error":"ratelimited"}', retry_after_s=3), RateLimited("ratelimited", 3.0)),
        (server_error(500), OutcomeUnknown("http_500")),
        (server_error(503), OutcomeUnknown("http_503")),
        (Answer(502, "<html>", "text/html"), OutcomeUnknown("http_502")),
        (NOT_JSON, OutcomeUnknown("http_200")),
        (Answer(200, "ok", "text/plain"), OutcomeUnknown("no_json")),
        (Answer(200, "{not json"), OutcomeUnknown("http_200")),
        (DropRequest(), OutcomeUnknown("ServerDisconnectedError")),
        (DropAnswer(), OutcomeUnknown("ServerDisconnectedError")),
        (DelayAnswer(1.5), OutcomeUnknown("TimeoutError")),
    ],
    ids=str,
)
async def test_each_refusal_and_silence_is_told_apart(
    local: LocalSlack, workspace: SlackWorkspace, fault: Fault, error: WorkspaceError
) -> None:
    local.workspace.faults.add("chat.postMessage", fault)

    with pytest.raises(WorkspaceError) as raised:
        await workspace.post(HOME, CARD, MARK)

    assert (type(raised.value), raised.value) == (type(error), error)


async def test_slack_not_reached_is_known_to_have_posted_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-x", base_url="http://127.0.0.1:1/api/", session=session, retry_handlers=[])
        client.proxy = None
        with pytest.raises(WorkspaceUnavailable):
            await SlackWorkspace(client, "http://127.0.0.1:1").post(HOME, CARD, MARK)


async def test_a_post_whose_answer_was_lost_is_found_again(local: LocalSlack, workspace: SlackWorkspace) -> None:
    local.workspace.faults.add("chat.postMessage", DropAnswer(), DropRequest())
    for mark in (MARK, Mark("mark-2")):
        with pytest.raises(OutcomeUnknown):
            await workspace.post(HOME, CARD, mark)

    (stands,) = local.workspace.messages_for(MAYA.id, HOME)
    assert await workspace.copies(HOME, MARK, BEFORE) == [stands.ts]
    assert await workspace.copies(HOME, Mark("mark-2"), BEFORE) == []


async def test_a_post_is_found_on_a_later_page_of_the_channel(local: LocalSlack, workspace: SlackWorkspace) -> None:
    ts = await workspace.post(HOME, CARD, MARK)
    for number in range(450):
        await local.workspace.say(MAYA.id, HOME, f"chatter {number}")

    assert await workspace.copies(HOME, MARK, BEFORE) == [ts]


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_are_said_in_plain_words(
    local: LocalSlack, workspace: SlackWorkspace, code: str
) -> None:
    local.workspace.faults.add("chat.postMessage", refusal(code))
    ts = await workspace.post(HOME, CARD, MARK)
    local.workspace.faults.add("chat.update", refusal(code))
    await workspace.redraw(HOME, ts, CARD, MARK)

    (stands,) = local.workspace.messages_for(MAYA.id, HOME)
    assert (stands.text, stands.blocks) == (draw(CARD).text, ())
    assert await workspace.copies(HOME, MARK, BEFORE) == [ts]


async def test_refused_words_are_said_in_the_bare_words_of_the_house(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    local.workspace.faults.add("chat.postMessage", refusal("invalid_blocks"), refusal("msg_too_long"))

    await workspace.post(HOME, HOSTILE, MARK)

    (stands,) = local.workspace.messages_for(MAYA.id, HOME)
    assert (stands.text, stands.blocks) == ("F-42 🛑 CRITICAL: see /hunt show F-42", ())
    assert await workspace.copies(HOME, MARK, BEFORE) == [stands.ts]


async def test_what_is_refused_in_every_wording_is_rejected(local: LocalSlack, workspace: SlackWorkspace) -> None:
    local.workspace.faults.add("chat.postMessage", *(refusal("msg_too_long") for _ in range(3)))

    with pytest.raises(MessageRejected):
        await workspace.post(HOME, CARD, MARK)


async def test_a_read_back_asks_for_no_more_than_it_needs(local: LocalSlack, workspace: SlackWorkspace) -> None:
    thread = await workspace.post(HOME, CARD, MARK)
    since = datetime.fromtimestamp(local.workspace.mint.clock(), UTC)
    for parent in (None, thread):
        await workspace.copies(HOME, MARK, since, parent)

    for call in list(local.workspace.calls)[-2:]:
        assert float(call.arguments["oldest"]) == pytest.approx((since - timedelta(minutes=5)).timestamp())
        assert (call.arguments["include_all_metadata"], call.arguments["limit"]) == ("1", "200")


async def test_a_copy_in_a_long_thread_is_found_on_its_later_page(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    thread = await workspace.post(HOME, CARD, MARK)
    for number in range(220):
        await local.workspace.say(MAYA.id, HOME, f"chatter {number}", thread_ts=thread)
    await asyncio.sleep(1)  # a channel takes a message a second
    reply = await workspace.post(HOME, CARD, Mark("reply"), thread=thread)

    assert await workspace.copies(HOME, Mark("reply"), BEFORE, thread) == [reply]


async def test_metadata_says_the_mark_and_nothing_of_the_log(local: LocalSlack, workspace: SlackWorkspace) -> None:
    await workspace.post(HOME, CARD, MARK)

    (stands,) = local.workspace.messages_for(MAYA.id, HOME)
    assert stands.metadata is not None
    assert stands.metadata.event_payload == {"mark": MARK}


async def test_nothing_is_unfurled_or_linked(local: LocalSlack, workspace: SlackWorkspace) -> None:
    await workspace.post(HOME, CARD, MARK)

    sent = local.workspace.calls[-1].arguments
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["link_names"]) == (False, False, False)
    assert sent["parse"] == "none"


async def test_hostile_values_notify_nobody(local: LocalSlack, workspace: SlackWorkspace) -> None:
    ts = await workspace.post(HOME, HOSTILE, MARK)
    local.workspace.faults.add("chat.postMessage", refusal("invalid_blocks"))
    await workspace.post(HOME, HOSTILE, Mark("in-words"))
    await workspace.post(HOME, HOSTILE, Mark("in-thread"), thread=ts)

    for person in (MAYA, TOMAS, AISHA):
        assert local.workspace.notifications_of(person.id) == []


async def test_a_call_notifies_the_people_on_call(local: LocalSlack, workspace: SlackWorkspace) -> None:
    await workspace.post(CALLS, replace(CALL, on_call=ON_CALL.id), MARK)

    assert {n.ping for n in local.workspace.notifications_of(AISHA.id)} == {Ping.GROUP}
    assert local.workspace.notifications_of(TOMAS.id) == []


async def test_where_the_bot_is_no_member_a_whisper_comes_as_a_direct_message(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    await workspace.whisper(ChannelId(QUIET), UserId(TOMAS.id), CARD)

    direct = next(c for c in local.workspace.channels_of(TOMAS.id) if c.is_im)
    assert [m.text for m in local.workspace.messages_for(TOMAS.id, direct.id)] == [draw(CARD).text]
    assert local.workspace.messages_for(TOMAS.id, QUIET) == []


async def test_permalinks_are_slacks_own_without_asking(
    local: LocalSlack, client: AsyncWebClient, workspace: SlackWorkspace
) -> None:
    ts = await workspace.post(HOME, CARD, MARK)
    reply = await workspace.post(HOME, CARD, Mark("reply"), thread=ts)
    calls = len(local.workspace.calls)

    links = [await workspace.link(Standing(HOME, ts)), await workspace.link(Standing(HOME, reply, thread=ts))]

    assert len(local.workspace.calls) == calls
    for link, message_ts in zip(links, (ts, reply), strict=True):
        answer = await client.chat_getPermalink(channel=HOME, message_ts=message_ts)
        assert link == answer["permalink"]


async def test_a_channel_shared_with_another_organization_is_not_answered_in(
    local: LocalSlack, workspace: SlackWorkspace
) -> None:
    shared = replace(local.workspace.channel(HUNTS), is_ext_shared=True)
    local.workspace.directory.put_channel(shared)

    assert not await workspace.is_member(HOME)


@pytest.mark.parametrize("name", ["#far-away", "far-away", "C0FARAWAY0"])
async def test_a_channel_is_found_by_name_or_id_however_many_there_are(
    local: LocalSlack, workspace: SlackWorkspace, name: str
) -> None:
    for number in range(450):
        local.workspace.directory.put_channel(Channel(f"C1{number:08}", f"c{number}", 0, MAYA.id))
    local.workspace.directory.put_channel(Channel("C0FARAWAY0", "far-away", 0, MAYA.id, (BOT.id,)))

    assert await workspace.channel_id(name) == "C0FARAWAY0"


@pytest.mark.parametrize("name", ["#nowhere", "C0NOWHERE0"])
async def test_a_channel_that_is_not_there_is_a_broken_route(workspace: SlackWorkspace, name: str) -> None:
    with pytest.raises(RouteBroken):
        await workspace.channel_id(name)


async def test_a_message_that_is_gone_breaks_no_route(workspace: SlackWorkspace) -> None:
    with pytest.raises(MessageGone):
        await workspace.redraw(HOME, MessageTs("1.000001"), CARD, MARK)


async def test_the_bot_learns_who_it_is_and_why_it_is_nobody(local: LocalSlack, client: AsyncWebClient) -> None:
    identity = await identify(client)
    assert (identity.team_id, identity.user_id) == (local.workspace.team.id, BOT.id)
    assert identity.url == f"{local.workspace.base_url}/"

    client.token = "xoxb-wrong"
    with pytest.raises(WorkspaceError, match="invalid_auth"):
        await identify(client)


async def test_many_posts_at_once_are_each_told_to_wait(local: LocalSlack, workspace: SlackWorkspace) -> None:
    answers = await asyncio.gather(
        *(workspace.post(HOME, CARD, Mark(f"k{n}")) for n in range(10)), return_exceptions=True
    )

    told = [answer for answer in answers if isinstance(answer, RateLimited)]
    assert told
    assert all(answer.retry_after_s >= 1 for answer in told)
    assert len(local.workspace.messages_for(MAYA.id, HOME)) == len(answers) - len(told)


async def test_where_another_organization_reads_along_nothing_is_said(
    local: LocalSlack, client: AsyncWebClient, workspace: SlackWorkspace
) -> None:
    async def is_shared(channel: ChannelId) -> bool:
        return channel == HOME

    stands = await workspace.post(HOME, CARD, MARK)
    discreet = SlackWorkspace(client, local.workspace.base_url, is_shared=is_shared)

    with pytest.raises(RouteBroken, match="is_ext_shared"):
        await discreet.post(HOME, HOSTILE, Mark("mark-2"))
    with pytest.raises(RouteBroken, match="is_ext_shared"):
        await discreet.redraw(HOME, stands, HOSTILE, MARK)
    await discreet.whisper(HOME, UserId(TOMAS.id), CARD)
    await discreet.post(CALLS, CARD, Mark("mark-3"))

    assert [message.ts for message in local.workspace.messages_for(TOMAS.id, HOME)] == [stands]
    own = local.workspace.directory.direct_message(TOMAS.id)
    assert len(local.workspace.messages_for(TOMAS.id, own.id)) == 1
