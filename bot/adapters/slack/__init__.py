"""Slack: the Workspace and People ports over slack_sdk's asynchronous Web API client."""

from bot.adapters.slack.identity import Identity, identify
from bot.adapters.slack.people import SlackPeople
from bot.adapters.slack.workspace import SlackWorkspace

__all__ = ["Identity", "SlackPeople", "SlackWorkspace", "identify"]
