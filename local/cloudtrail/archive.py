"""A file or folder of CloudTrail logs, read record by record, with a receipt of what was read and what was not.

Every file is judged by its content, never by its name. Nothing is dropped in silence: what yields no record is
counted by kind and named with its path and the reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from local.cloudtrail.contents import contents
from local.cloudtrail.limits import USUAL, Limits
from local.cloudtrail.receipt import Receipt, Tally
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.walk import files_below, opened


class ArchiveError(Exception):
    """The path given is not a file or folder that can be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(slots=True)
class Archive:
    """Iterate it once; its `receipt` says what has been read so far."""

    root: Path
    limits: Limits = USUAL
    _tally: Tally = field(default_factory=Tally)

    def __iter__(self) -> Iterator[Record | Mapped]:
        if not self.root.is_dir():
            yield from self._file(self.root)
            return
        for path, refusal in files_below(self.root):
            if refusal is not None:
                self._tally.refuse(path, refusal)
            else:
                yield from self._file(Path(path))

    @property
    def receipt(self) -> Receipt:
        return self._tally.receipt()

    def _file(self, path: Path) -> Iterator[Record | Mapped]:
        file = opened(path, follows=path == self.root)
        if isinstance(file, Refusal):
            self._tally.refuse(str(path), file)
            return
        stream, size = file
        with stream:
            yield from self._tally.sift(str(path), contents(stream, size, self.limits))


def read(path: Path, limits: Limits = USUAL) -> Archive:
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
    return Archive(path, limits)
