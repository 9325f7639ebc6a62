"""Which version of the code makes the rows of a copy: rows that other code would make otherwise are made anew."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

_LOCAL = Path(__file__).parent.parent
_MAKERS = (
    "java_double.py",
    "cloudtrail/**/*.py",
    "esql/storage.py",
    "esql/encoding.py",
    "esql/types.py",
    "cache/ingest.py",
    "cache/layout.py",
    "cache/parts.py",
)
LIBRARIES = ("deflate", "duckdb", "msgspec", "orjson", "pyarrow", "stringzilla")
"""Those that unpack, decode and write; addresses and dates are read by Python itself."""


@cache
def schema_version(installed: Callable[[str], str] = version) -> str:
    """Of everything between a file's bytes and a row of a part. A number would have to be remembered.

    `installed`: the version of a library by its name.
    """
    digest = hashlib.sha256(sys.version.encode())
    for name in LIBRARIES:
        digest.update(f"{name} {installed(name)}\0".encode())
    for path in _sources():
        digest.update(str(path.relative_to(_LOCAL)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for pattern in _MAKERS:
        yield from sorted(_LOCAL.glob(pattern))
