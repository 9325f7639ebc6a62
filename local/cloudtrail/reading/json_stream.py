"""The JSON values in a text: one document, one a line, or end to end; whole, damaged or far too large."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TypeAlias

from local.cloudtrail.limits import Limits
from local.cloudtrail.reading.decoding import decoded, no_json
from local.cloudtrail.reading.pieces import Piece, pieces
from local.cloudtrail.reading.shapes import records_in
from local.cloudtrail.record import Json
from local.cloudtrail.refusal import Kind, Refusal

_Numbered: TypeAlias = "tuple[int | None, Json | Refusal]"

_CHUNK = 2**20
_LINES_TRIED = 100
_HELD = 1000


def values(stream: io.BufferedReader, limits: Limits) -> Iterator[_Numbered]:
    """Each JSON value with its line number, None where the file is one document; or why there is none."""
    head = stream.read(limits.document + 1)
    is_whole = len(head) <= limits.document
    head = head.removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        otherwise = Refusal(Kind.EMPTY, "nothing but blanks" if head else "no bytes")
    elif not is_whole:
        otherwise = no_json(head, "no value in it is whole")
    else:
        value = decoded(head)
        if not isinstance(value, Refusal):
            yield None, value
            return
        otherwise = value
    if _is_lines(head if is_whole else head[: head.rfind(b"\n") + 1]):
        yield from _by_line(head, stream, limits.document)
    else:
        rest = iter(lambda: stream.read(_CHUNK), b"")
        yield from _settled(_cut(chain((head,), rest), limits.document), otherwise)


def _is_lines(head: bytes) -> bool:
    """Whether one of the first lines is a record, or an envelope of records, by itself."""
    lines = io.BytesIO(head.lstrip())
    return any(_holds_record(decoded(line)) for line in islice(lines, _LINES_TRIED))


def _holds_record(value: Json | Refusal) -> bool:
    return isinstance(value, dict | list) and any(not isinstance(found, Refusal) for found in records_in(value))


def _by_line(head: bytes, stream: io.BufferedReader, most: int) -> Iterator[_Numbered]:
    for number, line in enumerate(_lines(head, stream, most + 1), 1):
        if line.isspace():
            continue
        is_whole = len(line) <= most
        value = decoded(line) if is_whole else Refusal(Kind.TOO_LARGE, "one line larger than this program reads")
        if not isinstance(value, Refusal):
            yield number, value
            continue
        rest = () if is_whole else iter(lambda: stream.readline(_CHUNK), b"")
        for _, found in _settled(_cut(_to_line_end(chain((line,), rest)), most), value):
            yield number, found


def _lines(head: bytes, stream: io.BufferedReader, most: int) -> Iterator[bytes]:
    """Lines of at most so many bytes; who gets one without an end has the rest of it to read from the stream."""
    begun = io.BytesIO(head)
    while line := begun.readline():
        yield line if line.endswith(b"\n") else line + stream.readline(max(0, most - len(line)))
    while line := stream.readline(most):
        yield line


def _to_line_end(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        if chunk.endswith(b"\n"):
            return


def _cut(chunks: Iterable[bytes], most: int) -> Iterator[_Numbered]:
    for piece in pieces(chunks, most):
        if isinstance(piece, Refusal):
            yield piece.line, piece
        else:
            yield from _decoded(piece)


def _decoded(piece: Piece) -> Iterator[_Numbered]:
    """The value, or where it is damaged those of its items that are not, and at least one refusal."""
    value = decoded(piece.data)
    if not isinstance(value, Refusal):
        yield piece.line, value
        return
    items = [(item.line, decoded(item.data)) for item in piece.items]
    yield from items
    if not any(isinstance(item, Refusal) for _, item in items):
        yield piece.line, value


def _settled(found: Iterable[_Numbered], otherwise: Refusal) -> Iterator[_Numbered]:
    """What was found, unless nothing shows that the text is JSON at all: then that is said once, in other words.

    Prose and programs hold brackets with valid JSON between them, too; of those only a record is proof.
    """
    held: list[_Numbered] = []
    is_settled = False
    for line, value in found:
        if not is_settled:
            is_settled = _is_proof(value, otherwise.kind) or len(held) == _HELD
            yield from held if is_settled else ()
        if is_settled:
            yield line, value
        else:
            held.append((line, value if isinstance(value, Refusal) else Refusal(Kind.OTHER_JSON, "no record")))
    if not is_settled:
        yield None, otherwise


def _is_proof(value: Json | Refusal, doubt: Kind) -> bool:
    if isinstance(value, Refusal):
        return value.kind not in (Kind.DAMAGED, Kind.TEXT) or doubt is Kind.EMPTY
    return doubt is not Kind.TEXT or _holds_record(value)
