"""A hit in one sentence, as its hunt's template says it; for a hunt without one, its name and what it found."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.blocks import rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, SHORT_CAP, VALUE_CAP, literal
from bot.domain.hit import TIMESTAMP, Hit
from bot.domain.hunt import EVENT_ID_COLUMNS, JUDGED_COLUMNS, Hunt
from bot.domain.rows import Value
from bot.domain.secrets import masked_text

PRINCIPAL = "principal"
ANYONE = "*"

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_PRINCIPAL = f"{{{PRINCIPAL}}}"
_ACCOUNT = re.compile(r"[0-9]{12}")
_ACTION_ON = "{action} on "
# What an IAM action lets somebody do, for `may {action} on {function}`; what is not here stands as it was logged.
_VERBS: Mapping[str, str] = {
    "lambda:invokefunction": "invoke",
    "lambda:invokeasync": "invoke",
    "lambda:invoke*": "invoke",
    "lambda:invokefunctionurl": "call the URL of",
    "lambda:updatefunctioncode": "replace the code of",
    "lambda:updatefunctionconfiguration": "reconfigure",
    "lambda:addpermission": "let others into",
    "lambda:removepermission": "shut others out of",
    "lambda:deletefunction": "delete",
    "lambda:*": "do anything with",
    "*": "do anything with",
}
_TRAITS_IN_A_NAME = 3  # of a hunt without a template: enough to tell two findings apart


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of ours, or a value from the log (already literal)."""

    text: str
    is_value: bool = False


def say(hunt: Hunt, hit: Hit, cap: int = SHORT_CAP) -> str:
    """The sentence as text without any markup: for a terminal, and (through `escaped`) for notifications."""
    return "".join(piece.text for piece in _pieces(hunt, hit, cap))


def filled(hunt: Hunt, hit: Hit) -> str:
    """The template with the columns' own values, for programs: nothing put in other words, nothing cut."""
    if not hunt.summary:
        return say(hunt, hit, LONG_CAP)
    return _PLACEHOLDER.sub(lambda placeholder: hit.text(placeholder[1]) or _missing(placeholder[1]), hunt.summary)


def plain(hunt: Hunt, hit: Hit, cap: int = SHORT_CAP) -> str:
    """The sentence as one would say it aloud, without any markup: `anyone may invoke pay`."""
    return "".join(piece.text for piece in _plain(hunt, hit, cap))


def plain_line(hunt: Hunt, hit: Hit, cap: int = VALUE_CAP) -> list[Json]:
    """The same in bold, its values set apart from our words."""
    return [
        rich.value(piece.text, bold=True) if piece.is_value else rich.words(piece.text, bold=True)
        for piece in _plain(hunt, hit, cap)
    ]


def is_plainer(hunt: Hunt, hit: Hit) -> bool:
    """Whether there are plainer words than the hunt's template and the log's values."""
    return bool(hunt.summary) and (_verb(hunt, hit) is not None or hit.text(PRINCIPAL) == ANYONE)


def line(hunt: Hunt, hit: Hit, cap: int = VALUE_CAP, *, bold: bool = False) -> list[Json]:
    """The sentence as rich text, its values set apart from our words."""
    return [
        rich.value(piece.text, bold=bold) if piece.is_value else rich.words(piece.text, bold=bold)
        for piece in _pieces(hunt, hit, cap)
    ]


def columns_said(hunt: Hunt, hit: Hit) -> frozenset[str]:
    """The columns whose values the sentence already shows."""
    return frozenset(_PLACEHOLDER.findall(hunt.summary) if hunt.summary else traits(hunt, hit)[:_TRAITS_IN_A_NAME])


def traits(hunt: Hunt, hit: Hit) -> Sequence[str]:
    """The columns that tell this finding from others and hold something: the hunt's identity, or every trait."""
    named = [key.column for key in hunt.identity] or [
        name for name in hit.columns if is_trait(name, hit.columns[name])
    ]
    return [name for name in named if hit.text(name)]


def is_trait(name: str, value: Value) -> bool:
    """Whether a column says what was found, rather than when, how often, or what the query thinks of it."""
    is_aside = name in JUDGED_COLUMNS or name in EVENT_ID_COLUMNS or name == TIMESTAMP
    return not (is_aside or (isinstance(value, int | float) and not isinstance(value, bool)) or _is_time(value))


def _plain(hunt: Hunt, hit: Hit, cap: int) -> Iterator[Piece]:
    """The template with a verb for the action it names, everybody called so, and an account called one."""
    verb = _verb(hunt, hit)
    template = hunt.summary if verb is None else hunt.summary.replace(_ACTION_ON, f"{verb} ")
    principal = hit.text(PRINCIPAL) or ""
    if principal == ANYONE:
        template = template.replace(_PRINCIPAL, "anyone")
    elif _ACCOUNT.fullmatch(principal):
        template = template.replace(_PRINCIPAL, f"account {_PRINCIPAL}")
    yield from _pieces(replace(hunt, summary=template), hit, cap)


def _verb(hunt: Hunt, hit: Hit) -> str | None:
    return _VERBS.get((hit.text("action") or "").lower()) if _ACTION_ON in hunt.summary else None


def _pieces(hunt: Hunt, hit: Hit, cap: int) -> Iterator[Piece]:
    yield from _from_template(hunt.summary, hit, cap) if hunt.summary else _from_traits(hunt, hit, cap)
    if not hit.was_granted:
        yield Piece(" (attempted, refused)")


def _from_template(template: str, hit: Hit, cap: int) -> Iterator[Piece]:
    end = 0
    for placeholder in _PLACEHOLDER.finditer(template):
        if placeholder.start() > end:
            yield Piece(template[end : placeholder.start()])
        yield from _shown(placeholder[1], hit, cap)
        end = placeholder.end()
    if template[end:]:
        yield Piece(template[end:])


def _shown(column: str, hit: Hit, cap: int) -> Iterator[Piece]:
    text = hit.text(column)
    if not text:
        yield Piece(_missing(column))
    elif column == PRINCIPAL and text == ANYONE:
        yield from (Piece("anyone ("), Piece(ANYONE, is_value=True), Piece(")"))
    else:
        yield Piece(literal(masked_text(text), cap), is_value=True)


def _missing(column: str) -> str:
    return f"({column} not recorded)"


def _from_traits(hunt: Hunt, hit: Hit, cap: int) -> Iterator[Piece]:
    yield Piece(literal(hunt.name, cap))
    for number, column in enumerate(traits(hunt, hit)[:_TRAITS_IN_A_NAME]):
        yield Piece(" · " if number else ": ")
        yield Piece(literal(masked_text(hit.text(column) or ""), cap), is_value=True)


def _is_time(value: Value) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return isinstance(value, str) and "T" in value
