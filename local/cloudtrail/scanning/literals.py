"""What a requirement demands of a record's bytes.

Only fields that are copies of raw strings demand anything: nothing follows from a derived one. Of a text count the
pieces in the probe's alphabet, as every other character may be written in several ways; and of those none that a JSON
number or boolean could be printed as, for then it need not stand in the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, product
from types import MappingProxyType

from local.cloudtrail.ecs import fields as made
from local.cloudtrail.ecs.mapping import SOURCES
from local.cloudtrail.ecs.schema import FIELDS, FieldType
from local.cloudtrail.record import Json
from local.cloudtrail.scanning.probe import Clause, Clue, Sought
from local.wanted import Both, Either, Has, Match, Requirement, Within

_PIECE = re.compile(r"[A-Za-z0-9._:-]{3,}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{3,}", re.ASCII)
_NUMBER = re.compile(r"[0-9.Ee+-]*", re.ASCII)
_WORDS = "true", "false"
_MOST_CLUES = 24
"""More alternatives than this cost more passes over the bytes than to decode them does."""
_MOST_CLAUSES = 16


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a field's values stand in a record: as whole values of the keys; without any keys, anywhere.

    `aliases`: how SQL engines and Elasticsearch call them. `is_text`: only a JSON string makes such a value.
    """

    keys: frozenset[bytes] = frozenset()
    aliases: frozenset[bytes] = frozenset()
    depth: int = 0
    is_text: bool = False


_COPIES: frozenset[Callable[..., Json]] = frozenset({made.first_given, made.tls_detail})
_COPIES_OF_TEXTS: frozenset[Callable[..., Json]] = frozenset({made.agent, made.ip_text})
"""What is required of an address is meant as the record writes it."""
_TEXTS: frozenset[Callable[..., Json]] = frozenset(
    {
        made.email,
        made.java_text,
        made.java_text_without_user_name,
        made.related_users,
        made.resource_accounts,
        made.resource_arns,
        made.resource_types,
    }
)
"""They put strings of the record together, each whole and between characters that are not of the alphabet."""


def sought(requirement: Requirement) -> Sought:
    """The clauses that every record shows in its bytes which fulfils the requirement."""
    return Sought(tuple(dict.fromkeys(_clauses(requirement))))


def _clauses(requirement: Requirement) -> tuple[Clause, ...]:
    match requirement:
        case Has():
            clue = _clue(requirement)
            return () if clue is None else (Clause((clue,)),)
        case Within():
            return ()
        case Both(parts):
            return tuple(chain.from_iterable(map(_clauses, parts)))
        case Either(parts):
            return tuple(_alternatives([_clauses(part) for part in parts]))


def _alternatives(parts: list[tuple[Clause, ...]]) -> Iterable[Clause]:
    """(a and b) or (c and d): one of a and c, one of a and d, one of b and c, one of b and d."""
    combinations = 1
    for part in parts:
        combinations *= len(part)
    chosen = product(*parts) if combinations <= _MOST_CLAUSES else [tuple(max(part, key=_worth) for part in parts)]
    for clauses in chosen:
        clues = tuple(dict.fromkeys(chain.from_iterable(clause.clues for clause in clauses)))
        if len(clues) <= _MOST_CLUES:
            yield Clause(clues)


def _worth(clause: Clause) -> tuple[int, int]:
    """How rare its clues may be: the fewer and the longer."""
    return -len(clause.clues), min((len(clue.text) for clue in clause.clues), default=0)


def _clue(has: Has) -> Clue | None:
    origin = _ORIGINS.get(has.field)
    if origin is None:
        return None
    if has.match is Match.EQUALS and _DIGITS.fullmatch(has.text):
        return Clue(has.text.encode())  # an account's id may be a number, printed as it is written
    pieces = [piece for piece in _PIECE.finditer(has.text) if origin.is_text or not _may_be_printed(piece[0])]
    if not pieces:
        return None
    piece = max(pieces, key=lambda piece: len(piece[0]))
    begins = bool(origin.keys) and has.match in (Match.EQUALS, Match.STARTS) and piece.start() == 0
    return Clue(
        (piece[0].lower() if has.ignores_case else piece[0]).encode(),
        begins=begins,
        ends=bool(origin.keys) and has.match in (Match.EQUALS, Match.ENDS) and piece.end() == len(has.text),
        keys=origin.keys if begins else frozenset(),
        aliases=origin.aliases if begins else frozenset(),
        depth=origin.depth if begins else 0,
        ignores_case=has.ignores_case,
    )


def _may_be_printed(piece: str) -> bool:
    return bool(_NUMBER.fullmatch(piece)) or any(piece.lower() in word for word in _WORDS)


def _origin(name: str) -> _Origin | None:
    field = FIELDS[name]
    source = SOURCES.get(field.text_of or name)
    if source is None or field.type not in (FieldType.KEYWORD, FieldType.TEXT, FieldType.IP):
        return None
    sources = [each for each in (source, *source.calls.values()) if each.paths]
    makers = {each.make for each in sources}
    if not makers or not makers <= _COPIES | _COPIES_OF_TEXTS | _TEXTS:
        return None
    if makers & _TEXTS:
        return _Origin()
    paths = [path.split(".") for path in source.every_path()]
    depths = {len(path) for path in paths}
    keys = frozenset(path[-1].encode() for path in paths)
    return _Origin(
        keys,
        frozenset(key.lower() for key in keys) | _dotted(field.text_of or name),
        depths.pop() if len(depths) == 1 else 0,
        makers <= _COPIES_OF_TEXTS,
    )


def _dotted(name: str) -> frozenset[bytes]:
    """The keys under which a document of Elasticsearch may have a field, whether objects or dots lead there."""
    parts = name.lower().encode().split(b".")
    return frozenset(b".".join(parts[at:]) for at in range(len(parts)))


_ORIGINS: Mapping[str, _Origin] = MappingProxyType(
    {name: origin for name in FIELDS if (origin := _origin(name)) is not None}
)
