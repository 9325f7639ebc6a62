"""What a copy holds: its source files with what reading them said, and the parts their records stand in.

A manifest is written whole and replaced whole, so that whoever reads it needs no lock. It carries a digest of itself:
a torn one is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from local.cloudtrail.receipt import Receipt, Skipped
from local.cloudtrail.refusal import Kind

FORMAT = 3
"""Of the manifest and the parts; the schema's version stands beside it. Another one of either: built anew."""

_MAGIC = b"huntbot copy\n"
_DIGEST = 32


class Told(Struct, frozen=True, array_like=True):
    """What reading one file said, as its receipt has it. `undated`: records without a readable eventTime.

    `skipped`: its `where` is what stands after the file's own name, which every hunt may spell in another way.
    """

    records: int = 0
    undated: int = 0
    skipped: tuple[Skipped, ...] = ()
    unnamed: tuple[tuple[Kind, int], ...] = ()

    @classmethod
    def of(cls, receipt: Receipt) -> Told:
        return cls(receipt.records, receipt.undated, receipt.skipped, receipt.unnamed)

    def receipt(self, where: str) -> Receipt:
        """`where`: the path or URL that the file has now."""
        skipped = tuple(entry.below(where) for entry in self.skipped)
        return Receipt(int(self.records > 0), self.records, self.undated, skipped, 0, self.unnamed)


class Kept(Struct, frozen=True, array_like=True):
    """One source file. `stamp` is whatever changes when the file does; `number` is what `#file` says in the parts.

    `parts`: those that hold its rows, each with how many.
    """

    size: int
    stamp: str
    number: int
    told: Told
    parts: Mapping[str, int] = field(default_factory=dict)


class Part(Struct, frozen=True, array_like=True):
    """A Parquet file; its size in bytes and its time of change tell whether it is still what was written.

    That is its ctime, which no program sets: a few bytes that are others need not show when they are read.
    `columns`: the fields that have a value in some row. `lists`: the columns that are lists, with or without one.
    """

    rows: int
    bytes: int
    ctime_ns: int
    columns: tuple[str, ...]
    lists: tuple[str, ...]


class Manifest(Struct, frozen=True, array_like=True):
    """`root` is the archive's path or URL.

    `retired`: parts that are no longer named, and when they ceased to be (seconds since the epoch): whoever reads an
    older manifest may still read them. `visits`: how often the archive was hunted over before it was kept.
    """

    root: str
    schema: str
    kept_at: float = 0.0
    visits: int = 0
    next_number: int = 0
    files: Mapping[str, Kept] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    retired: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether the archive was asked before, or is kept already."""
        return bool(self.visits or self.kept_at)

    @property
    def lists(self) -> frozenset[str]:
        """The columns that are lists in some part; one that has others as well has to be made again."""
        return frozenset[str]().union(*(part.lists for part in self.parts.values()))

    @property
    def records(self) -> int:
        return sum(kept.told.records for kept in self.files.values())

    @property
    def bytes(self) -> int:
        """On disk, without what is retired."""
        return sum(part.bytes for part in self.parts.values())

    def out_of_step(self) -> frozenset[str]:
        """The parts that have to be made again before they can be read with the others."""
        return frozenset(name for name, part in self.parts.items() if frozenset(part.lists) != self.lists)

    def live_rows(self) -> Mapping[str, int]:
        """How many rows of each part belong to a file that is still there."""
        live = dict.fromkeys(self.parts, 0)
        for kept in self.files.values():
            for name, rows in kept.parts.items():
                live[name] += rows
        return live

    def with_files(self, files: Mapping[str, Kept], parts: Mapping[str, Part], at: float) -> Manifest:
        """Files read anew, and the parts that were made of them."""
        return replace(self, kept_at=at, files={**self.files, **files}, parts={**self.parts, **parts})

    def with_numbers_to(self, next_number: int) -> Manifest:
        """Numbers that were given out are not given out again, whether or not anything came of them."""
        return replace(self, next_number=max(next_number, self.next_number))

    def visited(self) -> Manifest:
        return replace(self, visits=self.visits + 1)

    def without_files(self, names: Iterable[str]) -> Manifest:
        """Files that went or changed; their rows stay in the parts, under numbers that nobody names any more."""
        gone = frozenset(names)
        return replace(self, files={name: kept for name, kept in self.files.items() if name not in gone})

    def without_parts(self, names: Iterable[str], at: float) -> Manifest:
        """Parts that are no good, and the files that had a row in one."""
        dead = frozenset(names)
        return replace(
            self,
            files={name: kept for name, kept in self.files.items() if dead.isdisjoint(kept.parts)},
            parts={name: part for name, part in self.parts.items() if name not in dead},
            retired={**self.retired, **dict.fromkeys(dead, at)},
        )

    def with_parts_for(
        self, old: Iterable[str], new: Mapping[str, Part], held: Mapping[int, Mapping[str, int]], at: float
    ) -> Manifest:
        """The live rows of the old parts stand in the new ones; `held`: of each file's number how many in which."""
        former = frozenset(old)
        files = {
            name: kept if former.isdisjoint(kept.parts) else replace(kept, parts=_replaced(kept, former, held))
            for name, kept in self.files.items()
        }
        parts = {name: part for name, part in self.parts.items() if name not in former}
        retired = {**self.retired, **dict.fromkeys(former, at)}
        return replace(self, files=files, parts={**parts, **new}, retired=retired)

    def without_retired(self, before: float) -> Manifest:
        """Without the parts that were retired so long ago."""
        return replace(self, retired={name: at for name, at in self.retired.items() if at > before})


def _replaced(kept: Kept, old: frozenset[str], held: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    left = {name: rows for name, rows in kept.parts.items() if name not in old}
    return {**left, **held.get(kept.number, {})}


def encoded(manifest: Manifest) -> bytes:
    body = msgspec.msgpack.encode(manifest)
    return _MAGIC + bytes([FORMAT]) + hashlib.sha256(body).digest() + body


def decoded(data: bytes, schema: str) -> Manifest | None:
    """The manifest; None where it is torn, of another format, or made under another version of the schema."""
    head, body = data[: len(_MAGIC) + 1], data[len(_MAGIC) + 1 + _DIGEST :]
    if head != _MAGIC + bytes([FORMAT]) or hashlib.sha256(body).digest() != data[len(head) : len(head) + _DIGEST]:
        return None
    try:
        manifest = msgspec.msgpack.decode(body, type=Manifest)
    except msgspec.MsgspecError:
        return None
    return manifest if manifest.schema == schema else None
