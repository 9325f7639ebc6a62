"""A grant's blast radius in one line: who gets in, which of them, what narrows it; of a refused one, who would."""

from collections.abc import Iterator, Mapping, Sequence

from bot.blocks import rich
from bot.blocks.rich import Json, Line
from bot.blocks.text import VALUE_CAP, literal
from bot.domain import blast
from bot.domain.blast import Blast, Grantee
from bot.domain.hit import Hit

CONDITION_WORDS: Mapping[str, str] = {
    blast.ORGANIZATION: "organization",
    blast.SOURCE_ARN: "source ARN",
    blast.SOURCE_ACCOUNT: "source account",
    blast.TOKEN: "event source token",
    blast.URL_AUTH: "function URL auth",
    blast.VIA_URL: "invoked via function URL",
}
_WHO: Mapping[Grantee, str] = {
    Grantee.ANYONE: "Anyone on the internet",
    Grantee.ORGANIZATION: "Anyone in the organization",
    Grantee.ANOTHER: "Another account, none of the known ones:",
    Grantee.SERVICE: "A service",
    Grantee.UNKNOWN: "An unknown grantee",
    Grantee.KNOWN: "A known account",
    Grantee.OWN: "Its own account",
    Grantee.NOT_RECORDED: "Who got in is not recorded",
}
_ASKED_FOR: Mapping[Grantee, str] = {
    grantee: f"{words[:1].lower()}{words[1:]}" for grantee, words in _WHO.items()
} | {Grantee.NOT_RECORDED: "somebody who is not recorded"}
_WIDE = frozenset({Grantee.ANYONE, Grantee.ORGANIZATION})  # `which` of them says nothing: it is a `*`
_REFUSED = "None: the call was refused. It asked to let in"
_SHOWN = 3  # accounts or services of one grant


def line(hit: Hit, known_accounts: frozenset[str] = frozenset(), cap: int = VALUE_CAP) -> Line:
    """Empty where the hunt's rows are no grants."""
    radius = blast.blast_radius(hit, known_accounts)
    if radius is None:
        return []
    said = _WHO[radius.who] if hit.was_granted else f"{_REFUSED} {_ASKED_FOR[radius.who]}"
    return [rich.words(said), *_which(radius, cap), *_narrowed(hit, radius, cap), *_others(hit, radius, cap)]


def _which(radius: Blast, cap: int) -> Iterator[Json]:
    named = () if radius.who in _WIDE else radius.which[:_SHOWN]
    for number, which in enumerate(named):
        yield rich.words(", " if number else " ")
        yield rich.value(literal(which, cap))
    if more := len(radius.which) - len(named) if named else 0:
        yield rich.words(f" and {more} more")
    if radius.owns_source:
        yield rich.words(", which owns the source")


def _narrowed(hit: Hit, radius: Blast, cap: int) -> Sequence[Json]:
    if radius.narrowed_by:
        return [rich.words(". Narrowed by "), *_told(hit, radius.narrowed_by, cap)]
    if radius.who in {Grantee.OWN, Grantee.NOT_RECORDED}:
        return []
    if not hit.was_granted:
        return [rich.words(". Nothing would have narrowed it")]
    return [rich.words(". "), rich.words("Nothing narrows it", bold=True)]


def _others(hit: Hit, radius: Blast, cap: int) -> Iterator[Json]:
    """What was said beside it and narrows nothing; that a function URL asks for nobody's name is worth a warning."""
    for column in radius.others:
        value = rich.value(literal(hit.text(column) or "", cap))
        match column:
            case blast.SOURCE_ARN:
                yield from (rich.words(". Its source ARN "), value, rich.words(" is a wildcard"))
            case blast.URL_AUTH if radius.is_public_url:
                is_one = "is a" if hit.was_granted else "would have been a"
                yield rich.words(f". It {is_one} public URL", bold=hit.was_granted)
                yield from (rich.words(" (function URL auth "), value)
                yield rich.words(")")
            case blast.VIA_URL if hit.text(column) == "true":
                yield rich.words(". Only by way of its function URL")
            case _:
                yield from (rich.words(f". With {CONDITION_WORDS[column]} "), value)


def _told(hit: Hit, columns: Sequence[str], cap: int) -> Iterator[Json]:
    for number, column in enumerate(columns):
        yield rich.words(f"{', ' if number else ''}{CONDITION_WORDS[column]} ")
        is_token = column == blast.TOKEN
        yield rich.value("present" if is_token else literal(hit.text(column) or "", cap))
