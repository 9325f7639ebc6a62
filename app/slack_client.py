"""Slack's own client as the bot needs it, and whether its tokens open the door."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from app.settings import Settings, required
from bot.adapters.slack import Identity, identify
from bot.adapters.slack.calls import ask
from bot.errors import HuntbotError, SettingsError, WorkspaceError

CALL_TIMEOUT_S = 10
PREFLIGHT_TIMEOUT_S = 15.0

# What says that the token itself is no good: https://docs.slack.dev/reference/methods/auth.test (errors).
_CURES: Mapping[str, str] = {
    "missing_scope": "it lacks the scope connections:write; generate a new one with it, under App-Level Tokens",
    **dict.fromkeys(
        (
            "account_inactive",
            "invalid_auth",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
        ),
        "copy it anew from your Slack app's settings, or install the app to the workspace again",
    ),
}


@asynccontextmanager
async def open_slack(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    """A client with one shared session; it repeats nothing by itself, because a repeated post is a second message."""
    token = required("SLACK_BOT_TOKEN", settings.slack_bot_token)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)) as session:
        yield AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            timeout=CALL_TIMEOUT_S,
            session=session,
            retry_handlers=[],
        )


async def check_bot_token(slack: AsyncWebClient) -> Identity:
    """The one auth.test of a start.

    Raises:
        SettingsError: Slack refuses the bot token.
        WorkspaceError: Slack can not be reached.
    """
    try:
        return await identify(slack, PREFLIGHT_TIMEOUT_S)
    except WorkspaceError as fault:
        raise _explained("SLACK_BOT_TOKEN", fault) from fault


async def check_app_token(slack: AsyncWebClient, settings: Settings) -> None:
    """Ask for a Socket Mode address before connecting: with a wrong token the SDK would try for ever.

    Raises:
        SettingsError: Slack refuses the app token.
        WorkspaceError: Slack can not be reached.
    """
    token = required("SLACK_APP_TOKEN", settings.slack_app_token)
    try:
        await ask(slack.apps_connections_open(app_token=token), PREFLIGHT_TIMEOUT_S)
    except WorkspaceError as fault:
        raise _explained("SLACK_APP_TOKEN", fault) from fault


def _explained(name: str, fault: WorkspaceError) -> HuntbotError:
    cure = _CURES.get(fault.code)
    return fault if cure is None else SettingsError(((name, f"Slack refuses this token ({fault.code}): {cure}"),))
