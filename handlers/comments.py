"""What people reply in the thread of a finding's message: a comment in its history. Other events are passed over."""

import asyncio
import logging
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.domain.access import Deed
from bot.domain.finding import ref
from bot.domain.responder import Place
from bot.domain.triage import Echo, Move
from bot.errors import Refused, StoreError, UnknownFinding
from handlers import gate, parse
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.parse import Reply

log = logging.getLogger(__name__)

PAUSES_S = (0.0, 1.0, 5.0, 20.0)  # Slack has its acknowledgement already: a store that is busy is asked again


def register(app: AsyncApp, desk: Desk) -> None:
    async def message(args: AsyncArgs) -> None:  # Bolt has acknowledged the event already
        reply = parse.reply(args.body)
        if reply is not None:
            desk.background.spawn(_keep(desk, reply), "a comment")

    app.event("message")(guarded(message))
    app.event(re.compile(".*"))(guarded(_anything_else))


async def _keep(desk: Desk, reply: Reply) -> None:
    for pause_s in PAUSES_S:
        await asyncio.sleep(pause_s)
        try:
            await _comment(desk, reply)
        except StoreError as error:
            log.warning("A comment waits for the store: %s", error)
        else:
            return
    log.error("A comment by %s in %s was not stored", reply.asker.user, reply.channel)


async def _comment(desk: Desk, reply: Reply) -> None:
    """Whoever may not triage said something in Slack and nothing to huntbot: nobody is told. Raises StoreError."""
    triage = desk.services.triage
    finding = await triage.at(Place(reply.channel, reply.thread))
    if finding is None:
        return
    try:
        await gate.admit(desk, reply.asker, Deed.TRIAGE, reply.channel)
        await triage.press(
            finding,
            Move.COMMENT,
            reply.asker.user,
            Place(reply.channel, reply.ts),
            note=reply.text,
            delivery=f"message:{reply.channel}:{reply.ts}",
            echo=Echo.ELSEWHERE,
        )
    except Refused as refused:
        log.info("Not taken as a comment on %s: %s", ref(finding), refused)
    except UnknownFinding:
        log.info("%s is kept no longer", ref(finding))
    else:
        desk.services.delivery.nudge()


async def _anything_else(args: AsyncArgs) -> None:
    log.info("Nothing listens to event %s", (args.event or {}).get("type"))
