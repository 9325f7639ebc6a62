"""A line of a CSV file, as a spreadsheet may open it."""

import csv
import io
import re
from collections.abc import Iterable

_END = "\r\n"
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")
_FIELD = re.compile(r"@?[A-Za-z0-9_.]+")  # names a field and calls nothing, whoever reads it as a formula


def cell(value: object) -> str:
    """The value as text; what a spreadsheet would run as a formula is disarmed by an apostrophe.

    Source: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).lower()
        case list() | tuple():
            text = ", ".join(map(str, value))
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(_COMMANDS) else text


def line(values: Iterable[object]) -> str:
    """The values as cells of one line, its end included."""
    return _joined(map(cell, values))


def header(names: Iterable[str]) -> str:
    """The names of columns as a line: what names a field, `@timestamp`, stands as it is, anything else as a value."""
    return _joined(name if _FIELD.fullmatch(name) else cell(name) for name in names)


def _joined(cells: Iterable[str]) -> str:
    """The cells with the end of their line.

    Python before 3.13 quotes a carriage return only where it ends lines; bare, a spreadsheet begins a new line there,
    whose first cell nobody disarmed.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator=_END).writerow(cells)
    return f"{text.getvalue().removesuffix(_END)}\n"
