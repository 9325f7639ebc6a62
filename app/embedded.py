"""The embedded Elasticsearch as the terminal plugs it in: logs from a path, indices from files, a clock.

Imported only where somebody asks for it (see `source.extra_for`): what it needs is the extra `[local]`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from elastic_transport import BaseAsyncNode

from app.console import say
from bot.errors import BadArgument, LogSearchUnavailable
from local.cloudtrail.archive import ArchiveError
from local.elasticsearch.app import Elasticsearch, from_archive, from_indices
from local.elasticsearch.node import node_class
from local.elasticsearch.over_http import serving
from local.esql import EsqlError, Index
from local.esql.sources import load

URL = "http://embedded:9200"  # a name for the client; nothing is looked up or connected to

Clock = Callable[[], datetime]


def application(logs: Path | None, indices: Mapping[str, Path], clock: Clock) -> Elasticsearch:
    """An embedded Elasticsearch over the logs at a path and over index files; what was read is said on stderr.

    Raises:
        BadArgument: there is nothing to read at a path, or an index file is not one.
        LogSearchUnavailable: what is at the path holds not one record of CloudTrail.
    """
    held = [_index(name, path) for name, path in indices.items()]
    if logs is None:
        return from_indices(held, clock)
    try:
        embedded, receipt = from_archive(logs, clock, indices=held)
    except ArchiveError as fault:
        raise BadArgument(f"--logs {logs}", fault.reason) from fault
    for sentence in receipt.sentences():
        say(sentence)
    if not receipt.records and receipt.skipped:
        raise LogSearchUnavailable(f"There is no CloudTrail record at {logs}, so nothing was searched.")
    return embedded


def plug(embedded: Elasticsearch) -> type[BaseAsyncNode]:
    """The class to give the official client as its node."""
    return node_class(embedded)


@asynccontextmanager
async def listening(embedded: Elasticsearch, host: str, port: int) -> AsyncIterator[str]:
    """Serve it over HTTP; gives the address.

    Raises:
        BadArgument: the address is taken or not this machine's.
    """
    try:
        async with serving(embedded, host, port) as url:
            yield url
    except OSError as fault:
        raise BadArgument(f"--listen {host}:{port}", fault.strerror or str(fault)) from fault


def _index(name: str, path: Path) -> Index:
    try:
        return load(name, path)
    except EsqlError as fault:
        raise BadArgument(f"--index {name}={path}", str(fault)) from fault
