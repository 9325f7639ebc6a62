"""`huntbot suppressions`: every rule with what it would have hidden, and `huntbot suppressions check`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import rules, shelf
from app.clock import now
from app.commands.hunts import ListFormat
from app.console import BAD_INPUT, FAILED, draw, say, write
from app.settings import Purpose, read_settings
from app.source import embedded_over, open_source
from app.suppressions_view import effect_object, ends, rule_object, scope, table
from app.window import AskedWindow, as_object, said
from bot.adapters.suppression_file import load_suppressions
from bot.blocks.text import counted
from bot.domain.hunt import Hunt, HuntShelf, Slug, Window
from bot.domain.suppression import Effect, Suppressions
from bot.errors import BadArgument
from bot.services.search import Search, search
from bot.services.suppression import LOOK_BACK, ask_each, effects

if TYPE_CHECKING:
    from app.embedded import Embedded

Since = Annotated[str | None, typer.Option(help="Look back from now: 24h, 7d; 30d where nothing is said.")]
Logs = Annotated[
    str | None, typer.Option(help="A file, folder or s3:// URL of CloudTrail logs to read instead of Elasticsearch.")
]
Output = Annotated[ListFormat, typer.Option("--format", help="How to print the rules.")]
RulesFile = Annotated[Path | None, typer.Argument(help="The file of rules; without it HUNTBOT_SUPPRESSIONS.")]

suppressions = typer.Typer(
    name="suppressions", invoke_without_command=True, help="Show what suppression rules hide, or check their file."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `check` is given by the words before it."""

    known: HuntShelf
    output: ListFormat


@suppressions.callback()
def review(
    context: typer.Context,
    since: Since = None,
    logs: Logs = None,
    hunts: shelf.Option = None,
    output: Output = ListFormat.TABLE,
) -> None:
    """Show each rule with what it would have hidden in the last 30 days; nothing is stored."""
    settings = read_settings(Purpose.ANYTHING)
    known, _ = shelf.load(hunts or settings.hunts)
    context.obj = _Asked(known, output)
    if context.invoked_subcommand is not None:
        return
    if settings.suppressions is None:
        raise BadArgument("HUNTBOT_SUPPRESSIONS", "is not set: it names the file of the rules")
    if not settings.suppressions.is_file():
        raise BadArgument("HUNTBOT_SUPPRESSIONS", f"names {settings.suppressions}, and there is no such file")
    loaded = rules.load(settings.suppressions, known)
    asked = AskedWindow.read(since, None, None)
    with embedded_over(logs, now) as embedded:
        window, told = asyncio.run(_ask(known, loaded, asked, embedded, settings.known_accounts))
        _show(window, told, known, output, embedded)
        if embedded is not None:
            embedded.after_answer()
    if any(effect.fault for effect in told):
        raise typer.Exit(FAILED)


@suppressions.command()
def check(context: typer.Context, path: RulesFile = None) -> None:
    """Read the rules and name each fault with its line; exits 2 where there is one."""
    named = path or read_settings(Purpose.ANYTHING).suppressions
    if named is None:
        raise BadArgument("PATH", "name the file of the rules, or set HUNTBOT_SUPPRESSIONS")
    given: _Asked = context.obj
    loaded, faults = load_suppressions(named, given.known)
    if given.output is ListFormat.JSON:
        good = [rule_object(rule, now()) for rule in loaded.rules]
        bad = [{"path": str(f.path), "fault": f.fault, "line": f.line} for f in faults]
        write(json.dumps({"loaded": good, "faults": bad}, indent=2, ensure_ascii=False) + "\n")
    else:
        for rule in loaded.rules:
            write(f"{named}:{rule.line or '?'}: {rule.hunt}, {scope(rule)}, {ends(rule, now())}\n")
    for fault in faults:
        say(f"{fault.path.parent / str(fault)}")
    if faults:
        raise typer.Exit(BAD_INPUT)


async def _ask(
    known: HuntShelf, loaded: Suppressions, asked: AskedWindow, embedded: Embedded | None, known_accounts: str
) -> tuple[Window, tuple[Effect, ...]]:
    async with open_source(embedded) as source:
        window = await source.window(asked, LOOK_BACK, now(), "".join(hunt.query for hunt in known.hunts.values()))

        async def ask(hunt: Hunt) -> Search:
            return await search(source.logs, hunt, window, now=now(), known_accounts=known_accounts)

        answers: dict[Slug, Search | str] = {}
        await ask_each(known, loaded, ask, answers)
    return window, effects(loaded, answers)


def _show(
    window: Window, told: Sequence[Effect], known: HuntShelf, output: ListFormat, embedded: Embedded | None
) -> None:
    at, read = now(), embedded.receipt if embedded else None
    if output is ListFormat.JSON:
        answer = {
            "window": as_object(window),
            "archive": read.as_object() if read else None,
            "suppressions": [effect_object(effect, known.recall(effect.rule.hunt), at) for effect in told],
        }
        write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    elif told:
        draw(table(told, known, at))
    for sentence in embedded.told() if embedded else ():
        say(sentence)
    say(f"{counted(len(told), 'rule')}, {said(window)}")
