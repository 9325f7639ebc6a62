"""Exports: the findings of a run or of a queue as a file in Slack.

A request is stored before it is acknowledged, and worked on by one process at a time; what a stop or a crash left is
taken up again. A file has no mark by which it could be found again, so one whose answer was lost comes twice: that is
a small harm. One that does not come at all is told to whoever asked.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryFile
from typing import BinaryIO

from bot.domain import lines
from bot.domain.export import (
    MOST,
    TRIES,
    WITHIN,
    Export,
    Exported,
    ExportId,
    ExportRequest,
    ExportState,
    FileFormat,
    Written,
)
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt, HuntShelf
from bot.domain.message import ExportNotice
from bot.errors import RouteBroken, WorkspaceError
from bot.ports.desk import Exports
from bot.ports.runs import Runs
from bot.ports.search import Clock
from bot.ports.workspace import Workspace

TELL_WITHIN_S = 15.0
_FIRST_PAUSE = timedelta(seconds=10)

NOTHING = "there is nothing in it."

_log = logging.getLogger(__name__)

Say = Callable[[Hunt, Hit], str]


class ExportService:
    """`say` puts a hit into one sentence, for programs."""

    def __init__(
        self,
        exports: Exports,
        runs: Runs,
        shelf: HuntShelf,
        workspace: Workspace,
        clock: Clock,
        say: Say,
        most: int = MOST,
    ) -> None:
        self._exports = exports
        self._runs = runs
        self._shelf = shelf
        self._workspace = workspace
        self._clock = clock
        self._say = say
        self._most = most

    async def request(self, asked: ExportRequest) -> Export | None:
        """Store it; None where this delivery was taken before.

        The result of a run whose answer one person alone got goes to whoever asks, alone.

        Raises:
            StoreError: nothing was stored.
        """
        if asked.run is not None:
            of = (await self._runs.get(asked.run)).request
            asked = replace(asked, hunt=of.hunt)
            if of.is_private:
                asked = replace(asked, channel=None, thread=None)
        return await self._exports.request(asked)

    async def left(self) -> Sequence[ExportId]:
        """What was requested and nobody works on. Raises StoreError."""
        return await self._exports.left(self._clock())

    async def work(self, export: ExportId) -> None:
        """Write the file and share it; one that is over or that another process works on is left alone.

        Raises:
            StoreError: it is tried again once its lease has run out.
        """
        taken = await self._exports.take(export, self._clock())
        if taken is None:
            return
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                await self._write_and_share(taken.request)
        except (WorkspaceError, TimeoutError, OSError) as fault:
            await self._failed(taken, fault)
        else:
            await self._exports.end(taken, ExportState.DONE)

    async def _write_and_share(self, asked: ExportRequest) -> None:
        with TemporaryFile() as file:
            written = await self.write(asked, file)
            if not written.findings:
                await self._tell(asked, NOTHING)
                return
            told = written.told(asked)
            await self._workspace.upload(asked.place, asked.thread, asked.name, file, asked.name, told)

    async def write(self, asked: ExportRequest, file: BinaryIO) -> Written:
        """A page at a time, so that neither memory nor whoever else waits for this process feels it.

        The columns of a CSV are known only when all of it was read: its lines are kept as JSON until then.
        """
        if asked.file is FileFormat.NDJSON:
            written, _ = await self._write_json(asked, file)
            return written
        with TemporaryFile() as kept:
            written, columns = await self._write_json(asked, kept)
            await asyncio.to_thread(_as_csv, kept, columns, file)
        return written

    async def _write_json(self, asked: ExportRequest, file: BinaryIO) -> tuple[Written, Sequence[str]]:
        columns: dict[str, None] = {}
        number = 0
        async for page in self._exports.pages(asked, self._clock()):
            room = page[: self._most - number]
            columns |= await asyncio.to_thread(self._append, room, file)
            number += len(room)
            if len(room) < len(page):
                return Written(number, is_capped=True), list(columns)
        return Written(number), list(columns)

    def _append(self, page: Sequence[Exported], file: BinaryIO) -> dict[str, None]:
        """The page's lines written; which columns they have, in order."""
        columns: dict[str, None] = {}
        for exported in page:
            finding = exported.finding
            said = self._say(self._shelf.recall(finding.hunt), finding.face)
            each = lines.with_triage(lines.as_object(finding, said, exported.events), finding)
            columns |= dict.fromkeys(lines.fields_of(each))
            file.write(lines.json_line(each).encode("utf-8", "backslashreplace"))
        return columns

    async def _failed(self, export: Export, fault: Exception) -> None:
        """Again after a while; where that is no use, or was tried often enough, whoever asked is told."""
        _log.warning("export %s was not shared: %s", export.id, str(fault) or type(fault).__name__)
        if export.tries < TRIES and not isinstance(fault, RouteBroken):
            await self._exports.put_back(export, self._clock() + _FIRST_PAUSE * 2 ** (export.tries - 1))
            return
        await self._exports.end(export, ExportState.FAILED)
        await self._tell(export.request, _why(fault))

    async def _tell(self, asked: ExportRequest, why: str) -> None:
        with suppress(WorkspaceError, TimeoutError):  # nothing is left to tell it by; the log has it
            async with asyncio.timeout(TELL_WITHIN_S):
                await self._workspace.whisper(asked.told_in, asked.by, ExportNotice(asked, why))


def _as_csv(kept: BinaryIO, columns: Sequence[str], file: BinaryIO) -> None:
    file.write(lines.csv_header(columns, lines.STORED_HEADER).encode())
    kept.seek(0)
    for line in kept:
        each = lines.read_line(line)
        file.write(lines.csv_line(each, columns, lines.STORED_HEADER).encode("utf-8", "backslashreplace"))


def _why(fault: Exception) -> str:
    match fault:
        case RouteBroken(code="missing_scope"):
            return "Slack does not let huntbot share files: its app lacks the scope files:write. Install it anew."
        case WorkspaceError(code=code):
            return f"Slack did not take it ({code}). Ask again with /hunt export, which sends it to you alone."
        case TimeoutError():
            return "it took too long. Ask for less: /hunt export takes the filters of /hunt findings."
        case _:
            return "it could not be written; huntbot's log says why."
