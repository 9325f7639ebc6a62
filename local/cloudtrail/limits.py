"""How much of one file is taken into memory, or unpacked, before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes.

    `document`: what is decoded at once, be it a small file, a line or one record of a large file; AWS writes no
    record above 1 MiB. `expansion`: unpacked size over packed size, which applies above `expansion_free`.
    `layers`: how deep files may lie within files, such as a gzip file in a zip file.
    """

    document: int = 16 * _MIB
    expansion: int = 250
    expansion_free: int = 64 * _MIB
    layers: int = 5


USUAL = Limits()
