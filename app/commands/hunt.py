"""`huntbot hunt SLUG`: run a hunt and print its findings; it writes nothing and needs no Slack."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from app import rules, shelf
from app.clock import now
from app.console import draw, say, write
from app.findings_view import WRITERS, Format, as_json, findings_of, table
from app.settings import Purpose, read_settings
from app.source import embedded_over, open_source
from app.window import AskedWindow, said
from bot.blocks.text import counted
from bot.domain.hunt import Hunt
from bot.domain.suppression import Suppressions
from bot.errors import QueryRejected
from bot.services.search import Search, search

if TYPE_CHECKING:
    from app.embedded import Embedded

Slug = Annotated[
    str, typer.Argument(help="The hunt, such as lambda-perms; huntbot hunts lists them.", metavar="SLUG")
]
Since = Annotated[str | None, typer.Option(help="Look back from now: 24h, 7d, 2w.")]
From = Annotated[str | None, typer.Option("--from", help="Where the window begins: ISO 8601, UTC unless said.")]
To = Annotated[str | None, typer.Option("--to", help="Where it ends; the end is not part of it.")]
Logs = Annotated[
    str | None, typer.Option(help="A file, folder or s3:// URL of CloudTrail logs to read instead of Elasticsearch.")
]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Whether to keep a columnar copy of the logs.")]
Output = Annotated[Format, typer.Option("--format", help="How to print what was found.")]


def hunt(
    slug: Slug,
    since: Since = None,
    start: From = None,
    end: To = None,
    logs: Logs = None,
    hunts: shelf.Option = None,
    output: Output = Format.TABLE,
    cache: Cache = True,
) -> None:
    """Run a hunt and print its findings; nothing is stored, nothing goes to Slack."""
    settings = read_settings(Purpose.ANYTHING)
    roots = hunts or settings.hunts
    chosen, every = shelf.picked(roots, slug)
    asked = AskedWindow.read(since, start, end)
    hidden = rules.load(settings.suppressions, every)  # a rule may be about another hunt
    with embedded_over(logs, now, copies=cache) as embedded:
        found = asyncio.run(_run(chosen, asked, embedded, settings.known_accounts, hidden))
        show(found, output, embedded)
        if embedded is not None:
            embedded.after_answer()


def show(found: Search, output: Format, embedded: Embedded | None = None) -> None:
    """The findings on stdout, the receipt on stderr; `embedded`: where an archive was read."""
    if output is Format.JSON:
        read = embedded.receipt if embedded else None
        write(as_json(found, read.as_object() if read else None))
    elif output is not Format.TABLE:
        write(WRITERS[output](found))
    elif found.hits:
        draw(table(found))
    for sentence in (*(embedded.told() if embedded else ()), *_receipt(found, is_archive=embedded is not None)):
        say(sentence)


async def _run(
    hunt: Hunt, asked: AskedWindow, embedded: Embedded | None, known_accounts: str, suppressions: Suppressions
) -> Search:
    async with open_source(embedded) as source:
        window = await source.window(asked, hunt.window, now(), hunt.query)
        try:
            return await search(
                source.logs, hunt, window, now=now(), known_accounts=known_accounts, suppressions=suppressions
            )
        except QueryRejected as fault:
            raise QueryRejected(f"{hunt.slug}: {fault.reason}", fault.kind, fault.line, fault.column) from fault


def _receipt(found: Search, *, is_archive: bool) -> list[str]:
    findings = counted(len(findings_of(found)), "finding")
    sentences = [f"{counted(len(found.hits), 'hit')} in {findings}, {said(found.window)}, {found.rows.took_ms} ms"]
    if found.suppressed:
        sentences.append(f"{counted(found.suppressed, 'hit')} suppressed: huntbot suppressions says by which rule")
    if found.rows.is_partial:
        why = "some of these logs were not read" if is_archive else "Elasticsearch could not ask every shard"
        sentences.append(f"incomplete: {why}")
    if found.is_truncated:
        sentences.append(f"incomplete: the answer stops at the query's limit of {len(found.rows.values):,} rows")
    return sentences + [f"warning: {warning}" for warning in found.rows.warnings]
