"""The one door: before any listener sees what came in, whoever sent it has to be somebody who may ask for it."""

import logging
from contextlib import suppress
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.response import BoltResponse

from bot.blocks import refusal
from bot.domain.access import Deed, Person
from bot.domain.responder import ChannelId
from bot.errors import Refused, StoreError, UnknownFinding
from handlers import knock, parse
from handlers.desk import Desk
from handlers.knock import Attempt, Knock, Pass, Way
from handlers.parse import Asker
from handlers.pressing import tell_why

log = logging.getLogger(__name__)

PERSON = "huntbot_person"  # in Bolt's context, for the listener
NOT_STORED, BROKEN = 503, 500  # not acknowledged: Slack tells the person


def register(app: AsyncApp, desk: Desk) -> None:
    """Put the door before every listener, those that are hung in later included."""

    async def gate(args: AsyncArgs) -> BoltResponse | None:
        try:
            return await _at_the_door(desk, args)
        except StoreError as error:
            log.warning("Not stored, so not acknowledged: %s", error)
            return BoltResponse(status=NOT_STORED)
        except Exception:
            log.exception("The gate failed: nobody came in")
            return BoltResponse(status=BROKEN)

    app.middleware(gate)


async def admit(
    desk: Desk, asker: Asker, deed: Deed, channel: ChannelId | None, attempt: Attempt | None = None
) -> Person:
    """Ask for more than the table says: for listeners that learn only by themselves what is asked for.

    A refusal stands in the history of the finding that the attempt names.

    Raises:
        Refused: with the sentence for the person.
        StoreError: the refusal could not be stored.
    """
    try:
        return await desk.services.access.admit(asker.user, deed, channel, asker.team)
    except Refused as refused:
        log.info("Refused %s to %s in %s: %s", deed.name, asker.user, channel, refused)
        if attempt is not None:
            await _remember(desk, asker, attempt, refused)
        raise


def person(args: AsyncArgs) -> Person:
    """Whoever the gate let in."""
    let_in: Person = args.context[PERSON]
    return let_in


def zone(desk: Desk, args: AsyncArgs) -> ZoneInfo:
    """The time zone of whoever was let in; the house's own where Slack knows none of theirs."""
    return person(args).timezone or desk.timezone


async def _at_the_door(desk: Desk, args: AsyncArgs) -> BoltResponse | None:
    """Lets them in, or gives the answer to Slack."""
    knocked = knock.read(args.body)
    match knocked:
        case None:
            log.info("Nothing listens to %s", _name(args))
            return await args.ack()
        case Pass.FREE:
            return await _let_in(args)
        case Knock():
            try:
                args.context[PERSON] = await admit(
                    desk, knocked.asker, knocked.deed, knocked.channel, knocked.attempt
                )
            except Refused as refused:
                return await _tell(desk, args, knocked, str(refused))
            return await _let_in(args)


async def _let_in(args: AsyncArgs) -> BoltResponse | None:
    await args.next()
    return None


async def _remember(desk: Desk, asker: Asker, attempt: Attempt, refused: Refused) -> None:
    with suppress(UnknownFinding):  # then it was nothing
        await desk.services.triage.refuse(
            attempt.finding, attempt.move, asker.user, attempt.place, str(refused), attempt.delivery
        )


async def _tell(desk: Desk, args: AsyncArgs, knocked: Knock, sentence: str) -> BoltResponse:
    """Tell the person, alone, why nothing happened; each way in has its own way back."""
    match knocked.way:
        case Way.COMMAND:
            return await args.ack(text=refusal.line(sentence))
        case Way.FORM:
            block = parse.first_input(args.body)
            if block is None:
                return await args.ack(response_action="update", view=refusal.modal(sentence))
            return await args.ack(response_action="errors", errors={block: sentence})
        case Way.SUGGESTION:
            return await args.ack(options=[])
        case Way.HOME:
            desk.background.spawn(_show_home(args, knocked.asker, sentence), "a refusal in a Home tab")
        case Way.PRESS | Way.SHORTCUT:
            desk.background.spawn(tell_why(args, sentence), "a refusal")
    return await args.ack()


async def _show_home(args: AsyncArgs, asker: Asker, sentence: str) -> None:
    await args.client.views_publish(user_id=asker.user, view=refusal.home(sentence))


def _name(args: AsyncArgs) -> str:
    body = args.body
    action = (body.get("actions") or [{}])[0].get("action_id")
    named = (
        (body.get("view") or {}).get("callback_id")
        or body.get("callback_id")
        or (body.get("event") or {}).get("type")
    )
    return f"{body.get('type')} {action or named}"
