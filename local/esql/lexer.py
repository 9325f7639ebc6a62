"""Query text to tokens.

ES|QL lexes each command in its own mode: `FROM` takes almost any character in an index name, `KEEP`, `DROP` and
`RENAME` take `*` inside a name and know no reserved words, everything else is expressions. Source: EsqlBaseLexer.g4.
"""

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property, lru_cache

from local.esql.errors import ParsingError, Problem


class Kind(Enum):
    """What a token is; punctuation and operators are `SYMBOL`, told apart by their text."""

    COMMAND = auto()
    KEYWORD = auto()
    NAME = auto()
    QUOTED_NAME = auto()
    PATTERN = auto()
    SOURCE = auto()
    STRING = auto()
    INTEGER = auto()
    DECIMAL = auto()
    PARAMETER = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written (`<EOF>` at the end), `start`/`end` as offsets into the query."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.lower()


@dataclass(frozen=True)
class Source:
    """The query text, and the one place that turns offsets into lines and columns."""

    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(m.end() for m in re.finditer(r"\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def problem(self, offset: int, message: str) -> Problem:
        return Problem(*self.position(offset), message)

    def error(self, offset: int, message: str) -> ParsingError:
        return ParsingError(self.problem(offset, message))


class Mode(Enum):
    """How the words after a command's name are read."""

    COMMAND = auto()
    EXPRESSION = auto()
    SOURCE = auto()
    PROJECT = auto()
    FOREIGN = auto()


# Commands that Elasticsearch has and this engine does not: refused by name, so that what follows one is not read.
FOREIGN_COMMANDS = frozenset(
    [
        "change_point",
        "completion",
        "dedup",
        "enrich",
        "explain",
        "external",
        "fork",
        "full",
        "fuse",
        "highlight",
        "insist",
        "ip_location",
        "join",
        "left",
        "let",
        "lookup",
        "metrics",
        "metrics_info",
        "mmr",
        "promql",
        "registered_domain",
        "rerank",
        "right",
        "sample",
        "set",
        "show",
        "ts",
        "ts_collapse",
        "ts_info",
        "uri_parts",
        "user_agent",
    ]
)
MODE_OF = {
    **dict.fromkeys(FOREIGN_COMMANDS, Mode.FOREIGN),
    "inline": Mode.COMMAND,
    "from": Mode.SOURCE,
    "keep": Mode.PROJECT,
    "drop": Mode.PROJECT,
    "rename": Mode.PROJECT,
    "mv_expand": Mode.PROJECT,
}
EXPRESSION_KEYWORDS = frozenset(
    [
        "and",
        "asc",
        "by",
        "desc",
        "false",
        "first",
        "in",
        "is",
        "last",
        "like",
        "not",
        "null",
        "nulls",
        "on",
        "or",
        "rlike",
        "true",
        "where",
        "with",
    ]
)

_BLANK = r"(?P<blank>[ \r\n\t]+|//[^\r\n]*)"
_STRING = r'(?P<string>"""(?:[^\r\n])*?"""(?:"{0,2})|"(?:\\[tnr"\\]|[^\r\n"\\])*")'
_QUOTED = r"(?P<quoted>`(?:[^`]|``)+`)"
_RULES = {
    Mode.COMMAND: re.compile(rf"{_BLANK}|(?P<command>[^ \r\n\t\[\]/|(),=]+)|(?P<symbol>[|()\[\],=/])"),
    Mode.EXPRESSION: re.compile(
        rf"{_BLANK}|{_STRING}|{_QUOTED}"
        r"|(?P<decimal>(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(?P<integer>\d+)"
        r"|(?P<name>[A-Za-z]\w*|[_@]\w+)|(?P<parameter>\?\??(?:[A-Za-z_]\w*|\d+)?)"
        r"|(?P<symbol>::|==|=~|!=|<=|>=|[=<>+\-*/%.,:()\[\]{}|])",
        re.ASCII,
    ),
    Mode.SOURCE: re.compile(
        rf"{_BLANK}|{_STRING}|(?P<symbol>[|,=\[\]()])|(?P<source>(?:[^=|,\[\]()/ \t\r\n\"]|/(?![*/]))+)"
    ),
    Mode.PROJECT: re.compile(
        rf"{_BLANK}|(?P<pattern>(?:[A-Za-z_@*][\w*]*|`(?:[^`]|``)+`)+)|(?P<parameter>\?\??(?:[A-Za-z_]\w*|\d+)?)"
        r"|(?P<symbol>[|,.=()])",
        re.ASCII,
    ),
    Mode.FOREIGN: re.compile(rf"{_BLANK}|(?P<source>.+)", re.DOTALL),
}
_KIND_OF = {
    "command": Kind.COMMAND,
    "string": Kind.STRING,
    "quoted": Kind.QUOTED_NAME,
    "decimal": Kind.DECIMAL,
    "integer": Kind.INTEGER,
    "name": Kind.NAME,
    "parameter": Kind.PARAMETER,
    "symbol": Kind.SYMBOL,
    "source": Kind.SOURCE,
    "pattern": Kind.PATTERN,
}


@lru_cache(maxsize=64)
def tokenize(source: Source) -> Sequence[Token]:
    """All tokens of a query, blanks and comments left out, `END` last; those of a hunt are asked for again and again.

    Raises:
        ParsingError: "token recognition error" where no token can begin.
    """
    return tuple(_tokens(source))


def _tokens(source: Source) -> Iterator[Token]:
    text, offset, mode = source.text, 0, Mode.COMMAND
    while offset < len(text):
        if text.startswith("/*", offset):
            offset = _end_of_comment(source, offset)
            continue
        match = _RULES[mode].match(text, offset)
        if match is None:
            raise source.error(offset, f"token recognition error at: '{_offender(text, offset)}'")
        offset = match.end()
        if match.lastgroup == "blank" or match.lastgroup is None:
            continue
        token = _token(match, mode)
        yield token
        if token.kind is Kind.COMMAND:
            mode = MODE_OF.get(token.word, Mode.EXPRESSION)
        elif token.text == "|":
            mode = Mode.COMMAND
    yield Token(Kind.END, "<EOF>", len(text), len(text))


def _token(match: re.Match[str], mode: Mode) -> Token:
    kind = _KIND_OF[match.lastgroup or ""]
    word = match[0].lower()
    if kind is Kind.NAME and mode is Mode.EXPRESSION and word in EXPRESSION_KEYWORDS:
        kind = Kind.KEYWORD
    return Token(kind, match[0], match.start(), match.end())


def _end_of_comment(source: Source, start: int) -> int:
    """The end of a `/* */` comment; they nest."""
    depth, offset = 0, start
    for mark in re.finditer(r"/\*|\*/", source.text[start:]):
        depth += 1 if mark[0] == "/*" else -1
        offset = start + mark.end()
        if depth == 0:
            return offset
    raise source.error(start, f"token recognition error at: '{_offender(source.text, start)}'")


_BEGUN = re.compile(r'"(?:\\[tnr"\\]|[^\r\n"\\])*(?:\\[^\r\n]?|[\r\n])?|`(?:[^`]|``)+')


def _offender(text: str, offset: int) -> str:
    """What ANTLR would quote: one character, or what was begun up to the character at which it cannot go on."""
    begun = _BEGUN.match(text, offset)
    found = begun[0] if begun else text[offset]
    return found.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def unquote_string(text: str) -> str:
    """The value of a string token: `\"\"\"raw\"\"\"` as it stands, else with its escapes resolved."""
    if text.startswith('"""'):
        return text[3:-3]
    return re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), text[1:-1])


def unquote_name(text: str) -> str:
    """The name inside backquotes; a doubled backquote stands for one."""
    return text[1:-1].replace("``", "`") if text.startswith("`") else text
