r"""Java's regular expressions, rewritten for Python's `regex` and, where they mean the same there, for RE2.

The three differ in more than syntax: Java's `\w`, `\d`, `\s`, `\b` and `(?i)` know only ASCII, `.` and `$` know six
line terminators, and classes nest. So everything is written out in what both of the others read alike.
Source: java.util.regex.Pattern; of Java 19 and later, as Elasticsearch brings it, in that `\b` is ASCII.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import regex

from local.esql.javaclass import (
    Cursor,
    PatternError,
    cased,
    escaped_char,
    escaped_class,
    literal,
    read_class,
)

_MOST_REPEATS_OF_RE2 = 1_000
_MOST_CHARACTERS_FOR_RE2 = 2_000  # it refuses patterns that compile to more than its memory
_MOST = 2**31 - 1  # repetitions, and characters in a look-behind
_ENDLESS = _MOST + 1
_TERMINATORS = "\n\r\x85\u2028\u2029"
_PLACES = {"A": r"\A", "z": r"\Z", "G": r"\G"}
_DIGITS = frozenset("0123456789")
_QUANTIFIERS = {"?": (0, 1), "*": (0, _MOST), "+": (1, _MOST)}
# `^` and `$` by flags: plain or m(ultiline); d knows only \n.
_STARTS = {
    "": r"\A",
    "d": r"\A",
    "m": r"(?!\Z)(?:\A|(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))",
    "dm": r"(?!\Z)(?:\A|(?<=\n))",
}
_ENDS = {
    "": r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)",
    "d": r"(?=\n?\Z)",
    "m": r"(?=\r\n|(?<!\r)\n|[\r\x85\u2028\u2029]|\Z)",
    "dm": r"(?=\n|\Z)",
}


@dataclass(frozen=True, slots=True)
class JavaPattern:
    """`expression` is for `regex` (VERSION1), and for RE2 if `is_re2`; its groups have numbers, `names` name them."""

    expression: str
    groups: int
    names: Mapping[str, int]
    is_re2: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part that is translated, and how many characters it takes at least and at most."""

    text: str
    least: int = 0
    most: int = 0


_BREAKS = {"R": _Piece("(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])", 1, 2), "X": _Piece(r"\X", 1, _ENDLESS)}


@lru_cache(maxsize=256)
def read(pattern: str) -> JavaPattern:
    """A pattern as both engines read it.

    Raises:
        PatternError: Java refuses it, or it nests too deep.
    """
    reader = _Reader(Cursor(_unquoted(pattern)))
    try:
        whole = reader.alternatives()
    except RecursionError:
        raise PatternError("the pattern nests too deep") from None
    if reader.cursor.peek():
        raise PatternError("unmatched closing ')'")
    # RE2 does not replace an empty match right after another match, as Java does with `.*`.
    is_small = reader.repeats <= _MOST_REPEATS_OF_RE2 and len(whole.text) <= _MOST_CHARACTERS_FOR_RE2
    is_re2 = reader.cursor.is_re2 and whole.least > 0 and is_small
    return JavaPattern(whole.text, reader.groups, reader.names, is_re2)


def _unquoted(pattern: str) -> str:
    r"""`\Q...\E` means what is between, wherever it stands: Java takes it out first."""
    parts = regex.compile(r"\\Q(.*?)(?:\\E|\Z)|(\\.|[^\\])", regex.DOTALL)
    return parts.sub(lambda m: m[2] or "".join(map(literal, m[1])).replace(" ", "\\ "), pattern)


class _Reader:
    """Recursive descent over one pattern."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.groups = 0
        self.names: dict[str, int] = {}
        self.repeats = 1

    # ---- what holds others

    def alternatives(self) -> _Piece:
        """Sequence ["|" sequence]..."""
        pieces = [self._sequence()]
        while self.cursor.accept("|"):
            pieces.append(self._sequence())
        text = "|".join(piece.text for piece in pieces)
        return _Piece(text, min(piece.least for piece in pieces), max(piece.most for piece in pieces))

    def _sequence(self) -> _Piece:
        """[atom [quantifier]]..."""
        pieces: list[_Piece] = []
        while self.cursor.peek() not in ("", "|", ")"):
            atom = self._atom()
            if atom is not None:
                pieces.append(self._quantified(atom))
        return _Piece("".join(p.text for p in pieces), sum(p.least for p in pieces), sum(p.most for p in pieces))

    def _quantified(self, atom: _Piece) -> _Piece:
        """("?" | "*" | "+" | "{" n ["," [m]] "}") ["?" | "+"]: as few as possible, or without giving back."""
        found = self.cursor.peek()
        if found == "{":
            return self._counted(atom)
        if found not in _QUANTIFIERS:
            return atom
        return self._repeated(atom, self.cursor.next(), *_QUANTIFIERS[found])

    def _counted(self, atom: _Piece) -> _Piece:
        found = self.cursor.take(r"\{(\d+)(,(\d*))?\}", "illegal repetition")
        least = int(found[1])
        most = least if not found[2] else int(found[3]) if found[3] else _MOST
        if not least <= most <= _MOST:
            raise PatternError("illegal repetition range")
        self.repeats *= max(1, most if most < _MOST else least)
        return self._repeated(atom, found[0], least, most)

    def _repeated(self, atom: _Piece, quantifier: str, least: int, most: int) -> _Piece:
        if self.cursor.accept("+"):
            quantifier += "+"
            self.cursor.is_re2 = False
        elif self.cursor.accept("?"):
            quantifier += "?"
        if atom.least == 0:
            self.cursor.is_re2 = False  # which groups an empty round sets is another matter there
        return _Piece(f"(?:{atom.text}){quantifier}", atom.least * least, atom.most * most)

    # ---- atoms

    def _atom(self) -> _Piece | None:
        """One character, class, group or place; None for flags, which are none."""
        char = self.cursor.next()
        match char:
            case "(":
                return self._group()
            case "[":
                return self._folded(read_class(self.cursor))
            case "\\":
                return self._escape(self.cursor.escaped())
            case "." | "^" | "$":
                return self._sign(char)
            case "*" | "+" | "?":
                raise PatternError(f"dangling meta character '{char}'")
            case "{":
                self.cursor.at -= 1
                return _Piece("")
        return self._character(char)

    def _character(self, char: str) -> _Piece:
        if "i" not in self.cursor.flags or char == char.swapcase():
            return _Piece(literal(char), 1, 1)
        return self._folded(f"[{cased(char, char, self.cursor.flags)}]")

    def _folded(self, chosen: str) -> _Piece:
        """A class that has both cases of ASCII letters already, with those of all others under the flags i and u."""
        if not self.cursor.flags >= {"i", "u"}:
            return _Piece(chosen, 1, 1)
        self.cursor.is_re2 = False
        return _Piece(f"(?i-f:{chosen})", 1, 1)

    def _sign(self, char: str) -> _Piece:
        flags = self.cursor.flags
        if char == ".":
            excluded = "" if "s" in flags else "\n" if "d" in flags else _TERMINATORS
            return _Piece(f"[^{excluded}]" if excluded else "[\x00-\U0010ffff]", 1, 1)
        key = "".join(sorted(flags & {"d", "m"}))
        return self._place((_STARTS if char == "^" else _ENDS)[key])

    def _place(self, text: str) -> _Piece:
        self.cursor.is_re2 = self.cursor.is_re2 and text == r"\A"
        return _Piece(text)

    def _escape(self, letter: str) -> _Piece:
        inside = escaped_class(letter, self.cursor)
        if inside is not None:
            return _Piece(inside if inside.startswith("[") else f"[{inside}]", 1, 1)
        place = _ENDS["d" if "d" in self.cursor.flags else ""] if letter == "Z" else _PLACES.get(letter)
        if place is not None:
            return self._place(place)
        match letter:
            case "b" | "B":
                return self._boundary(letter)
            case "k" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9":
                return self._reference(self._named_group() if letter == "k" else self._numbered_group(letter))
            case "R" | "X":
                self.cursor.is_re2 = self.cursor.is_re2 and letter == "R"
                return _BREAKS[letter]
            case _:
                return self._character(escaped_char(letter, self.cursor))

    def _boundary(self, letter: str) -> _Piece:
        """Between a word and what is none; RE2's is the same, `regex` would take all of Unicode's."""
        word = escaped_class("w", self.cursor)
        at = f"(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}])"
        return self._place(f"(?:{at})" if letter == "b" else f"(?!{at})")

    def _numbered_group(self, digit: str) -> int:
        """More digits belong to the number as long as there are so many groups."""
        number = int(digit)
        while (found := self.cursor.peek()) in _DIGITS and number * 10 + int(found) <= self.groups:
            number = number * 10 + int(self.cursor.next())
        return number

    def _named_group(self) -> int:
        name = self.cursor.take(r"<([a-zA-Z][a-zA-Z0-9]*)>", r"\k is not followed by '<' for named capturing group")[
            1
        ]
        if name not in self.names:
            raise PatternError(f"named capturing group <{name}> does not exist")
        return self.names[name]

    def _reference(self, number: int) -> _Piece:
        self.cursor.is_re2 = False
        if number > self.groups:
            return _Piece("(?!)", 0, _ENDLESS)
        text = rf"\g<{number}>"
        return _Piece(f"(?i-f:{text})" if "i" in self.cursor.flags else text, 0, _ENDLESS)

    # ---- groups

    def _group(self) -> _Piece | None:
        """What follows `(`."""
        flags = self.cursor.flags
        if not self.cursor.accept("?"):
            return self._rest_of_group(self._numbered(), flags)
        for opening in ("<=", "<!", "=", "!", ">", ":"):
            if self.cursor.accept(opening):
                return self._special_group(opening, flags)
        if self.cursor.accept("<"):
            return self._rest_of_group(self._named(), flags)
        return self._flags(flags)

    def _numbered(self) -> str:
        self.groups += 1
        return "("

    def _named(self) -> str:
        name = self.cursor.take("([a-zA-Z][a-zA-Z0-9]*)>", "a named group's name is missing or not closed")[1]
        if name in self.names:
            raise PatternError(f"named capturing group <{name}> is already defined")
        self.names[name] = self.groups + 1
        return self._numbered()

    def _rest_of_group(self, opening: str, flags: frozenset[str]) -> _Piece:
        """Up to `)`, where the flags are again what they were before."""
        inner = self.alternatives()
        if not self.cursor.accept(")"):
            raise PatternError("unclosed group")
        self.cursor.flags = flags
        return _Piece(f"{opening}{inner.text})", inner.least, inner.most)

    def _special_group(self, opening: str, flags: frozenset[str]) -> _Piece:
        found = self._rest_of_group(f"(?{opening}", flags)
        if opening == ":":
            return found
        self.cursor.is_re2 = False
        if opening == ">":
            return found
        if opening.startswith("<") and found.most > _MOST:
            raise PatternError("look-behind group does not have an obvious maximum length")
        return _Piece(found.text)

    def _flags(self, outer: frozenset[str]) -> _Piece | None:
        """`(?i)` to the end of the group around it, `(?i:...)` to its own."""
        found = self.cursor.take("([idmsuxU]*)(?:-([idmsuxU]*))?([:)])", "unknown inline modifier")
        added = frozenset(found[1]) | (frozenset("u") if "U" in found[1] else frozenset())
        removed = frozenset(found[2] or "") | (frozenset("u") if "U" in (found[2] or "") else frozenset())
        self.cursor.flags = (outer | added) - removed
        return self._rest_of_group("(?:", outer) if found[3] == ":" else None
