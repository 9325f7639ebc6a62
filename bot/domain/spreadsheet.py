"""A line of a CSV file, as a spreadsheet may open it."""

import csv
import io
from collections.abc import Iterable

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
    """The values as cells of one line, its end included."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell(value) for value in values])
    return text.getvalue()
