"""Rows on their way from one process to another: a stream of Arrow, texts as dictionaries where that is smaller."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from local.cloudtrail.ecs.columns import joined

_LEAST_REPEATS = 2
"""How often each text of a column occurs, on average, before a dictionary pays."""
_SAMPLE_ROWS = 1024


def together(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of several: a column that is a list in any of them is one in all."""
    return joined([batch for table in tables for batch in table.combine_chunks().to_batches()])


def packed(tables: Sequence[pa.Table]) -> bytes:
    table = together(tables).combine_chunks()
    columns = {name: _encoded(table[name]) for name in table.column_names}
    sink = pa.BufferOutputStream()
    encoded = pa.table(columns)
    with pa.ipc.new_stream(sink, encoded.schema) as writer:
        writer.write_table(encoded)
    return sink.getvalue().to_pybytes()


def unpacked(stream: bytes) -> pa.Table:
    table: pa.Table = pa.ipc.open_stream(stream).read_all()
    return table


def _encoded(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    if not pa.types.is_string(column.type) or not _repeats(column.slice(0, _SAMPLE_ROWS)):
        return column
    encoded: Any = column.dictionary_encode()
    texts = sum(len(chunk.dictionary) for chunk in encoded.chunks)
    is_smaller = texts * _LEAST_REPEATS <= len(column)
    return encoded if is_smaller else column


def _repeats(sample: pa.ChunkedArray[Any]) -> bool:
    """Whether a dictionary may pay, as far as a few rows tell: to make one in vain costs as much as the rest here."""
    return 0 < len(sample.unique()) * _LEAST_REPEATS <= len(sample)
