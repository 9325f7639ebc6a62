"""The terminal's door: `huntbot COMMAND`, and what an error says and exits with.

A command is loaded when it is asked for: nobody waits for what the others need.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.loading import loading
from bot.errors import HuntbotError

COMMANDS: Mapping[str, str] = {
    "serve": "Serve /hunt to a Slack workspace until it is told to stop.",
    "demo": "Try it: a local Slack workspace in your browser, over a bundled sample of CloudTrail.",
    "hunt": "Run a hunt and print its findings; nothing is stored, nothing goes to Slack.",
    "esql": "Ask ES|QL: of Elasticsearch, or of the embedded engine where --logs or --index says what to read.",
    "digest": "Print what the next digest of a hunt would say.",
    "doctor": "Check tokens, scopes, channels, the Elasticsearch key, the store and the hunts; change nothing.",
    "manifest": "Print the app manifest: paste it at api.slack.com/apps, Create New App, From a manifest.",
    "backup": "Write the whole store (DATABASE_URL) to a new file, also while the bot runs.",
    "restore": "Fill an empty store (DATABASE_URL) from a backup, of whichever kind of database it was made.",
    "hunts": "List the hunts, or check hunt files.",
    "audit": "Print the audit log, or verify that nothing of it was changed.",
    "suppressions": "Show what suppression rules hide, or check their file.",
    "cache": "Show the columnar copies of archives, clear them, or make one.",
}
"""Each with the first line of its own help: a list of commands loads none of them."""

_ROOMS: Mapping[str, str] = {"restore": "backup"}
"""Commands that do not stand in the module of app.commands that is called as they are."""


class _Commands(TyperGroup):
    """The commands by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        names: Any = dict.fromkeys(COMMANDS)
        self.commands = names  # what a typo is held against

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as Click has it
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as Click has it
        return load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as Click has it
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def load(name: str) -> Any:  # Typer keeps the types of the Click it carries to itself
    """The Click command of that name."""
    with loading():
        module = import_module(f"app.commands.{_ROOMS.get(name, name)}")
    found = getattr(module, name)
    alone = typer.Typer(**_PLAIN)
    if isinstance(found, typer.Typer):
        alone.add_typer(found)
        group: Any = typer.main.get_command(alone)
        return group.commands[name]
    alone.command(name)(found)
    return typer.main.get_command(alone)


# Plain text, and our own words for errors.
_PLAIN: Mapping[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}

cli = typer.Typer(
    name="huntbot",
    help="Threat hunting from Slack: ES|QL hunts over AWS CloudTrail, triaged where responders already are.",
    no_args_is_help=True,
    cls=_Commands,
    **_PLAIN,
)


def _version(*, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version  # noqa: PLC0415 - it loads a parser of e-mail

        sys.stdout.write(f"huntbot {version('huntbot')}\n")
        raise typer.Exit


@cli.callback()
def _huntbot(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda asked: _version(is_asked=asked), is_eager=True)
    ] = False,
) -> None:
    """Threat hunting from Slack: ES|QL hunts over AWS CloudTrail, triaged where responders already are."""


def main() -> None:
    """Run a command: 0 it ran, 2 bad usage or bad input, 3 a backend or data failed."""
    try:
        cli()
    except HuntbotError as error:
        from app.console import exit_code, explained, say  # noqa: PLC0415 - what goes well needs none of it

        say(f"huntbot: {explained(error)}")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our pipe has gone; it wants no traceback either
