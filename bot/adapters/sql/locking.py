"""One process a SQLite file: an advisory lock beside it that dies with its holder."""

import fcntl
import os
from pathlib import Path

from bot.errors import StoreLocked


class StoreLock:
    """Held until `release`, or until the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Take the lock.

        Raises:
            StoreLocked: another holder has it; says which process.
            OSError: the lock file can not be made.
        """
        path = database.with_name(database.name + ".lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            raise StoreLocked(_refusal(database, holder)) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Give it back; the file stays, since removing it would let two holders lock two files of one name."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def _refusal(database: Path, holder: str) -> str:
    who = f"process {holder}" if holder else "another process"
    return f"{database} is in use by {who}. A SQLite store serves one huntbot at a time: stop that one first."
