"""An archive as it is now: its files in their order, each with what would change if the file did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from local.cloudtrail.receipt import Receipt

SETTLED_S = 2.0
"""A file that changed less than this before it was looked at may change again within one tick of its clock."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of an archive.

    `name`: within the archive. `where`: the path or URL that it is read by. `stamp`: what changes when the file does.
    `changed_at`: seconds since the epoch; 0 where the stamp can not be the same after a change.
    """

    name: str
    where: str
    size: int
    stamp: str
    changed_at: float = 0.0


def _nothing(_: str) -> bool:
    return False


@dataclass(frozen=True)
class Listing:
    """`sources` in the order of the archive: a file's place is its rank.

    `at`: when it was looked at, seconds since the epoch. `receipt`: what of the folder is no file, such as a link.
    `leaves_out`: whether a file of this name was not looked for. `scope`: for people, what was, where not all was.
    """

    sources: tuple[Source, ...]
    at: float
    receipt: Receipt = Receipt()  # noqa: RUF009 - frozen
    leaves_out: Callable[[str], bool] = _nothing
    scope: str = ""

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        return {source.name: rank for rank, source in enumerate(self.sources)}

    def unsettled(self) -> Iterator[Source]:
        """Those that are not to be kept as they are."""
        return (source for source in self.sources if not self.is_settled(source))

    def is_settled(self, source: Source) -> bool:
        # A time of change in the future is a wrong clock's, and no reason never to keep the file.
        return not self.at - SETTLED_S < source.changed_at <= self.at + SETTLED_S
