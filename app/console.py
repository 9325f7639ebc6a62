"""The terminal's two streams: data on stdout, everything said about it on stderr; and which exit code says what."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from bot.errors import HuntbotError, InputError, QueryRejected, SettingsError, UnknownHunt, WorkspaceError

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

OK = 0
BAD_INPUT = 2
FAILED = 3
HUNG = 4  # `serve` alone: it stood still, and its watchdog ended it

_PIPED_WIDTH = 160  # a pipe has no width; rich would take 80 and fold every line


def say(text: str) -> None:
    """A sentence about the run, on stderr; never parsed for markup."""
    sys.stderr.write(f"{text}\n")


def write(text: str) -> None:
    """Data, on stdout."""
    sys.stdout.write(text)
    sys.stdout.flush()


def draw(table: Table | Text) -> None:
    """A table, on stdout; colours only where a person looks."""
    from rich.console import Console  # noqa: PLC0415 - most that is written is no table, and need not wait for it

    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False, soft_wrap=False)
    console.print(table)


def hand_over() -> None:
    """All data is written: whoever reads our pipe has its end, though we go on."""
    sys.stdout.flush()
    if not sys.stdout.isatty():
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def exit_code(error: HuntbotError) -> int:
    """2 for what the person can put right in what they wrote (a query included), 3 for what is down or broken."""
    return BAD_INPUT if isinstance(error, InputError | QueryRejected) else FAILED


def explained(error: HuntbotError) -> str:
    """The error in the terminal's words, several lines where several things are wrong."""
    match error:
        case SettingsError():
            return f"the settings can not be used\n{error}"
        case UnknownHunt(nearest=()):
            return f"there is no hunt called {error.slug}; huntbot hunts lists them all"
        case WorkspaceError():
            return f"{error.peer} can not be reached or does not answer: {error.code}"
        case _:
            return str(error)
