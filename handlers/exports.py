"""Files: a list that somebody wants as CSV or NDJSON, stored, then acknowledged, then written in the background."""

import re
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions
from bot.domain.export import ExportRequest, FileFormat
from bot.domain.responder import ChannelId
from bot.domain.run import RunId
from bot.errors import BadArgument
from handlers import jobs, parse, runs
from handlers.command_line import ExportFindings, read_asked
from handlers.desk import Desk
from handlers.parse import ButtonPress
from handlers.pressing import aside, pressing
from handlers.reply import whisper

COMES_HERE = "The file comes here in a moment."
COMES_ALONE = "The file comes to you alone in a moment, in your conversation with huntbot."


def register(app: AsyncApp, desk: Desk) -> None:
    async def choose(args: AsyncArgs, pressed: ButtonPress) -> None:
        asked = await _chosen(desk, pressed)
        is_new = await _request(desk, asked)
        await args.ack()
        if is_new:
            line = COMES_HERE if asked.channel else COMES_ALONE
            desk.background.spawn(whisper(aside(args, pressed), line), "a private line")

    app.action(actions.EXPORT)(pressing(desk, choose))


async def export(desk: Desk, args: AsyncArgs, slash: parse.SlashCommand, wanted: ExportFindings) -> None:
    """`/hunt export`: into the channel where everybody may read it, else to the person alone. Raises StoreError."""
    if wanted.asked.hunt is not None:
        desk.services.hunts.shelf.find(wanted.asked.hunt)
    is_open = await runs.may_answer_in(desk, slash.channel)
    asked = ExportRequest(
        file=wanted.file,
        by=slash.asker.user,
        at=desk.clock(),
        told_in=slash.channel,
        channel=slash.channel if is_open else None,
        queue=wanted.asked,
        delivery=slash.trigger_id,
    )
    is_new = await _request(desk, asked)
    line = COMES_HERE if is_open else COMES_ALONE
    await args.ack(text=line if is_new else "")


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


async def _request(desk: Desk, asked: ExportRequest) -> bool:
    """Whether it is new; one that was delivered before is on its way. Raises StoreError."""
    stored = await desk.services.exports.request(asked)
    if stored is not None:
        jobs.write_out(desk.services, desk.background, stored.id)
    return stored is not None
