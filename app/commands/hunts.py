"""`huntbot hunts`: the hunts that load, and `huntbot hunts check`: whether files do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app import shelf
from app.clock import now
from app.console import BAD_INPUT, draw, say, write
from app.notes import Note
from app.settings import Purpose, read_settings
from app.source import extra_for
from bot.adapters.hunt_files import HuntFile, shared
from bot.domain.hunt import Hunt
from bot.errors import BadArgument

if TYPE_CHECKING:
    from app.linting import Linter


REPLACES = "replaces-shipped"


class ListFormat(Enum):
    """How lists are printed."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[ListFormat, typer.Option("--format", help="How to print the list.")]
Paths = Annotated[
    list[Path] | None, typer.Argument(help="Hunt files or folders of them; without any, all that load.")
]

hunts = typer.Typer(name="hunts", invoke_without_command=True, help="List the hunts, or check hunt files.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `check` is given by the words before it."""

    output: ListFormat
    roots: Sequence[Path]


@hunts.callback()
def list_hunts(context: typer.Context, hunts: shelf.Option = None, output: Output = ListFormat.TABLE) -> None:
    """List every hunt: yours and those that huntbot ships."""
    roots = hunts or read_settings(Purpose.ANYTHING).hunts
    context.obj = _Asked(output, roots)
    if context.invoked_subcommand is not None:
        return
    found, faults = shelf.load(roots)
    for fault in faults:
        say(f"not loaded: {fault}")
    every = [found.hunts[slug] for slug in sorted(found.hunts)]
    if output is ListFormat.JSON:
        write(json.dumps([_object(hunt) for hunt in every], indent=2, ensure_ascii=False) + "\n")
    else:
        draw(_table(every))


@hunts.command()
def check(context: typer.Context, paths: Paths = None) -> None:
    """Read hunt files and lint their queries; name each fault with its file and line; exit 2 where there is one."""
    asked: _Asked = context.obj
    own, faults = shelf.read(paths or asked.roots)
    ours, our_faults = shelf.read([shelf.shipped()])
    files = own if paths else (*own, *ours)
    notes = [Note.of(fault) for fault in (faults if paths else (*faults, *our_faults))]
    notes += _replacing(own, ours)
    if linter := _linter():
        notes += (note for each in files for note in _linted(each, linter))
    _show([file for file in files if file.is_whole], sorted(notes, key=_place), asked.output)
    if any(note.is_fault for note in notes):
        raise typer.Exit(BAD_INPUT)


def _place(note: Note) -> tuple[str, int, int]:
    return str(note.path), note.line or 0, note.column or 0


def _replacing(own: Iterable[HuntFile], ours: Sequence[HuntFile]) -> Iterator[Note]:
    """Hunts of yours that take the place of one that huntbot ships."""
    for file, other in product(own, ours):
        keys = shared(file, other)
        if keys and not file.path.samefile(other.path):
            words = f"it has the {keys[0]} of {other.hunt.slug}, which huntbot ships, and takes its place"
            yield Note(file.path, file.lines.get(keys[0]), None, REPLACES, words, is_fault=False)


def _show(whole: Sequence[HuntFile], notes: Sequence[Note], output: ListFormat) -> None:
    if output is ListFormat.JSON:
        write(json.dumps(_report(whole, notes), indent=2, ensure_ascii=False) + "\n")
    else:
        for each in whole:
            write("".join(f"{line}\n" for line in (f"{each.path}: {each.hunt.slug}", *_indented(each.remarks))))
    for note in notes:
        say(str(note))


def _linter() -> "Linter | None":
    """The rules over queries; a bot that is installed without them still reads its files."""
    try:
        with extra_for("hunts check"):
            from app.linting import Linter  # noqa: PLC0415 - an extra: a production bot installs none of it
    except BadArgument as missing:
        say(f"queries were not looked at: {missing}")
        return None
    return Linter(now())


def _linted(hunt_file: HuntFile, linter: "Linter") -> Sequence[Note]:
    linted = linter.lint(hunt_file)
    for reason in linted.unseen:
        say(f"{hunt_file.path}: some rules were not asked: {reason}")
    return linted.notes


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _report(whole: Iterable[HuntFile], notes: Iterable[Note]) -> Mapping[str, object]:
    """What a program reads: the files that load, and every fault and warning with its place."""
    faults = [_note(note) | {"fault": note.message} for note in notes if note.is_fault]
    warnings = [_note(note) | {"warning": note.message} for note in notes if not note.is_fault]
    good = [{"path": str(f.path), "slug": f.hunt.slug, "remarks": list(f.remarks)} for f in whole]
    return {"loaded": good, "faults": faults, "warnings": warnings}


def _note(note: Note) -> dict[str, object]:
    return {"path": str(note.path), "line": note.line, "column": note.column, "rule": note.rule}


def _object(hunt: Hunt) -> dict[str, object]:
    schedule = hunt.schedule
    return {
        "slug": hunt.slug,
        "name": hunt.name,
        "description": hunt.description,
        "uuid": hunt.uuid,
        "window_hours": hunt.window.total_seconds() / 3600,
        "integration": list(hunt.integration),
        "mitre": list(hunt.mitre),
        "schedule": {"cron": schedule.cron, "timezone": schedule.timezone, "channel": schedule.channel}
        if schedule
        else None,
    }


def _table(every: list[Hunt]) -> Table:
    drawn = Table()
    for name in ("Hunt", "Name", "Looks back", "Digest", "MITRE ATT&CK"):
        drawn.add_column(name, overflow="fold")
    for hunt in every:
        cells = (
            hunt.slug,
            hunt.name,
            _length(hunt),
            hunt.schedule.cron if hunt.schedule else "",
            ", ".join(hunt.mitre),
        )
        drawn.add_row(*map(Text, cells))
    return drawn


def _length(hunt: Hunt) -> str:
    hours = hunt.window.total_seconds() / 3600
    return f"{hours / 24:g} d" if hours % 24 == 0 else f"{hours:g} h"
