"""Files: a list that somebody wants as CSV or NDJSON, stored, then acknowledged, then written in the background."""

import re
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions
from bot.domain.export import Export, ExportRequest, FileFormat
from bot.domain.responder import ChannelId
from bot.domain.run import RunId
from bot.errors import BadArgument
from handlers import jobs, parse, runs
from handlers.command_line import ExportFindings, read_asked
from handlers.desk import Desk
from handlers.parse import ButtonPress
from handlers.pressing import aside, pressing
from handlers.reply import whisper

COMES_HERE = "The file comes into the thread of the answer in a moment, for everybody who reads this channel."
COMES_ALONE = "The file comes to you alone in a moment, in your conversation with huntbot."


def register(app: AsyncApp, desk: Desk) -> None:
    async def choose(args: AsyncArgs, pressed: ButtonPress) -> None:
        stored = await _request(desk, await _chosen(desk, pressed))
        await args.ack()
        if stored is not None:
            line = COMES_HERE if stored.request.channel else COMES_ALONE
            desk.background.spawn(whisper(aside(args, pressed), line), "a private line")

    app.action(actions.EXPORT)(pressing(desk, choose))


async def export(desk: Desk, args: AsyncArgs, slash: parse.SlashCommand, wanted: ExportFindings) -> None:
    """`/hunt export`: to whoever typed it, alone, as the queue itself is shown. Raises UnknownHunt, StoreError."""
    if wanted.asked.hunt is not None:
        desk.services.hunts.shelf.find(wanted.asked.hunt)
    asked = ExportRequest(
        file=wanted.file,
        by=slash.asker.user,
        at=desk.clock(),
        told_in=slash.channel,
        queue=wanted.asked,
        delivery=slash.trigger_id,
    )
    stored = await _request(desk, asked)
    await args.ack(text=COMES_ALONE if stored is not None else "")


async def _chosen(desk: Desk, pressed: ButtonPress) -> ExportRequest:
    """A run's result goes into the thread of its answer; what one person alone sees, to that person alone.

    Raises:
        BadArgument: the menu is none of ours.
    """
    match = re.fullmatch(r"(csv|ndjson):(?:run:([0-9]{1,15})|queue:(.*))", pressed.value, re.DOTALL)
    if match is None:
        raise BadArgument(pressed.value[:40], "this menu is none of ours; ask again with /hunt export")
    file, run, queue = match.groups()
    channel = pressed.place.channel
    asked = ExportRequest(
        file=FileFormat(file),
        by=pressed.asker.user,
        at=desk.clock(),
        told_in=channel or ChannelId(pressed.asker.user),
        run=RunId(int(run)) if run else None,
        queue=None if run else read_asked(queue),
        delivery=pressed.delivery,
    )
    if run is None or channel is None or not await runs.may_answer_in(desk, channel):
        return asked
    return replace(asked, channel=channel, thread=pressed.thread or pressed.place.message)


async def _request(desk: Desk, asked: ExportRequest) -> Export | None:
    """What was stored; None where this delivery was taken before, and is on its way. Raises StoreError."""
    stored = await desk.services.exports.request(asked)
    if stored is not None:
        jobs.write_out(desk.services, desk.background, stored.id)
    return stored
