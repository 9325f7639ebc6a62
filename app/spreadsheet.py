"""A cell of a CSV file, as a spreadsheet may open it."""

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
        case list():
            text = ", ".join(map(str, value))
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(_COMMANDS) else text
