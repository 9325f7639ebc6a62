"""What a file's first bytes say that it is, before anything is made of it."""

from __future__ import annotations

import re
from enum import StrEnum

from local.cloudtrail.refusal import Kind, Refusal

HEAD = 1024
"""The bytes that are looked at."""


class Format(StrEnum):
    """What can be read: text, or something that text lies in. The value is its name for people."""

    TEXT = "text"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"
    TAR = "tar"
    UTF16 = "UTF-16"
    UTF16_LE = "UTF-16LE"
    UTF16_BE = "UTF-16BE"
    UTF32 = "UTF-32"


def _unread(name: str, cure: str) -> Refusal:
    return Refusal(Kind.FORMAT, f"{name}; {cure}")


_AS_JSON_LINES = "export it as JSON lines, in Athena by UNLOAD (..) TO '..' WITH (format = 'JSON')"
_UNPACK = "unpack it first"

# A mark that begins another one stands behind it.
_MARKS: tuple[tuple[bytes, Format | Refusal], ...] = (
    (rb"\x1f\x8b", Format.GZIP),
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", Format.BZIP2),
    (rb"\xfd7zXZ\0", Format.XZ),
    (rb"\x28\xb5\x2f\xfd", Format.ZSTD),
    (rb"PK(?:\x03\x04|\x05\x06)", Format.ZIP),
    (rb".{257}ustar", Format.TAR),
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", Format.UTF32),
    (rb"\xff\xfe|\xfe\xff", Format.UTF16),
    (rb"(?:[\t\n\r -~]\0){2}", Format.UTF16_LE),
    (rb"(?:\0[\t\n\r -~]){2}", Format.UTF16_BE),
    (rb"version https://git-lfs", Refusal(Kind.LFS_POINTER, "run `git lfs pull` to have the log itself")),
    (rb"PAR1", _unread("Parquet", _AS_JSON_LINES)),
    (rb"ORC", _unread("ORC", _AS_JSON_LINES)),
    (rb"Obj\x01", _unread("Avro", _AS_JSON_LINES)),
    (rb"7z\xbc\xaf\x27\x1c", _unread("7-Zip", _UNPACK)),
    (rb"Rar!\x1a\x07", _unread("RAR", _UNPACK)),
    (rb"\x04\x22\x4d\x18", _unread("LZ4", _UNPACK)),
    (rb"\xff\x06\0\0sNaPpY", _unread("Snappy", _UNPACK)),
    (rb"\x1f[\x9d\xa0]", _unread("compress", _UNPACK)),
    (rb"\xd0\xcf\x11\xe0", _unread("Microsoft Office", "export the records as JSON instead")),
    (rb"SQLite format 3\0", _unread("SQLite", "export the records as JSON instead")),
    (rb"%PDF-", _unread("PDF", "export the records as JSON instead")),
)
_COMPILED = tuple((re.compile(mark, re.DOTALL), meaning) for mark, meaning in _MARKS)


def format_of(head: bytes) -> Format | Refusal:
    """What a file is that begins with these bytes, or why it is not read."""
    for mark, meaning in _COMPILED:
        if mark.match(head):
            return meaning
    # JSON escapes control characters, so a NUL is never JSON.
    return Refusal(Kind.BINARY, "not a text file") if b"\0" in head[:HEAD] else Format.TEXT
