"""CloudTrail as CSV: which tool wrote it shows in its columns, and what that tool lost decides whether it is read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from local.cloudtrail.limits import Limits
from local.cloudtrail.reading import athena
from local.cloudtrail.reading.shapes import TEXT_KEYS, records_in
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal

_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of CloudTrail. `columns` in lower case; `lost`: why its rows are not read."""

    separator: str
    columns: tuple[str, ...]
    lost: Refusal | None


def recognised(head: bytes) -> Table | None:
    """The table that a text is which begins so; None if it is none of CloudTrail."""
    line = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].rstrip(b"\r")
    if line.lstrip()[:1] in (b"{", b"["):
        return None
    for separator in _SEPARATORS:
        columns = tuple(name.strip().lower() for name in _cells(line.decode("utf-8", "replace"), separator) or ())
        for fits, lost in _TABLES:
            if fits(frozenset(columns)):
                return Table(separator, columns, lost)
    return None


def _lost(reason: str) -> Refusal:
    return Refusal(Kind.LOSSY_TABLE, reason)


_TABLES: tuple[tuple[Callable[[frozenset[str]], bool], Refusal | None], ...] = (
    (lambda columns: len(columns) > 1 and not columns.isdisjoint(map(str.lower, TEXT_KEYS)), None),
    (
        lambda columns: {"awseventid", "eventname"} <= columns,
        _lost("a Sentinel export: its times are written as its reader's region has it; export AWSCloudTrail as JSON"),
    ),
    (
        lambda columns: {"event name", "event source"} <= columns,
        _lost("the CloudTrail console's CSV has no parameters; download the event history as JSON"),
    ),
    (
        lambda columns: "@timestamp" in columns and any(name.startswith(("event.", "aws.")) for name in columns),
        _lost("a Kibana report: several values of a field can not be told apart; export the documents as JSON"),
    ),
    (lambda columns: columns >= athena.NEEDED, None),
    (
        lambda columns: {"eventname", "eventsource"} <= columns,
        _lost(f"not all columns that hunts read ({', '.join(sorted(athena.NEEDED))}); export SELECT *"),
    ),
)


def records(table: Table, stream: io.BufferedReader, limits: Limits) -> Iterator[Record | Mapped | Refusal]:
    """What each row holds; `stream` stands at the header."""
    if table.lost is not None:
        yield table.lost
        return
    is_header = True
    for line, row in _rows(stream, limits.document):
        if not is_header:
            for found in _found(table, row):
                yield replace(found, line=line) if isinstance(found, Refusal) else found
        is_header = False


def _found(table: Table, row: str | Refusal) -> Iterator[Record | Mapped | Refusal]:
    if isinstance(row, Refusal):
        yield row
        return
    cells = _cells(row, table.separator)
    if cells is None or len(cells) != len(table.columns):
        yield Refusal(Kind.DAMAGED, f"a row that has not {len(table.columns)} columns")
        return
    named = dict(zip(table.columns, cells, strict=True))
    for key in TEXT_KEYS:
        if key.lower() in named:
            yield from records_in({key: named[key.lower()]})
            return
    yield from records_in(dict(named))


def _rows(stream: io.BufferedReader, most: int) -> Iterator[tuple[int, str | Refusal]]:
    """Rows with the number of their first line: a row goes on over line ends while a quote is open (RFC 4180)."""
    number = 0
    while True:
        first, parts, size, quotes = number + 1, list[bytes](), 0, 0
        while (not parts or quotes % 2) and size <= most and (line := stream.readline(most + 1 - size)):
            number += 1
            parts.append(line)
            size, quotes = size + len(line), quotes + line.count(b'"')
        if not parts:
            return
        if size > most:
            _skip_line(stream, parts[-1])
            yield first, Refusal(Kind.TOO_LARGE, "one row larger than this program reads")
        elif row := b"".join(parts).decode("utf-8", "replace").rstrip("\r\n"):
            yield first, row


def _skip_line(stream: io.BufferedReader, read: bytes) -> None:
    while read and not read.endswith(b"\n"):
        read = stream.readline(2**20)


def _cells(row: str, separator: str) -> Sequence[str] | None:
    """The cells of a row, None if its quotes do not pair."""
    cell = re.compile(rf'(?:"((?:[^"]++|"")*)"|([^"{separator}]*+))({separator}|\Z)')
    cells: list[str] = []
    at, goes_on = 0, True
    while goes_on:
        found = cell.match(row, at)
        if found is None:
            return None
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        at, goes_on = found.end(), bool(found[3])
    return cells
