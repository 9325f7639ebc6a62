"""The suppression rules that a command of the terminal works under."""

from pathlib import Path

from app.console import say
from bot.domain.hunt import HuntShelf
from bot.domain.suppression import NO_RULES, Suppressions


def load(path: Path | None, hunts: HuntShelf) -> Suppressions:
    """The rules of the file; those that do not load are said on stderr and hide nothing."""
    if path is None:
        return NO_RULES
    from bot.adapters.suppression_file import load_suppressions  # noqa: PLC0415 - who has no file need not wait for it

    rules, faults = load_suppressions(path, hunts)
    for fault in faults:
        say(f"not loaded: {fault}")
    return rules
