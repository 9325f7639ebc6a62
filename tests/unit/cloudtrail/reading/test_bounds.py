"""Files made to fill the memory or the time: cut off within bounds, and what is good beside them is read."""

from __future__ import annotations

import errno
import gzip
import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import orjson
import pytest

from local.cloudtrail.limits import Limits
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal
from tests.unit.cloudtrail.logs import ONE, TWO, kinds, lines, pretty, record, refused, taken
from tests.unit.cloudtrail.reading.test_contents import tarred, zipped

MIB = 2**20


class Made(io.RawIOBase):
    """A file that is made while it is read, so that none of its size is in this process."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._ready = self._ready or next(self._parts, b"")
        part, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def read(*parts: Iterator[bytes] | bytes) -> tuple[list[Record | Mapped], list[Refusal], int]:
    """Records, refusals, and the most bytes that were held at once."""
    stream = io.BufferedReader(
        Made(chain.from_iterable([part] if isinstance(part, bytes) else part for part in parts))
    )
    tracemalloc.start()
    try:
        found = list(contents(stream, 2**62))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return [f for f in found if not isinstance(f, Refusal)], [f for f in found if isinstance(f, Refusal)], peak


HUGE = {
    "one value": (b'{"eventName":"', repeat(b"x" * MIB, 200), b'"}\n'),
    "many small values": (b'{"a":[', repeat(b"[1]," * (MIB // 4), 20), b"0]}\n"),
    "brackets that never close": (repeat(b"[" * MIB, 20), b"\n"),
    "backslashes": (b'{"a":"', repeat(b"\\" * MIB, 20), b'"}\n'),
    "no JSON": (repeat(b"x" * MIB, 20), b"\n"),
}


@pytest.mark.parametrize("what", HUGE)
def test_a_huge_line_costs_only_itself_and_little_memory(what: str) -> None:
    records, refusals, peak = read(lines(ONE), *HUGE[what], lines(TWO))
    assert records == [ONE, TWO]
    assert [(refusal.kind, refusal.line) for refusal in refusals] == [(Kind.TOO_LARGE, 2)]
    assert peak < 96 * MIB


def test_a_log_of_many_mib_on_one_line_is_read_record_by_record() -> None:
    part = orjson.dumps(record(noise="x" * 2000)) + b","
    records, refusals, peak = read(b'{"Records":[', repeat(part, 12_000), orjson.dumps(TWO), b"]}")
    assert (len(records), records[-1], refusals) == (12_001, TWO, [])
    assert peak < 200 * MIB  # of which the records that this test keeps take the most


def test_a_stream_of_blanks_is_empty() -> None:
    records, refusals, peak = read(repeat(b" \n" * MIB, 12))
    assert (records, [refusal.kind for refusal in refusals]) == ([], [Kind.EMPTY])
    assert peak < 96 * MIB


TIGHT = Limits(expansion=20, expansion_free=100_000)


def zip_of_overlaps() -> bytes:
    """Many names for the same bytes (Fifield, "A better zip bomb", 2019)."""
    data = bytearray(zipped(x=b"\n" * 90_000))
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, 500 * len(entry), start, 0)
    return bytes(data[:start] + entry * 500 + end)


BOMBS: dict[str, bytes] = {
    "gzip": gzip.compress(b"\n" * 3_000_000),
    "gzip in gzip": gzip.compress(gzip.compress(b"\n" * 3_000_000)),
    "zip": zipped(x=b"\n" * 3_000_000),
    "zip of many": zipped(**{f"{number}": b"\n" * 50_000 for number in range(60)}),
    "tar": gzip.compress(tarred(x=b"\n" * 3_000_000)),
    "UTF-16": gzip.compress(("\n" * 1_500_000).encode("utf-16")),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_cut_off(what: str) -> None:
    found = kinds(BOMBS[what], TIGHT)
    assert found[-1] is Kind.TOO_LARGE
    assert found.count(Kind.TOO_LARGE) == 1
    assert set(found[:-1]) <= {Kind.EMPTY}


def test_a_zip_of_overlaps_is_read_once_at_most() -> None:
    """Some builds of Python refuse what overlaps (python/cpython#109858), in others the bytes add up."""
    found = kinds(zip_of_overlaps(), TIGHT)
    assert found.count(Kind.EMPTY) <= 20
    assert set(found) - {Kind.EMPTY} in ({Kind.TOO_LARGE}, {Kind.DAMAGED})


def test_what_a_bomb_held_before_is_kept() -> None:
    data = gzip.compress(lines(ONE, TWO) + b"\n" * 3_000_000)
    assert taken(data, TIGHT) == [ONE, TWO]
    assert kinds(data, TIGHT) == [Kind.TOO_LARGE]


def test_layers_end() -> None:
    data = orjson.dumps([ONE])
    for _ in range(20):
        data = gzip.compress(data)
    assert kinds(data) == [Kind.TOO_LARGE]


def test_a_gzip_file_of_itself_ends() -> None:
    """As one that unpacks to itself (Cox, "Zip Files All The Way Down", 2010), only longer."""
    inner = orjson.dumps([ONE])
    for _ in range(4):
        inner = zipped(**{"again.zip": inner})
    assert taken(inner) == [ONE]
    assert kinds(zipped(**{"again.zip": zipped(**{"again.zip": inner})})) == [Kind.TOO_LARGE]


def test_a_zip_file_that_claims_a_huge_table_of_contents_is_refused() -> None:
    data = bytearray(zipped(x=b"[]"))
    at = data.index(b"PK\x05\x06")
    data[at + 12 : at + 20] = struct.pack("<2L", 2**32 - 2, 0)
    assert kinds(bytes(data))[0] in (Kind.DAMAGED, Kind.TOO_LARGE)


def test_a_zip_file_with_too_many_names_is_refused() -> None:
    size = 17 * MIB
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 4, 0)
    assert kinds(b"PK\x03\x04" + bytes(size) + end) == [Kind.TOO_LARGE]


@pytest.mark.parametrize(
    "content",
    [orjson.dumps([record(noise="x" * 5000), TWO]), pretty({"Records": [record(noise="x" * 5000), TWO]})],
    ids=["one line", "pretty"],
)
def test_a_record_larger_than_the_limit_costs_only_itself(content: bytes) -> None:
    assert taken(content, Limits(document=1000)) == [TWO]
    assert kinds(content, Limits(document=1000)) == [Kind.TOO_LARGE]


def test_a_line_larger_than_the_limit_costs_only_itself() -> None:
    content = lines(ONE, record(noise="x" * 5000), TWO)
    assert taken(content, Limits(document=1000)) == [ONE, TWO]
    assert [(r.kind, r.line) for r in refused(content, Limits(document=1000))] == [(Kind.TOO_LARGE, 2)]


@pytest.mark.parametrize("size", range(len(orjson.dumps(ONE)) - 2, len(orjson.dumps(ONE)) + 4))
def test_the_limit_is_the_same_to_the_byte_however_records_lie(size: int) -> None:
    fits = [ONE] * 3 if len(orjson.dumps(ONE)) <= size else []
    is_line_cut = len(orjson.dumps(ONE)) < size
    assert taken(orjson.dumps([ONE] * 3), Limits(document=size)) == fits
    if is_line_cut or not fits:
        assert taken(lines(ONE, ONE, ONE), Limits(document=size)) == fits


class Failing(io.RawIOBase):
    """A file whose disk, or whose server, gives up in the middle."""

    def __init__(self, data: bytes, error: OSError) -> None:
        super().__init__()
        self._data = io.BytesIO(data)
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._data.read(min(len(buffer), 1000))
        if not part:
            raise self._error
        buffer[: len(part)] = part
        return len(part)


ERRORS = [
    OSError(errno.EIO, "Input/output error"),
    PermissionError(errno.EACCES, "Permission denied"),
    OSError("timed out"),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zlib.compress(data, wbits=31)[:-9]])
def test_a_file_that_can_not_be_read_to_its_end_keeps_what_came_before(
    error: OSError, pack: Callable[[bytes], bytes]
) -> None:
    data = pack(lines(*(record(str(number)) for number in range(500))))
    found = list(contents(io.BufferedReader(Failing(data, error)), 2**40))
    assert len(found) > 400
    last = found[-1]
    assert isinstance(last, Refusal)
    assert (last.kind, last.reason) == (Kind.UNREADABLE, error.strerror or str(error))
    assert not any(isinstance(item, Refusal) for item in found[:-1])


def test_a_file_without_an_end_ends_where_it_did_when_it_was_opened() -> None:
    endless = io.BufferedReader(Made(repeat(lines(ONE))))
    assert list(contents(endless, 10 * len(lines(ONE)))) == [ONE] * 10


def test_a_large_zip_file_in_a_stream_that_can_not_seek_says_what_to_do() -> None:
    data = zipped(x=orjson.dumps([ONE]))
    stream = io.BufferedReader(Made(iter([data])))
    assert list(contents(stream, len(data))) == [ONE]
    stream = io.BufferedReader(Made(iter([data])))
    (refusal,) = contents(stream, len(data), Limits(expansion_free=10))
    assert isinstance(refusal, Refusal)
    assert refusal.kind is Kind.TOO_LARGE
