"""The columnar copies of archives as the terminal shows, makes and clears them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from app.embedded import archive_rows
from app.progress import Bar
from bot.blocks.text import counted, literal
from bot.domain.hunt import write_duration
from bot.errors import BadArgument, LogSearchUnavailable
from local.cache.copy import Copy, CopyError
from local.cache.shelf import Cache
from local.cache.standing import compared
from local.elasticsearch.folder import Folder, NoArchiveError
from local.objects.place import SCHEME, is_url


@dataclass(frozen=True, slots=True)
class State:
    """One copy. `age_s`: seconds since it was last added to. `note`: whether it is up to date, and what it lacks."""

    archive: str
    files: int
    records: int
    bytes: int
    age_s: float
    note: str

    def as_object(self) -> dict[str, object]:
        return {
            "archive": self.archive,
            "files": self.files,
            "records": self.records,
            "bytes": self.bytes,
            "age_s": round(self.age_s),
            "is_current": self.note == _CURRENT,
            "note": self.note,
        }


_CURRENT = "up to date"
_BUCKET = "a bucket: looked at by each hunt"


@dataclass(frozen=True, slots=True)
class Copies:
    """All copies in a folder."""

    folder: Path

    def states(self) -> Iterator[State]:
        return map(_state, self._cache.copies())

    def add(self, archive: str) -> Iterator[str]:
        """Keep it now; says what came of it.

        Raises:
            BadArgument: there is nothing to read.
            LogSearchUnavailable: nothing can be written in the folder.
        """
        with Bar() as bar:
            rows = archive_rows(archive, self.folder, bar)
            try:
                rows.keep(waits=True)
            except CopyError as fault:
                raise LogSearchUnavailable(f"no copy of {archive} is kept: {fault}") from fault
            except KeyboardInterrupt:
                yield "stopped; what was kept so far stays"
        yield from rows.kept().sentences()

    def clear(self, archive: str | None) -> Iterator[str]:
        """Remove a copy, or all; says of which archives.

        Raises:
            BadArgument: there is no copy of the archive that is named.
        """
        every = list(self._cache.copies())
        chosen = [copy for copy in every if archive is None or copy.root in _names(archive)]
        if archive is not None and not chosen:
            raise BadArgument(archive, "there is no copy of it; huntbot cache lists them all")
        for copy in chosen:
            yield f"{copy.root}: {'removed' if _cleared(copy) else 'another huntbot is about it; try again'}"

    @staticmethod
    def table(states: Iterable[State]) -> Table:
        drawn = Table()
        for title in ("Archive", "Files", "Records", "On disk", "Age", ""):
            drawn.add_column(title, justify="left" if title in ("Archive", "") else "right", overflow="fold")
        for state in states:
            numbers = (f"{state.files:,}", f"{state.records:,}", decimal(state.bytes), _age(state.age_s))
            drawn.add_row(Text(literal(state.archive)), *numbers, state.note)
        return drawn

    @property
    def _cache(self) -> Cache:
        return Cache(self.folder, time.time)


def _state(copy: Copy) -> State:
    manifest = copy.load()
    age_s = max(0.0, time.time() - manifest.kept_at) if manifest.kept_at else 0.0
    return State(copy.root, len(manifest.files), manifest.records, copy.disk_usage(), age_s, _note(copy))


def _note(copy: Copy) -> str:
    """How the copy stands to its archive."""
    manifest = copy.load()
    if not manifest.kept_at:
        is_strange = not manifest.visits and (copy.folder / "manifest").exists()
        return "another version's: made anew" if is_strange else "not kept yet: the next hunt keeps it"
    if is_url(copy.root):
        return _BUCKET  # a listing of all of it may take long, and costs money
    try:
        listing = Folder.at(Path(copy.root), time.time).listing()
    except NoArchiveError as fault:
        return f"its archive: {fault}"
    standing = compared(copy, manifest, listing)
    lacks = [
        f"{counted(count, 'file')} {what}"
        for count, what in ((len(standing.missing), "to read"), (len(standing.gone - listing.ranks.keys()), "gone"))
        if count
    ]
    return ", ".join(lacks) or _CURRENT


def _names(archive: str) -> tuple[str, ...]:
    return (
        (archive, f"s3://{archive[len(SCHEME) :].strip('/')}")
        if is_url(archive)
        else (archive, str(Path(archive).resolve()))
    )


def _age(seconds: float) -> str:
    minutes = timedelta(minutes=int(seconds // 60))
    return write_duration(minutes) if minutes else "now"


def _cleared(copy: Copy) -> bool:
    try:
        return copy.clear()
    except CopyError:
        return False
