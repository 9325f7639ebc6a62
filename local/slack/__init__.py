"""A Slack workspace on loopback: Web API, Socket Mode, signed HTTP, Block Kit checks."""
