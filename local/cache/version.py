"""Which version of the code makes the rows of a copy: rows that other code would make otherwise are made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_LOCAL = Path(__file__).parent.parent
_MAKERS = (
    "cloudtrail/**/*.py",
    "esql/storage.py",
    "esql/encoding.py",
    "esql/types.py",
    "cache/ingest.py",
    "cache/layout.py",
    "cache/parts.py",
)


@cache
def schema_version() -> str:
    """Of everything between a file's bytes and a row of a part. A number would have to be remembered."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(str(path.relative_to(_LOCAL)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for pattern in _MAKERS:
        yield from sorted(_LOCAL.glob(pattern))
