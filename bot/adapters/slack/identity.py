"""Who the bot is in its workspace, asked once at boot."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.calls import ask


@dataclass(frozen=True, slots=True)
class Identity:
    """`url` is the workspace's address, such as https://acme.slack.com/."""

    team_id: str
    user_id: str
    bot_id: str
    url: str


async def identify(client: AsyncWebClient, timeout_s: float = 10.0) -> Identity:
    """Ask Slack whose token this is.

    Raises:
        WorkspaceError: its code is Slack's, such as `invalid_auth`.
    """
    answer = await ask(client.auth_test(), timeout_s)
    return Identity(
        team_id=str(answer["team_id"]),
        user_id=str(answer["user_id"]),
        bot_id=str(answer.get("bot_id", "")),
        url=str(answer["url"]),
    )
