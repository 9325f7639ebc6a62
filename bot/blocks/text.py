r"""The one gate for text that came from a log or a person: literal, capped, with nothing in it that misleads.

Raw `text` elements of a rich_text block are never parsed by Slack, so `literal` is enough there. Everywhere else
(the notification text beside the blocks) Slack parses `<...>`, and `escaped` writes & < > as entities.
Source: https://docs.slack.dev/messaging/formatting-message-text (escaping text).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate

from bot.domain.characters import is_hidden, named, posing

VALUE_CAP = 200  # one value on a card: an ARN fits, a pasted novel does not
SHORT_CAP = 80  # one value in a line of a list
LONG_CAP = 1000  # one value where a person asked for everything

# A mark at an edge of a word, which has no underscore in it; a backtick wherever it stands.
_STYLE_MARK = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
# There is no escape for these. A notification that says `anyone ()` would lie, so they look alike there.
_LOOK_ALIKES = {"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"}
_HALF = re.compile(r"(?:\\(?:u(?:\{[0-9a-f]*)?)?|&[a-z]*)\Z")
_LONGEST_SPELLING = len(r"\u{10ffff}")
_STACKED_MARKS = 3  # more combining marks than this on one letter are there to smear over other lines


def literal(value: str, cap: int = VALUE_CAP) -> str:
    r"""The value as it is; what misleads the eye is spelled out (`\u{202e}`), what is too long loses its middle.

    Spelled out are characters that cannot be seen, letters that pose as another script's, and a backslash that would
    pose as one of these spellings: what is shown can be read back. The mark of a cut says how many characters are
    missing: `arn:aws:…[312 more]…/role`.
    """
    if len(value) <= cap and _is_plain(value):
        return value
    odd = _posing_near_the_ends(value, cap)
    pieces = list(
        _visible(value, range(min(len(value), cap + 1)), odd)
    )  # no more can fit: each is shown as one or more
    if len(value) <= cap and sum(map(len, pieces)) <= cap:
        return "".join(pieces)
    head = _fitting(pieces, cap * 2 // 3)
    ending = list(_visible(value, range(max(head, len(value) - cap), len(value)), odd))
    tail = _fitting(reversed(ending), cap // 3)
    missing = len(value) - head - tail
    return f"{''.join(pieces[:head])}…[{missing:,} more]…{''.join(ending[len(ending) - tail :])}"


def _posing_near_the_ends(value: str, cap: int) -> Collection[int]:
    """All that is shown of a value, with some of what stands beside it: no more has to be looked at."""
    near = cap * 2
    if len(value) <= 2 * near:
        return posing(value)
    end = len(value) - near
    return posing(value[:near]) | {end + at for at in posing(value[end:])}


def in_whole_words(value: str, cap: int) -> str:
    """The beginning of a value up to the end of a word, and how much is missing; for texts whose end tells little."""
    end = value.rfind(" ", 0, cap + 1)
    if end <= 0 or not is_cut(value, cap):
        return literal(value, cap)
    return f"{literal(value[:end], cap)} …[{len(value) - end:,} more]"


def is_cut(value: str, cap: int = VALUE_CAP) -> bool:
    """Whether `literal` shows less than all of it."""
    return len(value) > cap or len(literal(value, cap * _LONGEST_SPELLING)) > cap


def lookalikes(value: str) -> Sequence[str]:
    """The letters of a value that pose as another script's, by code point and name, each once."""
    return named(value[at] for at in sorted(_posing_near_the_ends(value, LONG_CAP)))


def pages(value: str, size: int, *, keeps_lines: bool = False) -> Sequence[str]:
    """All of a value, literal, in pieces of at most so many characters, no spelling cut in half; at least one.

    `keeps_lines`: its line breaks are ours, and stand.
    """
    whole: list[list[str]] = [[]]
    room = size
    odd = posing(value)
    for char, piece in zip(value, _visible(value, range(len(value)), odd), strict=True):
        shown = char if keeps_lines and char == "\n" else piece
        if len(shown) > room:
            whole.append([])
            room = size
        whole[-1].append(shown)
        room -= len(shown)
    return ["".join(page) for page in whole]


def escaped(text: str) -> str:
    """Literal text, safe where Slack parses it: no mention, no link, no date and no style can come of it."""
    plain = _STYLE_MARK.sub(lambda mark: _LOOK_ALIKES[mark[0]], text) if _is_styled(text) else text
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 hit`, `2 hits`, `1,200 hits`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def trimmed(shown: str, most: int) -> str:
    """Text that is literal, or escaped, already, at most so long; no spelling and no entity is cut in half."""
    if len(shown) <= most:
        return shown
    return f"{_HALF.sub('', shown[: most - 1])}…"


def spoken(length: timedelta) -> str:
    """`44 s`, `2 m 44 s`, `3 h 5 m`, `4 d 2 h`: the two largest units that are not nothing."""
    seconds = max(int(length.total_seconds()), 0)
    units = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
    told = [(seconds // size % most, unit) for (unit, size), most in zip(units, (10**6, 24, 60, 60), strict=True)]
    first = next((at for at, (number, _) in enumerate(told) if number), len(told) - 1)
    return " ".join(f"{number} {unit}" for number, unit in told[first : first + 2] if number) or "0 s"


def _is_styled(text: str) -> bool:
    """Two marks of a kind at the edges of words: Slack would take them away and style what is between."""
    marks = _STYLE_MARK.findall(text)
    return len(marks) > len(set(marks))


def _is_plain(value: str) -> bool:
    """Whether nothing in it needs a look: nearly every value that is logged."""
    return value.isascii() and value.isprintable() and "\\u{" not in value


def _visible(value: str, places: range, odd: Collection[int]) -> Iterator[str]:
    stacked = 0
    for at in places:
        char = value[at]
        stacked = stacked + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        is_spelled = at in odd or is_hidden(char) or stacked > _STACKED_MARKS or value.startswith("\\u{", at)
        yield f"\\u{{{ord(char):x}}}" if is_spelled else char


def _fitting(pieces: Iterable[str], room: int) -> int:
    """How many pieces, from the first on, fit."""
    return sum(1 for length in accumulate(map(len, pieces)) if length <= room)
