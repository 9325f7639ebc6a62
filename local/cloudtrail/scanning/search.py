"""What one job of a scan does: reads files, passes over those whose bytes hold nothing wanted, decodes what is left.

Arrow is imported only where something has to be decoded here: a selective search mostly sends a few records home as
they are.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import stringzilla

from local.cloudtrail.limits import USUAL, Limits
from local.cloudtrail.opening import Opened, Opening
from local.cloudtrail.receipt import Receipt, Tally
from local.cloudtrail.record import NO_CALL_OF_AWS
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.scanning.probe import Bytes, Probe, Sought, Text, is_hidden_in
from local.cloudtrail.scanning.unpack import Taken, records_of, taken
from local.wanted import Wanted

if TYPE_CHECKING:
    import pyarrow as pa

    from local.cloudtrail.scanning.rows import Rows


@dataclass(frozen=True, slots=True)
class Ranked:
    """A file: its place in the order of names, where it is, and how many bytes it has, as far as is known."""

    rank: int
    where: str
    size: int


@dataclass(frozen=True, slots=True)
class Picked:
    """One record of a file, undecoded."""

    where: str
    ordinal: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Gleaned:
    """What came of some files.

    `read`: their bytes as they lie. `searched`: the bytes of text that were looked through before anything was
    decoded. `picked`: records that are left to be decoded. `rows`: those that were, as a stream of Arrow.
    """

    files: int
    read: int
    searched: int
    receipt: Receipt
    picked: tuple[Picked, ...] = ()
    rows: bytes | None = None


RANK_SHIFT = 32
_SENT_UNDECODED = 256 * 2**10
"""Bytes of records of one job that are not worth Arrow's start in another process."""


class _Call(msgspec.Struct, gc=False):
    source: str = msgspec.field(name="eventSource")
    call: str = msgspec.field(name="eventName")


class _Calls(msgspec.Struct, gc=False):
    calls: list[_Call] = msgspec.field(name="Records")


_CALLS = msgspec.json.Decoder(_Calls)


class Search:
    """The work of a scan's processes, called with the files of a job; it keeps what it learns of them."""

    def __init__(self, sought: Sought, wanted: Wanted, opening: Opening, limits: Limits = USUAL) -> None:
        self._sought = sought
        self._wanted = wanted
        self._opening = opening
        self._limits = limits
        self._probe = Probe(sought)
        self._knows_of_calls = False

    def __call__(self, files: Sequence[Ranked]) -> Gleaned:
        job = _Job(self._wanted, self._limits)
        for file, opened in zip(files, self._opening(files), strict=True):
            self._file(file, opened, job)
        return job.gleaned(len(files))

    def _file(self, file: Ranked, opened: Opened, job: _Job) -> None:
        if isinstance(opened, Refusal):
            job.tally.refuse(file.where, opened)
            return
        stream, size = opened
        with stream:
            job.read += size
            match taken(stream, size, self._limits):
                case Refusal() as refusal:
                    job.tally.refuse(file.where, refusal)
                case Taken(None, rest, length):
                    job.decode(rest, length, file)
                case Taken(bytes() | bytearray() as text):
                    self._log(text, file, job)

    def _log(self, text: Bytes, file: Ranked, job: _Job) -> None:
        if not self._sought.clauses:
            job.decode_log(text, file)
            return
        job.searched += len(text)
        picked = self._picked(text) if self._probe.may_hold(text) else {}
        if picked is None:
            job.decode(io.BytesIO(text), len(text), file)
        elif picked:
            job.pick(picked, file)
        elif self._is_passed(text, job):
            job.tally.passed += 1
        else:
            job.decode(io.BytesIO(text), len(text), file)

    def _is_passed(self, text: Bytes, job: _Job) -> bool:
        """Whether nothing in a text has to be counted. Notifications and the like come as logs do: until calls have
        been seen, each text is looked at, so that an archive without any record is never said to be clear of some.
        """
        self._knows_of_calls = self._knows_of_calls or job.tally.records > 0 or _has_calls(text)
        return self._knows_of_calls

    def _picked(self, text: Bytes) -> Mapping[int, bytes] | None:
        """The records by number that may be wanted; None if the text is not JSON throughout."""
        records = records_of(text)
        if records is None:
            return None
        searched = Text(text)
        if is_hidden_in(searched):
            each = {number: bytes(record) for number, record in enumerate(records)}
            return {number: record for number, record in each.items() if self._sought.may_stand_in(record)}
        places = _Places(text, records)
        first, *others = self._probe.clauses
        return {
            number: bytes(records[number])
            for number in places.records_at([hit.at for hit in first.hits(searched)])
            if all(other.stands_in(searched, *places.extent(number)) for other in others)
        }


def _has_calls(text: Bytes) -> bool:
    try:
        calls = _CALLS.decode(text).calls
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return any(not call.source.startswith(NO_CALL_OF_AWS) for call in calls)


_FEW = 16


class _Places:
    """Where the records of a text are."""

    def __init__(self, text: Bytes, records: list[msgspec.Raw]) -> None:
        self._base = stringzilla.Str(text).address
        self._records = records

    def records_at(self, places: Sequence[int]) -> list[int]:
        """The numbers of the records that places of the text lie in, or behind."""
        if len(places) < _FEW:
            found = {bisect_right(self._records, place, key=self._start) - 1 for place in places}
        else:
            starts = list(map(self._start, self._records))
            found = {bisect_right(starts, place) - 1 for place in places}
        return sorted(found - {-1})

    def extent(self, number: int) -> tuple[int, int]:
        start = self._start(self._records[number])
        return start, start + len(memoryview(self._records[number]))

    def _start(self, record: msgspec.Raw) -> int:
        start: int = stringzilla.Str(memoryview(record)).address - self._base
        return start


class _Job:
    """What comes of a job, while it comes."""

    def __init__(self, wanted: Wanted, limits: Limits) -> None:
        self.tally = Tally()
        self.read = 0
        self.searched = 0
        self._wanted = wanted
        self._limits = limits
        self._picked: list[Picked] = []
        self._tables: list[pa.Table] = []

    def pick(self, records: Mapping[int, bytes], file: Ranked) -> None:
        first = file.rank << RANK_SHIFT
        self._picked += [Picked(file.where, first | number, record) for number, record in records.items()]

    def decode_log(self, text: Bytes, file: Ranked) -> None:
        table = self._rows.of_log(text, file.rank << RANK_SHIFT)
        if table is None:
            self.decode(io.BytesIO(text), len(text), file)
        else:
            self._tables.append(table)

    def decode(self, stream: BinaryIO, size: int, file: Ranked) -> None:
        self._tables += self._rows.of_any(stream, size, file.where, file.rank << RANK_SHIFT)

    def gleaned(self, files: int) -> Gleaned:
        picked = self._picked
        if self._tables or sum(len(each.record) for each in picked) > _SENT_UNDECODED:
            self._tables += self._rows.of_picked(picked)
            picked = []
        return Gleaned(files, self.read, self.searched, self.tally.receipt(), tuple(picked), self._sent())

    def _sent(self) -> bytes | None:
        if not self._tables:
            return None
        from local.cloudtrail.scanning import shipping  # noqa: PLC0415  # Arrow starts where it is needed

        return shipping.packed(self._tables)

    @cached_property
    def _rows(self) -> Rows:
        from local.cloudtrail.scanning.rows import Rows  # noqa: PLC0415  # Arrow starts where it is needed

        return Rows(self._wanted, self._limits, self.tally)
