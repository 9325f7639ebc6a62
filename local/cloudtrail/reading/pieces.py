"""JSON text of any size cut into values that can be decoded one by one, whatever is wrong between them.

Brackets are counted outside of strings, and nothing else is understood. A value too large to be decoded at once
comes apart into the items of its list of records, and so does one that turns out to be damaged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from local.cloudtrail.refusal import Kind, Refusal


@dataclass(frozen=True, slots=True)
class Piece:
    """One value. `line`: where it begins, from 1. `items`: those of its list of records, should it be damaged."""

    line: int
    data: bytes
    items: tuple[Piece, ...] = ()


_Found: TypeAlias = Piece | Refusal

# Possessive throughout, so that no input makes them go back, and atomic within: before Python 3.11.5 a possessive
# group whose body can go back matches wrongly (python/cpython#100061). No JSON string goes over the end of a line:
# where one seems to, a quote is missing, and the next line is read afresh.
_STRING = rb'"(?>[^"\\\n]++|\\.)*+["\n]'
_OUTSIDE = rb'(?>[^"{}\[\]]++|%b)*+' % _STRING
_LEVELS = 6


def _over_values(levels: int) -> bytes:
    """Like `_OUTSIDE`, but over whole values, too, that have no more levels than that."""
    inner = _over_values(levels - 1) if levels > 1 else _OUTSIDE
    return rb'(?>[^"{}\[\]]++|%b|[{\[]%b[}\]])*+' % (_STRING, inner)


_TO_BRACKET = re.compile(_OUTSIDE, re.DOTALL)
_TO_OPEN_END = re.compile(_over_values(_LEVELS), re.DOTALL)
_TO_STRING_END = re.compile(rb'(?>[^"\\\n]++|\\.)*+(["\n])?', re.DOTALL)
_TO_LINE_END = re.compile(rb"[^\n]*+(\n)?")
_LIST_KEY = re.compile(rb'"(?:Records|Events|events|logEvents|hits|results|QueryResultRows)"\s*:\s*\Z')
_KEY_REACH = 64
_BETWEEN = b" \t\r\n,\x1e\xef\xbb\xbf"
"""What may stand between values: blanks, commas, and what joining files leaves (a mark of UTF-8, RFC 7464's)."""


def pieces(chunks: Iterable[bytes], most: int) -> Iterator[_Found]:
    """The values in a text that comes in chunks; at most about `most` bytes of it are held.

    Refused are an item larger than that, text between values, and the end of a text that breaks off.
    """
    cutter = _Cutter(most)
    for chunk in chunks:
        yield from cutter.take(chunk)
    yield from cutter.end()


@dataclass(slots=True)
class _Value:
    """One that has begun. `start` is None once it is too large to be kept."""

    start: int | None
    line: int


_PATIENCE = 200_000
"""Brackets of one value that are followed one by one: they are the ones that lie deep."""
_SEARCHED = 10_000
"""Brackets of a value among which its list of records begins, if it has one."""


@dataclass(slots=True)
class _Cutter:
    """All positions count from the start of the file; `_text` holds what is still needed of it, from `_base` on.

    `_whole` is the value that has begun, `_item` the one in its list of records, which lies at `_list_depth`. From
    `_closed_depth` on there can be no such list. `_told`: whether anything has been said of a value that is not kept
    whole. `_between`: where the text begins that follows the last value.
    """

    most: int
    _text: bytes = b""
    _base: int = 0
    _at: int = 0
    _ends: re.Pattern[bytes] | None = None
    _depth: int = 0
    _list_depth: int = 0
    _closed_depth: int = 0
    _steps: int = 0
    _whole: _Value = field(default_factory=lambda: _Value(None, 0))
    _item: _Value | None = None
    _items: list[tuple[_Value, int]] = field(default_factory=list)
    _told: bool = False
    _between: int = 0
    _stray_line: int | None = None
    _line: int = 1
    _line_at: int = 0

    def take(self, chunk: bytes) -> Iterator[_Found]:
        self._drop_front()
        self._text += chunk
        while bracket := self._next_bracket():
            at, self._at = self._at, self._at + 1
            self._steps += 1
            is_open = bracket in b"{["
            if self._is_deep() and (is_open or self._is_deep(-1)):
                self._depth += 1 if is_open else -1
            elif is_open:
                yield from self._open(at, bracket)
            else:
                yield from self._close(at)
            if self._steps > _PATIENCE:
                yield from self._give_up()
        self._note_between(self._at)
        yield from self._shrink()

    def end(self) -> Iterator[_Found]:
        if self._depth:
            yield from self._come_apart()
            yield Refusal(Kind.DAMAGED, "it breaks off in the middle", self._whole.line)
        yield from self._stray()

    def _is_deep(self, up: int = 0) -> bool:
        """Whether all that is left to be found here, or so many levels up, is the end of what has begun."""
        depth = self._depth + up
        return depth > self._list_depth if self._list_depth else 0 < self._closed_depth <= depth

    def _next_bracket(self) -> bytes:
        """Moves to the next bracket outside of strings; nothing where the text ends before one."""
        while True:
            if self._ends is not None:
                if not self._move(self._ends):
                    return b""
                if self._ends is _TO_LINE_END:
                    self._between = self._at
                self._ends = None
            self._move(_TO_OPEN_END if self._is_deep() else _TO_BRACKET)
            found = self._cut(self._at, self._at + 1)
            if found != b'"':
                return found
            self._ends = _TO_STRING_END
            self._at += 1

    def _move(self, pattern: re.Pattern[bytes]) -> bool:
        """Moves behind what fits the pattern, which may be nothing; says whether its group, the end, is there."""
        found = pattern.match(self._text, self._at - self._base)
        self._at += len(found[0]) if found else 0
        return found is not None and found.lastindex is not None

    def _open(self, at: int, bracket: bytes) -> Iterator[_Found]:
        if self._depth == 0:
            self._note_between(at)
            yield from self._stray()
            self._whole, self._items, self._told, self._steps = _Value(at, self._line_of(at)), [], False, 0
            self._list_depth = self._closed_depth = 0
        elif self._depth == self._list_depth:
            self._item, self._steps = _Value(at, self._line_of(at)), 0
        self._depth += 1
        if self._list_depth:
            return
        if bracket == b"[":
            is_list = self._depth == 1 or _LIST_KEY.search(self._cut(at - _KEY_REACH, at))
            self._list_depth, self._closed_depth = (self._depth, 0) if is_list else (0, self._depth)
        elif self._steps > _SEARCHED:
            self._closed_depth = 1

    def _close(self, at: int) -> Iterator[_Found]:
        if self._depth == 0:
            return  # a bracket too many is text between values
        self._depth -= 1
        if self._item is not None and self._depth == self._list_depth:
            yield from self._end_item(self._item, at + 1)
            self._item = None
        if self._depth < self._list_depth:
            self._list_depth = 0
        if self._depth < self._closed_depth:
            self._closed_depth = 0
        if self._depth == 0:
            yield from self._end_whole(at + 1)
            self._between = at + 1

    def _give_up(self) -> Iterator[_Found]:
        """Of what has begun and the rest of its line nothing more is said."""
        yield from self._come_apart()
        if self._item is None or self._item.start is not None:
            yield _too_large(self._item or self._whole)
        self._depth, self._item, self._steps, self._ends = 0, None, 0, _TO_LINE_END

    def _end_item(self, item: _Value, end: int) -> Iterator[_Found]:
        if item.start is not None and end - item.start > self.most:
            item.start, self._told = None, True
            yield _too_large(item)
        elif self._whole.start is not None:
            self._items.append((item, end))
        elif item.start is not None:
            self._told = True
            yield Piece(item.line, self._cut(item.start, end))

    def _end_whole(self, end: int) -> Iterator[_Found]:
        if self._whole.start is not None and end - self._whole.start > self.most:
            yield from self._come_apart()
        if self._whole.start is not None:
            yield Piece(self._whole.line, self._cut(self._whole.start, end), tuple(self._kept_items()))
        elif not self._told:
            yield _too_large(self._whole)

    def _come_apart(self) -> Iterator[_Found]:
        """From here on the value that has begun is taken item by item."""
        if self._whole.start is not None:
            self._told = self._told or bool(self._items)
            yield from self._kept_items()
            self._whole.start, self._items = None, []

    def _kept_items(self) -> Iterator[Piece]:
        for item, end in self._items:
            if item.start is not None:
                yield Piece(item.line, self._cut(item.start, end))

    def _shrink(self) -> Iterator[_Found]:
        if self._depth and self._whole.start is not None and self._at - self._whole.start > self.most:
            yield from self._come_apart()
        item = self._item
        if item is not None and item.start is not None and self._at - item.start > self.most:
            item.start, self._told = None, True
            yield _too_large(item)

    def _drop_front(self) -> None:
        begun = [self._at - _KEY_REACH, *(value.start for value in self._begun() if value.start is not None)]
        keep = max(min(begun), self._base)
        self._line_of(max(keep, self._line_at))
        self._text, self._base = self._text[keep - self._base :], keep

    def _begun(self) -> Iterator[_Value]:
        if self._depth:
            yield self._whole
        if self._item is not None:
            yield self._item

    def _cut(self, start: int, end: int) -> bytes:
        return self._text[max(0, start - self._base) : end - self._base]

    def _line_of(self, at: int) -> int:
        self._line += self._text.count(b"\n", self._line_at - self._base, at - self._base)
        self._line_at = at
        return self._line

    def _note_between(self, at: int) -> None:
        """Text outside of values is told of once before the next value, with the line where it begins."""
        if self._depth or self._ends is _TO_LINE_END:
            return
        stray = self._cut(self._between, at).lstrip(_BETWEEN)
        if stray and self._stray_line is None:
            self._stray_line = self._line_of(at - len(stray))
        self._between = at

    def _stray(self) -> Iterator[_Found]:
        if self._stray_line is not None:
            yield Refusal(Kind.TEXT, "text between values", self._stray_line)
            self._stray_line = None


def _too_large(value: _Value) -> Refusal:
    return Refusal(Kind.TOO_LARGE, "one value larger than this program reads", value.line)
