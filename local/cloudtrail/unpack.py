"""The text of a log that is an ordinary one: gzip or plain, of sane size, `{"Records":[{` to `]}`.

Everything else is None here and goes the general way of `contents`, which is bounded in every step and knows every
shape.
"""

from __future__ import annotations

import re
import struct

import deflate
import stringzilla

from local.cloudtrail.limits import Limits

_MAGIC = b"\x1f\x8b\x08"
_TRAILER = struct.Struct("<4xI")
MOST = 64 * 2**20
"""Bytes of text that are searched in memory; what is larger is read as a stream."""
_BLANKS = b" \t\r\n"
_BEGIN = re.compile(rb'[ \t\r\n]*+\{[ \t\r\n]*+"Records"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+\{')
_END = re.compile(rb"\][ \t\r\n]*+\}$")
_TAIL = 256


def log_text(packed: bytes, limits: Limits) -> bytes | bytearray | None:
    """The text of a file that holds one list of records, as far as its first and last bytes tell; None: look closer.

    A log may still be damaged within, or be several. What libdeflate alone would believe is checked: it reads the
    first of several gzip members and allocates whatever the last four bytes say.
    """
    text = _unpacked(packed, limits) if packed.startswith(_MAGIC) else packed
    return text if text is not None and _is_log(text) else None


def _is_log(text: bytes | bytearray) -> bool:
    return _BEGIN.match(text) is not None and _END.search(text[-_TAIL:].rstrip(_BLANKS)) is not None


def _unpacked(packed: bytes, limits: Limits) -> bytes | bytearray | None:
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
