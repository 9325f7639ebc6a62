r"""Whether the bytes of a log can hold a record that is wanted, told without decoding any of it.

It rests on how JSON is written. A character of the alphabet `[A-Za-z0-9._:-]` stands for itself or as an escape
`\u00xx`, in nothing else: bytes without such an escape hold each text of that alphabet literally, values as keys.
And a quote that no backslash precedes belongs to the syntax: from `"key":"` on, brackets can be told from text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

import stringzilla

ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")
Bytes: TypeAlias = bytes | bytearray


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that stands in the bytes of a record, and what stands around it.

    `text`: of the alphabet only; in lower case if case is ignored. `begins`, `ends`: it is the first, the last of its
    value. `keys`: if it begins one, the keys whose value that may be; empty where any may. `aliases`: in lower case,
    what else they are called where records of another form stand behind those of the log. `depth`: how many objects
    hold the value within the record, the record counted; 0 if that is not one number.
    """

    text: bytes
    begins: bool = False
    ends: bool = False
    keys: frozenset[bytes] = frozenset()
    aliases: frozenset[bytes] = frozenset()
    depth: int = 0
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A clue that was found, `at` the first byte of its text.

    `depth`: the clue's, where the bytes before it prove that it begins the value of one of its keys; 0 elsewhere.
    """

    at: int
    depth: int = 0


class Text:
    """Bytes to search. Of them a copy in lower case is made only where one is asked for."""

    __slots__ = ("_lower", "_searched", "data")

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self._searched = stringzilla.Str(data)
        self._lower: tuple[Bytes, Any] | None = None

    def in_case(self, *, ignored: bool) -> tuple[Bytes, Any]:
        """The bytes, and the same as stringzilla has them."""
        if not ignored:
            return self.data, self._searched
        if self._lower is None:
            lower = self.data.lower()
            self._lower = lower, stringzilla.Str(lower)
        return self._lower


_BLANKS_AND_BACKSLASHES = b" \t\r\n\\"
_BLANK = rb"[ \t\r\n]*+"
_BLANK_IN_A_STRING = rb"(?:[ \t\r\n]|\\++[nrt])*"
_AFTER = (b'"', b"\\", b",", b"}", b"]")
"""What may follow a value: of a text in quotes the first two, of one in a struct that SQL printed the others."""
_IN_A_STRUCT = (b"=", b"\\u003d", b"[", b", ")
"""What stands before a value in a struct that SQL printed, as JSON may write it; other escapes tell themselves."""
_LOOK_BACK = 256
_LONGEST_KEY = 100


class _Context:
    """A clue and what may stand before it."""

    __slots__ = ("_clue", "_plain", "_possible", "_usual", "text")

    def __init__(self, clue: Clue) -> None:
        self._clue = clue
        self.text = clue.text
        keys = sorted(key.lower() if clue.ignores_case else key for key in clue.keys)
        self._usual = tuple(b'"%b":"' % key for key in keys)
        self._plain = re.compile(rb'(?<!\\)"(?:%b)"%b:%b"$' % (_either(keys), _BLANK, _BLANK))
        # An item of a list has no key beside it, and JSON within a string has its quotes escaped.
        names, blank = _either(sorted({*keys, *clue.aliases})), _BLANK_IN_A_STRING
        self._possible = re.compile(rb'(?:"(?i:%b)\\*+"%b:|[\[,])%b\\*+"$' % (names, blank, blank))

    def hit(self, data: Bytes, start: int) -> Hit | None:
        """The clue at this place of the bytes, unless what stands around it shows that it is something else."""
        clue = self._clue
        end = start + len(clue.text)
        if start < 0 or data[start:end] != clue.text:
            return None
        if clue.ends and data[end : end + 1] not in _AFTER:
            return None
        if clue.keys:
            return self._of_keys(data, start)
        return None if clue.begins and data[start - 1 : start] != b'"' else Hit(start)

    def _of_keys(self, data: Bytes, start: int) -> Hit | None:
        for usual in self._usual:
            at = start - len(usual)
            if data[at:start] == usual and data[at - 1 : at] != b"\\":
                return Hit(start, self._clue.depth)
        if data[start - 3 : start] == b'":"' and data[start - 4 : start - 3] != b"\\":
            # As most programs write it, and it is another key of a record.
            return Hit(start) if self._is_alias(data, start - 3) else None
        if data[start - 1 : start] != b'"':
            return Hit(start) if bytes(data[max(start - 6, 0) : start]).lower().endswith(_IN_A_STRUCT) else None
        before = bytes(data[max(start - _LOOK_BACK, 0) : start])
        if self._plain.search(before):
            return Hit(start, self._clue.depth)
        # A key may stand further back than one looks.
        seen = len(before.translate(None, _BLANKS_AND_BACKSLASHES))
        is_out_of_sight = start > _LOOK_BACK and seen < _LONGEST_KEY
        return Hit(start) if is_out_of_sight or self._possible.search(before) else None

    def _is_alias(self, data: Bytes, end: int) -> bool:
        begin = data.rfind(b'"', max(end - _LONGEST_KEY, 0), end) + 1
        return bytes(data[begin:end]).lower() in self._clue.aliases


def _either(texts: Iterable[bytes]) -> bytes:
    return b"|".join(map(re.escape, texts))


@dataclass(frozen=True, slots=True)
class _Needle:
    """A text to search for, and the clues it is part of, each with where in its own text that is."""

    text: bytes
    clues: tuple[tuple[_Context, int], ...]
    ignores_case: bool


@dataclass(frozen=True)
class Clause:
    """Clues of which every record that is wanted has at least one; without any, no record is wanted."""

    clues: tuple[Clue, ...]

    @cached_property
    def needles(self) -> tuple[_Needle, ...]:
        caseless = [clue for clue in self.clues if clue.ignores_case]
        exact = [clue for clue in self.clues if not clue.ignores_case]
        return (*_needles(exact, ignores_case=False), *_needles(caseless, ignores_case=True))

    def hits(self, text: Text, start: int = 0, end: int | None = None) -> Iterator[Hit]:
        """Each clue between two offsets, as far as bytes can tell."""
        for needle in self.needles:
            data, searched = text.in_case(ignored=needle.ignores_case)
            for at in _places(searched, needle.text, start, len(data) if end is None else end):
                for context, offset in needle.clues:
                    if (hit := context.hit(data, at - offset)) is not None:
                        yield hit

    def stands_in(self, text: Text, start: int = 0, end: int | None = None) -> bool:
        return next(self.hits(text, start, end), None) is not None

    def count(self, text: Text) -> int:
        """How often its needles stand in a text: how much there is to look at."""
        return sum(text.in_case(ignored=needle.ignores_case)[1].count(needle.text) for needle in self.needles)


def _places(searched: Any, needle: bytes, start: int, end: int) -> Iterator[int]:
    """Where the needle stands between two offsets, overlapping or not."""
    at: int = searched.find(needle, start, end)
    while at >= 0:
        yield at
        at = searched.find(needle, at + 1, end)


_SHARED = 6
"""The least length of a text that is searched for in place of several that have it in common."""
_SHARED_MOST = 64


def _needles(clues: list[Clue], *, ignores_case: bool) -> Iterator[_Needle]:
    """A few hits too many cost less than one more pass over all bytes: what the clues share is searched once."""
    contexts = [_Context(clue) for clue in clues]
    shared = _longest_shared([clue.text for clue in clues])
    if len(shared) >= _SHARED:
        yield _Needle(shared, tuple((context, context.text.find(shared)) for context in contexts), ignores_case)
        return
    for text in sorted({clue.text for clue in clues}):
        yield _Needle(text, tuple((context, 0) for context in contexts if context.text == text), ignores_case)


def _longest_shared(texts: list[bytes]) -> bytes:
    if not texts:
        return b""
    shortest = min(texts, key=len)[:_SHARED_MOST]
    spans = sorted(combinations(range(len(shortest) + 1), 2), key=lambda span: span[0] - span[1])
    return next((shortest[a:b] for a, b in spans if all(shortest[a:b] in text for text in texts)), b"")


@dataclass(frozen=True)
class Sought:
    """What every record that is wanted shows in its bytes: at least one clue of each clause."""

    clauses: tuple[Clause, ...] = ()

    def may_stand_in(self, record: Bytes) -> bool:
        """Whether these bytes of one record may be those of a record that is wanted."""
        text = Text(record)
        return is_hidden_in(text) or all(clause.stands_in(text) for clause in self.clauses)


_ESCAPE = b"\\u00"
_TELLING = ALPHABET | frozenset(b'"\\[, \t\r\n')
"""The alphabet, and what clues see around a text that stands in JSON within a string."""


def is_hidden_in(text: Text) -> bool:
    """Whether something in these bytes is written in another way than as itself."""
    data, searched = text.in_case(ignored=False)
    return any(_is_telling(data, at) for at in _places(searched, _ESCAPE, 0, len(data)))


def _is_telling(data: Bytes, at: int) -> bool:
    r"""Whether the escape `\u00xx` at this place is a character that is looked for, as far as can be told."""
    try:
        return int(data[at + 4 : at + 6], 16) in _TELLING
    except ValueError:
        return True


_TRIALS = 4
"""Texts in which the clauses' needles are counted, to search first for what is rarest."""
_PATIENCE = 32
"""Records that are looked at one by one before a text is decoded: it may be that it is full of them."""


class Probe:
    """Asks one text after another, and learns which clause it should look for first."""

    def __init__(self, sought: Sought) -> None:
        self._order = list(sought.clauses)
        self._counts = dict.fromkeys(self._order, 0)
        self._trials = _TRIALS if len(self._order) > 1 else 0

    @property
    def clauses(self) -> Sequence[Clause]:
        """What is rarest first, as far as is known by now."""
        return self._order

    def may_hold(self, data: Bytes) -> bool:
        """Whether a log `{"Records":[..]}` may hold a record that is wanted."""
        text = Text(data)
        if is_hidden_in(text):
            return True
        if self._trials:
            self._learn(text)
        if not self._order:
            return True
        first, *others = self._order
        for tried, hit in enumerate(first.hits(text)):
            if tried >= _PATIENCE or not others:
                return True
            extent = enclosing(data, hit)
            if extent is None or all(other.stands_in(text, *extent) for other in others):
                return True
        return False

    def _learn(self, text: Text) -> None:
        self._trials -= 1
        for clause in self._order:
            self._counts[clause] += clause.count(text)
        self._order.sort(key=self._counts.__getitem__)


_WINDOWS = 4096, 65_536
# No possessive groups (`(?:..)*+`): Python before 3.11.5 matches them wrongly.
_ODD = rb"(?:\\\\)*\\(?!\\)"  # so many backslashes
_FORWARD = re.compile(rb'(?:[^"{}]++|"(?:[^"\\]++|\\.)*")*([{}])', re.DOTALL)
# The same over reversed bytes: a quote that an odd number of backslashes follows is text.
_BACKWARD = re.compile(rb'(?:[^"{}]++|"(?:[^"]++|"(?=%b))*"(?!%b))*([{}])' % (_ODD, _ODD), re.DOTALL)


def enclosing(data: Bytes, hit: Hit) -> tuple[int, int] | None:
    """Where the record of a hit begins and ends; None where that cannot be told at little cost."""
    if not hit.depth:
        return None
    quote = hit.at - 1
    for window in _WINDOWS:
        behind = bytes(data[max(quote - window, 0) : quote])[::-1]
        ahead = bytes(data[quote : quote + window])
        before = _length(_BACKWARD, behind, b"{", hit.depth)
        after = _length(_FORWARD, ahead, b"}", hit.depth)
        if before is not None and after is not None:
            return quote - before, quote + after
    return None


def _length(pattern: re.Pattern[bytes], text: bytes, leaving: bytes, depth: int) -> int | None:
    """How far it is out of so many objects; None if the text does not reach so far."""
    at = 0
    while (brace := pattern.match(text, at)) is not None:
        at = brace.end()
        depth += -1 if brace[1] == leaving else 1
        if not depth:
            return at
    return None
