"""`huntbot esql QUERY`: ask ES|QL of Elasticsearch or of the embedded one; `--listen` serves the embedded one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.clock import now as real_now
from app.console import draw, exit_code, say, write
from app.rows_view import RowsFormat, as_csv, as_json, table
from app.source import embedded_over, extra_for, open_source
from app.stopping import until_stopped
from app.window import read_instant
from bot.errors import BadArgument, LogSearchError

if TYPE_CHECKING:
    from app.embedded import Embedded

MAX_PORT = 65_535

Clock = Callable[[], datetime]

Query = Annotated[str | None, typer.Argument(help="The query; quote it for your shell.", metavar="QUERY")]
Logs = Annotated[
    str | None, typer.Option(help="A file, folder or s3:// URL of CloudTrail logs to read instead of Elasticsearch.")
]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Whether to keep a columnar copy of the logs.")]
Indices = Annotated[
    list[str] | None,
    typer.Option(
        "--index", help="An index from a CSV, NDJSON or Parquet file. May be repeated.", metavar="NAME=FILE"
    ),
]
Now = Annotated[str | None, typer.Option("--now", help="What NOW() says, ISO 8601; of the embedded engine only.")]
Listen = Annotated[
    str | None, typer.Option(help="Serve the embedded Elasticsearch at this address.", metavar="HOST:PORT")
]
Output = Annotated[RowsFormat, typer.Option("--format", help="How to print the answer.")]


def esql(
    query: Query = None,
    logs: Logs = None,
    index: Indices = None,
    now: Now = None,
    listen: Listen = None,
    output: Output = RowsFormat.TABLE,
    cache: Cache = True,
) -> None:
    """Ask ES|QL: of Elasticsearch, or of the embedded engine where --logs or --index says what to read."""
    indices = dict(_index(text) for text in index or ())
    clock = _clock(now)
    is_embedded = logs is not None or bool(indices)
    if (query is None) == (listen is None):
        raise BadArgument("esql", "write a query, or --listen HOST:PORT to serve queries")
    if now is not None and not (is_embedded or listen):
        raise BadArgument("--now", "needs --logs or --index: Elasticsearch has a clock of its own")
    with embedded_over(logs, clock, indices, copies=cache) as embedded:
        if listen is not None:
            asyncio.run(_serve(*_address(listen), embedded, clock))
        if query is not None:
            _print(asyncio.run(_ask(query, embedded)), output)
            if embedded is not None:
                embedded.after_answer()


async def _ask(query: str, embedded: Embedded | None) -> Mapping[str, Any]:
    async with open_source(embedded) as source:
        try:
            answer, warnings = await source.logs.answer(query, {})
        except LogSearchError as fault:
            body = getattr(fault.__cause__, "body", None)  # the client's error has it, and so has ours
            if not isinstance(body, dict):
                raise
            say(json.dumps(body, ensure_ascii=False))
            raise typer.Exit(exit_code(fault)) from fault
    for sentence in embedded.told() if embedded else ():
        say(sentence)
    for warning in warnings:
        say(f"warning: {warning}")
    return answer


def _print(answer: Mapping[str, Any], output: RowsFormat) -> None:
    match output:
        case RowsFormat.TABLE:
            draw(table(answer))
        case RowsFormat.JSON:
            write(as_json(answer))
        case RowsFormat.CSV:
            write(as_csv(answer))


async def _serve(host: str, port: int, embedded: Embedded | None, clock: Clock) -> None:
    with extra_for("--listen"):
        from app.embedded import listening, plugged  # noqa: PLC0415 - an extra: a production bot installs none of it
    served = embedded or plugged(None, {}, clock, None)
    async with listening(served, host, port) as url:
        write(f"{url}\n")
        served.keep_meanwhile()
        say("This is the embedded Elasticsearch; it asks nobody for a key. Ctrl-C stops it.")
        await until_stopped()


def _index(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise BadArgument(f"--index {text}", "write NAME=FILE, such as logs=events.csv")
    if not Path(file).is_file():
        raise BadArgument(f"--index {text}", "there is no such file")
    return name, Path(file)


def _clock(text: str | None) -> Clock:
    if text is None:
        return real_now
    fixed = read_instant("--now", text)
    return lambda: fixed


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) <= MAX_PORT):
        raise BadArgument(f"--listen {text}", "write HOST:PORT, such as 127.0.0.1:9200")
    return host.strip("[]"), int(port)
