"""The bytes of objects, several fetched at once and in the order in which they are asked for."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias

import obstore

from local.objects.faults import CAUGHT, fault_of
from local.objects.place import Place

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore.store import S3Store

AT_ONCE = 8
AT_ONCE_BYTES = 32 * 2**20
"""Of one process: so much is fetched before it is asked for; a larger object comes alone."""

WHOLE_BYTES = 64 * 2**20
"""An object above this is not taken into memory whole but read piece by piece."""

_PIECE = 8 * 2**20


class Placed(Protocol):
    """An object by its URL, and its size in bytes."""

    @property
    def where(self) -> str: ...

    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Failed:
    """An object that is not to be had, and why."""

    reason: str


Fetched: TypeAlias = "tuple[BinaryIO, int] | Failed"


@dataclass(frozen=True, slots=True)
class Fetching:
    """Opens objects; it goes to other processes by pickle, and each has connections of its own."""

    store: S3Store
    place: Place
    whole_bytes: int = WHOLE_BYTES

    def __call__(self, objects: Sequence[Placed]) -> Generator[Fetched, None, None]:
        """Each object in its turn, while the next ones come in."""
        waiting = deque(objects)
        coming: deque[tuple[Future[Fetched], int]] = deque()
        threads = ThreadPoolExecutor(AT_ONCE)
        try:
            while waiting or coming:
                while waiting and _has_room(coming, waiting[0].size):
                    asked = waiting.popleft()
                    coming.append((threads.submit(self._fetched, asked), asked.size))
                yield coming.popleft()[0].result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _fetched(self, asked: Placed) -> Fetched:
        if not asked.size:
            return io.BytesIO(), 0
        try:
            key = self.place.key(asked.where)
            if asked.size > self.whole_bytes:
                meta = obstore.head(self.store, key)
                pieces = _Pieces(self.store, key, meta["size"], meta["e_tag"])
                return io.BufferedReader(pieces, _PIECE), pieces.size
            data = obstore.get(self.store, key).bytes()
        except CAUGHT as error:
            return Failed(fault_of(error, "get").reason)
        return io.BytesIO(data), len(data)


def _has_room(coming: Sequence[tuple[object, int]], size: int) -> bool:
    return not coming or (len(coming) < AT_ONCE and sum(each for _, each in coming) + size <= AT_ONCE_BYTES)


class _Pieces(io.RawIOBase):
    """A large object as a file that can seek; one and the same object from its first piece to its last."""

    def __init__(self, store: S3Store, key: str, size: int, tag: str | None) -> None:
        super().__init__()
        self.size = size
        self._store = store
        self._key = key
        self._tag = tag
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """
        Raises:
            OSError: the server does not give it, or it is another object by now.
        """
        view = memoryview(buffer).cast("B")
        end = min(self._at + len(view), self.size)
        if end <= self._at:
            return 0
        try:
            wanted = obstore.get(self._store, self._key, options={"range": (self._at, end), "if_match": self._tag})
            data = memoryview(wanted.bytes())
        except CAUGHT as error:
            raise OSError(fault_of(error, "get").reason) from None
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
