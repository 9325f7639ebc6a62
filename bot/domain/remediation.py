"""The command that takes a finding back, for a person to paste: every value quoted exactly, or no command at all.

huntbot never runs it. Quoting: POSIX shell, https://docs.python.org/3/library/shlex.html#shlex.quote.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from string import Formatter

from bot.domain.characters import is_hidden
from bot.errors import BadArgument

LONGEST = 2_500  # of a command: it has to fit into one Slack block, whole

_OPTIONAL = re.compile(r" ?\[([^\[\]]*)\]")
# What command line tools, aws among them, take for something else than a value where it begins an argument.
# Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
_FILE = re.compile(r"(?:file|fileb|https?)://", re.IGNORECASE)


class Why(Enum):
    """Why a value can not stand in a command, to be said after its column's name."""

    MISSING = "is not recorded"
    HIDDEN = "holds characters that cannot be seen, such as a line break"
    OPTION = "begins with a dash, so that a command would take it for an option"
    FILE = "reads as a file or an address, which a command would open instead"
    TOO_LONG = "makes the command too long to show whole"


@dataclass(frozen=True, slots=True)
class Command:
    """To be pasted as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """There is no command: each column that is in the way, and why."""

    reasons: tuple[tuple[str, Why], ...]


def columns_of(template: str) -> tuple[str, ...]:
    """The columns in braces, in their order.

    Raises:
        BadArgument: a value could break out of its place, or braces and brackets do not fit together.
    """
    _refuse_faulty(template)
    return placeholders(template)


def placeholders(template: str) -> tuple[str, ...]:
    """The same of a template that is known to be sound."""
    return tuple(dict.fromkeys(name for name, _ in _placeholders(template)))


def command(template: str, texts: Mapping[str, str | None]) -> Command | Withheld:
    """The template with each column's text through `shlex.quote`; a part in brackets goes where a column is empty."""
    whole = _OPTIONAL.sub(lambda part: _kept(part[1], texts), template)
    reasons = dict(_reasons(whole, texts))
    if reasons:
        return Withheld(tuple(reasons.items()))
    pasted = whole.format(**{name: shlex.quote(texts[name] or "") for name, _ in _placeholders(whole)})
    if len(pasted) > LONGEST:
        longest = max((name for name, _ in _placeholders(whole)), key=lambda name: len(texts[name] or ""))
        return Withheld(((longest, Why.TOO_LONG),))
    return Command(pasted)


def _kept(part: str, texts: Mapping[str, str | None]) -> str:
    return f" {part}" if all(texts.get(name) for name, _ in _placeholders(part)) else ""


def _reasons(template: str, texts: Mapping[str, str | None]) -> Iterator[tuple[str, Why]]:
    for name, before in _placeholders(template):
        text = texts.get(name)
        if not text:
            yield name, Why.MISSING
        elif any(map(is_hidden, text)):
            yield name, Why.HIDDEN
        elif before[-1:] in {"", " "} and text.startswith("-"):
            yield name, Why.OPTION
        elif before[-1:] in {"", " ", "="} and _FILE.match(text):
            yield name, Why.FILE


def _placeholders(template: str) -> Sequence[tuple[str, str]]:
    """Each column with our words right before it."""
    return [(name, before) for before, name, _, _ in Formatter().parse(template) if name is not None]


def _refuse_faulty(template: str) -> None:
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as fault:
        raise BadArgument(template, f"has unbalanced braces: {fault}") from fault
    if any(field is not None and (not field or spec or conversion) for _, field, spec, conversion in pieces):
        raise BadArgument(template, "takes columns in braces, such as {function}, and nothing else in them")
    if any(map(is_hidden, template)):
        raise BadArgument(template, "must be one line of visible characters: somebody pastes it into a shell")
    if "`" in template or "$(" in template:
        raise BadArgument(template, "must not run commands within the command: quotes do not hold there as they seem")
    parts = _OPTIONAL.findall(template)
    if set(_OPTIONAL.sub("", template)) & set("[]") or not all(_placeholders(part) for part in parts):
        raise BadArgument(template, "keeps square brackets for parts that go where their column is empty: [--x {x}]")
    _refuse_quoted(pieces)


def _refuse_quoted(pieces: Sequence[tuple[str, str | None, str | None, str | None]]) -> None:
    """A value is quoted by itself; within other quotes, or after `$` or a backslash, it would be undone."""
    inside: str | None = None
    for words, field, _, _ in pieces:
        inside, is_escaped = _after(words, inside)
        if field is not None and (inside or is_escaped or words.endswith("$")):
            raise BadArgument(f"{{{field}}}", "must stand outside of quotes and after no $ or backslash")
    if inside:
        raise BadArgument("remediation", f"has an open {inside}")


def _after(words: str, inside: str | None) -> tuple[str | None, bool]:
    """Which quote is open after the words, and whether they end in a lone backslash. POSIX shell, 2.2."""
    is_escaped = False
    for char in words:
        if is_escaped:
            is_escaped = False
        elif char == "\\" and inside != "'":
            is_escaped = True
        elif inside is None and char in "'\"":
            inside = char
        elif char == inside:
            inside = None
    return inside, is_escaped
