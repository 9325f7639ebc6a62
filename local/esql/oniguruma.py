r"""Oniguruma's regular expressions in Ruby's syntax, which GROK takes, rewritten for Python's `regex`.

`^` and `$` are of lines, `(?m)` lets `.` match a line feed, `\h` is a hexadecimal digit, `\w`, `\d` and `\s` are of
ASCII, and classes nest. Compile with `FLAGS`. Source: Joni, org.joni.Syntax.RUBY.
"""

from functools import lru_cache

import regex

FLAGS = regex.VERSION1 | regex.MULTILINE
_CLASSES = {"h": "0-9a-fA-F", "w": "a-zA-Z0-9_", "d": "0-9", "s": r" \t\n\x0b\f\r"}
_LINE_START = r"(?:^(?<!\n\Z))"  # not after the text's last line feed
_PLACES = {"Z": r"(?=\n?\Z)", "z": r"\Z"}
_KNOWN = frozenset("AbBdDfGhHkKnpPrRsStvwWXxzZa0123456789")
_TOKEN = regex.compile(
    r"\\(?P<escaped>.)|\[:\^?\w+:\]|(?P<opening>\[\^?\]?)|(?P<closing>\])|(?P<set>\|\||--|~~)"
    r"|\(\?(?P<on>[a-z]*)(?P<off>-[a-z]*)?(?P<end>[:)])|(?P<unknown>\(\?[A-Za-z])|.",
    regex.DOTALL,
)


class OnigurumaError(ValueError):
    """Joni refuses the expression."""


@lru_cache(maxsize=256)
def for_regex(expression: str) -> str:
    """The same for `regex`.

    Raises:
        OnigurumaError: there are flags in it that Ruby's syntax has not, or a call of a group.
    """
    pieces: list[str] = []
    depth = 0
    for found in _TOKEN.finditer(expression):
        if found["opening"]:
            depth += 1
            pieces.append(found[0].replace("]", r"\]"))
        elif found["closing"]:
            depth = max(0, depth - 1)
            pieces.append(found[0])
        else:
            pieces.append(_inside(found) if depth else _outside(found))
    return "".join(pieces)


def _inside(found: "regex.Match[str]") -> str:
    r"""A token within a class: what is a set's operator in `regex` is characters here."""
    letter = found["escaped"]
    if letter is None:
        return "".join("\\" + char for char in found[0]) if found["set"] else found[0]
    inside = _CLASSES.get(letter.lower())
    if inside is None:
        return _escaped(letter)
    return inside if letter.islower() else f"[^{inside}]"


def _outside(found: "regex.Match[str]") -> str:
    if found["end"]:
        return _flags(found)
    if found["unknown"]:
        raise OnigurumaError("undefined group option")
    letter = found["escaped"]
    if letter is None:
        return _LINE_START if found[0] == "^" else found[0]
    inside = _CLASSES.get(letter.lower())
    if inside is None:
        return _PLACES.get(letter) or _escaped(letter)
    return f"[{inside}]" if letter.islower() else f"[^{inside}]"


def _escaped(letter: str) -> str:
    """A letter that means nothing stands for itself."""
    if letter == "g":
        raise OnigurumaError("calls of groups are not supported")
    if letter == "e":
        return r"\x1b"
    return letter if letter.isalpha() and letter not in _KNOWN else "\\" + letter


def _flags(found: "regex.Match[str]") -> str:
    on, off = found["on"], found["off"] or ""
    if not set(on + off) <= set("imx-"):
        raise OnigurumaError("undefined group option")
    return f"(?{on}{off}{found['end']}".replace("m", "s")
