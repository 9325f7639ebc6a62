"""Domain values as Slack messages: pure, within Slack's limits, safe whatever a log says."""

from bot.blocks.draw import Drawn, draw

__all__ = ["Drawn", "draw"]
