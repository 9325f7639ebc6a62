"""A file or folder of this machine as an archive: its files as they are now, and how each is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.cache.listing import Listing, Source
from local.cloudtrail.receipt import Tally
from local.cloudtrail.walk import files_below, unreadable
from local.wanted import ANYTHING, Deadline, Requirement


class NoArchiveError(Exception):
    """There is nothing to read; says why."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`clock`: seconds since the epoch."""

    root: Path
    clock: Callable[[], float]

    @classmethod
    def at(cls, path: Path, clock: Callable[[], float]) -> Folder:
        """
        Raises:
            NoArchiveError: nothing is at this path, or neither a file nor a folder, or it may not be read.
        """
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            raise NoArchiveError(unreadable(error).reason) from error
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise NoArchiveError("neither a file nor a folder")
        if not os.access(path, os.R_OK):
            raise NoArchiveError("may not be read")
        return cls(path, clock)

    @property
    def identity(self) -> str:
        """What it is, by whichever way it was named."""
        return os.path.realpath(self.root)

    @property
    def opening(self) -> None:
        """As files are."""
        return

    def listing(self, requirement: Requirement = ANYTHING, deadline: Deadline | None = None) -> Listing:  # noqa: ARG002
        """All its files in the order of their names; where it has gone, none, and why."""
        at, tally = self.clock(), Tally()
        if not self.root.is_dir():
            return Listing((_source(self.root.name, os.path.realpath(self.root)),), at)
        sources: list[Source] = []
        start = len(os.path.join(self.root, ""))  # noqa: PTH118 - a Path has no end that says where names begin
        for where, refusal in files_below(self.root):
            if refusal is not None:
                tally.refuse(where, refusal)
            else:
                sources.append(_source(where[start:], where))
        return Listing(tuple(sources), at, tally.receipt())


def _source(name: str, where: str) -> Source:
    try:
        found = os.lstat(where)
    except OSError:  # gone in this very moment: whoever opens it says why
        return Source(_as_text(name), where, 0, "")
    stamp = f"{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_dev}.{found.st_ino}"
    return Source(_as_text(name), where, found.st_size, stamp, max(found.st_mtime, found.st_ctime))


def _as_text(name: str) -> str:
    """A name that is not UTF-8 as another that is, and that no file can have: no name begins with a slash."""
    return name if _is_utf8(name) else "/" + os.fsencode(name).decode("latin-1")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
