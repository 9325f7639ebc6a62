"""A CloudTrail file's raw values column by column: only what stands at the paths asked for is decoded.

The decoder is msgspec's: what nobody asked for is checked to be JSON and passed over at about a GB/s. As in every
other JSON reader here, the last of several equal keys wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
import orjson

from local.cloudtrail.record import NO_CALL_OF_AWS, Json

Values: TypeAlias = Sequence[Any]
_K = TypeVar("_K")
_V = TypeVar("_V")

FLAGS = frozenset(
    {
        "managementEvent",
        "readOnly",
        "sessionCredentialFromConsole",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
    }
)
"""Paths whose value is a boolean or a text."""

ANY_JSON = frozenset(
    {"additionalEventData", "requestParameters", "resources", "responseElements", "serviceEventDetails"}
)
"""Paths with any JSON at all; everything else is a text where it is not null."""

_USUAL_ORDER = """
    eventVersion userIdentity
    type principalId arn accountId accessKeyId userName sessionContext sessionIssuer attributes
    creationDate mfaAuthenticated invokedBy
    eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestParameters
    responseElements additionalEventData requestID eventID readOnly resources eventType apiVersion managementEvent
    recipientAccountId sharedEventId vpcEndpointId serviceEventDetails eventCategory
    tlsDetails tlsVersion cipherSuite clientProvidedHostHeader sessionCredentialFromConsole
"""
_PLACE = {key: place for place, key in enumerate(_USUAL_ORDER.split())}
"""How AWS writes the keys of a record: msgspec looks for a key from where it found the last one. The issuer of a
session has its account before its name, the user the other way round: one of them costs a look more."""

_REQUIRED = ("eventName", "eventSource")


class Memo(dict[_K, _V], Generic[_K, _V]):
    """What a function gave for arguments that it has seen: a lookup costs no call of Python."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[_K], _V]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, key: _K) -> _V:
        value = self[key] = self.function(key)
        return value

    def of_each(self, keys: Iterable[_K]) -> list[_V]:
        return list(map(self.__getitem__, keys))


_Tree: TypeAlias = "dict[str, _Tree | None]"


class RawReader:
    """Reads the values at some paths of any number of files."""

    def __init__(self, paths: Iterable[str]) -> None:
        tree: _Tree = dict.fromkeys(_REQUIRED)
        for path in paths:
            _plant(tree, path)
        self._row = _Shape(tree, "")
        self.decoded: Memo[bytes, Json] = Memo(orjson.loads)
        self._decoder = msgspec.json.Decoder(_file_of(self._row.type))

    def read(self, data: bytes | bytearray) -> RawColumns | None:
        """None: not `{"Records":[...]}` with records of the types expected."""
        self.decoded.clear()
        try:
            (rows,) = msgspec.structs.astuple(self._decoder.decode(data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not rows:
            return None
        columns: dict[str, Values] = {}
        self._row.spread(rows, columns)
        if any(source.startswith(NO_CALL_OF_AWS) for source in set(columns["eventSource"])):
            return None
        return RawColumns(len(rows), columns, self.decoded)


def _file_of(record: type[msgspec.Struct]) -> type[msgspec.Struct]:
    return msgspec.defstruct("File", [("Records", list[record])])  # type: ignore[valid-type]


def _plant(tree: _Tree, path: str) -> None:
    """Make room for a path; below a place with any JSON there is nothing to declare."""
    branch, prefix = tree, ""
    *parents, last = path.split(".")
    for key in parents:
        prefix += key
        if prefix in ANY_JSON:
            branch[key] = None
            return
        prefix += "."
        below = branch.setdefault(key, {})
        branch = below if below is not None else {}
    branch.setdefault(last, None)


class _Shape:
    """One level of the records' tree: a msgspec struct with the keys wanted, and the levels below."""

    def __init__(self, tree: _Tree, prefix: str) -> None:
        tree = dict(sorted(tree.items(), key=lambda branch: _PLACE.get(branch[0], len(_PLACE))))
        self.paths = [prefix + key for key in tree]
        self.below = {
            prefix + key: _Shape(branch, f"{prefix}{key}.") for key, branch in tree.items() if branch is not None
        }
        self.type = msgspec.defstruct(
            "Raw",
            [self._field(key, path) for key, path in zip(tree, self.paths, strict=True)],
            kw_only=True,
            gc=False,
        )
        self.blank = None if prefix == "" else self.type()

    def _field(self, key: str, path: str) -> tuple[Any, ...]:
        if path in _REQUIRED:
            return key, str
        if path in ANY_JSON:
            return key, msgspec.Raw, msgspec.Raw(b"null")
        if path in self.below:
            return key, self.below[path].type | None, None
        return key, bool | str | None if path in FLAGS else str | None, None

    def spread(self, rows: Sequence[msgspec.Struct], into: dict[str, Values]) -> None:
        for path, column in zip(self.paths, zip(*map(msgspec.structs.astuple, rows), strict=True), strict=True):
            shape = self.below.get(path)
            if shape is None:
                into[path] = column
            else:
                blank: Any = shape.blank
                shape.spread([row or blank for row in column], into)


class RawColumns:
    """The columns of one file, each as long as the file has records.

    Any JSON and what lies below it raise orjson.JSONDecodeError for what msgspec takes and orjson does not, such as
    a number beyond what a double holds.
    """

    def __init__(self, rows: int, columns: Mapping[str, Values], decoded: Memo[bytes, Json]) -> None:
        self.rows = rows
        self.calls = frozenset(columns["eventName"])
        self._decoded = decoded
        self._undecoded = columns
        self._columns: dict[str, Values] = {}
        self._texts: dict[str, list[bytes]] = {}

    def __getitem__(self, path: str) -> Values:
        """The column at a path; any JSON is decoded, each distinct text once."""
        if path not in self._columns:
            self._columns[path] = self._column(path)
        return self._columns[path]

    def json_texts(self, path: str) -> list[bytes]:
        """The undecoded texts at a path with any JSON."""
        if path not in self._texts:
            self._texts[path] = list(map(bytes, self._undecoded[path]))
        return self._texts[path]

    def _column(self, path: str) -> Values:
        root, *keys = path.split(".")
        if root not in ANY_JSON:
            return self._undecoded[path]
        values = self[root] if keys else self._decoded_at(root)
        for key in keys:
            values = [value.get(key) if type(value) is dict else None for value in values]
        return values

    def _decoded_at(self, root: str) -> Values:
        texts = self.json_texts(root)
        distinct = dict.fromkeys(texts)
        self._decoded.update(zip(distinct, map(orjson.loads, distinct), strict=True))
        return self._decoded.of_each(texts)
