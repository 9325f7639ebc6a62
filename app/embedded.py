"""The embedded Elasticsearch as the terminal plugs it in: logs from a path, indices from files, a clock.

Imported only where somebody asks for it (see app/source.py): what it needs is the extra `[local]`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from elastic_transport import BaseAsyncNode

from bot.errors import BadArgument
from local.cloudtrail.archive import ArchiveError, Receipt
from local.cloudtrail.schema import INDEX_NAME
from local.elasticsearch.app import Elasticsearch, from_archive
from local.elasticsearch.node import node_class
from local.esql.catalog import Index
from local.esql.tables import read_index

URL = "http://embedded:9200"
CLOUDTRAIL = INDEX_NAME

Clock = Callable[[], datetime]
Plug = type[BaseAsyncNode]


def application(logs: Path | None, indices: Mapping[str, Path], clock: Clock) -> tuple[Elasticsearch, Receipt | None]:
    """An embedded Elasticsearch over the logs at a path and over index files.

    Raises:
        BadArgument: there is nothing to read at a path, or an index file is not one.
        LogSearchUnavailable: no record of CloudTrail was found in the logs.
    """
    held = [_index(name, path) for name, path in indices.items()]
    if logs is None:
        return Elasticsearch(clock, indices=held), None
    try:
        embedded, receipt = from_archive(logs, clock, indices=held)
    except ArchiveError as fault:
        raise BadArgument("--logs", str(fault)) from fault
    return embedded, receipt


def plug(embedded: Elasticsearch) -> Plug:
    """The class to give the official client as its node."""
    return node_class(embedded)


def said(receipt: Receipt) -> Iterator[str]:
    """The receipt of reading an archive, line by line."""
    yield from receipt.sentences()


def _index(name: str, path: Path) -> Index:
    try:
        return read_index(name, path)
    except (OSError, ValueError) as fault:
        raise BadArgument(f"--index {name}", f"{path} can not be read: {fault}") from fault
