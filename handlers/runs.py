"""Runs that people ask for: stored, and where their answer may be read."""

import asyncio

from bot.domain.hunt import Window
from bot.domain.responder import ChannelId
from bot.domain.run import Run, RunRequest, Trigger
from bot.errors import WorkspaceError
from handlers.command_line import RunHunt
from handlers.desk import Desk
from handlers.parse import Asker

MEMBERSHIP_TIMEOUT_S = 1.0  # of the three seconds that Slack waits for an acknowledgement
PRIVATELY = "The answer comes to you alone: huntbot does not speak in the open here."


async def may_answer_in(desk: Desk, channel: ChannelId) -> bool:
    """Whether everybody there may read the answer; where Slack does not say so in time, only the asker may."""
    try:
        async with asyncio.timeout(MEMBERSHIP_TIMEOUT_S):
            return await desk.is_member(channel)
    except (TimeoutError, WorkspaceError):
        return False


async def request_hunt(
    desk: Desk, asked: RunHunt, asker: Asker, channel: ChannelId, delivery: str, *, is_private: bool
) -> Run | None:
    """Store the run; None where this delivery was taken before.

    Raises:
        UnknownHunt: with the nearest names.
        StoreError: nothing was stored.
    """
    now = desk.clock()
    request = RunRequest(
        hunt=desk.services.hunts.shelf.find(asked.slug).slug,
        trigger=Trigger.COMMAND,
        requested_at=now,
        channel=channel,
        by=asker.user,
        window=Window.back_from(now, asked.since) if asked.since else None,
        filter=asked.filter,
        is_private=is_private,
        dedupe_key=delivery,
    )
    return await desk.services.hunts.request(request)


async def request_digest(
    desk: Desk, slug: str, asker: Asker, channel: ChannelId, delivery: str, *, is_private: bool
) -> Run | None:
    """A digest now; None where this delivery was taken before. Raises UnknownHunt, StoreError."""
    hunt = desk.services.hunts.shelf.find(slug)
    return await desk.services.digests.request_now(hunt.slug, channel, asker.user, delivery, is_private=is_private)
