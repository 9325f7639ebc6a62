"""A file's bytes as the texts that lie in them: unpacked and in UTF-8, layer by layer, within bounds.

Nothing raises: what can not be unpacked ends early, and why is told beside it.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, TypeAlias, cast

import pyarrow as pa

from local.cloudtrail.limits import Limits
from local.cloudtrail.reading.formats import HEAD, Format, format_of
from local.cloudtrail.refusal import Kind, Refusal

_BUFFER = 2**18
_TABLE_OF_CONTENTS = 16 * 2**20
"""The most bytes of a zip file's own: about a hundred thousand names."""

_Read: TypeAlias = Callable[[int], bytes]
"""Some of the next so many bytes; none only at the end."""


class _TooLargeError(Exception):
    """More than this program takes into memory."""


# What the unpackers of the standard library raise over damaged bytes; each of these was seen or is documented.
_FAULTS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    ArithmeticError,
    LookupError,
    MemoryError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    _TooLargeError,
)


@dataclass(slots=True)
class _Budget:
    """Bytes that all layers of one file together may still unpack to."""

    left: int


@dataclass(frozen=True, slots=True)
class Text:
    """One text. `member`: its name, where it lies in an archive. `faults`: why it ends where it does, if early."""

    stream: io.BufferedReader
    member: str = ""
    faults: list[Refusal] = field(default_factory=list)


def texts(stream: BinaryIO, size: int, limits: Limits) -> Iterator[Text | Refusal]:
    """Each text in a file of so many bytes, to be read before the next is asked for.

    The stream stands at the start of the file; what is written to its end meanwhile is not read. A zip file is
    read by seeking where the stream can.
    """
    faults: list[Refusal] = []
    whole = Text(_layer(_first(stream, size), _Budget(size), faults), faults=faults)
    unpacking = _Unpacking(limits, _Budget(max(limits.expansion_free, limits.expansion * size)))
    yield from unpacking.texts(whole, limits.layers, stream if stream.seekable() else None)


@dataclass(frozen=True, slots=True)
class _Unpacking:
    limits: Limits
    budget: _Budget

    def texts(self, text: Text, layers: int, seekable: BinaryIO | None = None) -> Iterator[Text | Refusal]:
        """`seekable`: the same bytes, where they can be read in any order."""
        form = format_of(text.stream.peek(HEAD))
        if isinstance(form, Refusal):
            yield replace(text.faults[0] if text.faults else form, member=text.member)
        elif form is Format.TEXT:
            yield text
        elif not layers:
            yield Refusal(Kind.TOO_LARGE, "files within files within files", member=text.member)
        elif form in _MEMBERS:
            yield from self._members(form, text, layers, seekable)
        else:
            unpacked = _layer(_UNPACKERS[form](text.stream), self.budget, text.faults, form)
            yield from self.texts(replace(text, stream=unpacked), layers - 1)

    def _members(self, form: Format, text: Text, layers: int, seekable: BinaryIO | None) -> Iterator[Text | Refusal]:
        faults: list[Refusal] = []
        is_empty = True
        try:
            for name, read in _MEMBERS[form](self._archive(form, text, seekable)):
                is_empty = False
                member = f"{text.member}/{name}" if text.member else name
                if isinstance(read, Refusal):
                    yield replace(read, member=member)
                    continue
                faults = []
                yield from self.texts(Text(_layer(read, self.budget, faults, form), member, faults), layers - 1)
                if self.budget.left < 0:
                    return
        except _FAULTS as error:
            if not faults:  # otherwise told of the member in which it began
                yield replace(_fault(error, form), member=text.member)
        else:
            if is_empty and not text.faults:
                yield Refusal(Kind.EMPTY, f"a {form} file of no files", member=text.member)
            yield from (replace(refusal, member=text.member) for refusal in text.faults)

    def _archive(self, form: Format, text: Text, seekable: BinaryIO | None) -> BinaryIO:
        if (
            form is Format.TAR
        ):  # read from its start to its end, where the file itself stands behind what was looked at
            return text.stream
        if seekable is not None:
            return seekable
        data = text.stream.read(self.limits.expansion_free + 1)
        if len(data) > self.limits.expansion_free:
            raise _TooLargeError("a zip file in here is too large; unpack it first")
        return io.BytesIO(data)


class _Layer(io.RawIOBase):
    """What one unpacker gives out; a fault ends it and is noted."""

    def __init__(self, read: _Read, budget: _Budget, faults: list[Refusal], form: str) -> None:
        super().__init__()
        self._read = read
        self._budget = budget
        self._faults = faults
        self._form = form
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer unless this is the end, so that a look ahead sees enough."""
        filled = 0
        while filled < len(buffer) and not self._is_over:
            part = self._part(len(buffer) - filled)
            buffer[filled : filled + len(part)] = part
            filled += len(part)
        return filled

    def _part(self, size: int) -> bytes:
        left = self._budget.left
        try:
            part = self._read(min(size, left + 1))
        except _FAULTS as error:
            self._end(_fault(error, self._form))
            return b""
        self._budget.left -= len(part)
        if self._budget.left < 0:
            self._end(Refusal(Kind.TOO_LARGE, "unpacks to far more than a log does; the rest was not read"))
        self._is_over = self._is_over or not part
        return part[:left]

    def _end(self, refusal: Refusal) -> None:
        self._is_over = True
        self._faults.append(refusal)


def _layer(read: _Read, budget: _Budget, faults: list[Refusal], form: str = "") -> io.BufferedReader:
    return io.BufferedReader(_Layer(read, budget, faults, form), _BUFFER)


def _fault(error: Exception, form: str) -> Refusal:
    """`form`: what was being unpacked; nothing where it was the file itself that was being read."""
    if isinstance(error, OSError) and (error.errno is not None or not form):
        return Refusal(Kind.UNREADABLE, error.strerror or str(error))
    if isinstance(error, MemoryError | _TooLargeError):
        return Refusal(Kind.TOO_LARGE, str(error) or "more than fits into memory")
    return Refusal(Kind.DAMAGED, f"{form}: {error}" if str(error) else f"{form}: {type(error).__name__}")


def _first(stream: BinaryIO, size: int) -> _Read:
    """A file that grows while it is read has the size that it had: reading it comes to an end."""
    left = size
    # One look at the file a time where it can: a fault then takes nothing along that came before it.
    some: _Read = getattr(stream, "read1", stream.read)

    def read(most: int) -> bytes:
        nonlocal left
        part = some(min(most, left)) if left else b""
        left -= len(part)
        return part

    return read


def _transcoded(codec: str) -> Callable[[io.BufferedReader], _Read]:
    def reader(stream: io.BufferedReader) -> _Read:
        decoder = codecs.getincrementaldecoder(codec)("replace")
        ready = b""

        def read(size: int) -> bytes:
            nonlocal ready
            raw = b"-"
            while raw and not ready:
                raw = stream.read(_BUFFER)
                ready = decoder.decode(raw, final=not raw).encode()
            part, ready = ready[:size], ready[size:]
            return part

        return read

    return reader


def _zstd(stream: io.BufferedReader) -> _Read:
    unpacked = pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")
    return lambda size: unpacked.read(min(size, _BUFFER))


# `read1` where there is one: `read` asks the unpacker again and again, and a fault then takes along what came before.
_UNPACKERS: Mapping[Format, Callable[[io.BufferedReader], _Read]] = {
    Format.GZIP: lambda stream: gzip.GzipFile(fileobj=stream).read1,
    Format.BZIP2: lambda stream: bz2.BZ2File(stream).read1,
    Format.XZ: lambda stream: lzma.LZMAFile(stream).read1,  # noqa: SIM115  # lives as long as its reader
    Format.ZSTD: _zstd,
    Format.UTF16: _transcoded("utf-16"),
    Format.UTF16_LE: _transcoded("utf-16-le"),
    Format.UTF16_BE: _transcoded("utf-16-be"),
    Format.UTF32: _transcoded("utf-32"),
}


class _Zip(io.BufferedIOBase):
    """A zip file as `zipfile` reads it, which believes whatever sizes stand in it."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(
            _TABLE_OF_CONTENTS + 1 if size is None or size < 0 else min(size, _TABLE_OF_CONTENTS + 1)
        )
        if len(data) > _TABLE_OF_CONTENTS:
            raise _TooLargeError("it lists more files than this program reads; unpack it first")
        return data


def _zip_members(stream: BinaryIO) -> Iterator[tuple[str, _Read | Refusal]]:
    with zipfile.ZipFile(_Zip(stream)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield info.filename, _zip_member(archive, info)


_IS_ENCRYPTED = 0x1
"""Bit 0 of the general purpose flags (APPNOTE.TXT 4.4.4)."""


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Read | Refusal:
    if info.flag_bits & _IS_ENCRYPTED:
        return Refusal(Kind.ENCRYPTED, "unpack it with its password first")
    try:
        return cast("io.BufferedIOBase", archive.open(info)).read1
    except _FAULTS as error:
        return _fault(error, Format.ZIP)


def _tar_members(stream: BinaryIO) -> Iterator[tuple[str, _Read | Refusal]]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # headers kept for a way back that a stream has not
            if info.issparse():
                yield info.name, Refusal(Kind.FORMAT, "a sparse file; unpack it first")
            elif (file := archive.extractfile(info) if info.isreg() else None) is not None:
                yield info.name, file.read


_MEMBERS: Mapping[Format, Callable[[BinaryIO], Iterator[tuple[str, _Read | Refusal]]]] = {
    Format.ZIP: _zip_members,
    Format.TAR: _tar_members,
}
