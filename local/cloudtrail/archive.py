"""A file or folder of CloudTrail logs, read record by record, with a receipt of what was read and what was not.

Every file is judged by its content, never by its name. Nothing is dropped in silence: what yields no record is
counted by kind and named with its path and the reason.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from local.cloudtrail.json_stream import DocumentTooLargeError, Limits, values
from local.cloudtrail.record import Record
from local.cloudtrail.shapes import Kind, Refusal, records_in


class ArchiveError(Exception):
    """The path given is not a file or folder that can be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """What of one file was not taken, one entry per kind and file.

    `count`: files, lines or items. `lines`: the numbers of bad lines, from 1; the first hundred of them.
    """

    path: Path
    kind: Kind
    reason: str
    count: int = 1
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """`files`: those that gave at least one record; `undated`: records without a readable eventTime."""

    files: int
    records: int
    undated: int
    skipped: tuple[Skipped, ...]

    def by_kind(self) -> dict[Kind, int]:
        """How much was skipped of each kind, the most frequent first."""
        counts: Counter[Kind] = Counter()
        for entry in self.skipped:
            counts[entry.kind] += entry.count
        return dict(counts.most_common())

    def sentences(self) -> Iterator[str]:
        """The receipt for people: one line of totals, then one for each thing skipped."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.by_kind().items())
        yield f"{self.records:,} records from {self.files:,} files" + (f"; skipped: {kinds}" if kinds else "")
        if self.undated:
            yield f"{self.undated:,} records have no readable eventTime: no time window contains them"
        for entry in self.skipped:
            where = f" line {', '.join(map(str, entry.lines))}" if entry.lines else ""
            times = f" ({entry.count:,} times)" if entry.count > 1 else ""
            yield f"{entry.path}{where}: {entry.kind}: {entry.reason}{times}"


_LINES_KEPT = 100


@dataclass(slots=True)
class _Tally:
    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int | None) -> None:
        self.count += 1
        if line is not None and len(self.lines) < _LINES_KEPT:
            self.lines.append(line)


@dataclass(slots=True)
class Archive:
    """Iterate it once; its `receipt` says what has been read so far."""

    root: Path
    limits: Limits = field(default_factory=Limits)
    _files: int = 0
    _records: int = 0
    _undated: int = 0
    _tallies: dict[tuple[Path, Kind], _Tally] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Record]:
        for path in self._paths():
            yield from self._file(path)

    @property
    def receipt(self) -> Receipt:
        skipped = (
            Skipped(path, kind, tally.reason, tally.count, tuple(tally.lines))
            for (path, kind), tally in self._tallies.items()
        )
        return Receipt(self._files, self._records, self._undated, tuple(skipped))

    def _paths(self) -> Iterator[Path]:
        if not self.root.is_dir():
            yield self.root
            return
        for folder, subfolders, names in os.walk(self.root, onerror=self._unreadable_folder):
            for name in subfolders:
                if (link := Path(folder, name)).is_symlink():
                    self._skip(link, Refusal(Kind.SYMLINK, "links are not followed"))
            subfolders.sort()
            for name in sorted(names):
                yield Path(folder, name)

    def _file(self, path: Path) -> Iterator[Record]:
        if (refusal := self._not_a_log(path)) is not None:
            self._skip(path, refusal)
            return
        before = self._records
        try:
            for line, value in values(path, self.limits):
                for found in records_in(value):
                    if isinstance(found, Refusal):
                        self._skip(path, found, line)
                    else:
                        yield self._counted(found)
        except DocumentTooLargeError as error:
            self._skip(path, Refusal(Kind.TOO_LARGE, str(error)))
        except OSError as error:
            self._skip(path, Refusal(Kind.UNREADABLE, error.strerror or str(error)))
        self._files += self._records > before

    def _not_a_log(self, path: Path) -> Refusal | None:
        try:
            mode = path.stat().st_mode if path == self.root else path.lstat().st_mode
        except OSError as error:
            return Refusal(Kind.UNREADABLE, error.strerror or str(error))
        if stat.S_ISLNK(mode):
            return Refusal(Kind.SYMLINK, "links are not followed")
        if not stat.S_ISREG(mode):
            return Refusal(Kind.UNREADABLE, "neither a file nor a folder")
        return None

    def _counted(self, record: Record) -> Record:
        self._records += 1
        if not isinstance(record.get("eventTime"), str):
            self._undated += 1
        return record

    def _skip(self, path: Path, refusal: Refusal, line: int | None = None) -> None:
        self._tallies.setdefault((path, refusal.kind), _Tally(refusal.reason)).add(line)

    def _unreadable_folder(self, error: OSError) -> None:
        self._skip(Path(error.filename), Refusal(Kind.UNREADABLE, error.strerror or str(error)))


def read(path: Path, limits: Limits | None = None) -> Archive:
    """The records of a file, or of every file below a folder in the order of their names.

    Raises:
        ArchiveError: nothing is at this path, or neither a file nor a folder, or it may not be read.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ArchiveError(path, error.strerror or str(error)) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ArchiveError(path, "neither a file nor a folder")
    if not os.access(path, os.R_OK):
        raise ArchiveError(path, "may not be read")
    return Archive(path, limits or Limits())
