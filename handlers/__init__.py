"""What comes in from Slack and from the clock: parse, one service call, render."""

from handlers.listeners import register

__all__ = ["register"]
