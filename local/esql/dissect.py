"""DISSECT: keys between delimiters, found by a single walk over the text without going back.

Source for the rules: Elastic's dissect processor reference (modifiers) and the behaviour of its DissectParser.
"""

import re
from dataclasses import dataclass

from local.esql import tree
from local.esql.lexer import Source
from local.esql.types import Type

_KEY = re.compile(r"%\{([^}]*)\}")
_NAME = re.compile(r"(?P<modifier>[+*?&]?)(?P<name>[^/]*?)(?:/(?P<order>\d+))?(?P<padding>->)?")
_REFERENCES = ("*", "&")
_UNORDERED = -1  # parts without a place go before those that have one


@dataclass(frozen=True, slots=True)
class _Key:
    """`name` is empty for a key that is skipped; `order` is where an appended part goes."""

    modifier: str
    name: str
    order: int
    skips_padding: bool
    delimiter: str


@dataclass(frozen=True, slots=True)
class DissectPattern:
    """`%{key}delimiter%{key}...`; either every key is found or none."""

    fields: tuple[str, ...]
    lead: str
    keys: tuple[_Key, ...]
    separator: str
    appended: frozenset[str]

    @classmethod
    def parse(cls, source: Source, command: tree.Dissect) -> "DissectPattern":
        """Reads a pattern.

        Raises:
            ParsingError: it has no key that is not skipped, a reference key (`*`, `&`), or a key that is none.
        """
        pieces = _KEY.split(command.pattern)
        lead, keys = pieces[0], [_key(text, rest) for text, rest in zip(pieces[1::2], pieces[2::2], strict=True)]
        known = [key for key in keys if key is not None]
        if len(known) < len(keys) or not any(key.name for key in known):
            raise source.error(command.span.start, f"Invalid pattern for dissect: [{command.pattern}]")
        references = [key.name for key in known if key.modifier in _REFERENCES]
        if references:
            wrong = f"Reference keys not supported in dissect patterns: [%{{*{references[0]}}}]"
            raise source.error(command.span.start, wrong)
        fields = dict.fromkeys(key.name for key in known if key.name)
        appended = frozenset(key.name for key in known if key.modifier == "+")
        return cls(tuple(fields), lead, tuple(known), command.append_separator, appended)

    @property
    def types(self) -> tuple[Type, ...]:
        return (Type.KEYWORD,) * len(self.fields)

    def is_repeated(self, name: str) -> bool:
        """An appended key is one value, joined."""
        return name not in self.fields

    def extract(self, text: str) -> list[list[str] | None] | None:
        values = self._walk(text)
        if values is None:
            return None
        parts: dict[str, list[tuple[int, str]]] = {name: [] for name in self.fields}
        for key, value in zip(self.keys, values, strict=True):
            if key.name:
                parts[key.name].append((key.order, value))
        return [[self._joined(name, found)] for name, found in parts.items()]

    def _joined(self, name: str, found: list[tuple[int, str]]) -> str:
        """Parts that are appended; of a key that is there twice without being appended the last counts."""
        if name not in self.appended:
            return found[-1][1]
        return self.separator.join(value for _, value in sorted(found, key=lambda part: part[0]))

    def _walk(self, text: str) -> list[str] | None:
        """The value of every key, or None. Delimiters that follow each other give empty values to the keys after."""
        if not text or not text.startswith(self.lead):
            return None
        values: list[str] = []
        start = len(self.lead)
        while len(values) < len(self.keys):
            key = self.keys[len(values)]
            if not key.delimiter:
                values.append(text[start:])
                break
            end = text.find(key.delimiter, start)
            if end < 0:
                return None
            values.append(text[start:end])
            start = end + len(key.delimiter)
            while text.startswith(key.delimiter, start) and start < len(text):
                start += len(key.delimiter)
                if not key.skips_padding:
                    if len(values) == len(self.keys):
                        break
                    values.append("")
        return values if len(values) == len(self.keys) else None


def _key(text: str, delimiter: str) -> _Key | None:
    match = _NAME.fullmatch(text)
    if match is None:
        return None
    name = "" if match["modifier"] == "?" else match["name"]
    order = _UNORDERED if match["order"] is None else int(match["order"])
    return _Key(match["modifier"], name, order, match["padding"] is not None, delimiter)
