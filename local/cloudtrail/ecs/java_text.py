"""JSON values as Java prints them, hash order included.

Elastic's CloudTrail pipeline stores requestParameters and its siblings as `HashMap.toString()` of the decoded
JSON, after it has removed what is empty. Rules of order and format: the OpenJDK sources of HashMap,
AbstractMap.toString and String.hashCode.

Not imitated: a bucket of nine or more keys, which Java resizes or turns into a tree.
"""

from __future__ import annotations

from functools import lru_cache

from local.cloudtrail.record import Json
from local.java_double import java_double

_DEFAULT_CAPACITY = 16
_LOAD_FACTOR = 0.75


def text(value: Json) -> str | None:
    """The text of a value without its empty parts; None when nothing is left of it.

    Raises:
        RecursionError: it is nested too deep.
    """
    return _printed(value) or None


def scalar_text(value: str | float | bool) -> str:
    """`String.valueOf` of a JSON scalar."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return java_double(value)
        case _:
            return str(value)


def _printed(value: Json) -> str:
    """The empty text for what the pipeline removes. An archive prints millions of maps: this is written for speed."""
    if isinstance(value, dict):
        parts = []
        for key, label in _in_hash_order(tuple(value)):
            part = item if type(item := value[key]) is str else _printed(item)
            if part:
                parts.append(label + part)
        return f"{{{', '.join(parts)}}}" if parts else ""
    if isinstance(value, list):
        parts = [part for item in value if (part := _printed(item))]
        return f"[{', '.join(parts)}]" if parts else ""
    return "" if value is None else scalar_text(value)


@lru_cache(maxsize=8192)
def _in_hash_order(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """A map's keys as Java goes through them, each with its label: an archive has few sets of keys and many maps."""
    # Empty values are removed from a map that has already grown: they still count for its capacity.
    mask = _capacity(len(keys)) - 1
    return tuple((key, f"{key}=") for key in sorted(keys, key=lambda key: _spread_hash(key) & mask))


def _capacity(keys: int) -> int:
    capacity = _DEFAULT_CAPACITY
    while keys > capacity * _LOAD_FACTOR:
        capacity *= 2
    return capacity


@lru_cache(maxsize=8192)
def _spread_hash(key: str) -> int:
    """`HashMap.hash`: String.hashCode over UTF-16 units, its upper half folded into the lower."""
    units = memoryview(key.encode("utf-16-le", "surrogatepass")).cast("H")
    code = 0
    for unit in units:
        code = (31 * code + unit) & 0xFFFFFFFF
    return code ^ (code >> 16)
