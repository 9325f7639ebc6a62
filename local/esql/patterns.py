"""LIKE and RLIKE, translated for RE2, DuckDB's engine, which takes linear time."""

import re

_MAX_INTERVAL = 1_000  # alternatives that `<1-999>` may become
_RESERVED = frozenset(".^$|()[]{}*+?\\")


def re2_of_like(pattern: str) -> str:
    r"""A LIKE pattern: `*` any text, `?` one character, `\` escapes; everything else stands for itself."""
    pieces: list[str] = []
    escaped = False
    for char in pattern:
        if escaped or char not in "*?\\":
            pieces.append(_literal(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            pieces.append(".*" if char == "*" else ".")
    return "".join(pieces) + (_literal("\\") if escaped else "")


def _literal(char: str) -> str:
    return "\\" + char if char in _RESERVED else char


def re2_of_lucene(pattern: str) -> str | None:
    """A Lucene regular expression (RLIKE), or None for what RE2 cannot say (`~`, `&`) or what is malformed.

    `.` is any character, `^` and `$` are literals, `"..."` quotes, `#` matches nothing, `@` anything, `<1-9>` is a
    range of numbers. Source: org.apache.lucene.util.automaton.RegExp.
    """
    pieces: list[str] = []
    index = 0
    while index < len(pattern):
        piece, index = _lucene_piece(pattern, index)
        if piece is None:
            return None
        pieces.append(piece)
    return "".join(pieces)


_LUCENE = {"^": r"\^", "$": r"\$", "#": r"[^\x{0}-\x{10FFFF}]", "@": ".*", "~": None, "&": None}


def _lucene_piece(pattern: str, index: int) -> tuple[str | None, int]:
    char = pattern[index]
    if char == "\\":
        return _lucene_escape(pattern, index)
    if char == '"':
        end = pattern.find('"', index + 1)
        return (None, 0) if end < 0 else ("".join(map(_literal, pattern[index + 1 : end])), end + 1)
    if char == "[":
        return _lucene_class(pattern, index)
    if char == "<":
        return _lucene_interval(pattern, index)
    return _LUCENE.get(char, char), index + 1


def _lucene_escape(pattern: str, index: int) -> tuple[str | None, int]:
    if index + 1 == len(pattern):
        return None, 0
    char = pattern[index + 1]
    known = char in "dDsSwW"
    return ("\\" + char if known else _literal(char)), index + 2


def _lucene_class(pattern: str, index: int) -> tuple[str | None, int]:
    """`[...]`: the same in RE2 but for the characters that only RE2 reads specially."""
    end = index + 1
    while end < len(pattern) and (pattern[end] != "]" or end == index + 1):
        end += 2 if pattern[end] == "\\" else 1
    if end >= len(pattern):
        return None, 0
    body = pattern[index + 1 : end]
    negated = body.startswith("^")
    body = re.sub(r"\\([^dDsSwW\\])", lambda m: "\\" + m[1] if m[1] in "]-^[" else m[1], body[negated:])
    return f"[{'^' if negated else ''}{body.replace('[', chr(92) + '[')}]", end + 1


def _lucene_interval(pattern: str, index: int) -> tuple[str | None, int]:
    match = re.compile(r"<(\d+)-(\d+)>").match(pattern, index)
    if match is None:
        return None, 0
    low, high = sorted((int(match[1]), int(match[2])))
    if high - low > _MAX_INTERVAL:
        return None, 0
    width = len(match[1]) if len(match[1]) == len(match[2]) else 0
    return "(?:" + "|".join(str(n).zfill(width) for n in range(low, high + 1)) + ")", match.end()
