"""GROK: named patterns over regular expressions, searched for anywhere in the text."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from local.esql import tree
from local.esql.errors import UnsupportedError
from local.esql.grok_logs import FOREIGN_FAMILIES
from local.esql.grok_patterns import PATTERNS
from local.esql.lexer import Source
from local.esql.oniguruma import FLAGS, OnigurumaError, for_regex
from local.esql.types import Type

_TYPED = 3  # parts of `PATTERN:field:type`
TIMEOUT_S = 1.0  # for one text; a pattern that backtracks for longer is no match
_REFERENCE = regex.compile(
    r"%\{(?P<pattern>\w+)(?::(?P<field>[^:}]+))?(?::(?P<type>\w+))?\}|\(\?<(?P<group>[A-Za-z_@][\w.@-]*)>"
)
_NAMED = regex.compile(r"(?<!\\)(?:\\\\)*\K\\k<([^>]+)>")
_NUMBERED = regex.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_TYPES = {
    "int": Type.INTEGER,
    "integer": Type.INTEGER,
    "long": Type.LONG,
    "float": Type.DOUBLE,
    "double": Type.DOUBLE,
    "boolean": Type.BOOLEAN,
    "string": Type.KEYWORD,
}


@dataclass(frozen=True, slots=True)
class GrokPattern:
    """One or several patterns; the first that is found gives its fields."""

    fields: tuple[str, ...]
    types: tuple[Type, ...]
    repeated: frozenset[str]
    expressions: tuple["tuple[regex.Pattern[str], tuple[str, ...]]", ...]

    @classmethod
    def parse(cls, source: Source, command: tree.Grok) -> "GrokPattern":
        """Reads the patterns.

        Raises:
            ParsingError: a pattern that does not exist, a type that does not, an invalid regular expression, or a
                field that comes from different patterns.
        """
        captures: dict[str, str] = {}
        expressions = []
        repeated: set[str] = set()
        for span, text in command.patterns:
            try:
                expanded, names = _expanded(text, captures)
                compiled = regex.compile(_with_back_references(for_regex(expanded), names), FLAGS)
            except _ForeignError as error:
                wrong = f"unsupported GROK pattern [{error}]"
                raise UnsupportedError(source.problem(span.start, wrong)) from None
            except _ConflictError as error:
                raise source.error(command.span.start, f"{_all_of(command)}: {error}") from None
            except (KeyError, OnigurumaError, regex.error) as error:
                raise source.error(span.start, f"Invalid GROK pattern [{text}]: [{_reason(error)}]") from None
            repeated |= {name for name in names if names.count(name) > 1}
            expressions.append((compiled, names))
        types = tuple(_TYPES[_type_of(capture)] for capture in captures.values())
        return cls(tuple(captures), types, frozenset(repeated), tuple(expressions))

    def is_repeated(self, name: str) -> bool:
        return name in self.repeated

    def extract(self, text: str) -> list[list[str] | None] | None:
        for compiled, names in self.expressions:
            match = self._search(compiled, text)
            if match is None:
                continue
            found: dict[str, list[str]] = {}
            for index, name in enumerate(names):
                group = f"g{index}"
                value = match.group(group) if group in compiled.groupindex else None  # in a class it is no group
                if value is not None:
                    found.setdefault(name, []).append(value)
            return [found.get(name) for name in self.fields]
        return None

    @staticmethod
    def _search(compiled: "regex.Pattern[str]", text: str) -> "regex.Match[str] | None":
        try:
            return compiled.search(text, timeout=TIMEOUT_S)
        except TimeoutError:
            return None


class _ForeignError(ValueError):
    """A pattern that is not here, though Elastic's bank has it."""


class _ConflictError(ValueError):
    """A field comes from two patterns, which may give different types."""


def _all_of(command: tree.Grok) -> str:
    texts = [text for _, text in command.patterns]
    return f"Invalid GROK pattern{'s' * (len(texts) > 1)} [{', '.join(texts)}]"


def _type_of(capture: str) -> str:
    """The type in what was written as `PATTERN:field:type`."""
    parts = capture.split(":")
    return parts[2] if len(parts) == _TYPED else "string"


def _expanded(text: str, captures: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """A pattern with its references replaced and its fields as groups `g0`, `g1`, ...; and their names in order."""
    names: list[str] = []

    def group(field: str, capture: str) -> str:
        if captures.setdefault(field, capture) != capture:
            raise _ConflictError(f"the attribute [{field}] is defined multiple times with different types")
        names.append(field)
        return f"(?<\0{len(names) - 1}>"

    def replace(match: "regex.Match[str]") -> str:
        if match["group"]:
            return group(match["group"], match["group"])
        if match["pattern"] not in PATTERNS and match["pattern"].startswith(FOREIGN_FAMILIES):
            raise _ForeignError(match["pattern"])
        body = _REFERENCE.sub(replace, PATTERNS[match["pattern"]])
        if not match["field"]:
            return f"(?:{body})"
        if match["type"] and match["type"] not in _TYPES:
            raise KeyError(match["type"])
        return group(match["field"], match[0][2:-1]) + body + ")"

    return _numbered(_REFERENCE.sub(replace, text), names)


def _numbered(expanded: str, names: list[str]) -> tuple[str, tuple[str, ...]]:
    """Fields in the order in which their groups open, which nested references do not keep."""
    order = [int(number) for number in regex.findall("\0(\\d+)>", expanded)]
    renumbered = regex.sub("\0(\\d+)>", lambda m: f"g{order.index(int(m[1]))}>", expanded)
    return renumbered, tuple(names[number] for number in order)


def _with_back_references(expression: str, names: Sequence[str]) -> str:
    r"""`\k<name>` finds what the last group of that name found; numbers are not for patterns with names (Joni)."""
    if names and _NUMBERED.search(expression):
        raise OnigurumaError("numbered backref/call is not allowed. (use name)")

    def replace(match: "regex.Match[str]") -> str:
        groups = [index for index, name in enumerate(names) if name == match[1]]
        if not groups:
            raise OnigurumaError(f"undefined name <{match[1]}> reference")
        return "(?:" + "|".join(f"(?P=g{index})" for index in reversed(groups)) + ")"

    return _NAMED.sub(replace, expression)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        name = error.args[0]
        return f"Unable to find pattern [{name}] in Grok's pattern dictionary"
    return str(error)
