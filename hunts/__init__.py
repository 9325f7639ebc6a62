"""The hunts huntbot ships: one TOML each, with the events that prove it."""
