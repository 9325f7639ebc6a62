"""The pages of a queue: asked by a button of the answer, which the next page takes the place of."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions
from handlers.answers import show_queue
from handlers.command_line import read_page
from handlers.desk import Desk
from handlers.errors import told
from handlers.parse import ButtonPress
from handlers.pressing import aside, pressing, several
from handlers.reply import teller


def register(app: AsyncApp, desk: Desk) -> None:
    async def turn(args: AsyncArgs, pressed: ButtonPress) -> None:
        page = read_page(pressed.value)
        await args.ack()
        shown = show_queue(desk, aside(args, pressed, replaces=True), page, pressed.asker.user)
        desk.background.spawn(told(shown, teller(aside(args, pressed))), "a page of a queue")

    app.action(several(actions.QUEUE_PAGE))(pressing(desk, turn))
