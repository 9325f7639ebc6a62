"""`/hunt`: a run is stored before it is acknowledged; whatever only reads is acknowledged first."""

from collections.abc import Coroutine
from typing import assert_never

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import help as manual
from bot.blocks import refusal
from bot.blocks.text import counted
from bot.domain.queue import Page
from bot.domain.run import Run
from bot.errors import InputError
from handlers import command_line, exports, jobs, parse, runs
from handlers.answers import show_finding, show_queue, show_status, show_suppressions
from handlers.command_line import (
    ExportFindings,
    ListFindings,
    ListHunts,
    PickHunt,
    RunHunt,
    SendDigest,
    ShowFinding,
    ShowHelp,
    ShowStatus,
    ShowSuppressions,
)
from handlers.desk import Desk
from handlers.errors import guarded, told
from handlers.picker import open_picker
from handlers.reply import Aside, teller

COMMAND = "/hunt"


def register(app: AsyncApp, desk: Desk) -> None:
    async def hunt(args: AsyncArgs) -> None:
        slash = parse.slash_command(args.body)
        try:
            await _answer(desk, args, slash, command_line.read_command(slash.text))
        except InputError as error:  # raised only before the acknowledgement
            await args.ack(text=refusal.line(str(error)))

    app.command(COMMAND)(guarded(hunt))


async def _answer(  # noqa: C901 - one branch a request
    desk: Desk, args: AsyncArgs, slash: parse.SlashCommand, asked: command_line.Request
) -> None:
    """One branch a request."""
    hunts = tuple(desk.services.hunts.shelf.hunts.values())
    match asked:
        case RunHunt() | SendDigest():
            await _run(desk, args, slash, asked)
        case ListHunts():
            listed = manual.hunt_list_blocks(hunts, desk.services.digests.schedules)
            await args.ack(text=f"{counted(len(hunts), 'hunt')}.", blocks=listed)
        case PickHunt():
            await args.ack()
            await open_picker(desk, args, slash.channel)
        case ShowHelp():
            await args.ack(text="What you can type after /hunt.", blocks=manual.help_blocks())
        case ListFindings(asked_for):
            if asked_for.hunt is not None:
                desk.services.hunts.shelf.find(asked_for.hunt)  # an unknown name is told, and not as an empty queue
            shown = show_queue(desk, Aside(args.respond), Page(asked_for), slash.asker.user)
            await _acknowledge_first(desk, args, shown)
        case ExportFindings():
            await exports.export(desk, args, slash, asked)
        case ShowFinding(finding):
            await _acknowledge_first(desk, args, show_finding(desk, Aside(args.respond), finding, slash.asker.user))
        case ShowSuppressions():
            work = show_suppressions(desk, Aside(args.respond))
            await _acknowledge_first(desk, args, work, "Asking the logs what the rules would have hidden…")
        case ShowStatus():
            await _acknowledge_first(desk, args, show_status(desk, Aside(args.respond)))
        case _:
            assert_never(asked)


async def _run(desk: Desk, args: AsyncArgs, slash: parse.SlashCommand, asked: RunHunt | SendDigest) -> None:
    """Store, acknowledge, then work; a delivery that was taken before is only acknowledged."""
    desk.services.hunts.shelf.find(asked.slug)  # an unknown name is told before Slack is asked anything
    is_private = not await runs.may_answer_in(desk, slash.channel)
    run = await _request(desk, slash, asked, is_private=is_private)
    await args.ack(text=runs.PRIVATELY if is_private and run is not None else "")
    if run is not None:
        jobs.take_up(desk.services, desk.background, run.id)


async def _request(
    desk: Desk, slash: parse.SlashCommand, asked: RunHunt | SendDigest, *, is_private: bool
) -> Run | None:
    match asked:
        case RunHunt():
            return await runs.request_hunt(
                desk, asked, slash.asker, slash.channel, slash.trigger_id, is_private=is_private
            )
        case SendDigest(slug):
            return await runs.request_digest(
                desk, slug, slash.asker, slash.channel, slash.trigger_id, is_private=is_private
            )


async def _acknowledge_first(
    desk: Desk, args: AsyncArgs, work: Coroutine[object, object, None], meanwhile: str = ""
) -> None:
    await args.ack(text=meanwhile)
    desk.background.spawn(told(work, teller(Aside(args.respond))), "a private answer")
