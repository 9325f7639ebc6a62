"""The JSON values in one file: plain or gzip, one document or one a line, damaged or not.

Both ways out are bounded: a document has a largest size, and what a gzip file expands to has a largest ratio.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from local.cloudtrail.record import Json
from local.cloudtrail.shapes import Kind, Refusal, foreign_format, no_json

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes; `expansion` is unpacked size over packed size, and applies above `expansion_free`."""

    document: int = 256 * _MIB
    expansion: int = 250
    expansion_free: int = 64 * _MIB


class DocumentTooLargeError(Exception):
    """More than this program is willing to unpack."""


class _Bounded(io.RawIOBase):
    """What gzip gives out, until it is out of all proportion to what went in."""

    def __init__(self, packed: gzip.GzipFile, most: int) -> None:
        super().__init__()
        self._packed = packed
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._packed.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise DocumentTooLargeError("unpacks to far more than a log does")
        return count


def values(path: Path, limits: Limits) -> Iterator[tuple[int | None, Json | Refusal]]:
    """Each JSON value with its line number, None where the file is one document; or why there is none.

    Raises:
        DocumentTooLargeError: a document or the whole unpacked file is beyond the limits.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        stream = _unpacked(file, path.stat().st_size, limits)
        try:
            yield from _parsed(stream, limits)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield None, Refusal(Kind.DAMAGED, f"gzip: {error}")


def _unpacked(file: io.BufferedReader, packed_size: int, limits: Limits) -> io.BufferedReader:
    if file.peek(2)[:2] != b"\x1f\x8b":
        return file
    most = max(limits.expansion_free, limits.expansion * packed_size)
    return io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=file), most), _MIB)


def _parsed(stream: io.BufferedReader, limits: Limits) -> Iterator[tuple[int | None, Json | Refusal]]:
    if (refusal := foreign_format(stream.peek())) is not None:
        yield None, refusal
        return
    first = stream.readline(limits.document + 1).removeprefix(b"\xef\xbb\xbf")
    if not first:
        yield None, Refusal(Kind.EMPTY, "no bytes")
        return
    value = _decoded(first)
    if isinstance(value, Refusal):
        yield from _whole(first, stream, limits)
    else:
        more = bool(stream.peek(1))
        yield (1 if more else None), value
        yield from _lines(stream, 2, limits)


def _whole(first: bytes, stream: io.BufferedReader, limits: Limits) -> Iterator[tuple[int | None, Json | Refusal]]:
    """A document of several lines; where it is none, what of its lines can stand alone."""
    data = first + _rest(stream, limits.document - len(first))
    value = _decoded(data)
    if not isinstance(value, Refusal):
        yield None, value
        return
    by_line = list(_lines(io.BufferedReader(io.BytesIO(data)), 1, limits))
    if any(isinstance(part, dict) and "eventName" in part for _, part in by_line):
        yield from by_line
    else:
        yield None, value if data.strip() else Refusal(Kind.EMPTY, "nothing but blanks")


def _rest(stream: io.BufferedReader, most: int) -> bytes:
    data = stream.read(max(most, 0) + 1)
    if len(data) > most:
        raise DocumentTooLargeError("one JSON document larger than this program reads")
    return data


def _lines(stream: io.BufferedReader, number: int, limits: Limits) -> Iterator[tuple[int, Json | Refusal]]:
    while line := stream.readline(limits.document + 1):
        if len(line) > limits.document:
            raise DocumentTooLargeError("one line larger than this program reads")
        if not line.isspace():
            yield number, _decoded(line)
        number += 1


def _decoded(data: bytes) -> Json | Refusal:
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        repaired = _repaired(data)
        if repaired == data:
            return no_json(data, str(error))
        try:
            value = orjson.loads(repaired)
        except orjson.JSONDecodeError:
            return no_json(data, str(error))
    return value


_ESCAPE = re.compile(rb"\\(?:(u[dD][89abAB]..\\u[dD][c-fC-F]..)|u[dD][89a-fA-F]..|.)", re.DOTALL)


def _repaired(data: bytes) -> bytes:
    """The data with U+FFFD for what is no character: one broken string must not cost all other records.

    JSON allows an escape of half a surrogate pair, and Java writes it; UTF-8 and orjson refuse it.
    """
    text = data.decode("utf-8", "replace").encode()
    return _ESCAPE.sub(_whole_escape, text) if b"\\u" in text else text


def _whole_escape(escape: re.Match[bytes]) -> bytes:
    found = escape[0]
    is_half = escape[1] is None and found[1:2] == b"u" and len(found) > len(b"\\u")
    return b"\\ufffd" if is_half else found
