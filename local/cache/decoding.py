"""A file of logs as tables with every field of the mapping, all its records in their order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyarrow as pa

from local.cache.listing import Source
from local.cloudtrail.columns import BATCH_ROWS, Columns
from local.cloudtrail.contents import contents
from local.cloudtrail.limits import USUAL
from local.cloudtrail.mapping import document_of
from local.cloudtrail.opening import Opened
from local.cloudtrail.receipt import Tally
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.typed import EVERY_FIELD, columns_of
from local.cloudtrail.unpack import log_text
from local.cloudtrail.walk import unreadable

WHOLE_BYTES = 64 * 2**20
"""Of a packed file: a larger one is not taken into memory whole."""


def tables_of(source: Source, file: Opened, tally: Tally) -> Iterator[pa.RecordBatch]:
    """Tables in the mapping's types, small enough to be held; what is no record is counted."""
    if isinstance(file, Refusal):
        tally.refuse(source.where, file)
        return
    stream, size = file
    with stream:
        if size > WHOLE_BYTES:
            yield from _one_by_one(source, stream, size, tally)
            return
        try:
            packed = stream.read()
        except OSError as error:
            tally.refuse(source.where, unreadable(error))
            return
    text = log_text(packed, USUAL)
    typed = columns_of(text, EVERY_FIELD) if text is not None else None
    if typed is None:
        yield from _one_by_one(source, io.BytesIO(packed), len(packed), tally)
        return
    tally.files += 1
    tally.records += typed.rows.num_rows
    tally.undated += typed.undated
    yield typed.rows


def _one_by_one(source: Source, stream: BinaryIO, size: int, tally: Tally) -> Iterator[pa.RecordBatch]:
    """The general way, which reads whatever there is."""
    found = tally.sift(source.where, contents(stream, size))
    while some := list(islice(found, BATCH_ROWS)):
        columns = Columns()
        columns.add(map(document_of, some))
        (batch,) = columns.table().combine_chunks().to_batches()
        yield batch
