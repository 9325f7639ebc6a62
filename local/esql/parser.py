"""Commands, from tokens to the tree: `source | command | command ...`."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from local.esql.errors import UnsupportedError
from local.esql.expressions import TOO_DEEP, ExpressionParser
from local.esql.lexer import FOREIGN_COMMANDS, Kind, Source, Token, tokenize, unquote_name, unquote_string
from local.esql.parameters import Parameters
from local.esql.tree import (
    Command,
    Dissect,
    Drop,
    Eval,
    Field,
    From,
    Grok,
    Keep,
    Limit,
    MvExpand,
    NamePattern,
    Order,
    Query,
    Rename,
    Row,
    Sort,
    Span,
    Stats,
    Where,
)

_SEGMENT = re.compile(r"(`((?:[^`]|``)+)`)|([^`]+)")  # of a name: in backquotes, or as it stands
SOURCES = ("from", "row")
PROCESSORS = (
    "dissect",
    "drop",
    "eval",
    "grok",
    "inline",
    "inlinestats",
    "keep",
    "limit",
    "mv_expand",
    "rename",
    "sort",
    "stats",
    "where",
)
_MAX_COMMANDS = 500  # after the source: Elasticsearch's own bound (LogicalPlanBuilder.MAX_QUERY_DEPTH)
# What a constant begins with.
_CONSTANTS = frozenset([Kind.INTEGER, Kind.DECIMAL, Kind.STRING, Kind.PARAMETER])
_CONSTANT_STARTS = ("false", "null", "true", "+", "-", "[")


def parse(source: Source, parameters: Parameters) -> Query:
    """The tree of a query.

    Raises:
        ParsingError: the text is no ES|QL, or a parameter is missing.
        UnsupportedError: a command that only Elasticsearch has.
    """
    try:
        return _Parser(source, tokenize(source), parameters).parse_query()
    except RecursionError:
        raise source.error(0, TOO_DEEP) from None


class _Parser(ExpressionParser):
    def parse_query(self) -> Query:
        """Query = source { | command }."""
        commands = [self._parse_command(SOURCES)]
        while self._accept("|"):
            commands.append(self._parse_command(PROCESSORS))
        if self._token.kind is not Kind.END:
            self._leftover()
        if len(commands) > 1 + _MAX_COMMANDS:
            raise self._source.error(0, f"ESQL statement exceeded the maximum query depth allowed ({_MAX_COMMANDS})")
        return Query(tuple(commands))

    def _leftover(self) -> NoReturn:
        token = self._token
        if token.text == ":":
            raise UnsupportedError(self._source.problem(token.start, "unsupported operator [:]"))
        self._mismatch("<EOF>")

    def _parse_command(self, expected: tuple[str, ...]) -> Command:
        token = self._token
        if token.kind is Kind.COMMAND and token.word in FOREIGN_COMMANDS:
            self._refuse(token)
        if token.kind is not Kind.COMMAND or token.word not in expected:
            self._mismatch(*expected)
        self._advance()
        return self._parse_body(token)

    def _refuse(self, token: Token) -> NoReturn:
        """By its name, which is two words for a JOIN."""
        following = self._tokens[self._index + 1].text.split(maxsplit=1)
        is_join = following[:1] and following[0].lower() == "join"
        name = f"{token.text.upper()} JOIN" if is_join else token.text.upper()
        raise UnsupportedError(self._source.problem(token.start, f"unsupported command [{name}]"))

    def _parse_body(self, token: Token) -> Command:
        parsers: dict[str, Callable[[int], Command]] = {
            "from": self._parse_from,
            "row": self._parse_row,
            "where": self._parse_where,
            "eval": self._parse_eval,
            "stats": self._parse_stats,
            "inline": self._parse_inline,
            "inlinestats": self._parse_inlinestats,
            "sort": self._parse_sort,
            "limit": self._parse_limit,
            "dissect": self._parse_dissect,
            "grok": self._parse_grok,
            "mv_expand": self._parse_mv_expand,
            "rename": self._parse_rename,
            "keep": self._parse_keep,
            "drop": self._parse_drop,
        }
        return parsers[token.word](token.start)

    # ---- sources

    def _parse_from(self, start: int) -> From:
        """FROM index , ... [METADATA field , ...]."""
        patterns = [self._parse_index_pattern()]
        while self._accept(","):
            patterns.append(self._parse_index_pattern())
        metadata: list[tuple[Span, str]] = []
        if self._token.kind is Kind.SOURCE and self._token.word == "metadata":
            self._advance()
            metadata.append(self._parse_index_pattern())
            while self._accept(","):
                metadata.append(self._parse_index_pattern())
        self._check_metadata(metadata)
        return From(self._span(start), tuple(patterns), tuple(metadata))

    def _check_metadata(self, fields: list[tuple[Span, str]]) -> None:
        first: dict[str, Span] = {}
        for span, name in fields:
            if name in first:
                place = "@{}:{}".format(*self._source.position(first[name].start))
                raise self._source.error(span.start, f"metadata field [{name}] already declared [{place}]")
            first[name] = span

    def _parse_index_pattern(self) -> tuple[Span, str]:
        token = self._token
        if token.text == "(":
            raise UnsupportedError(self._source.problem(token.start, "unsupported subquery in [FROM]"))
        if token.kind not in (Kind.SOURCE, Kind.STRING):
            self._mismatch("QUOTED_STRING", "UNQUOTED_SOURCE")
        self._advance()
        text = unquote_string(token.text) if token.kind is Kind.STRING else token.text
        return Span(token.start, token.end), text

    # ---- fields

    def _parse_fields(self) -> tuple[Field, ...]:
        """Fields = field , ..."""
        fields = [self._parse_field()]
        while self._accept(","):
            fields.append(self._parse_field())
        return tuple(fields)

    def _parse_field(self) -> Field:
        """Field = [name =] expression."""
        start = self._token.start
        name_end = self._assigned_name_end()
        if name_end is None:
            value = self._parse_expression()
            return Field(self._span(start), None, value)
        name = self._parse_target(name_end)
        name_span = self._span(start)
        self._expect("=")
        value = self._parse_expression()
        return Field(self._span(start), name, value, name_span=name_span)

    def _assigned_name_end(self) -> int | None:
        """The index of the `=` when a name and a `=` come next."""
        index = self._index
        while self._tokens[index].kind in (Kind.NAME, Kind.QUOTED_NAME, Kind.PARAMETER):
            index += 1
            if self._tokens[index].text == "=":
                return index
            if self._tokens[index].text != ".":
                return None
            index += 1
        return None

    def _parse_target(self, end: int) -> str:
        parts: list[str] = []
        while self._index < end:
            token = self._advance()
            if token.kind is Kind.PARAMETER:
                parts.append(str(self._parameter_value(token)))
            elif token.text != ".":
                parts.append(unquote_name(token.text))
        return ".".join(parts)

    def _parse_row(self, start: int) -> Row:
        """ROW field , ..."""
        fields = self._parse_fields()
        return Row(self._span(start), fields)

    def _parse_eval(self, start: int) -> Eval:
        """EVAL field , ..."""
        fields = self._parse_fields()
        return Eval(self._span(start), fields)

    def _parse_where(self, start: int) -> Where:
        """WHERE expression."""
        condition = self._parse_expression()
        return Where(self._span(start), condition)

    def _parse_inline(self, start: int) -> Stats:
        """INLINE STATS ..."""
        if self._token.kind is not Kind.COMMAND or self._token.word != "stats":
            self._mismatch("stats")
        self._advance()
        return self._parse_inlinestats(start)

    def _parse_inlinestats(self, start: int) -> Stats:
        return replace(self._parse_stats(start), is_inline=True)

    def _parse_stats(self, start: int) -> Stats:
        """STATS [aggregate [WHERE expression] , ...] [BY field , ...]."""
        aggregates: list[Field] = []
        if not self._at("by") and self._token.kind is not Kind.END and not self._at("|"):
            aggregates.append(self._parse_aggregate())
            while self._accept(","):
                aggregates.append(self._parse_aggregate())
        groups = self._parse_fields() if self._accept("by") else ()
        if not aggregates and not groups:
            raise self._source.error(
                start, f"At least one aggregation or grouping expression required in [{self._text(start)}]"
            )
        return Stats(self._span(start), tuple(aggregates), groups, is_inline=False)

    def _text(self, start: int) -> str:
        span = self._span(start)
        return self._source.text[span.start : span.end]

    def _parse_aggregate(self) -> Field:
        field = self._parse_field()
        if not self._accept("where"):
            return field
        condition = self._parse_expression()
        return Field(self._span(field.span.start), field.name, field.value, condition, field.name_span)

    # ---- rows

    def _parse_sort(self, start: int) -> Sort:
        """SORT expression [ASC | DESC] [NULLS (FIRST | LAST)] , ..."""
        orders = [self._parse_order()]
        while self._accept(","):
            orders.append(self._parse_order())
        return Sort(self._span(start), tuple(orders))

    def _parse_order(self) -> Order:
        start = self._token.start
        value = self._parse_expression()
        is_descending = self._accept("desc")
        if not is_descending:
            self._accept("asc")
        nulls_first = is_descending
        if self._accept("nulls"):
            nulls_first = self._expect("first", "last").word == "first"
        return Order(self._span(start), value, is_descending, nulls_first)

    def _parse_limit(self, start: int) -> Limit:
        """LIMIT constant [BY field , ...]."""
        token = self._token
        is_constant = token.kind in _CONSTANTS or token.word in _CONSTANT_STARTS
        if not is_constant:
            self._mismatch("QUOTED_STRING", "INTEGER_LITERAL", "DECIMAL_LITERAL", *_CONSTANT_STARTS, "?")
        count = self._parse_prefix()
        groups = self._parse_fields() if self._accept("by") else ()
        return Limit(self._span(start), count, groups)

    # ---- text

    def _parse_dissect(self, start: int) -> Dissect:
        """DISSECT primary string [APPEND_SEPARATOR = string]."""
        value = self._parse_prefix()
        _, pattern = self._parse_text()
        separator = ""
        if self._token.kind is Kind.NAME:
            separator = self._parse_append_separator(start)
        return Dissect(self._span(start), value, pattern, separator)

    def _parse_append_separator(self, start: int) -> str:
        option = self._advance()
        self._expect("=")
        value = self._parse_constant()
        if option.word != "append_separator":
            raise self._source.error(start, f"Invalid option for dissect: [{option.text}]")
        if not isinstance(value, str):
            wrong = f"Invalid value for dissect append_separator: expected a string, but was [{value}]"
            raise self._source.error(start, wrong)
        return value

    def _parse_grok(self, start: int) -> Grok:
        """GROK primary string , ..."""
        value = self._parse_prefix()
        patterns = [self._parse_text()]
        while self._accept(","):
            patterns.append(self._parse_text())
        return Grok(self._span(start), value, tuple(patterns))

    def _parse_text(self) -> tuple[Span, str]:
        token = self._token
        if token.kind is not Kind.STRING:
            self._mismatch("QUOTED_STRING")
        self._advance()
        return Span(token.start, token.end), unquote_string(token.text)

    # ---- columns

    def _parse_keep(self, start: int) -> Keep:
        """KEEP pattern , ..."""
        patterns = self._parse_name_patterns()
        stars = [pattern for pattern in patterns if pattern.is_star]
        if len(stars) > 1:
            raise self._source.error(stars[1].span.start, "Cannot specify [*] more than once")
        return Keep(self._span(start), patterns)

    def _parse_drop(self, start: int) -> Drop:
        """DROP pattern , ..."""
        patterns = self._parse_name_patterns()
        star = next((pattern for pattern in patterns if pattern.is_star), None)
        if star is not None:
            raise self._source.error(star.span.start, "Removing all fields is not allowed [*]")
        return Drop(self._span(start), patterns)

    def _parse_mv_expand(self, start: int) -> MvExpand:
        """MV_EXPAND name."""
        name = self._parse_name_pattern()
        return MvExpand(self._span(start), name)

    def _parse_rename(self, start: int) -> Rename:
        """RENAME pair , ..."""
        pairs = [self._parse_rename_pair()]
        while self._accept(","):
            pairs.append(self._parse_rename_pair())
        return Rename(self._span(start), tuple(pairs))

    def _parse_name_patterns(self) -> tuple[NamePattern, ...]:
        patterns = [self._parse_name_pattern()]
        while self._accept(","):
            patterns.append(self._parse_name_pattern())
        return tuple(patterns)

    def _parse_rename_pair(self) -> tuple[NamePattern, NamePattern]:
        """Pair = old AS new | new = old."""
        left = self._parse_name_pattern()
        if self._accept("="):
            return self._parse_name_pattern(), left
        if self._token.word != "as":
            self._mismatch("as", "=")
        self._advance()
        return left, self._parse_name_pattern()

    def _parse_name_pattern(self) -> NamePattern:
        """Pattern = segment { . segment }; a `*` outside backquotes stands for any text."""
        start = self._token.start
        parts = [""]
        while True:
            self._extend_parts(parts)
            if not self._accept("."):
                break
            parts[-1] += "."
        span = self._span(start)
        return NamePattern(span, "*".join(parts), tuple(parts))

    def _extend_parts(self, parts: list[str]) -> None:
        token = self._token
        if token.kind is Kind.PARAMETER:
            self._advance()
            parts[-1] += str(self._parameter_value(token))
            return
        if token.kind is not Kind.PATTERN:
            self._mismatch("ID_PATTERN")
        self._advance()
        for quoted, name, plain in _SEGMENT.findall(token.text):
            if quoted:
                parts[-1] += name.replace("``", "`")
            else:
                first, *rest = plain.split("*")
                parts[-1] += first
                parts.extend(rest)
