"""JSON text to values, with one broken character costing no more than itself."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Never

import orjson

from local.cloudtrail.record import Json
from local.cloudtrail.refusal import Kind, Refusal

_LEAST, _MOST = -(2**63), 2**64 - 1
_LONGEST = len(str(_LEAST))


def decoded(data: bytes) -> Json | Refusal:
    """The value that the bytes are, or why they are none. Keys given twice: the last one counts."""
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            value = _leniently(_repaired(data))
        except (ValueError, RecursionError):
            return no_json(data, str(error))
    return value


def _leniently(data: bytes) -> Json:
    """
    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested a thousand deep.
    """
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = json.loads(data, parse_int=_integer, parse_float=_number, parse_constant=_no_number)
    return value


def _integer(digits: str) -> float | str:
    is_short = len(digits) <= _LONGEST
    return number if is_short and _LEAST <= (number := int(digits)) <= _MOST else _number(digits)


def _number(digits: str) -> float | str:
    """As orjson has it, and the digits themselves where no double holds it."""
    number = float(digits)
    return number if isfinite(number) else digits


def _no_number(name: str) -> Never:
    message = f"{name} is no JSON"
    raise ValueError(message)


def no_json(data: bytes, reason: str) -> Refusal:
    """Why bytes that should be JSON are not: damaged, or something else from the start."""
    return Refusal(Kind.DAMAGED if data.lstrip()[:1] in (b"{", b"[") else Kind.TEXT, reason)


_ESCAPE = re.compile(rb"\\(?:(u[dD][89abAB]..\\u[dD][c-fC-F]..)|u[dD][89a-fA-F]..|.)", re.DOTALL)


def _repaired(data: bytes) -> bytes:
    """The data with U+FFFD for what is no character: one broken string must not cost all other records.

    JSON allows an escape of half a surrogate pair, and Java writes it; UTF-8 and orjson refuse it.
    """
    text = data.decode("utf-8", "replace").encode()
    return _ESCAPE.sub(_whole_escape, text) if b"\\u" in text else text


def _whole_escape(escape: re.Match[bytes]) -> bytes:
    found = escape[0]
    is_half = escape[1] is None and found[1:2] == b"u" and len(found) > len(b"\\u")
    return b"\\ufffd" if is_half else found
