"""`huntbot digest SLUG --dry-run`: what the next digest would say, written nowhere."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from app import shelf
from app.console import write
from app.settings import Purpose, read_settings
from bot.blocks import chart, hush, summary
from bot.blocks.digest import age
from bot.blocks.text import counted
from bot.domain.digest import Digest
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.lines import iso
from bot.domain.queue import Queued
from bot.errors import BadArgument

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print it; store nothing, post nothing.")]


def digest(
    slug: Annotated[str, typer.Argument(help="The hunt.", metavar="SLUG")],
    dry_run: DryRun = False,
    hunts: shelf.Option = None,
) -> None:
    """Print what the next digest of a hunt would say."""
    if not dry_run:
        raise BadArgument("digest", "the terminal only shows it: add --dry-run. In Slack, /hunt digest sends it now")
    settings = read_settings(Purpose.SEARCH)
    hunt, every = shelf.picked(hunts or settings.hunts, slug)
    from app.dry_run import dry_run as compile_next  # noqa: PLC0415 - the store's libraries take a second to load

    compiled = asyncio.run(compile_next(settings, hunt, every))
    write("\n".join(_lines(hunt, compiled)) + "\n")


def _lines(hunt: Hunt, digest: Digest) -> Iterator[str]:
    since = f"since {iso(digest.since)}" if digest.since else "the first one"
    yield f"Digest of {hunt.name} ({hunt.slug}), {since}"
    yield from (hush.sentence(hushed) for hushed in digest.aside.hushed)
    for title, page in (
        ("new", digest.new),
        ("recurred", digest.recurred),
        ("worsened", digest.worsened),
        ("from the backlog", digest.backlog),
    ):
        yield from _page(title, page, lambda finding: _line(hunt, finding))
    yield from _page(
        "nobody has looked at",
        digest.untouched,
        lambda finding: f"{_line(hunt, finding)}, waiting {age(digest.waiting(finding))}",
    )
    yield from _page(
        "snoozed, awake before the next digest", digest.aside.waking, lambda finding: _wakes(hunt, finding)
    )
    if waited := digest.aside.waited:
        times = f"median {age(waited.median)}, mean {age(waited.mean)}"
        yield f"time to acknowledge: {times}, of {counted(waited.count, 'finding')}"
    if shown := digest.chart:
        yield f"{chart.in_words(shown)} {chart.by_day(shown)}"
    for run in digest.failed:
        yield f"failed to run: {run.error or 'no reason kept'}"
    for run in digest.aside.incomplete:
        yield f"searched in part only: {iso(run.finished_at or digest.at)}"
    for run in digest.skipped:
        yield f"skipped: {counted(run.request.missed, 'due time')} until {iso(run.request.due_at or digest.at)}"
    if digest.is_quiet:
        yield "nothing new, and nothing waits"


def _page(title: str, page: Queued, line: Callable[[Finding], str]) -> Iterator[str]:
    if not page.total:
        return
    more = "more than " if page.is_more else ""
    listed = f", {len(page.findings)} listed" if len(page.findings) < page.total or page.is_more else ""
    yield f"{title}: {more}{page.total}{listed}"
    yield from (f"  {line(finding)}" for finding in page.findings)


def _wakes(hunt: Hunt, finding: Finding) -> str:
    return f"{_line(hunt, finding)}, until {iso(finding.snoozed_until)}" if finding.snoozed_until else ""


def _line(hunt: Hunt, finding: Finding) -> str:
    said = summary.say(hunt, finding.face)
    return f"{finding.ref} {finding.severity.value}: {said} ({counted(finding.count, 'hit')})"
