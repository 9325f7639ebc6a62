"""JSON_EXTRACT: a value out of a text that is JSON, by a subset of JSONPath (source: `JsonExtract`, `JsonPath`).

The text is read only as far as the value, and of two members with one name the first counts.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # no stub names it

from local.esql.errors import ArgumentError
from local.esql.functions.model import Function, Python
from local.esql.functions.parameters import STRING, of
from local.esql.types import STRINGS, Type

Segment = str | int  # the name of a member, or the place of an item
_BLANKS = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r"[^.\[\]]+")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")


class ExtractError(Exception):
    """There is no such value; the text says why."""


def _no_constant(name: str) -> float:
    raise JSONDecodeError(name, "", 0)


_VALUES = json.JSONDecoder(strict=False, parse_constant=_no_constant, parse_int=len, parse_float=len)


def _wrong(path: str, reason: str, at: int) -> ExtractError:
    return ExtractError(f"Invalid JSON path [{path}]: {reason} at position {at}")


@lru_cache(maxsize=256)
def segments(path: str) -> tuple[Segment, ...]:
    """`$.items[0]['a.b']` as ("items", 0, "a.b"); nothing for the whole text.

    Raises:
        ExtractError: the path is malformed.
    """
    at = 0
    if path.startswith("$") and path != "$":
        if path[1] not in ".[":
            raise _wrong(path, "expected [.] or [[] after [$]", 1)
        at = 2 if path[1] == "." else 1
    found: list[Segment] = []
    while path != "$" and at < len(path):
        segment, at = _bracket(path, at) if path[at] == "[" else _key(path, at, is_first=not found)
        found.append(segment)
    return tuple(found)


def _key(path: str, at: int, *, is_first: bool) -> tuple[str, int]:
    """A name after a dot, or first of all."""
    if path[at] == ".":
        if is_first:
            raise _wrong(path, "path cannot start with a dot", at)
        if path[at + 1 : at + 2] in ("", "."):
            reason = "consecutive dots" if path[at + 1 :] else "path cannot end with a dot"
            raise _wrong(path, reason, at)
        at += 1
    elif not is_first:
        raise _wrong(path, f"expected [.] or [[] before [{path[at]}]", at)
    match = _KEY.match(path, at)
    if match is None:
        raise _wrong(path, "empty key name", at)
    return match[0], match.end()


def _bracket(path: str, start: int) -> tuple[Segment, int]:
    """A quoted name or the place of an item, in brackets."""
    at = _after_blanks(path, start + 1)
    if at == len(path) or path[at] == "]":
        raise _wrong(path, "empty brackets" if at < len(path) else "unterminated bracket", start)
    if path[at] not in "'\"":
        return _index(path, at, start)
    match = _QUOTED.match(path, at)
    if match is None:
        raise _wrong(path, "unterminated quoted key", start)
    end = _after_blanks(path, match.end())
    if path[end : end + 1] != "]":
        raise _wrong(path, "expected closing bracket after quoted key", start)
    return re.sub(r"\\(.)", r"\1", match[1] or match[2] or "", flags=re.DOTALL), end + 1


def _index(path: str, at: int, start: int) -> tuple[int, int]:
    end = path.find("]", at)
    if end < 0:
        raise _wrong(path, "missing closing bracket for array index", start)
    text = path[at:end].rstrip(" \t\n\r")
    if not _INTEGER.fullmatch(text):
        raise _wrong(path, f"expected integer array index, got [{text}]", start)
    if len(text) > 1 and text.startswith("0"):
        raise _wrong(path, f"leading zeros are not allowed in array index [{text}]", start)
    if int(text) < 0:
        raise ExtractError("array index out of bounds")
    return int(text), end + 1


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _value(text: str, path: str) -> str | None:
    """The value as text, an object or array and a number as it is written; None for JSON's null.

    Raises:
        ExtractError: there is no such value, or what stands before it is no JSON.
    """
    try:
        return _written(text, _place(text, path))
    except (JSONDecodeError, RecursionError, IndexError, StopIteration):
        raise ExtractError("invalid JSON input") from None


def _place(text: str, path: str) -> int:
    """Where the value begins."""
    way = segments(path)
    at = _after_blanks(text, 0)
    if at == len(text):
        raise ExtractError("empty JSON input")
    for segment in way:
        match text[at], segment:
            case "{", str():
                at = _member(text, at, segment, path)
            case "[", int():
                at = _item(text, at, segment)
            case _:
                _VALUES.raw_decode(text, at)  # what is no JSON at all says so
                raise ExtractError(f"path [{path}] does not exist")
    return at


def _member(text: str, at: int, name: str, path: str) -> int:
    at = _after_blanks(text, at + 1)
    while text[at] != "}":
        if text[at] != '"':
            raise JSONDecodeError("a name is missing", text, at)
        key, at = scanstring(text, at + 1, False)  # noqa: FBT003 - control characters are let through
        at = _after_blanks(text, at)
        if text[at] != ":":
            raise JSONDecodeError("a colon is missing", text, at)
        at = _after_blanks(text, at + 1)
        if key == name:
            return at
        at = _next(text, at, "}")
    raise ExtractError(f"path [{path}] does not exist")


def _item(text: str, at: int, index: int) -> int:
    at = _after_blanks(text, at + 1)
    for _ in range(index):
        if text[at] == "]":
            break
        at = _next(text, at, "]")
    if text[at] == "]":
        raise ExtractError("array index out of bounds")
    return at


def _next(text: str, at: int, end: str) -> int:
    """Past a value and the comma after it, or to the end of what holds it."""
    _, at = _VALUES.raw_decode(text, at)
    at = _after_blanks(text, at)
    if text[at] == ",":
        return _after_blanks(text, at + 1)
    if text[at] != end:
        raise JSONDecodeError("a comma is missing", text, at)
    return at


def _written(text: str, at: int) -> str | None:
    value, end = _VALUES.raw_decode(text, at)
    match value:
        case None:
            return None
        case str():
            return value.encode("utf-8", "replace").decode()
        case _:
            return text[at:end]


def _extracted(text: str, path: str) -> str | None:
    try:
        return _value(text, path)
    except ExtractError:
        return None


def _fault(text: str, path: str) -> str | None:
    try:
        _value(text, path)
    except ExtractError as error:
        return str(error)
    return None


def _path_objection(constants: Sequence[object]) -> str | None:
    try:
        segments(str(constants[1])) if isinstance(constants[1], str) else ()
    except ExtractError as error:
        return str(error)
    return None


FUNCTIONS = (
    Function(
        "json_extract",
        (of("keyword, text or _source", *STRINGS), STRING),
        Type.KEYWORD,
        "es_json_extract({0}, {1})",
        failure="java.lang.IllegalArgumentException: {why}",
        why="es_json_fault({0}, {1})",
        python=(
            Python("es_json_extract", ("VARCHAR", "VARCHAR"), "VARCHAR", _extracted),
            Python("es_json_fault", ("VARCHAR", "VARCHAR"), "VARCHAR", _fault),
        ),
        objection=_path_objection,
        refusal=ArgumentError,
    ),
)
