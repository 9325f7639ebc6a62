"""`huntbot hunts`: the hunts that load, and `huntbot hunts check`: whether files do."""

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app import shelf
from app.console import BAD_INPUT, draw, say, write
from app.settings import Purpose, read_settings
from bot.adapters.hunt_files import load_files
from bot.domain.hunt import Hunt


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
    """Read hunt files and name each fault with its file and line; exits 2 where there is one."""
    roots = paths or [*read_settings(Purpose.ANYTHING).hunts, shelf.shipped()]
    loaded, faults = load_files(roots)
    if context.obj is ListFormat.JSON:
        good: list[dict[str, object]] = [
            {"path": str(f.path), "slug": f.hunt.slug, "remarks": list(f.remarks)} for f in loaded
        ]
        bad = [{"path": str(f.path), "fault": f.fault, "line": f.line} for f in faults]
        write(json.dumps({"loaded": good, "faults": bad}, indent=2, ensure_ascii=False) + "\n")
    else:
        for each in loaded:
            write(
                "".join(f"{line}\n" for line in (f"{each.path}: {each.hunt.slug}", *(f"  {r}" for r in each.remarks)))
            )
    for fault in faults:
        say(f"{fault.path.parent / str(fault)}")
    if faults:
        raise typer.Exit(BAD_INPUT)


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
