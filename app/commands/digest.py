"""`huntbot digest SLUG --dry-run`: what the next digest would say, written nowhere."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer

from app import shelf
from app.console import write
from app.findings_view import iso
from app.settings import Purpose, read_settings
from bot.blocks import summary
from bot.blocks.digest import age
from bot.blocks.text import counted
from bot.domain.digest import Digest
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.errors import BadArgument

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print it; store nothing, post nothing.")]


def digest(slug: Annotated[str, typer.Argument(help="The hunt.", metavar="SLUG")], dry_run: DryRun = False) -> None:
    """Print what the next digest of a hunt would say."""
    if not dry_run:
        raise BadArgument("digest", "the terminal only shows it: add --dry-run. In Slack, /hunt digest sends it now")
    settings = read_settings(Purpose.SEARCH)
    hunt = shelf.pick(settings.hunts, slug)
    from app.dry_run import dry_run as compile_next  # noqa: PLC0415 - the store's libraries take a second to load

    compiled = asyncio.run(compile_next(settings, hunt))
    write("\n".join(_lines(hunt, compiled)) + "\n")


def _lines(hunt: Hunt, digest: Digest) -> Iterator[str]:
    since = f"since {iso(digest.since)}" if digest.since else "the first one"
    yield f"Digest of {hunt.name} ({hunt.slug}), {since}"
    parts = (
        ("new", digest.new),
        ("recurred", digest.recurred),
        ("worsened", digest.worsened),
        ("from the backlog", digest.backlog),
    )
    for title, findings in parts:
        if findings:
            yield f"{title}: {len(findings)}"
            yield from (f"  {_line(hunt, finding)}" for finding in findings)
    if digest.untouched:
        yield f"nobody has looked at: {len(digest.untouched)}"
        for finding in digest.untouched:
            yield f"  {_line(hunt, finding)}, waiting {age(digest.waiting(finding))}"
    for run in digest.failed:
        yield f"failed to run: {run.error or 'no reason kept'}"
    if digest.is_quiet:
        yield "nothing new, and nothing waits"


def _line(hunt: Hunt, finding: Finding) -> str:
    said = summary.say(hunt, finding.face)
    return f"{finding.ref} {finding.severity.value}: {said} ({counted(finding.count, 'hit')})"
