"""Escalation: who is called beside the channels of Slack."""

from bot.adapters.escalation.channel import ChannelEscalation

__all__ = ["ChannelEscalation"]
