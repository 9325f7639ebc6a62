"""Slack: the Workspace port over slack_sdk's asynchronous Web API client."""

from bot.adapters.slack.identity import Identity, identify
from bot.adapters.slack.workspace import SlackWorkspace

__all__ = ["Identity", "SlackWorkspace", "identify"]
