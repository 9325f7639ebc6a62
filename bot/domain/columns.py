"""Which columns a query answers with, as far as its text tells before it was ever run."""

import re

# Quotes right before the three that end a raw string belong to it, as in Elastic's grammar (EsqlBaseLexer).
_QUOTED = re.compile(r'"""[^\r\n]*?""""{0,2}|"(?:\\.|[^"\\])*"|//[^\n]*|/\*[\s\S]*?\*/')
_NAMING = re.compile(r"\|\s*(?:keep|stats)\b", re.IGNORECASE)  # what is not named from here on is gone
_COMMAND = re.compile(r"\|\s*(\w+)")
_PLAIN = frozenset(
    {"keep", "stats", "eval", "where", "sort", "limit", "rename", "drop", "grok", "dissect", "mv_expand"}
)
_KEPT = re.compile(r"\|\s*keep\b([^|]*)", re.IGNORECASE)
_WORD = re.compile(r"[\w@][\w.@]*")


def without_quotes(query: str) -> str:
    """The query, as long as it is, with blanks for its strings and comments, which may hold anything."""
    return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), query)


def surely_lacks(query: str, column: str) -> bool:
    """Whether no row of the answer can have the column. False also where the text does not say."""
    named = words_named(query)
    return named is not None and _WORD.fullmatch(column) is not None and column not in named


def words_named(query: str) -> frozenset[str] | None:
    """The names of the answer's columns, among others; None where a column may come that nobody names.

    It is all that stands from the last KEEP or STATS on, patterns of GROK and DISSECT included. The text does not say
    where neither stands, where KEEP has a `*`, or where a command such as ENRICH brings columns along.
    """
    bare = without_quotes(query)
    starts = [match.start() for match in _NAMING.finditer(bare)]
    if not starts:
        return None
    rest = bare[starts[-1] :]
    brings_more = any(command.lower() not in _PLAIN for command in _COMMAND.findall(rest))
    if brings_more or any("*" in kept for kept in _KEPT.findall(rest)):
        return None
    return frozenset(_WORD.findall(query[starts[-1] :]))
