"""`huntbot hunt SLUG`: run a hunt and print its findings; it writes nothing and needs no Slack."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app import rules, shelf
from app.clock import now
from app.console import draw, say, write
from app.findings_view import WRITERS, Format, findings_of, table
from app.settings import Purpose, read_settings
from app.source import open_source
from app.window import AskedWindow
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.blocks.text import counted
from bot.domain.hunt import Hunt
from bot.domain.lines import iso
from bot.domain.suppression import Suppressions
from bot.errors import QueryRejected
from bot.services.search import Search, search

Slug = Annotated[
    str, typer.Argument(help="The hunt, such as lambda-perms; huntbot hunts lists them.", metavar="SLUG")
]
Since = Annotated[str | None, typer.Option(help="Look back from now: 24h, 7d, 2w.")]
From = Annotated[str | None, typer.Option("--from", help="Where the window begins: ISO 8601, UTC unless said.")]
To = Annotated[str | None, typer.Option("--to", help="Where it ends; the end is not part of it.")]
Logs = Annotated[
    Path | None, typer.Option(help="A file or folder of CloudTrail logs to read instead of Elasticsearch.")
]
Hunts = Annotated[list[Path] | None, typer.Option(help="Your hunt files: a folder or a file. May be repeated.")]
Output = Annotated[Format, typer.Option("--format", help="How to print what was found.")]


def hunt(
    slug: Slug,
    since: Since = None,
    start: From = None,
    end: To = None,
    logs: Logs = None,
    hunts: Hunts = None,
    output: Output = Format.TABLE,
) -> None:
    """Run a hunt and print its findings; nothing is stored, nothing goes to Slack."""
    settings = read_settings(Purpose.ANYTHING)
    roots = hunts or settings.hunts
    chosen = shelf.pick(roots, slug)
    asked = AskedWindow.read(since, start, end)
    every, _ = shelf.load(roots)  # a rule may be about another hunt
    hidden = rules.load(settings.suppressions, every)
    show(asyncio.run(_run(chosen, asked, logs, settings.known_accounts, hidden)), output)


def show(found: Search, output: Format) -> None:
    """The findings on stdout, the receipt on stderr."""
    if output is not Format.TABLE:
        write(WRITERS[output](found))
    elif found.hits:
        draw(table(found))
    for sentence in _receipt(found):
        say(sentence)


async def _run(
    hunt: Hunt, asked: AskedWindow, logs: Path | None, known_accounts: str, suppressions: Suppressions
) -> Search:
    async with open_source(logs, now) as source:
        window = await source.window(asked, hunt.window, now())
        try:
            return await search(
                ElasticsearchLogs(source.client),
                hunt,
                window,
                now=now(),
                known_accounts=known_accounts,
                suppressions=suppressions,
            )
        except QueryRejected as fault:
            raise QueryRejected(f"{hunt.slug}: {fault.reason}", fault.kind, fault.line, fault.column) from fault


def _receipt(found: Search) -> list[str]:
    findings = counted(len(findings_of(found)), "finding")
    window = f"{iso(found.window.start)} to {iso(found.window.end)}"
    sentences = [f"{counted(len(found.hits), 'hit')} in {findings}, {window}, {found.rows.took_ms} ms"]
    if found.suppressed:
        sentences.append(f"{counted(found.suppressed, 'hit')} suppressed: huntbot suppressions says by which rule")
    if found.rows.is_partial:
        sentences.append("incomplete: Elasticsearch could not ask every shard")
    if found.is_truncated:
        sentences.append(f"incomplete: the answer stops at the query's limit of {len(found.rows.values):,} rows")
    return sentences + [f"warning: {warning}" for warning in found.rows.warnings]
