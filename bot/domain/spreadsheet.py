"""A line of a CSV file, as a spreadsheet may open it."""

import csv
import io
from collections.abc import Iterable

_END = "\r\n"
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")


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
    """The values as cells of one line, its end included.

    Python before 3.13 quotes a carriage return only where it ends lines; bare, a spreadsheet begins a new line there,
    whose first cell nobody disarmed.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator=_END).writerow([cell(value) for value in values])
    return f"{text.getvalue().removesuffix(_END)}\n"
