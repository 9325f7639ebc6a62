"""Files: asked where to put them, put there, then shared.

Source: https://docs.slack.dev/messaging/working-with-files (files.getUploadURLExternal, POST,
files.completeUploadExternal); files.upload was retired in November 2025.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, BinaryIO

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.calls import ask
from bot.blocks.text import escaped
from bot.domain.responder import ChannelId, MessageTs
from bot.errors import OutcomeUnknown, WorkspaceUnavailable

_PIECE = 1 << 18  # bytes in memory at a time
_OK = 200
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)  # whoever asks bounds the whole


class Uploads:
    """Shares files over a client that comes ready, with its session. `timeout_s` bounds each call but the upload."""

    def __init__(self, client: AsyncWebClient, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    async def share(
        self,
        channel: ChannelId,
        thread: MessageTs | None,
        name: str,
        content: BinaryIO,
        title: str,
        comment: str,
        alt: str = "",
    ) -> None:
        """In a channel, or with one person by their id; the comment is plain text.

        Raises:
            WorkspaceError: OutcomeUnknown only where it may have been shared.
        """
        size = await asyncio.to_thread(content.seek, 0, os.SEEK_END)
        wanted = {"filename": name, "length": size} | ({"alt_txt": alt} if alt else {})
        try:
            given = await self._ask("files.getUploadURLExternal", wanted)
        except OutcomeUnknown as unknown:  # an address that nobody heard of shares nothing
            raise WorkspaceUnavailable(unknown.code) from unknown
        await self._put(str(given["upload_url"]), content, size)
        said = {"initial_comment": escaped(comment)} if comment else {}
        place = {"channels" if is_person(channel) else "channel_id": channel}
        under = {"thread_ts": thread} if thread else {}
        files = json.dumps([{"id": str(given["file_id"]), "title": title}])
        await self._ask("files.completeUploadExternal", {"files": files, **said, **place, **under})

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return await ask(self._client.api_call(method, params=dict(params)), self._timeout_s)

    async def _put(self, url: str, content: BinaryIO, size: int) -> None:
        """The address is the secret: no token goes there."""
        session = self._client.session
        if session is None:
            raise WorkspaceUnavailable("no_session")
        await asyncio.to_thread(content.seek, 0)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        try:
            async with session.post(
                url,
                data=_pieces(content),
                headers=headers,
                proxy=self._client.proxy,
                ssl=self._client.ssl or True,
                timeout=_PATIENCE,
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise WorkspaceUnavailable(type(error).__name__) from error
        if status != _OK:
            raise WorkspaceUnavailable(f"http_{status}")


def is_person(channel: ChannelId) -> bool:
    """Whether it is a person's id, which stands for their own conversation with the bot."""
    return channel.startswith(("U", "W"))


async def _pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(content.read, _PIECE):
        yield piece
