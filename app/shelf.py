"""Which hunt files are read: yours, from the command line or the settings, and those that huntbot ships."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from app.console import say
from bot.adapters.hunt_files import HuntFile, load_shelf, read_files
from bot.adapters.huntbot_table import slug_of
from bot.domain.hunt import Hunt, HuntShelf
from bot.errors import FileError, UnknownHunt
from handlers.command_line import is_word

Option = Annotated[
    list[Path] | None, typer.Option("--hunts", help="Your hunt files: a folder or a file. May be repeated.")
]
"""`--hunts`, of every command that reads them."""


def shipped() -> Path:
    return Path(str(resources.files("hunts")))


def load(roots: Sequence[Path]) -> tuple[HuntShelf, tuple[FileError, ...]]:
    """Every hunt under `roots` and the shipped ones they do not replace; the faulty files apart."""
    return load_shelf(roots, [shipped()], is_word)


def read(roots: Sequence[Path]) -> tuple[tuple[HuntFile, ...], tuple[FileError, ...]]:
    """Every hunt file under `roots` as far as it can be read, and all that is wrong with them."""
    return read_files(roots, is_word)


def pick(roots: Sequence[Path], slug: str) -> Hunt:
    """The hunt of that name; raises as `picked` does."""
    return picked(roots, slug)[0]


def picked(roots: Sequence[Path], slug: str) -> tuple[Hunt, HuntShelf]:
    """The hunt of that name, and all there are; files that do not load are said on stderr and stop nothing else.

    Raises:
        HuntFileError: the file that is called so does not load; a shipped hunt never stands in for it.
        UnknownHunt: there is none; carries the nearest names.
    """
    shelf, faults = load(roots)
    wanted = slug.strip().lower().replace("_", "-")
    fatal = next((fault for fault in faults if slug_of(fault.path) == wanted), None)
    for fault in faults:
        if fault is not fatal:
            say(f"not loaded: {fault}")
    if fatal is not None:
        raise fatal
    return shelf.find(slug), shelf


def nearest_or_all(error: UnknownHunt, shelf: HuntShelf) -> str:
    """How the terminal says that there is no such hunt."""
    names = error.nearest or tuple(sorted(shelf.hunts))
    return f"there is no hunt called {error.slug}. Did you mean: {', '.join(names)}?"
