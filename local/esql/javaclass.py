r"""Character classes of Java's regular expressions: `[a-z&&[^b]]`, `\p{Alpha}`, `\w`, and escaped characters.

They become the inside of a class that Python's `regex` (VERSION1) and, where nothing nests, RE2 read alike.
Source: java.util.regex.Pattern and CharPredicates.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import regex

# What Java calls by a letter or a name, in ASCII; the uppercase letter is the complement.
CLASSES = {
    "d": "0-9",
    "w": "a-zA-Z0-9_",
    "s": " \t\n\x0b\f\r",
    "h": " \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
    "v": "\n\x0b\f\r\x85\u2028\u2029",
}
_UNICODE_CLASSES = {
    "d": r"\p{Nd}",
    "w": r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}",
    "s": r"\p{White_Space}",
}
_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-\/:-@\[-`\{-\~",
    "Graph": r"!-\~",
    "Print": r" -\~",
    "Blank": " \t",
    "Cntrl": "\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": " \t\n\x0b\f\r",
}
_UNICODE_POSIX = {
    "Lower": r"\p{Lowercase}",
    "Upper": r"\p{Uppercase}",
    "Alpha": r"\p{Alphabetic}",
    "Digit": r"\p{Nd}",
    "Alnum": r"\p{Alphabetic}\p{Nd}",
    "Punct": r"\p{P}",
    "Space": r"\p{White_Space}",
}
_PROPERTIES = {
    "javaLowerCase": r"\p{Lowercase}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaTitleCase": r"\p{Lt}",
    "javaAlphabetic": r"\p{Alphabetic}",
    "javaIdeographic": r"\p{Ideographic}",
    "javaDigit": r"\p{Nd}",
    "javaLetter": r"\p{L}",
    "javaLetterOrDigit": r"\p{L}\p{Nd}",
    "javaDefined": r"\P{Cn}",
    "javaSpaceChar": r"\p{Z}",
    "javaWhitespace": "\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000",
    "javaMirrored": r"\p{Bidi_Mirrored}",
    "javaISOControl": "\x00-\x1f\x7f-\x9f",
    "L1": "\x00-\xff",
    "all": "\x00-\U0010ffff",
    "LC": r"\p{Lu}\p{Ll}\p{Lt}",
    "LD": r"\p{L}\p{Nd}",
}
_CASED = {"Lower": "a-zA-Z", "Upper": "a-zA-Z"} | dict.fromkeys(
    ("Lu", "Ll", "Lt", "javaTitleCase"), r"\p{Lu}\p{Ll}\p{Lt}"
)
_CASED |= dict.fromkeys(("javaLowerCase", "javaUpperCase"), r"\p{Lowercase}\p{Uppercase}\p{Lt}")
_CATEGORY = regex.compile(r"[CLMNPSZ]|C[cfnos]|L[ulmot]|M[nec]|N[dlo]|P[cdseiof]|S[mcko]|Z[slp]")
_KEYED = {"general_category": "gc", "gc": "gc", "script": "sc", "sc": "sc", "block": "blk", "blk": "blk"}
_CONTROLS = {"a": "\x07", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class PatternError(ValueError):
    """Java refuses the pattern."""


@dataclass(slots=True)
class Cursor:
    """A pattern, how far it is read, and the flags (of `idmsuxU`) that hold there."""

    text: str
    at: int = 0
    flags: frozenset[str] = field(default=frozenset())
    is_re2: bool = True  # nothing yet that RE2 has not, or means otherwise

    def skip_comments(self) -> None:
        """Blanks and `# ...`, which mean nothing under the flag x."""
        if "x" not in self.flags:
            return
        while self.text[self.at : self.at + 1] and self.text[self.at] in CLASSES["s"] + "#":
            comment = self.text[self.at] == "#"
            self.at += 1
            while comment and self.at < len(self.text) and self.text[self.at] not in "\n\r\x85\u2028\u2029":
                self.at += 1

    def peek(self) -> str:
        """The next character, or nothing at the end."""
        self.skip_comments()
        return self.text[self.at : self.at + 1]

    def next(self, complaint: str = "unexpected end") -> str:
        char = self.peek()
        if not char:
            raise PatternError(complaint)
        self.at += 1
        return char

    def escaped(self) -> str:
        """What follows a backslash, which may be a blank under the flag x."""
        if self.at == len(self.text):
            raise PatternError("nothing follows the backslash")
        self.at += 1
        return self.text[self.at - 1]

    def accept(self, expected: str) -> bool:
        self.skip_comments()
        found = self.text.startswith(expected, self.at)
        self.at += len(expected) if found else 0
        return found

    def take(self, pattern: str, complaint: str) -> "regex.Match[str]":
        """What a pattern finds right here, and past it.

        Raises:
            PatternError: it is not here.
        """
        found = regex.compile(pattern).match(self.text, self.at)
        if found is None:
            raise PatternError(complaint)
        self.at = found.end()
        return found


def literal(char: str) -> str:
    """A character that stands for itself, inside a class and out."""
    return "\\" + char if char.isascii() and not char.isalnum() and char.isprintable() and char not in " _" else char


def escaped_class(letter: str, cursor: Cursor) -> str | None:
    r"""The inside of a class for what follows `\`: d, w, s, h, v, or p with its name; None for anything else."""
    lower = letter.lower()
    if lower == "p":
        inside = _property(cursor)
    elif lower in CLASSES:
        inside = (_UNICODE_CLASSES if "U" in cursor.flags else {}).get(lower, CLASSES[lower])
    else:
        return None
    cursor.is_re2 = cursor.is_re2 and "\\p" not in inside.lower()
    return f"[^{inside}]" if letter.isupper() else inside


def _property(cursor: Cursor) -> str:
    found = cursor.take(r"\{([^}]+)\}|(.)", "unknown character property")
    name = found[1] or found[2]
    key, _, value = name.rpartition("=")
    inside = _keyed(key.lower(), value) if key else _named(name, cursor.flags)
    cursor.is_re2 = cursor.is_re2 and "\\p" not in inside.lower()
    return inside


def _named(name: str, flags: frozenset[str]) -> str:
    for table in (
        _CASED if "i" in flags else {},
        _UNICODE_POSIX if "U" in flags else {},
        _POSIX,
        _PROPERTIES,
    ):
        if name in table:
            return table[name]
    if _CATEGORY.fullmatch(name.removeprefix("Is")):
        return _existing(rf"\p{{{name.removeprefix('Is')}}}")
    if name.startswith("In"):
        return _keyed("blk", name[2:])
    if name.startswith("Is"):
        return _existing(rf"\p{{{name[2:]}}}")
    raise PatternError(f"unknown character property name {{{name}}}")


def _keyed(key: str, value: str) -> str:
    if key not in _KEYED:
        raise PatternError(f"unknown Unicode property {{name=<{key}>, value=<{value}>}}")
    return _existing(rf"\p{{{_KEYED[key]}={value}}}")


def _existing(inside: str) -> str:
    try:
        regex.compile(inside)
    except regex.error:
        raise PatternError(f"unknown character property {inside}") from None
    return inside


def escaped_char(letter: str, cursor: Cursor) -> str:
    r"""The character that `\` and what follows it stand for.

    Raises:
        PatternError: a letter that means nothing.
    """
    if letter in _NUMBERED:
        return _NUMBERED[letter](cursor)
    if letter in _CONTROLS:
        return _CONTROLS[letter]
    if letter.isascii() and letter.isalnum():
        raise PatternError("illegal/unsupported escape sequence")
    return letter


def _octal(cursor: Cursor) -> str:
    return chr(int(cursor.take(r"[0-3][0-7]{0,2}|[0-7]{1,2}", "illegal octal escape sequence")[0], 8))


def _hexadecimal(cursor: Cursor) -> str:
    digits = cursor.take(r"\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2})", "illegal hexadecimal escape sequence")
    return _code_point(int(digits[1] or digits[2], 16))


def _control(cursor: Cursor) -> str:
    return chr(ord(cursor.escaped()) ^ 64)


def _code_point(number: int) -> str:
    if number > 0x10FFFF:  # noqa: PLR2004  # the last code point of Unicode
        raise PatternError("hexadecimal codepoint is too big")
    return chr(number)


def _utf16(cursor: Cursor) -> str:
    r"""`\uD83D\uDE00` is one character."""
    found = cursor.take(r"[0-9a-fA-F]{4}", "illegal Unicode escape sequence")[0]
    pair = regex.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(cursor.text, cursor.at)
    if regex.match("[dD][89abAB]", found) and pair:
        cursor.at = pair.end()
        return bytes.fromhex(found + pair[1]).decode("utf-16-be")
    return chr(int(found, 16))


def _by_name(cursor: Cursor) -> str:
    name = cursor.take(r"\{([^}]*)\}", "illegal character name escape sequence")[1]
    try:
        return unicodedata.lookup(name)
    except KeyError:
        raise PatternError(f"unknown character name [{name}]") from None


_NUMBERED: dict[str, Callable[[Cursor], str]] = {
    "0": _octal,
    "x": _hexadecimal,
    "u": _utf16,
    "c": _control,
    "N": _by_name,
}


def cased(low: str, high: str, flags: frozenset[str]) -> str:
    """A range of characters, with the other case of its ASCII letters under the flag i."""
    pieces = [literal(low) if low == high else f"{literal(low)}-{literal(high)}"]
    if "i" in flags:
        for first, last, shift in (("a", "z", -32), ("A", "Z", 32)):
            start, end = max(low, first), min(high, last)
            if start <= end:
                pieces.append(f"{chr(ord(start) + shift)}-{chr(ord(end) + shift)}")
    return "".join(pieces)


def read_class(cursor: Cursor) -> str:
    """A class, from after its `[` to after its `]`."""
    is_negated = cursor.text.startswith("^", cursor.at)
    cursor.at += is_negated
    inside = _items(cursor)
    cursor.next()
    return f"[{'^' * is_negated}{inside}]"


def _items(cursor: Cursor) -> str:
    """The inside of a class up to its `]`; what stands right of `&&` reaches as far as the class does."""
    items = ""
    while (char := cursor.peek()) != "]" or not items:
        if char == "[":
            cursor.at += 1
            cursor.is_re2 = False
            items += read_class(cursor)
        elif cursor.accept("&&"):
            cursor.is_re2 = False
            items = _intersection(items, cursor)
        else:
            items += _item(cursor)
    return items


def _intersection(left: str, cursor: Cursor) -> str:
    right = ""
    while (char := cursor.peek()) not in ("]", "&"):
        if char == "[":
            cursor.at += 1
            right += read_class(cursor)
        else:
            right += _items(cursor)
    if not left and not right:
        raise PatternError("bad class syntax")
    return f"[[{left or right}]&&[{right or left}]]"


def _item(cursor: Cursor) -> str:
    """A character, a range, or an escaped class."""
    low = cursor.next("unclosed character class")
    if low == "\\":
        letter = cursor.escaped()
        inside = escaped_class(letter, cursor)
        if inside is not None:
            cursor.is_re2 = cursor.is_re2 and not inside.startswith("[")
            return inside
        low = escaped_char(letter, cursor)
    high = low
    if cursor.peek() == "-" and cursor.text[cursor.at + 1 : cursor.at + 2] not in ("", "[", "]"):
        cursor.at += 1
        high = cursor.next()
        if high == "\\":
            high = escaped_char(cursor.escaped(), cursor)
    if high < low:
        raise PatternError("illegal character range")
    return cased(low, high, cursor.flags)
