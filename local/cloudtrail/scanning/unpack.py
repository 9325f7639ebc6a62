"""Takes files in, and tells ordinary logs from others: gzip or plain, of sane size, `{"Records":[{` to `]}`.

Everything else is None here and goes the general way of `contents`, which is bounded in every step and knows every
shape.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

import deflate
import msgspec
import stringzilla

from local.cloudtrail.limits import Limits
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.scanning.probe import Bytes
from local.cloudtrail.walk import unreadable

_MAGIC = b"\x1f\x8b\x08"
_TRAILER = struct.Struct("<4xI")
MOST = 64 * 2**20
"""Bytes of text that are searched in memory; what is larger is read as a stream."""
_BLANKS = b" \t\r\n"
_BEGIN = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"Records"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+\{')
_END = re.compile(rb"\][ \t\r\n]*+\}$")
_TAIL = 256


class _Log(msgspec.Struct, gc=False):
    """A log with its records bounded and checked to be JSON, not decoded. Of a key given twice the last counts."""

    records: list[msgspec.Raw] = msgspec.field(name="Records")


_BOUNDS = msgspec.json.Decoder(_Log)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file: its text if it is an ordinary log, and where it is read from its start if it is not, with its size."""

    text: Bytes | None
    stream: BinaryIO
    size: int


def taken(stream: BinaryIO, size: int, limits: Limits) -> Taken | Refusal:
    """What an open file of so many bytes holds; a refusal where it can not be read."""
    if size > MOST:
        return Taken(None, stream, size)
    try:
        packed = stream.read()
    except OSError as error:
        return unreadable(error)
    return Taken(log_text(packed, limits), io.BytesIO(packed), len(packed))


def records_of(text: Bytes) -> list[msgspec.Raw] | None:
    """The records of a log, undecoded; None if it is not JSON throughout."""
    try:
        return _BOUNDS.decode(text).records
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def log_text(packed: bytes, limits: Limits) -> Bytes | None:
    """The text of a file that holds one list of records, as far as its first and last bytes tell; None: look closer.

    A log may still be damaged within, or be several. What libdeflate alone would believe is checked: it reads the
    first of several gzip members and allocates whatever the last four bytes say.
    """
    text = _unpacked(packed, limits) if packed.startswith(_MAGIC) else packed
    return text if text is not None and _is_log(text) and _are_small(text, limits.document) else None


def _are_small(text: Bytes, most: int) -> bool:
    """Whether no record is larger than any way takes it: in all but the largest logs none can be."""
    if len(text) <= most:
        return True
    records = records_of(text)
    return records is not None and all(len(memoryview(record)) <= most for record in records)


def _is_log(text: Bytes) -> bool:
    return _BEGIN.match(text) is not None and _END.search(text[-_TAIL:].rstrip(_BLANKS)) is not None


def _unpacked(packed: bytes, limits: Limits) -> Bytes | None:
    size = _unpacked_size(packed)
    if not 0 < size <= min(MOST, max(limits.expansion_free, limits.expansion * len(packed))):
        return None
    try:
        text = deflate.gzip_decompress(packed)
    except deflate.DeflateError:
        return None
    return text if len(text) == size and not _has_members(packed, size) else None


def _unpacked_size(packed: bytes) -> int:
    if len(packed) < _TRAILER.size:
        return 0
    size: int
    (size,) = _TRAILER.unpack_from(packed, len(packed) - _TRAILER.size)
    return size


def _has_members(packed: bytes, size: int) -> bool:
    """Whether another gzip member may begin after one of this size: behind its trailer, or the zeros that pad it.

    The magic bytes alone stand by chance in one file of a hundred.
    """
    searched = stringzilla.Str(packed)
    at: int = searched.find(_MAGIC, 1)
    while at >= 0:
        if packed[at - 1] == 0 or _unpacked_size(packed[:at]) == size:
            return True
        at = searched.find(_MAGIC, at + 1)
    return False
