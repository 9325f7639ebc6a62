"""`huntbot cache`: the columnar copies of archives; `cache clear` removes them, `cache add` makes one now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.hunts import ListFormat
from app.console import draw, say, write
from app.settings import Purpose, read_settings
from app.source import extra_for
from bot.blocks.text import counted
from bot.errors import BadArgument

if TYPE_CHECKING:
    from app.copies import Copies

Output = Annotated[ListFormat, typer.Option("--format", help="How to print the list.")]
Archive = Annotated[str, typer.Argument(help="A file, folder or s3:// URL of CloudTrail logs.", metavar="PATH")]
OneOrAll = Annotated[str | None, typer.Argument(help="The archive; without it all of them.", metavar="PATH")]

cache = typer.Typer(
    name="cache", invoke_without_command=True, help="Show the columnar copies of archives, clear them, or make one."
)


@cache.callback()
def show(context: typer.Context, output: Output = ListFormat.TABLE) -> None:
    """Show each copy: of which archive, how large, how old, and whether it is up to date."""
    if context.invoked_subcommand is not None:
        return
    copies = _copies()
    every = list(copies.states())
    if output is ListFormat.JSON:
        write(json.dumps([state.as_object() for state in every], indent=2, ensure_ascii=False) + "\n")
    elif every:
        draw(copies.table(every))
    say(f"{counted(len(every), 'copy', 'copies')} in {copies.folder}")


@cache.command()
def add(archive: Archive) -> None:
    """Make the copy of an archive now, or bring it up to date."""
    for sentence in _copies().add(archive):
        say(sentence)


@cache.command()
def clear(archive: OneOrAll = None) -> None:
    """Remove the copy of an archive, or of all; the archives themselves are not touched."""
    copies = _copies()
    cleared = list(copies.clear(archive))
    for sentence in cleared or [f"there is no copy in {copies.folder}"]:
        say(sentence)


def _copies() -> Copies:
    folder = read_settings(Purpose.ANYTHING).cache
    if folder is None:
        raise BadArgument("HUNTBOT_CACHE", "is off: no copies are kept")
    with extra_for("cache"):
        from app.copies import Copies  # noqa: PLC0415 - an extra: a production bot installs none of it
    return Copies(folder)
