"""A file of logs as tables with every field that ES|QL reads, all its records in their order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from local.cache.listing import Source
from local.cache.parts import READABLE
from local.cloudtrail.limits import USUAL
from local.cloudtrail.receipt import Tally
from local.cloudtrail.refusal import Kind, Refusal
from local.cloudtrail.rows import Rows
from local.cloudtrail.unpack import log_text
from local.wanted import Wanted

EVERYTHING = Wanted(frozenset(READABLE))

WHOLE_BYTES = 64 * 2**20
"""Of a packed file: a larger one is not taken into memory whole."""


def tables_of(source: Source, tally: Tally) -> Iterator[pa.Table]:
    """Tables in the mapping's types, with each record's number in the file as `#`; what is no record is counted."""
    rows = Rows(EVERYTHING, USUAL, tally)
    try:
        with Path(source.where).open("rb") as file:
            if source.size > WHOLE_BYTES:
                yield from rows.of_any(file, source.size, source.name, 0)
                return
            packed = file.read()
    except OSError as error:
        tally.refuse(source.name, Refusal(Kind.UNREADABLE, error.strerror or str(error)))
        return
    text = log_text(packed, USUAL)
    table = rows.of_log(text, source.name, 0) if text is not None else None
    if table is not None:
        yield table
    else:
        yield from rows.of_any(io.BytesIO(packed), len(packed), source.name, 0)
