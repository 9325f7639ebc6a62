"""What an ES|QL query's text says before it is run: its language, where it reads from, which parameters it names."""

import re
from difflib import get_close_matches

from bot.domain.columns import without_quotes

_NEARLY = 0.7  # one letter too few, too many or exchanged, of four
_ESQL_SOURCES = frozenset({"from", "row", "show", "ts"})
_SQL_STARTS = frozenset({"select", "with"})
_COMMENT = re.compile(r"\A(?:\s+|//[^\n]*|/\*.*?\*/)", re.DOTALL)
_COMMENTS = re.compile(r'("""[\s\S]*?"""|"(?:\\.|[^"\\])*")|//[^\n]*|/\*[\s\S]*?\*/')
_PARAMETER = re.compile(r"\?{1,2}(\w*)")


def language_of(query: str) -> str:
    """What a query is written in, by its text: `esql`, `sql` (osquery) or `eql`."""
    first_word = opening_word(query).lower()
    if first_word in _ESQL_SOURCES:
        return "esql"
    return "sql" if first_word in _SQL_STARTS else "eql"


def meant_source(query: str) -> str | None:
    """`FROM` of a query that begins with nearly that, such as `FRM`; None where it begins otherwise."""
    near = get_close_matches(opening_word(query).lower(), sorted(_ESQL_SOURCES), n=1, cutoff=_NEARLY)
    return near[0].upper() if near else None


def opening_word(query: str) -> str:
    """The word that a query begins with; nothing where it begins with anything else."""
    opening = re.match(r"[a-z_]*", _from_first_command(query), re.IGNORECASE)
    return opening[0] if opening else ""


def index_patterns(query: str) -> tuple[str, ...]:
    """The index patterns that an ES|QL query reads: what stands after its FROM."""
    source = re.match(r"(?:from|ts)\s+([^|]+)", _from_first_command(query), re.IGNORECASE)
    if source is None:
        return ()
    names = re.split(r"\bmetadata\b", re.sub(r"//[^\n]*|/\*.*?\*/", "", source[1]), flags=re.IGNORECASE)[0]
    return tuple(name.strip(' \t\r\n"') for name in names.split(",") if name.strip())


def parameters(query: str) -> frozenset[str]:
    """The names after `?` and `??`; one that stands without a name, which counts by place, is the empty text."""
    return frozenset(_PARAMETER.findall(without_quotes(query)))


def without_comments(query: str) -> str:
    """The query without its comments; what looks like one in a string stays."""
    return _COMMENTS.sub(lambda match: match[1] or " ", query)


def without_stray_line(query: str) -> str:
    """Some of Elastic's query texts begin with a line that says only `sql`, left from a Markdown fence."""
    return re.sub(r"\A\s*sql[ \t]*\r?\n", "", query)


def _from_first_command(query: str) -> str:
    rest = without_stray_line(query)
    while comment := _COMMENT.match(rest):
        rest = rest[comment.end() :]
    return rest
