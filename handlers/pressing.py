"""What every press has in common: read, done, and where it can not be done, told why."""

import re
from collections.abc import Awaitable, Callable

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import refusal
from bot.errors import InputError
from handlers import parse
from handlers.desk import Desk
from handlers.errors import Listener, guarded
from handlers.modal import open_modal
from handlers.parse import ButtonPress
from handlers.reply import Aside, whisper

Do = Callable[[AsyncArgs, ButtonPress], Awaitable[None]]


def pressing(desk: Desk, do: Do) -> Listener:
    """A listener; `do` raises an InputError only before its acknowledgement."""

    async def pressed(args: AsyncArgs) -> None:
        press = parse.button_press(args.body)
        try:
            await do(args, press)
        except InputError as error:
            await args.ack()
            desk.background.spawn(tell_why(args, str(error)), "why nothing was done")

    return guarded(pressed)


async def tell_why(args: AsyncArgs, sentence: str) -> None:
    """Why nothing happened, to whoever pressed, alone; upon a modal and in a Home tab there is no channel for it."""
    if args.respond.response_url:
        await whisper(Aside(args.respond, parse.thread_of(args.body)), refusal.line(sentence))
    else:
        await open_modal(args, refusal.modal(sentence))


def several(action_id: str) -> re.Pattern[str]:
    """The ids of several like elements, which go on after a colon."""
    return re.compile(rf"{re.escape(action_id)}(?::.*)?")


def aside(args: AsyncArgs, pressed: ButtonPress, *, replaces: bool = False) -> Aside:
    """Where whoever pressed is answered; `replaces` the private message that they pressed in."""
    return Aside(args.respond, pressed.thread, replaces)
