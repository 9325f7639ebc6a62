"""Slack's own client as the bot needs it, and who the bot is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from app.settings import Settings
from bot.errors import HuntbotError, SettingsError, WorkspaceUnavailable

CALL_TIMEOUT_S = 10
PREFLIGHT_TIMEOUT_S = 15

# https://docs.slack.dev/reference/methods/auth.test: what says that the token itself is no good.
_TOKEN_REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "org_login_required",
        "team_access_not_granted",
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot token belongs to, as auth.test said once; `scopes` are those granted to it."""

    team_id: str
    team: str
    team_url: str
    user_id: str
    bot_id: str
    enterprise_id: str | None
    scopes: frozenset[str]


@asynccontextmanager
async def open_slack(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    """A client with one shared session; it repeats nothing by itself, because a repeated post is a second message."""
    token = settings.slack_bot_token
    if token is None:
        raise SettingsError((("SLACK_BOT_TOKEN", "is not set"),))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)) as session:
        yield AsyncWebClient(
            token=token.get_secret_value(),
            base_url=settings.slack_api_url,
            timeout=CALL_TIMEOUT_S,
            session=session,
            retry_handlers=[],
        )


async def who_am_i(slack: AsyncWebClient) -> Identity:
    """The one auth.test of a start.

    Raises:
        SettingsError: Slack refuses the bot token.
        WorkspaceUnavailable: Slack can not be reached.
    """
    try:
        answer = await asyncio.wait_for(slack.auth_test(), PREFLIGHT_TIMEOUT_S)
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as fault:
        raise token_fault("SLACK_BOT_TOKEN", fault) from fault
    granted = answer.headers.get("x-oauth-scopes", "")
    return Identity(
        team_id=str(answer["team_id"]),
        team=str(answer.get("team", "")),
        team_url=str(answer.get("url", "")),
        user_id=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id", "")),
        enterprise_id=answer.get("enterprise_id"),
        scopes=frozenset(scope.strip() for scope in granted.split(",") if scope.strip()),
    )


async def check_app_token(slack: AsyncWebClient, settings: Settings) -> None:
    """Ask for a Socket Mode address before connecting: with a wrong token the SDK would try for ever.

    Raises:
        SettingsError: Slack refuses the app token.
        WorkspaceUnavailable: Slack can not be reached.
    """
    token = settings.slack_app_token
    if token is None:
        raise SettingsError((("SLACK_APP_TOKEN", "is not set"),))
    try:
        await asyncio.wait_for(slack.apps_connections_open(app_token=token.get_secret_value()), PREFLIGHT_TIMEOUT_S)
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as fault:
        raise token_fault("SLACK_APP_TOKEN", fault) from fault


def token_fault(name: str, fault: Exception) -> HuntbotError:
    """What to tell the person about a token that did not open the door; never with the token."""
    if not isinstance(fault, SlackApiError):
        return WorkspaceUnavailable(f"nothing within {PREFLIGHT_TIMEOUT_S} s ({type(fault).__name__})")
    code = str(fault.response.get("error", "unknown_error")) if fault.response else "unknown_error"
    if code in _TOKEN_REFUSED:
        return SettingsError(
            ((name, f"Slack refuses this token ({code}). Copy it anew from your Slack app's settings"),)
        )
    if code == "missing_scope":
        return SettingsError(((name, "it lacks the scope connections:write. Make a new one under App-Level Tokens"),))
    return WorkspaceUnavailable(code)
