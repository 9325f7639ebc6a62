"""An archive read as plainly as it can be: every file the general way, with no filter and no copy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from local.cloudtrail.opening import open_files
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.receipt import Receipt, Tally, combined
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Refusal
from local.elasticsearch.folder import Folder


@dataclass
class Archive:
    """Iterate it once; its `receipt` says what has been read so far."""

    folder: Folder
    _receipts: list[Receipt] = field(default_factory=list)

    def __iter__(self) -> Iterator[Record | Mapped]:
        listing = self.folder.listing()
        self._receipts.append(listing.receipt)
        for source, opened in zip(listing.sources, open_files(listing.sources), strict=True):
            tally = Tally()
            if isinstance(opened, Refusal):
                tally.refuse(source.where, opened)
            else:
                stream, size = opened
                with stream:
                    yield from tally.sift(source.where, contents(stream, size))
            self._receipts.append(tally.receipt())

    @property
    def receipt(self) -> Receipt:
        return combined(self._receipts)


def read(path: Path) -> Archive:
    """
    Raises:
        NoArchiveError: there is nothing to read.
    """
    return Archive(Folder.at(path, time.time))
