"""A file as a message shows it: a picture, the head of a table or of a text, and its size in words."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from local.slack.file_json import is_textual
from local.slack.model import File

ROWS_SHOWN: Final = 6
COLUMNS_SHOWN: Final = 8
LINES_SHOWN: Final = 12
_LINE_CHARACTERS: Final = 240
_UNIT: Final = 1024

PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show in place; anything else (SVG can hold a script) is only handed out to be saved."""


@dataclass(frozen=True, slots=True)
class FileView:
    """``picture`` and ``download`` are addresses of this page; ``rest`` says what the preview leaves out."""

    file: File
    size: str
    download: str
    picture: str = ""
    rows: Sequence[Sequence[str]] = ()
    text: str = ""
    rest: str = ""


def address(file_id: str, user_id: str, *, is_download: bool = False) -> str:
    query = {"user": user_id, "download": "1"} if is_download else {"user": user_id}
    return f"/page/file/{file_id}?{urlencode(query)}"


def view_of(file: File, body: bytes, user_id: str) -> FileView:
    """The file as one person is shown it."""
    download, size = address(file.id, user_id, is_download=True), _size(file.size)
    if file.mimetype in PICTURES:
        return FileView(file, size, download, picture=address(file.id, user_id))
    if not is_textual(file):
        return FileView(file, size, download)
    text = body.decode("utf-8", "replace")
    if file.filetype == "csv":
        rows, rest = _table(text)
        return FileView(file, size, download, rows=rows, rest=rest)
    shown, rest = _lines(text)
    return FileView(file, size, download, text=shown, rest=rest)


def _table(text: str) -> tuple[Sequence[Sequence[str]], str]:
    rows = list(csv.reader(io.StringIO(text)))
    width = max((len(row) for row in rows), default=0)
    left_out = [
        _more(len(rows) - 1 - ROWS_SHOWN, "row"),
        _more(width - COLUMNS_SHOWN, "column"),
    ]
    return [row[:COLUMNS_SHOWN] for row in rows[: ROWS_SHOWN + 1]], " and ".join(filter(None, left_out))


def _lines(text: str) -> tuple[str, str]:
    lines = text.splitlines()
    shown = [line if len(line) <= _LINE_CHARACTERS else line[:_LINE_CHARACTERS] + "…" for line in lines[:LINES_SHOWN]]
    return "\n".join(shown), _more(len(lines) - LINES_SHOWN, "line")


def _more(count: int, what: str) -> str:
    return f"{count} more {what}{'s' * (count > 1)}" if count > 0 else ""


def _size(size: int) -> str:
    if size < _UNIT:
        return f"{size} bytes"
    return f"{size / _UNIT:.0f} kB" if size < _UNIT**2 else f"{size / _UNIT**2:.1f} MB"
