"""What every text that a pattern matches is made of: the literal parts of LIKE and RLIKE, with gaps between them."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, product

Pieces = tuple[str | None, ...]
"""Literal text and gaps (None), in the order in which a text has them: `("a", None)` begins with `a`."""

GAP = None
_ANYTHING: Pieces = (GAP,)
_MOST_ALTERNATIVES = 16
_PART = re.compile(
    r"(?P<wild>\(\?:\(\?s:\.\)\)\*|\(\?s:\.\*?\))|\\(?P<escaped>.)|(?P<plain>[^\\()\[\]{}?*+|.^$])", re.DOTALL
)
_PARTS = re.sub(r"\?P<\w+>", "?:", _PART.pattern)
_ALTERNATIVE = re.compile(rf"\(\?:((?:{_PARTS})*)\)", re.DOTALL)
_SIMPLE = re.compile(rf"{_ALTERNATIVE.pattern}(?:\|{_ALTERNATIVE.pattern})*", re.DOTALL)
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENED = re.compile(r"\(\?[a-z]*:")
_REPEATED = re.compile(r"[?*+]|\{(\d+)[^}]*\}")


def pieces_of_re2(pattern: str) -> tuple[Pieces, ...]:
    """For each alternative what a text that matches it as a whole is made of; `pattern` is as `lucene` writes it."""
    return _Reader(pattern).alternatives()


def sql_likes_of_re2(pattern: str) -> list[str] | None:
    r"""The same as patterns of SQL's LIKE (`\` escapes), one of which has to fit; None where LIKE cannot say it.

    DuckDB compares prefixes and looks for parts many times faster than it runs an expression.
    """
    if _SIMPLE.fullmatch(pattern) is None:
        return None
    alternatives = [found[1] for found in _ALTERNATIVE.finditer(pattern)]
    return ["".join(map(_in_like, _PART.finditer(alternative))) for alternative in alternatives]


def _in_like(part: re.Match[str]) -> str:
    if part["wild"]:
        return "%" if "*" in part["wild"] else "_"
    char = part["escaped"] or part["plain"]
    return f"\\{char}" if char in "%_\\" else char


def joined(pieces: Iterable[str | None]) -> Pieces:
    """The same with neighbours of one kind made one."""
    runs = groupby((piece for piece in pieces if piece != ""), key=lambda piece: piece is GAP)
    return tuple(GAP if is_gap else "".join(str(piece) for piece in run) for is_gap, run in runs)


def cut(pieces: Pieces, unsafe: re.Pattern[str]) -> Pieces:
    """The same with a gap in place of everything that a pattern finds."""
    return joined(part for piece in pieces for part in (_cut(piece, unsafe) if piece is not GAP else (GAP,)))


def _cut(piece: str, unsafe: re.Pattern[str]) -> Iterator[str | None]:
    first, *rest = unsafe.split(piece)
    yield first
    for part in rest:
        yield GAP
        yield part


class _Reader:
    """Recursive descent over one expression; what is not plain text is a gap."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def alternatives(self) -> tuple[Pieces, ...]:
        found = [*self._sequence()]
        while self._text.startswith("|", self._at):
            self._at += 1
            found.extend(self._sequence())
        return tuple(found)

    def _sequence(self) -> tuple[Pieces, ...]:
        """Each of the alternatives so far may be followed by each of the next part."""
        found: tuple[Pieces, ...] = ((),)
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            then = self._repeated()
            if len(found) * len(then) > _MOST_ALTERNATIVES:
                then = (_ANYTHING,)
            found = tuple(joined((*left, *right)) for left, right in product(found, then))
        return found

    def _repeated(self) -> tuple[Pieces, ...]:
        """Once at least: the text and whatever follows it. Perhaps not at all: nothing is known."""
        found = self._one()
        while sign := _REPEATED.match(self._text, self._at):
            self._at = sign.end()
            is_there = sign[0] == "+" or int(sign[1] or 0) > 0
            found = tuple((*pieces, GAP) for pieces in found) if is_there else (_ANYTHING,)
        return found

    def _one(self) -> tuple[Pieces, ...]:
        if opened := _OPENED.match(self._text, self._at):
            self._at = opened.end()
            inside = self.alternatives()
            self._at += 1
            return inside
        if found := _CLASS.match(self._text, self._at):
            self._at = found.end()
            return (_ANYTHING,)
        is_escaped = self._text[self._at] == "\\"
        self._at += 2 if is_escaped else 1
        char = self._text[self._at - 1]
        return (_ANYTHING,) if char == "." and not is_escaped else ((char,),)
