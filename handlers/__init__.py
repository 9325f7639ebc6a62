"""What comes in from Slack and from the clock: parse, one service call, render."""
