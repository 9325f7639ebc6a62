"""SlackWorkspace: posts, redraws and reads back messages; how they look is bot/blocks' affair."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.calls import ask
from bot.adapters.slack.picture import png
from bot.adapters.slack.uploads import Uploads, is_person
from bot.blocks.chart import TITLE, in_words, is_chart
from bot.blocks.draw import draw
from bot.blocks.rich import Json
from bot.domain.intent import Mark
from bot.domain.message import DigestPost, Message, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.errors import MessageGone, MessageRejected, RouteBroken, WorkspaceError

EVENT_TYPE = "huntbot_message"

_log = logging.getLogger(__name__)

_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_PAGE = 200  # what Slack recommends; it may give fewer
_SKEW = timedelta(minutes=5)  # between our clock and Slack's when a channel is read back


async def _nobody_else(_: ChannelId) -> bool:
    return False


class SlackWorkspace:
    """The Workspace port. `home` is the workspace's address (auth.test's `url`), `timeout_s` bounds every call.

    Where another organization reads along (`is_shared`) nothing is said: RouteBroken `is_ext_shared`.
    The client comes ready: with its token, a shared session and no retry handlers, for delivery does the retrying.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        home: str,
        timeout_s: float = 10.0,
        is_shared: Callable[[ChannelId], Awaitable[bool]] = _nobody_else,
    ) -> None:
        self._client = client
        self._home = home.rstrip("/")
        self._timeout_s = timeout_s
        self._is_shared = is_shared
        self._uploads = Uploads(client, timeout_s)
        self._draws_charts = True  # until it refuses one
        self._pictured: set[MessageTs] = set()  # in whose threads a picture hangs already

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        await self._check_readers(channel)
        answer = await self._draw("chat.postMessage", what, _marked(mark) | {"channel": channel, "thread_ts": thread})
        ts = MessageTs(answer["ts"])
        await self._hang_picture(channel, thread or ts, what)
        return ts

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None:
        await self._check_readers(channel)
        await self._draw("chat.update", what, _marked(mark) | {"channel": channel, "ts": ts})
        await self._hang_picture(channel, ts, what)

    async def remove(self, channel: ChannelId, ts: MessageTs) -> None:
        try:
            await self._say("chat.delete", {"channel": channel, "ts": ts})
        except MessageGone as gone:
            if gone.code != "message_not_found":
                raise

    async def whisper(self, channel: ChannelId, user: UserId, what: Message) -> None:
        """Ephemeral where the bot can speak, else (and where a person is named) in their own conversation with it."""
        if channel.startswith("D") or is_person(channel):
            await self._draw("chat.postMessage", what, {"channel": user})
            return
        try:
            await self._check_readers(channel)
            await self._draw("chat.postEphemeral", what, {"channel": channel, "user": user})
        except RouteBroken:
            await self._draw("chat.postMessage", what, {"channel": user})

    async def publish(self, user: UserId, view: Mapping[str, Any], if_hash: str | None = None) -> str:
        """Show somebody a Home tab, only in the place of the one with this hash where one is given; its own hash.

        Raises:
            WorkspaceError: its code is `hash_conflict` where another one was published since.
        """
        answer = await self._say("views.publish", {"user_id": user, "view": view, "hash": if_hash})
        return str(answer["view"]["hash"])

    async def upload(
        self,
        channel: ChannelId,
        thread: MessageTs | None,
        name: str,
        content: BinaryIO,
        title: str,
        comment: str,
        alt: str = "",
    ) -> None:
        if not is_person(channel):
            await self._check_readers(channel)
        await self._uploads.share(channel, thread, name, content, title, comment, alt)

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        """All pages since then, the metadata included: without that flag Slack leaves its payload out.

        History gives the latest first, a thread its earliest; a thread's parent comes with every page of it. Source:
        https://docs.slack.dev/reference/methods/conversations.history (oldest, limit, include_all_metadata).
        """
        oldest = f"{(since - _SKEW).timestamp():.6f}"
        asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "include_all_metadata": True}
        pages = (
            self._pages("conversations.history", asked)
            if thread is None
            else self._pages("conversations.replies", asked | {"ts": thread})
        )
        found = {MessageTs(m["ts"]) async for page in pages for m in page.get("messages", ()) if _mark_of(m) == mark}
        return sorted(found, key=lambda ts: [int(part) for part in ts.split(".")])

    async def link(self, standing: Standing) -> str:
        """The permalink, built as Slack builds it and so without a call."""
        place = f"{self._home}/archives/{standing.channel}/p{standing.ts.replace('.', '')}"
        if standing.thread is None:
            return place
        return f"{place}?thread_ts={standing.thread}&cid={standing.channel}"

    async def is_member(self, channel: ChannelId) -> bool:
        """Whether the bot may answer in the open there, so that everybody who should triage reads it.

        A person's own conversation with the bot is no such place, and a channel shared with another organization
        is none for what the logs say.
        """
        try:
            answer = await self._ask("conversations.info", {"channel": channel})
        except RouteBroken:
            return False
        found = answer["channel"]
        return bool(found.get("is_member")) and not (found.get("is_im") or found.get("is_ext_shared"))

    async def channel_id(self, name: str) -> ChannelId:
        """The id of `#name`, `name` or of an id itself; private channels are found where the bot may list them."""
        if _ID.fullmatch(name):
            answer = await self._ask("conversations.info", {"channel": name})
            return ChannelId(answer["channel"]["id"])
        try:
            return await self._named(name, "public_channel,private_channel")
        except RouteBroken as broken:
            if broken.code != "missing_scope":
                raise
            return await self._named(name, "public_channel")

    async def _check_readers(self, channel: ChannelId) -> None:
        """Raises RouteBroken where others would read what the logs say, WorkspaceError where nobody can say."""
        if await self._is_shared(channel):
            raise RouteBroken("is_ext_shared")

    async def _named(self, name: str, types: str) -> ChannelId:
        wanted = name.removeprefix("#").lower()
        async for page in self._pages("conversations.list", {"types": types, "exclude_archived": True}):
            for channel in page.get("channels", ()):
                if channel["name"] == wanted:
                    return ChannelId(channel["id"])
        raise RouteBroken("channel_not_found")

    async def _draw(self, method: str, what: Message, rest: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say it with blocks; refused, in plain words; refused again, in the bare words of the house."""
        drawn = draw(what)
        common = {**rest, "link_names": False, "parse": "none"}
        if method == "chat.postMessage":  # the others unfurl nothing
            common |= {"unfurl_links": False, "unfurl_media": False}
        refused_chart = False
        for blocks in self._wordings(drawn.blocks):
            try:
                answer = await self._say(method, {**common, "text": drawn.text, "blocks": blocks})
            except MessageRejected as refused:
                _log.warning("Slack refuses a message as it is drawn (%s): said in plainer words", refused.code)
                refused_chart = refused_chart or any(map(is_chart, blocks))
            else:
                # Taken without the chart, and with everything else: it is the chart that this Slack does not draw.
                self._draws_charts = self._draws_charts and not (refused_chart and blocks)
                return answer
        return await self._say(method, {**common, "text": drawn.bare, "blocks": []})

    def _wordings(self, blocks: Sequence[Json]) -> Iterator[Sequence[Json]]:
        """The blocks, those without a chart, none; a Slack that refused one chart is not asked to draw another."""
        without = [block for block in blocks if not is_chart(block)]
        if self._draws_charts and len(without) < len(blocks):
            yield list(blocks)
        yield without
        yield []

    async def _hang_picture(self, channel: ChannelId, thread: MessageTs, what: Message) -> None:
        """A chart that Slack does not draw, once, as a picture in the thread; the message says the same in words."""
        match what:
            case DigestPost(digest=digest) if (shown := digest.chart) and not self._draws_charts:
                words = in_words(shown)
            case _:
                return
        if thread in self._pictured:
            return
        self._pictured.add(thread)
        try:
            async with asyncio.timeout(self._timeout_s):
                picture = await asyncio.to_thread(png, shown)
                await self._uploads.share(channel, thread, "findings-a-day.png", picture, TITLE, words, words)
        except (WorkspaceError, TimeoutError) as fault:
            _log.warning("the chart of a digest was not taken as a picture either: %s", fault)

    async def _say(self, method: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        sent = {name: value for name, value in body.items() if value is not None}
        return await ask(self._client.api_call(method, json=sent), self._timeout_s)

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return await ask(self._client.api_call(method, http_verb="GET", params=dict(params)), self._timeout_s)

    async def _pages(self, method: str, params: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        while True:  # whoever asks bounds the time
            page = await self._ask(method, {**params, "limit": _PAGE} | ({"cursor": cursor} if cursor else {}))
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _marked(mark: Mark) -> dict[str, Any]:
    """Metadata is readable by the whole workspace: the opaque mark and nothing else."""
    return {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"mark": mark}}}


def _mark_of(message: Mapping[str, Any]) -> str | None:
    match message.get("metadata"):
        case {"event_type": str(kind), "event_payload": {"mark": str(mark)}} if kind == EVENT_TYPE:
            return mark
        case {"event_type": str(kind), "event_payload": {"key": str(mark)}} if kind == EVENT_TYPE:
            return mark  # posted before marks were random
        case _:
            return None
