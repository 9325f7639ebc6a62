r"""LIKE and RLIKE, written for RE2, DuckDB's engine, which takes linear time.

RLIKE takes Lucene's regular expressions: `.` is any character, also a line feed; `^` and `$` are characters; `"..."`
quotes; `#` matches nothing, `@` anything, `<1-9>` a number; an operator where an operand should be is a character.
RE2 cannot say `~` and `&`.
Source: org.apache.lucene.util.automaton.RegExp, with all of its flags.
"""

import re
from collections.abc import Callable

_MOST_REPEATS = 1_000  # in RE2; also the alternatives that `<1-999>` may become
_MOST_DEPTH = 200
_CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "w": "[a-zA-Z_0-9]",
    "W": "[^a-zA-Z_0-9]",
}
_NOTHING = r"[^\x{0}-\x{10FFFF}]"
_WITHIN = {  # the same as parts of another class
    _CLASSES["d"]: r"\d",
    _CLASSES["D"]: r"\D",
    _CLASSES["w"]: r"\w",
    _CLASSES["W"]: r"\W",
    _CLASSES["s"]: r" \t\n\r",
    _CLASSES["S"]: r"\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{21}-\x{10FFFF}",
}
_COUNT = re.compile(r"(\d+)(,(\d*))?\}")
_INTERVAL = re.compile(r"(\d+)-(\d+)")


class LuceneError(ValueError):
    """Lucene refuses the expression; the message is its own."""


class LikeError(ValueError):
    """Elasticsearch refuses the LIKE pattern; the message is its own."""


class BeyondRe2Error(ValueError):
    """Lucene takes the expression, RE2 cannot say it."""


def re2_of_lucene(pattern: str) -> str:
    """The expression for RE2, to be matched against a whole text.

    Raises:
        LuceneError: it is malformed.
        BeyondRe2Error: it has a complement, an intersection, or too many repetitions.
    """
    return _Reader(pattern).whole() if pattern else ""


def re2_of_like(pattern: str) -> str:
    r"""A LIKE pattern: `*` any text, `?` one character, `\` before one of them or itself; all else is itself.

    Raises:
        LikeError: a `\` stands before something else, or at the end.
    """
    pieces: list[str] = []
    chars = iter(pattern)
    for char in chars:
        match char:
            case "*":
                pieces.append("(?s:.*)")
            case "?":
                pieces.append("(?s:.)")
            case "\\":
                escaped = next(chars, "")
                if escaped not in ("*", "?", "\\"):
                    raise LikeError("Invalid sequence - escape character is not followed by special wildcard char")
                pieces.append(re.escape(escaped))
            case _:
                pieces.append(re.escape(char))
    return "".join(pieces)


class _Reader:
    """Recursive descent over one expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._repeats = 1  # how often the most repeated part stands there, counting what it is nested in
        self._simple: dict[str, Callable[[], str]] = {
            ".": lambda: "(?s:.)",
            "#": lambda: _NOTHING,
            "@": lambda: "(?s:.*)",
            '"': self._quoted,
            "(": self._group,
            "<": self._interval,
            "[": self._class,
            "~": self._complement,
        }

    def whole(self) -> str:
        found = self._union()
        if self._at < len(self._text):
            raise LuceneError(f"end-of-string expected at position {self._at}")
        return found

    # ---- small parts

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        if self._at == len(self._text):
            raise LuceneError("unexpected end-of-string")
        self._at += 1
        return self._text[self._at - 1]

    def _accept(self, char: str) -> bool:
        found = self._peek() == char
        self._at += found
        return found

    def _expect(self, char: str) -> None:
        if not self._accept(char):
            raise LuceneError(f"expected '{char}' at position {self._at}")

    # ---- from the loosest to the tightest

    def _union(self) -> str:
        """Sequence ["|" sequence]..."""
        found = [self._sequence()]
        while self._accept("|"):
            found.append(self._sequence())
        return "|".join(found)

    def _sequence(self) -> str:
        """Repeated [repeated]..., of which there is at least one."""
        pieces = [self._repeated()]
        while self._peek() not in ("", ")", "|", "&"):
            pieces.append(self._repeated())
        if self._peek() == "&":
            raise BeyondRe2Error
        return "".join(pieces)

    def _repeated(self) -> str:
        """Simple ["?" | "*" | "+" | "{" n ["," [m]] "}"]..."""
        beside, self._repeats = self._repeats, 1
        found = self._simple.get(char := self._next(), lambda: self._character(char))()
        while self._peek() in ("?", "*", "+", "{"):
            sign = self._next()
            found = f"(?:{found}){sign if sign != '{' else self._count()}"
        self._repeats = max(beside, self._repeats)
        return found

    def _count(self) -> str:
        found = _COUNT.match(self._text, self._at)
        if found is None:
            raise LuceneError(f"integer expected at position {self._at}")
        self._at = found.end()
        least = int(found[1])
        most = int(found[3]) if found[3] else least
        self._repeats *= max(1, most, least)
        if self._repeats > _MOST_REPEATS:
            raise BeyondRe2Error
        if most < least:
            return "{0}" + _NOTHING
        return "{" + found[0]

    # ---- what stands for one thing

    def _character(self, char: str) -> str:
        return self._escaped() if char == "\\" else re.escape(char)

    def _escaped(self) -> str:
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char.isascii() and char.isalpha():
            raise LuceneError(f"invalid character class \\{ord(char)}")
        return re.escape(char)

    def _group(self) -> str:
        if self._accept(")"):
            return "(?:)"
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise BeyondRe2Error
        found = self._union()
        self._depth -= 1
        self._expect(")")
        return f"(?:{found})"

    def _quoted(self) -> str:
        end = self._text.find('"', self._at)
        if end < 0:
            raise LuceneError(f"expected '\"' at position {len(self._text)}")
        found = self._text[self._at : end]
        self._at = end + 1
        return f"(?:{re.escape(found)})"

    def _interval(self) -> str:
        """Numbers of as many digits as both ends have; with any zeros before them where the ends differ in that."""
        end = self._text.find(">", self._at)
        if end < 0:
            raise LuceneError(f"expected '>' at position {len(self._text)}")
        found = _INTERVAL.fullmatch(self._text, self._at, end)
        if found is None:
            raise LuceneError(f"interval syntax error at position {end}")
        self._at = end + 1
        low, high = sorted((int(found[1]), int(found[2])))
        if high - low > _MOST_REPEATS:
            raise BeyondRe2Error
        width = len(found[1]) if len(found[1]) == len(found[2]) else 0
        numbers = "|".join(str(number).zfill(width) for number in range(low, high + 1))
        return f"(?:{'' if width else '0*'}(?:{numbers}))"

    def _complement(self) -> str:
        raise BeyondRe2Error

    def _class(self) -> str:
        """What follows `[`: ["^"] item [item]... "]"; the first item may be a `]`."""
        is_negated = self._accept("^")
        items = [self._item()]
        while self._peek() not in ("", "]"):
            items.append(self._item())
        self._expect("]")
        return f"[{'^' * is_negated}{''.join(items)}]"

    def _item(self) -> str:
        low = self._next()
        if low == "\\":
            escaped = self._escaped()
            if escaped in _WITHIN or escaped == r"\\":
                return _WITHIN.get(escaped, escaped)
            low = escaped[-1]
        if not self._accept("-"):
            return re.escape(low)
        high = self._next()
        high = self._next() if high == "\\" else high
        if low > high:
            raise LuceneError(f"invalid range: from ({ord(low)}) cannot be > to ({ord(high)})")
        return f"{re.escape(low)}-{re.escape(high)}"
