"""The terminal's door: `huntbot COMMAND`, and what an error says and exits with."""

import sys

import typer

from app.commands.audit import audit
from app.commands.backup import backup, restore
from app.commands.demo import demo
from app.commands.digest import digest
from app.commands.doctor import doctor
from app.commands.esql import esql
from app.commands.hunt import hunt
from app.commands.hunts import hunts
from app.commands.manifest import manifest
from app.commands.serve import serve
from app.commands.suppressions import suppressions
from app.console import exit_code, explained, say
from bot.errors import HuntbotError

cli = typer.Typer(
    name="huntbot",
    help="Threat hunting from Slack: ES|QL hunts over AWS CloudTrail, triaged where responders already are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (serve, demo, hunt, esql, digest, doctor, manifest, backup, restore):
    cli.command()(command)
cli.add_typer(hunts)
cli.add_typer(audit)
cli.add_typer(suppressions)


def main() -> None:
    """Run a command: 0 it ran, 2 bad usage or bad input, 3 a backend or data failed."""
    try:
        cli()
    except HuntbotError as error:
        say(f"huntbot: {explained(error)}")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our pipe has gone; it wants no traceback either
