"""What one file of any kind holds: the general way, which reads whatever somebody may have kept CloudTrail as."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO, TypeAlias

from local.cloudtrail.limits import USUAL, Limits
from local.cloudtrail.reading import tables
from local.cloudtrail.reading.json_stream import values
from local.cloudtrail.reading.layers import texts
from local.cloudtrail.reading.shapes import records_in
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal

Found: TypeAlias = Record | Mapped | Refusal


def contents(stream: BinaryIO, size: int, limits: Limits = USUAL) -> Iterator[Found]:
    """The records of a file of so many bytes, and a refusal for each thing in it that is none.

    Content alone decides, never a name. It raises nothing over what is in the file, and an OSError of the stream
    comes back as a refusal. The stream stands at the file's start and can seek where it may be a large zip file.
    """
    for text in texts(stream, size, limits):
        if isinstance(text, Refusal):
            yield text
            continue
        for found in _with_faults(_found(text.stream, limits), text.faults):
            yield replace(found, member=text.member) if isinstance(found, Refusal) else found


def _found(stream: io.BufferedReader, limits: Limits) -> Iterator[Found]:
    is_empty = True
    for found in _in_text(stream, limits):
        is_empty = False
        yield found
    if is_empty:
        yield Refusal(Kind.NO_RECORDS, "an envelope with nothing in it")


def _in_text(stream: io.BufferedReader, limits: Limits) -> Iterator[Found]:
    if (table := tables.recognised(stream.peek())) is not None:
        yield from tables.records(table, stream, limits)
        return
    for line, value in values(stream, limits):
        for found in records_in(value):
            yield replace(found, line=line) if isinstance(found, Refusal) else found


_CONSEQUENCES = (Kind.EMPTY, Kind.DAMAGED, Kind.TEXT, Kind.NO_RECORDS)


def _with_faults(found: Iterable[Found], faults: list[Refusal]) -> Iterator[Found]:
    """Why a text ended early is told in place of what its end then looked like."""
    last: Refusal | None = None
    for item in found:
        if last is not None:
            yield last
            last = None
        if isinstance(item, Refusal):
            last = item
        else:
            yield item
    if last is not None and not (faults and last.kind in _CONSEQUENCES):
        yield last
    yield from faults[:1]
