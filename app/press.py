"""A button's whole way, proved: doctor posts one, a person presses it, and the bot that runs redraws its message."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress

from slack_sdk.web.async_client import AsyncWebClient

from app.console import FAILED, exit_code, explained, say
from app.doctor import Verdict, bad, good
from app.settings import Settings
from app.slack_client import CALL_TIMEOUT_S, check_bot_token, open_slack
from bot.adapters.slack import SlackWorkspace
from bot.adapters.slack.calls import ask
from bot.blocks import proof
from bot.blocks.rich import Json
from bot.errors import HuntbotError

WHAT = "press"
_LOOK_EVERY_S = 2.0  # conversations.history takes fifty calls a minute

_NOBODY = (
    "no press arrived within {within_s} s. If somebody pressed: does huntbot serve run, with this app's tokens? "
    "In Socket Mode, is it alone with its SLACK_APP_TOKEN? Over HTTP, is the Request URL under Interactivity the "
    "bot's own /slack/events, and does whatever stands before it (a proxy, a firewall) let Slack's POSTs through?"
)


async def prove(settings: Settings, within_s: int) -> Verdict:
    """Post a button into HUNTBOT_CHANNEL and wait for what a press makes of it; without one the button goes again."""
    if settings.channel is None:
        return bad(WHAT, "HUNTBOT_CHANNEL is not set, so there is nowhere to post a button")
    try:
        async with open_slack(settings) as slack:
            identity = await check_bot_token(slack)
            channel = await SlackWorkspace(slack, identity.url).channel_id(settings.channel)
            return await _pressed(slack, channel, settings.channel, within_s)
    except HuntbotError as error:
        return bad(WHAT, explained(error), exit_code(error))


async def _pressed(slack: AsyncWebClient, channel: str, name: str, within_s: int) -> Verdict:
    """The verdict on a button of its own; one that nobody answered for goes again, however the wait ended."""
    blocks = list(proof.asked(secrets.token_hex(8)))
    posted = await ask(slack.chat_postMessage(channel=channel, text=proof.ASKED, blocks=blocks), CALL_TIMEOUT_S)
    say(f"Press the button that huntbot posted in {name}, within {within_s} s.")
    is_answered = False
    try:
        is_answered = await _is_answered(slack, channel, str(posted["ts"]), within_s)
    finally:
        if not is_answered:
            await ask(slack.chat_delete(channel=channel, ts=posted["ts"]), CALL_TIMEOUT_S)
    if is_answered:
        return good(WHAT, "a button's whole way is open: pressed in Slack, taken by huntbot, redrawn in Slack")
    return bad(WHAT, _NOBODY.format(within_s=within_s), FAILED)


async def _is_answered(slack: AsyncWebClient, channel: str, ts: str, within_s: int) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not proof.is_answered(await _blocks(slack, channel, ts)):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(_LOOK_EVERY_S)
            return True
    return False


async def _blocks(slack: AsyncWebClient, channel: str, ts: str) -> Sequence[Json]:
    """The message's, as it stands; none where somebody deleted it."""
    call = slack.conversations_history(channel=channel, oldest=ts, latest=ts, inclusive=True, limit=1)
    found = (await ask(call, CALL_TIMEOUT_S)).get("messages") or [{}]
    return tuple(found[0].get("blocks") or ())
