"""The copy of one archive on disk: its manifest, its parts and the lock of whoever writes.

    <folder>/manifest     replaced whole; names every file and part
    <folder>/parts/*.parquet
    <folder>/lock         held by the one process that writes; readers need none
    <folder>/archive      the path or URL of what is copied, for people and for later versions

A process may be killed at any moment. What it leaves is the manifest from before, and parts that nobody names.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local.cache.listing import Source
from local.cache.manifest import Kept, Manifest, Part, decoded, encoded

GRACE_S = 900.0
"""How long a part that is not named any more stays: a query that began before may still read it."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of huntbot: what is in it can be made again.\n"
"""Source: https://bford.info/cachedir/. Backups leave such a folder out."""

PART = ".parquet"
UNFINISHED = ".unfinished"

Clock = Callable[[], float]
"""Seconds since the epoch."""


class CopyError(Exception):
    """The copy can not be written; says why. Every answer stands: the archive itself is read instead."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`root`: the archive's path or URL. `schema`: the version of the mapping that the parts are made under."""

    folder: Path
    root: str
    schema: str
    clock: Clock

    def load(self) -> Manifest:
        """What the copy holds; an empty manifest where there is none that can be used."""
        try:
            data = self._manifest.read_bytes()
        except OSError:
            data = b""
        root = os.fsencode(self.root).decode(errors="backslashreplace")  # a path need not be UTF-8, and a manifest is
        return decoded(data, self.schema) or Manifest(root, self.schema)

    def stamp(self) -> tuple[int, ...]:
        """Another one whenever the manifest was replaced, or came or went."""
        try:
            found = self._manifest.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size

    def path_of(self, name: str) -> Path:
        return self._parts / name

    def damaged(self, manifest: Manifest) -> frozenset[str]:
        """The parts that are not what was written: gone, torn or touched by somebody else."""
        return frozenset(name for name, part in manifest.parts.items() if not self._is_whole(name, part))

    @contextmanager
    def writing(self, *, waits: bool = False) -> Iterator[Writer | None]:
        """The right to write, held until the end; None where another process has it and we do not wait for it.

        Raises:
            CopyError: the folder can not be made.
        """
        with told_as_copy_error():
            self._make_folders()
            lock = _locked(self.folder / "lock", waits=waits)
        if lock is None:
            yield None
            return
        try:
            yield Writer(self)
        finally:
            os.close(lock)

    def clear(self) -> bool:
        """Remove it; False where another process is writing it."""
        with self.writing() as writer:
            if writer is None:
                return False
            for path in (self._manifest, *self._parts.glob("*"), self._parts, *self.folder.glob("*"), self.folder):
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
        return True

    def disk_usage(self) -> int:
        """Bytes, with what is retired and what a killed writer left."""
        sizes = 0
        for path in (*self.folder.glob("*"), *self._parts.glob("*")):
            with suppress(OSError):
                sizes += path.stat().st_size
        return sizes

    def _make_folders(self) -> None:
        """Nobody's but the user's, each that is not there already: logs tell much."""
        for folder in (*reversed(self._parts.parents), self._parts):
            folder.mkdir(mode=0o700, exist_ok=True)  # `parents` would make all but the last for everybody to read
        for path, text in ((self.folder.parent / "CACHEDIR.TAG", _TAG), (self.folder / "archive", self.root)):
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(text, errors="surrogateescape")

    @property
    def _manifest(self) -> Path:
        return self.folder / "manifest"

    @property
    def _parts(self) -> Path:
        return self.folder / "parts"

    def _is_whole(self, name: str, part: Part) -> bool:
        try:
            found = self.path_of(name).stat()
        except OSError:
            return False
        return (found.st_size, found.st_ctime_ns) == (part.bytes, part.ctime_ns)


class Writer:
    """The one who may write; what it publishes is there for the next reader."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.manifest = copy.load()
        self._sweep()

    def publish(self, manifest: Manifest) -> None:
        """Replace the manifest.

        Raises:
            CopyError: the disk is full, or the folder is not ours any more. The manifest from before stands.
        """
        target = self.copy.folder / "manifest"
        with told_as_copy_error():
            unfinished = target.with_suffix(UNFINISHED)
            file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(file, "wb") as opened:  # noqa: PTH123 - a descriptor, for its mode
                opened.write(encoded(manifest))
                opened.flush()
                os.fsync(opened.fileno())
            unfinished.replace(target)
            _sync_folder(self.copy.folder)
        self.manifest = manifest

    def add(self, files: Mapping[str, Kept], parts: Mapping[str, Part]) -> None:
        """Publish files that were read, with the parts made of them; the parts stand under their names already."""
        self.publish(self.manifest.with_files(files, parts, self.copy.clock()))

    def replace(self, old: Iterable[str], new: Mapping[str, Part], held: Mapping[int, Mapping[str, int]]) -> None:
        """Publish that the live rows of some parts stand in others now; `held`: as `with_parts_for` has it."""
        self.publish(self.manifest.with_parts_for(old, new, held, self.copy.clock()))

    def numbered(self, sources: Iterable[Source]) -> dict[Source, int]:
        """Each with a number that no file of this copy ever had; given out as soon as something is published."""
        numbered = {source: number for number, source in enumerate(sources, self.manifest.next_number)}
        self.manifest = self.manifest.with_numbers_to(self.manifest.next_number + len(numbered))
        return numbered

    def drop(self, files: Iterable[str], parts: Iterable[str]) -> None:
        """Publish that files went, and that parts are not to be read any more."""
        left = self.manifest.without_files(files).without_parts(parts, self.copy.clock())
        if left != self.manifest:
            self.publish(left)

    def _sweep(self) -> None:
        """Delete what a killed writer left, and what was retired so long ago that nobody reads it."""
        oldest = self.copy.clock() - GRACE_S
        retired = self.manifest.retired
        for path in self.copy.path_of("").iterdir():
            name = path.name
            with suppress(OSError):
                # A part that no manifest tells of may be one of a manifest that was lost a moment ago.
                is_awaited = name in self.manifest.parts or retired.get(name, path.stat().st_mtime) > oldest
                if path.suffix == UNFINISHED or not is_awaited:
                    path.unlink()
        self.manifest = self.manifest.without_retired(before=oldest)


@contextmanager
def told_as_copy_error() -> Iterator[None]:
    """
    Raises:
        CopyError: instead of an OSError, with its reason.
    """
    try:
        yield
    except OSError as error:
        raise CopyError(_ERRNO.sub("", error.strerror or str(error))) from error


_ERRNO = re.compile(r".*\[errno \d+\] ", re.DOTALL)
"""What Arrow says before the system's own words."""


def _locked(path: Path, *, waits: bool) -> int | None:
    """The lock's file, ours; None where another process has it. It dies with its holder, however that ends."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        if _is_still(path, lock):
            return lock
        os.close(lock)  # cleared while we waited: the file that is locked has no name any more


def _is_still(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
