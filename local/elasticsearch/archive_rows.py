"""The rows of an archive: from its columnar copy where that has a file as it is, read from the file itself where not.

An archive is looked at anew for each query: a file that came, went or changed is noticed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from local.cache.copy import Copy, CopyError
from local.cache.layout import MANY, READABLE, TWINS
from local.cache.listing import SETTLED_S, Listing
from local.cache.manifest import Kept, Manifest
from local.cache.standing import Standing, compared
from local.cloudtrail.receipt import Receipt, combined
from local.esql.catalog import Parts, Stored
from local.wanted import ANYTHING, Deadline, Requirement, Wanted

if TYPE_CHECKING:  # what reads and writes files loads when some are to be: a query that is warm needs none of it
    import pyarrow as pa

    from local.cache.copy import Writer
    from local.cloudtrail.opening import Opening

FEW_BYTES = 4 * 2**20
"""Of packed logs: so much that is new is kept before the answer, and more of it after."""


class Archive(Protocol):
    """A place with logs."""

    @property
    def identity(self) -> str:
        """What it is, by whichever way it was named: a path or URL."""

    @property
    def opening(self) -> Opening | None:
        """How its files are opened, in whichever process; None: as files of this machine are."""

    def listing(self, requirement: Requirement, deadline: Deadline) -> Listing:
        """Its files as they are now; those may be left out that have no record of which the requirement is true.

        Raises:
            OverdueError: it was not done before the deadline.
        """


class Watcher(Protocol):
    """Is told how far long work is: bytes of packed logs, of all there are."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


@dataclass(slots=True)
class ArchiveRows:
    """Keeps the rows of an archive for queries; used by several threads at once.

    `copy`: None where none is to be kept. `processes`: so many work side by side. `receipt`: of the last reading, if
    there was one; `scope`: how much of the archive that looked at, where it was not all.
    """

    archive: Archive
    copy: Copy | None
    processes: int
    watch: Watcher
    receipt: Receipt | None = None
    scope: str = ""
    _asked: Requirement = ANYTHING
    _doubted: frozenset[str] = frozenset()
    _is_current: bool = True  # whether the copy had all that was read
    _loaded: tuple[tuple[int, ...], Manifest] | None = None

    def columns(self) -> Mapping[str, bool]:
        lists = self._manifest().lists
        return {name: name in lists | MANY for name in READABLE}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        """
        Raises:
            OverdueError: it was not done before the deadline.
        """
        self._asked = wanted.requirement
        listing = self.archive.listing(wanted.requirement, deadline)
        self.scope = listing.scope
        manifest, standing = self._brought_up_to_date(listing, deadline)
        self._is_current = standing.is_current
        tables, said = self._scanned(standing, listing, wanted, deadline)
        warm = _receipts(standing.warm, listing)
        self.receipt = receipt = combined((listing.receipt, *warm, *said))
        return Stored(
            tuple(tables), self._parts(manifest, standing, listing), receipt.is_partial or receipt.is_of_nothing
        )

    def doubt(self, parts: Parts) -> None:
        """A statement over these parts failed: they are not read again, and those that are damaged are made anew."""
        self._doubted |= frozenset(parts.paths)
        if self.copy is not None:
            with suppress(CopyError), self.copy.writing() as writer:
                if writer is not None:
                    from local.cache.mending import unreadable  # noqa: PLC0415 - see above

                    writer.drop((), unreadable(self.copy, writer.manifest))

    def after_answer(self) -> None:
        """The first time remember that this archive was asked; from the second time on keep what is not kept.

        Raises:
            CopyError: nothing can be written there. What was kept before stays.
        """
        if self.copy is None or self._is_current:
            return
        if self._manifest().is_known:
            self.keep(self._asked)
            return
        with self.copy.writing() as writer:
            if writer is not None:
                writer.publish(writer.manifest.visited())

    def keep(self, requirement: Requirement = ANYTHING, *, waits: bool = False) -> bool:
        """Bring the copy up to date; False where another process is about it.

        Of an archive that can be listed in parts only that is kept which may fulfil the requirement.

        Raises:
            CopyError: as `after_answer` does.
        """
        if self.copy is None:
            return False
        with self.copy.writing(waits=waits) as writer:
            if writer is None:
                return False
            listing = self.archive.listing(requirement, Deadline())
            if any(listing.unsettled()):
                time.sleep(SETTLED_S)
                listing = self.archive.listing(requirement, Deadline())
            self._update(writer, listing, self.processes, Deadline())
        self._is_current = True
        return True

    def kept(self) -> Receipt:
        """What the copy says of the archive."""
        return combined(_receipts(self._manifest().files, self.archive.listing(ANYTHING, Deadline())))

    def _manifest(self) -> Manifest:
        """What the copy holds now; it is read again only once it was replaced."""
        if self.copy is None:
            return Manifest("", "")
        stamp = self.copy.stamp()
        if self._loaded is None or self._loaded[0] != stamp:
            self._loaded = stamp, self.copy.load()
        return self._loaded[1]

    def _brought_up_to_date(self, listing: Listing, deadline: Deadline) -> tuple[Manifest, Standing]:
        """What the copy holds; where it lacks little of the archive, no more of it than what changed just now.

        Raises:
            OverdueError: it was not done before the deadline; what was kept by then stays.
        """
        manifest = self._manifest()
        standing = self._compared(manifest, listing)
        if self.copy is None or not manifest.kept_at or not 0 < standing.missing_bytes <= FEW_BYTES:
            return manifest, standing
        with suppress(CopyError), self.copy.writing() as writer:
            if writer is not None:
                self._update(writer, listing, 1 if self.archive.opening is None else self.processes, deadline)
        manifest = self._manifest()
        return manifest, self._compared(manifest, listing)

    def _compared(self, manifest: Manifest, listing: Listing) -> Standing:
        if self.copy is None:
            return Standing({}, listing.sources, frozenset())
        return compared(self.copy, manifest, listing, self._doubted)

    def _scanned(
        self, standing: Standing, listing: Listing, wanted: Wanted, deadline: Deadline
    ) -> tuple[list[pa.Table], list[Receipt]]:
        """What is wanted of the files that the copy lacks."""
        if not standing.missing:
            return [], []
        from local.cloudtrail.scanning.crew import Crew  # noqa: PLC0415 - see above
        from local.cloudtrail.scanning.scan import Ranked, scan  # noqa: PLC0415 - the same
        from local.cloudtrail.scanning.shipping import together  # noqa: PLC0415 - the same

        tables: list[pa.Table] = []
        said: list[Receipt] = []
        ranks, done, total = listing.ranks, 0, standing.missing_bytes
        missing = [Ranked(ranks[source.name], source.where, source.size) for source in standing.missing]
        self.watch("searching", 0, total)
        with closing(scan(missing, wanted, Crew(self.processes), deadline, self.archive.opening)) as scanning:
            for found in scanning:
                if found.table.num_rows:
                    tables.append(found.table)
                said.append(found.receipt)
                done += found.read
                self.watch("searching", done, total)
        return [together(tables)] if tables else [], said  # DuckDB plans for each table that it is given

    def _update(self, writer: Writer, listing: Listing, processes: int, deadline: Deadline) -> None:
        from local.cache.ingest import Job, Parcel, keep  # noqa: PLC0415 - see above
        from local.cache.keeping import update  # noqa: PLC0415 - the same
        from local.cloudtrail.scanning.crew import Crew  # noqa: PLC0415 - the same

        def work(jobs: Sequence[Job]) -> Iterator[Parcel]:
            for parcel in Crew(processes).run(partial(keep, self.archive.opening), jobs, deadline):
                if isinstance(parcel, Parcel):  # what ended its process is read anew each time
                    yield parcel

        for progress in update(writer, listing, work, processes):
            self.watch("keeping a copy", progress.done, progress.total)

    def _parts(self, manifest: Manifest, standing: Standing, listing: Listing) -> Parts | None:
        names = dict.fromkeys(name for kept in standing.warm.values() for name in kept.parts)
        if self.copy is None or not names:
            return None
        ranks = {kept.number: rank for name, rank in listing.ranks.items() if (kept := standing.warm.get(name))}
        columns = {name: name in manifest.lists for name in READABLE}
        live = sum(kept.told.records for kept in standing.warm.values())
        is_whole = live == sum(manifest.parts[name].rows for name in names)
        return Parts(tuple(str(self.copy.path_of(name)) for name in names), ranks, columns, TWINS, is_whole)


def _receipts(files: Mapping[str, Kept], listing: Listing) -> list[Receipt]:
    """What the copy says of files, which go by the names that they are listed with."""
    wheres = {source.name: source.where for source in listing.sources}
    return [kept.told.receipt(wheres.get(name, name)) for name, kept in files.items()]
