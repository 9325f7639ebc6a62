"""`huntbot hunts`: the hunts that load, and `huntbot hunts check`: whether files do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app import shelf
from app.clock import now
from app.console import BAD_INPUT, draw, say, write
from app.settings import Purpose, read_settings
from app.source import extra_for
from bot.adapters.hunt_files import HuntFile, load_files
from bot.domain.hunt import Hunt
from bot.errors import BadArgument, HuntFileError

if TYPE_CHECKING:
    from app.linting import Linter, Note


class ListFormat(Enum):
    """How lists are printed."""

    TABLE = "table"
    JSON = "json"


Output = Annotated[ListFormat, typer.Option("--format", help="How to print the list.")]
Paths = Annotated[
    list[Path] | None, typer.Argument(help="Hunt files or folders of them; without any, all that load.")
]

hunts = typer.Typer(name="hunts", invoke_without_command=True, help="List the hunts, or check hunt files.")


@hunts.callback()
def list_hunts(context: typer.Context, output: Output = ListFormat.TABLE) -> None:
    """List every hunt: yours and those that huntbot ships."""
    context.obj = output
    if context.invoked_subcommand is not None:
        return
    found, faults = shelf.load(read_settings(Purpose.ANYTHING).hunts)
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
    roots = paths or [*read_settings(Purpose.ANYTHING).hunts, shelf.shipped()]
    loaded, faults = load_files(roots)
    notes = [note for each in loaded for note in _linted(each, linter)] if (linter := _linter()) else []
    if context.obj is ListFormat.JSON:
        write(json.dumps(_report(loaded, faults, notes), indent=2, ensure_ascii=False) + "\n")
    else:
        for each in loaded:
            write("".join(f"{line}\n" for line in (f"{each.path}: {each.hunt.slug}", *_indented(each.remarks))))
    for fault in faults:
        say(f"{fault.path.parent / str(fault)}")
    for note in notes:
        say(str(note))
    if faults or any(note.is_fault for note in notes):
        raise typer.Exit(BAD_INPUT)


def _linter() -> "Linter | None":
    """The rules over queries; a bot that is installed without them still reads its files."""
    try:
        with extra_for("hunts check"):
            from app.linting import Linter  # noqa: PLC0415 - an extra: a production bot installs none of it
    except BadArgument as missing:
        say(f"queries were not looked at: {missing}")
        return None
    return Linter(now())


def _linted(hunt_file: HuntFile, linter: "Linter") -> Sequence["Note"]:
    linted = linter.lint(hunt_file)
    for reason in linted.unseen:
        say(f"{hunt_file.path}: some rules were not asked: {reason}")
    return linted.notes


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _report(
    loaded: Iterable[HuntFile], faults: Iterable[HuntFileError], notes: Sequence["Note"]
) -> Mapping[str, object]:
    """What a program reads: the files that load, and every fault and warning with its place."""
    unread = [{"path": str(f.path), "fault": f.fault, "line": f.line, "column": None, "rule": None} for f in faults]
    bad = [_note(note) | {"fault": note.message} for note in notes if note.is_fault]
    warnings = [_note(note) | {"warning": note.message} for note in notes if not note.is_fault]
    good = [{"path": str(f.path), "slug": f.hunt.slug, "remarks": list(f.remarks)} for f in loaded]
    return {"loaded": good, "faults": [*unread, *bad], "warnings": warnings}


def _note(note: "Note") -> dict[str, object]:
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
