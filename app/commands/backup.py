"""`huntbot backup FILE` and `huntbot restore FILE`: the whole store as one file, and back."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console import FAILED, say, write
from app.settings import Purpose, read_settings
from bot.blocks.text import counted

if TYPE_CHECKING:
    from bot.adapters.sql.backup import Contents

SAY_EVERY_S = 5.0  # what takes less long says nothing

File = Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")]
BrokenChain = Annotated[
    bool, typer.Option("--accept-broken-chain", help="Restore it although its audit chain does not hold.")
]


def backup(file: File) -> None:
    """Write the whole store (DATABASE_URL) to a new file, also while the bot runs."""
    settings = read_settings(Purpose.ANYTHING)
    from bot.adapters.sql.backup import back_up  # noqa: PLC0415 - the store's libraries take a second to load

    contents = asyncio.run(back_up(settings.database_url.get_secret_value(), file, _progress(time.monotonic)))
    write(f"{file}: {_said(contents)}\n")
    if contents.chain.fault:
        say(f"huntbot: the backup is written, but the audit chain of this store is broken: {contents.chain.fault}")
        raise typer.Exit(FAILED)


def restore(file: File, accept_broken_chain: BrokenChain = False) -> None:
    """Fill an empty store (DATABASE_URL) from a backup, of whichever kind of database it was made."""
    settings = read_settings(Purpose.ANYTHING)
    from bot.adapters.sql.backup import restore as fill  # noqa: PLC0415 - the same

    url = settings.database_url.get_secret_value()
    filling = fill(file, url, _progress(time.monotonic), accepts_broken_chain=accept_broken_chain)
    write(f"restored {_said(asyncio.run(filling))}\n")


def _said(contents: "Contents") -> str:
    findings, runs = counted(contents.rows["findings"], "finding"), counted(contents.rows["runs"], "run")
    events = counted(contents.rows["events"], "event")
    return f"{findings}, {runs} and an audit chain of {events}{' that is broken' if contents.chain.fault else ''}"


def _progress(clock: Callable[[], float]) -> Callable[[str, int], None]:
    said_at = clock()

    def tell(table: str, rows: int) -> None:
        nonlocal said_at
        if clock() - said_at >= SAY_EVERY_S:
            said_at = clock()
            say(f"{table}: {rows:,} rows")

    return tell
