"""The embedded Elasticsearch as the terminal plugs it in: logs from a path, indices from files, a clock.

Imported only where somebody asks for it (see `source.extra_for`): what it needs is the extra `[local]`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from app.console import hand_over, say
from app.progress import Bar
from app.settings import environment, spare_threads_of_numpy
from app.source import extra_for
from bot.adapters.esql_answer import AnsweredError, refused, rows_of
from bot.domain.rows import Rows
from bot.errors import BadArgument, LogSearchUnavailable
from local.cache.copy import CopyError
from local.cache.shelf import Cache
from local.cloudtrail.ecs.schema import INDEX_NAME, field_types
from local.cloudtrail.receipt import Receipt
from local.cloudtrail.scanning.cores import usable_cores
from local.elasticsearch.app import Elasticsearch, from_indices
from local.elasticsearch.archive_rows import Archive, ArchiveRows
from local.elasticsearch.exchange import Request
from local.elasticsearch.folder import Folder, NoArchiveError
from local.esql import EsqlError, Index
from local.objects.place import is_url

if TYPE_CHECKING:  # all that the ports speak of would load with it
    from bot.ports.search import Param

Clock = Callable[[], datetime]

_OK = 200
_MEANWHILE_S = 2.0
_TO_WAIT = 2  # processes at least where a server may hang: they can be ended, this one can not be


@dataclass(frozen=True, slots=True)
class Embedded:
    """Answers as `ElasticsearchLogs` does, without its client: that takes longer to load than a hunt to run.

    `logs` and `rows`: the archive that was given, if one was.
    """

    application: Elasticsearch
    logs: str | None
    rows: ArchiveRows | None
    bar: Bar

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        """The rows that a query answers with.

        Raises:
            QueryRejected: the query is refused; with line and column where the reason names them.
            LogSearchUnavailable: the query reads the archive, and there is not one record in it.
        """
        return rows_of(*await self.answer(text, params))

    async def answer(self, text: str, params: Mapping[str, Param]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """The response to a query as Elasticsearch would write it, and its warnings; raises as `query` does.

        `is_partial` says of an archive that something in it was not read and may hold records.
        Where the query was refused, the error's cause has the body that Elasticsearch would answer.
        """
        asked = {"query": text, "params": [{name: value} for name, value in params.items()]}
        body = json.dumps(asked).encode()  # what a terminal can hand over is not always text
        request = Request("POST", "/_query", {"allow_partial_results": "false"}, body=body)
        with self.bar:
            response = await self.application.answer(request)
        answered = orjson.loads(response.encoded(request))
        if response.status != _OK:
            raise refused(response.status, answered) from AnsweredError(response.status, answered)
        self._check_that_something_was_searched()
        return answered, tuple(response.warnings)

    @property
    def receipt(self) -> Receipt | None:
        """What was read of the archive for the last query, and what was not; None where it was not asked for any."""
        return self.rows.receipt if self.rows else None

    def told(self) -> Iterator[str]:
        """The receipt for people."""
        if self.rows is not None and self.rows.receipt is not None:
            yield from self.rows.receipt.sentences()
            if self.rows.scope:
                yield self.rows.scope

    def after_answer(self) -> None:
        """Keep the copy of the archive once whoever reads our output has all of it; Ctrl-C stops that."""
        if self.rows is None:
            return
        try:
            hand_over()
            with self.bar:
                self.rows.after_answer()
        except CopyError as fault:
            say(f"no copy of {self.logs} is kept: {fault}")
        except KeyboardInterrupt:
            say("stopped; what was kept so far stays")

    def keep_meanwhile(self) -> None:
        """As `after_answer`, as long as this process serves: a little after a query that found the copy wanting."""
        if self.rows is not None:
            threading.Thread(target=_keeping, args=(self.rows,), daemon=True).start()

    def close(self) -> None:
        self.application.close()

    def _check_that_something_was_searched(self) -> None:
        """No record at all is never an all-clear."""
        receipt = self.receipt
        if receipt is None or not receipt.is_of_nothing:
            return
        for sentence in self.told():
            say(sentence)
        raise LogSearchUnavailable(f"There is no CloudTrail record at {self.logs}, so nothing was searched.")


def plugged(logs: str | None, indices: Mapping[str, Path], clock: Clock, copies: Path | None) -> Embedded:
    """An embedded Elasticsearch over the logs at a path and over index files; `copies`: where those of archives are.

    Raises:
        BadArgument: there is nothing to read at a path, or an index file is not one.
    """
    held = [_index(name, path) for name, path in indices.items()]
    bar = Bar()
    rows = None if logs is None else archive_rows(logs, copies, bar)
    if rows is not None:
        held.append(Index(INDEX_NAME, field_types(), rows))
    return Embedded(from_indices(held, clock), logs, rows, bar)


def archive_rows(logs: str, copies: Path | None, bar: Bar) -> ArchiveRows:
    """The rows of the archive at a path.

    Raises:
        BadArgument: there is nothing to read.
    """
    spare_threads_of_numpy()
    try:
        archive = _bucket(logs) if is_url(logs) else Folder.at(Path(logs), time.time)
    except NoArchiveError as fault:
        raise BadArgument(f"--logs {logs}", str(fault)) from fault
    copy = None if copies is None else Cache(copies, time.time).copy(archive.identity)
    processes = usable_cores() if archive.opening is None else max(usable_cores(), _TO_WAIT)
    return ArchiveRows(archive, copy, processes, bar)


def _bucket(url: str) -> Archive:
    with extra_for(f"--logs {url}"):
        # An object store's client: few logs want it.
        from local.elasticsearch.bucket import Bucket  # noqa: PLC0415
        from local.objects.access import Access  # noqa: PLC0415
    return Bucket.at(url, Access(environment(), Path.home()), time.time)


@asynccontextmanager
async def listening(embedded: Embedded, host: str, port: int) -> AsyncIterator[str]:
    """Serve it over HTTP; gives the address.

    Raises:
        BadArgument: the address is taken or not this machine's.
    """
    from local.elasticsearch.over_http import serving  # noqa: PLC0415 - a web server: few commands want one

    try:
        async with serving(embedded.application, host, port) as url:
            yield url
    except OSError as fault:
        raise BadArgument(f"--listen {host}:{port}", fault.strerror or str(fault)) from fault


def _keeping(rows: ArchiveRows) -> None:
    while True:
        time.sleep(_MEANWHILE_S)
        try:
            rows.after_answer()
        except CopyError as fault:
            say(f"no copy is kept: {fault}")
            return


def _index(name: str, path: Path) -> Index:
    from local.esql.sources import load  # noqa: PLC0415 - readers of file formats: few commands want them

    try:
        return load(name, path)
    except EsqlError as fault:
        raise BadArgument(f"--index {name}={path}", str(fault)) from fault
