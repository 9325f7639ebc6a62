r"""The one gate for text that came from a log or a person: literal, capped, with nothing hidden in it.

Raw `text` elements of a rich_text block are never parsed by Slack, so `literal` is enough there. Everywhere else
(the notification text beside the blocks) Slack parses `<...>`, and `escaped` writes & < > as entities.
Source: https://docs.slack.dev/messaging/formatting-message-text (escaping text).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate

VALUE_CAP = 200  # one value on a card: an ARN fits, a pasted novel does not
SHORT_CAP = 80  # one value in a line of a list
LONG_CAP = 1000  # one value where a person asked for everything

# Control, format (bidi, zero width, tags), surrogate, private, unassigned; line, paragraph and odd spaces.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Drawn as nothing though their category says letter, mark or symbol: fillers, joiners, variation selectors.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# A mark at an edge of a word, which has no underscore in it; a backtick wherever it stands.
_STYLE_MARK = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
# There is no escape for these. A notification that says `anyone ()` would lie, so they look alike there.
_LOOK_ALIKES = {"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"}
_STACKED_MARKS = 3  # more combining marks than this on one letter are there to smear over other lines


def literal(value: str, cap: int = VALUE_CAP) -> str:
    r"""The value as it is; what cannot be seen is spelled out (`\u{202e}`), what is too long loses its middle.

    The mark of a cut says how many characters are missing: `arn:aws:…[312 more]…/role`.
    """
    pieces = list(_visible(value[: cap + 1]))  # no more than that can fit: a character is shown as one or more
    if sum(map(len, pieces)) <= cap:
        return "".join(pieces)
    head = _fitting(pieces, cap * 2 // 3)
    ending = list(_visible(value[head:][-cap:]))
    tail = _fitting(reversed(ending), cap // 3)
    missing = len(value) - head - tail
    return f"{''.join(pieces[:head])}…[{missing:,} more]…{''.join(ending[len(ending) - tail :])}"


def escaped(text: str) -> str:
    """Literal text, safe where Slack parses it: no mention, no link, no date and no style can come of it."""
    plain = _STYLE_MARK.sub(lambda mark: _LOOK_ALIKES[mark[0]], text) if _is_styled(text) else text
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 hit`, `2 hits`, `1,200 hits`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _is_styled(text: str) -> bool:
    """Two marks of a kind at the edges of words: Slack would take them away and style what is between."""
    marks = _STYLE_MARK.findall(text)
    return len(marks) > len(set(marks))


def _visible(value: str) -> Iterator[str]:
    stacked = 0
    for char in value:
        category = unicodedata.category(char)
        stacked = stacked + 1 if category in {"Mn", "Me"} else 0
        yield f"\\u{{{ord(char):x}}}" if _is_hidden(char, category) or stacked > _STACKED_MARKS else char


def _is_hidden(char: str, category: str) -> bool:
    if char == " ":
        return False
    return (
        category in _HIDDEN_CATEGORIES
        or char in _BLANKS
        or any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)
    )


def _fitting(pieces: Iterable[str], room: int) -> int:
    """How many pieces, from the first on, fit."""
    return sum(1 for length in accumulate(map(len, pieces)) if length <= room)
