"""REPLACE: Java's `Matcher.replaceAll`, by RE2 where that does the same, else in Python with a time limit."""

import re
import time
from functools import lru_cache

import regex

from local.esql.javaclass import PatternError
from local.esql.javaregex import JavaPattern, read

TIMEOUT_S = 1.0  # for one text
_MOST_GROUPS_OF_RE2 = 9  # that a replacement can name
_REFERENCE = re.compile(r"\\(.)|\$(?:\{([a-zA-Z][a-zA-Z0-9]*)\}|([0-9]))|([^\\$])", re.DOTALL)
_DIGITS = frozenset("0123456789")
Inserted = tuple[str | int, ...]


def re2_of(pattern: str, replacement: str) -> tuple[str, str] | None:
    r"""Both for RE2, which inserts by `\1`; None where it would not do what Java does, or Java refuses."""
    try:
        java = read(pattern)
        inserted = _inserted(replacement, java)
    except (PatternError, LookupError):
        return None
    if not java.is_re2 or java.groups > _MOST_GROUPS_OF_RE2:
        return None
    return java.expression, "".join(_inserted_by_re2(part) for part in inserted)


def _inserted_by_re2(part: str | int) -> str:
    return f"\\{part}" if isinstance(part, int) else part.replace("\\", "\\\\")


def replaced(text: str, pattern: str, replacement: str) -> str | None:
    """All matches replaced; None for an invalid pattern or replacement, or when it takes longer than `TIMEOUT_S`.

    A replacement is not looked at unless there is something to replace.
    """
    try:
        java, compiled = _compiled(pattern)
        return _all_replaced(text, compiled, java, replacement)
    except (PatternError, LookupError, TimeoutError):
        return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "tuple[JavaPattern, regex.Pattern[str]]":
    java = read(pattern)
    try:
        return java, regex.compile(java.expression, regex.VERSION1)
    except regex.error as error:
        raise PatternError(str(error)) from None


def _all_replaced(text: str, compiled: "regex.Pattern[str]", java: JavaPattern, replacement: str) -> str:
    """Java looks for the next match one further on after an empty one; `sub` would look at the same place."""
    deadline = time.monotonic() + TIMEOUT_S
    pieces: list[str] = []
    copied = start = 0
    while start <= len(text):
        match = compiled.search(text, start, timeout=max(0.0, deadline - time.monotonic()))
        if match is None:
            break
        pieces.append(text[copied : match.start()])
        pieces.extend(part if isinstance(part, str) else match[part] or "" for part in _inserted(replacement, java))
        copied = match.end()
        start = copied + (match.start() == copied)
    return "".join(pieces) + text[copied:]


def _inserted(replacement: str, java: JavaPattern) -> Inserted:
    r"""Text and numbers of groups: `$1`, `${name}`; `\\` takes the meaning from what follows.

    Raises:
        LookupError: there is no such group, or `$` or `\\` stands for nothing.
    """
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        found = _REFERENCE.match(replacement, at)
        if found is None:
            raise LookupError(replacement[at:])
        at = found.end()
        if found[2] is not None:
            parts.append(java.names[found[2]])
        elif found[3] is not None:
            number = int(found[3])
            while replacement[at : at + 1] in _DIGITS and number * 10 + int(replacement[at]) <= java.groups:
                number, at = number * 10 + int(replacement[at]), at + 1
            if number > java.groups:
                raise LookupError(number)
            parts.append(number)
        else:
            parts.append(found[1] if found[1] is not None else found[4])
    return tuple(parts)
