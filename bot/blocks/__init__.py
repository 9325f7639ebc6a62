"""Domain values drawn as Block Kit, pure: escaping, limits, one module a message."""
