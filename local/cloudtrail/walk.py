"""The files of a folder, and a file opened without being led elsewhere or held up."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from local.cloudtrail.refusal import Kind, Refusal

_LINK = Refusal(Kind.SYMLINK, "links are not followed")


def files_below(root: Path) -> Iterator[tuple[str, Refusal | None]]:
    """Paths of everything below a folder that is no folder, by name, each folder's files before its subfolders.

    With what is no log, and with a folder that can not be listed, comes why. No link is followed.
    """
    folders = [str(root)]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield folder, unreadable(error)
            continue
        subfolders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        folders.extend(reversed(subfolders))
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry.path, _no_file(entry)


def opened(path: Path) -> tuple[BinaryIO, int] | Refusal:
    """A file to read and its size, or why it is none; for the caller to close.

    A link is refused. What is no file, such as a pipe or a device, is never waited for.
    """
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return _LINK if stat.S_ISLNK(mode) else _not_a_log(mode)
        # Looked at again once it is open: between the two anything may have taken its place.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (OSError, ValueError) as error:
        return unreadable(error)
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return _not_a_log(status.st_mode)
    return os.fdopen(handle, "rb"), status.st_size


def unreadable(error: OSError | ValueError) -> Refusal:
    """Why the system does not let a file be read; a ValueError is a name that no file can have."""
    reason = error.strerror if isinstance(error, OSError) else None
    return Refusal(Kind.UNREADABLE, reason or str(error))


def _no_file(entry: os.DirEntry[str]) -> Refusal | None:
    if entry.is_symlink():
        return _LINK
    return None if entry.is_file(follow_symlinks=False) else _not_a_log(0)


def _not_a_log(mode: int) -> Refusal:
    return Refusal(Kind.UNREADABLE, "a folder" if stat.S_ISDIR(mode) else "neither a file nor a folder")
