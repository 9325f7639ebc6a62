"""`huntbot audit`: who did what to which finding, and `huntbot audit verify`: whether that is all of it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.audit_view import HEADERS, WRITERS, AuditFormat
from app.clock import now
from app.console import FAILED, say, write
from app.settings import Purpose, read_settings
from app.window import read_instant
from bot.blocks.text import counted
from bot.domain.audit import Tip, Verdict
from bot.domain.finding import FindingId, read_ref
from bot.domain.hunt import parse_duration
from bot.errors import BadArgument
from bot.services.audit import verify_chain

if TYPE_CHECKING:  # the store's libraries take a second to load
    from bot.adapters.sql import SqlStore

Since = Annotated[str | None, typer.Option(help="From then on: a length back, or ISO 8601.", metavar="30d|ISO")]
OfFinding = Annotated[str | None, typer.Option("--finding", help="Of one finding.", metavar="F-42")]
Output = Annotated[AuditFormat, typer.Option("--format", help="How to print the events.")]
Expected = Annotated[
    str | None, typer.Option("--expect", help="A tip that was kept: is it still in the chain?", metavar="SEQ:HASH")
]

audit = typer.Typer(
    name="audit", invoke_without_command=True, help="Print the audit log, or verify that nothing of it was changed."
)


@audit.callback()
def export(
    context: typer.Context, since: Since = None, finding: OfFinding = None, output: Output = AuditFormat.JSON
) -> None:
    """Print every event, oldest first, each with its place in the chain."""
    if context.invoked_subcommand is not None:
        return
    began = None if since is None else _moment(since)
    asyncio.run(_export(output, began, None if finding is None else read_ref(finding)))


@audit.command()
def verify(expect: Expected = None) -> None:
    """Recompute the chain; exits 3 where it is broken. Keep the tip elsewhere: --expect knows it again."""
    verdict = asyncio.run(_verify(None if expect is None else _tip(expect)))
    write(f"{_counts(verdict)}\ntip {verdict.tip.seq}:{verdict.tip.hash}\n")
    if verdict.fault is not None:
        say(f"huntbot: the audit chain is broken: {verdict.fault}")
        raise typer.Exit(FAILED)


async def _export(output: AuditFormat, since: datetime | None, finding: FindingId | None) -> None:
    async with _store() as store:
        if finding is not None:
            await store.findings.get(finding)  # a mistyped one is no empty log
        write(HEADERS[output])
        async for entry in store.audit.entries(since, finding):
            write(WRITERS[output](entry))


async def _verify(kept: Tip | None) -> Verdict:
    async with _store() as store:
        return await verify_chain(store.audit, kept)


@asynccontextmanager
async def _store() -> AsyncIterator["SqlStore"]:
    """To read only, beside a running bot. Raises BadArgument where there is none: that is no chain that holds."""
    from bot.adapters.sql import SqlStore  # noqa: PLC0415 - see above
    from bot.adapters.sql.store import none_yet  # noqa: PLC0415 - the same

    url = read_settings(Purpose.ANYTHING).database_url.get_secret_value()
    async with await SqlStore.open(url, is_read_only=True) as store:
        if store.stands_in:
            raise none_yet(url)
        yield store


def _counts(verdict: Verdict) -> str:
    purged = f", {counted(verdict.purged, 'event')} purged" if verdict.purged else ""
    held = "holds" if verdict.fault is None else "held so far"
    return f"{held}: {counted(verdict.checked, 'event')} checked{purged}"


def _moment(text: str) -> datetime:
    """`30d` back from now, or an instant. Raises BadArgument."""
    try:
        return now() - parse_duration(text)
    except BadArgument:
        return read_instant("--since", text)


def _tip(text: str) -> Tip:
    """Raises BadArgument."""
    match = re.fullmatch(r"([0-9]{1,15}):([0-9a-f]{64})", text.strip().lower())
    if match is None:
        raise BadArgument(f"--expect {text}", "write what verify printed as tip, such as 42:9f86…, 64 digits of it")
    return Tip(int(match[1]), match[2])
