"""How the files of an archive are opened, in whichever process: a light room, as every worker imports it."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, cast

from local.cloudtrail.refusal import Refusal
from local.cloudtrail.walk import opened

Opened: TypeAlias = "tuple[BinaryIO, int] | Refusal"
"""A stream and its size in bytes, or why there is none."""


class Placed(Protocol):
    """A file: the path or URL that it is read by, and how many bytes it has, as far as is known."""

    @property
    def where(self) -> str: ...

    @property
    def size(self) -> int: ...


Opening: TypeAlias = Callable[[Sequence[Placed]], Iterator[Opened]]
"""Opens files in their order, each when it is its turn; what is far away may come in ahead of that."""


def open_file(where: str) -> Opened:
    """A file of this machine; links are not followed."""
    try:
        handle = os.open(where, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError):
        return opened(Path(where))  # which knows what to say of it
    stream, status = io.FileIO(handle), os.fstat(handle)
    if stat.S_ISREG(status.st_mode):
        return cast("BinaryIO", stream), status.st_size
    stream.close()
    return opened(Path(where))


def open_files(files: Sequence[Placed]) -> Iterator[Opened]:
    """Files of this machine, one by one."""
    return (open_file(file.where) for file in files)
